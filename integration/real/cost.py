"""What one federated sign-in costs a gateway, in CPU time: passerelle, and django-cas-server as a gateway.

Both stand in front of the same institution and serve the same desk; each person signs in
once, with a new browser, from the gateway's address for the institution to the answer
about the ticket. Counted is the time of the gateway's process alone, in user and system
mode. The number of sign-ins is the argument.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from answers import validate
from script_browser import Browser
from story import at, equal
from wsgi import address

SUFFIX = "crowd.example"
INSTITUTION, DESK = address("CROWD_URL"), address("DESK_URL")
WARM_UP = 10
TICK = os.sysconf("SC_CLK_TCK")
MOST_FORMS = 5


@dataclass
class Gateway:
    name: str
    url: str
    pid: int
    begins_with: int  # number of the first person

    def cpu(self) -> float:
        """Seconds of CPU that the process has had, all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


def signs_in(gateway: Gateway, number: int) -> None:
    """The whole way of one person. A form that a script would send is sent as it stands."""
    name, here, person = f"p{number}", f"{DESK}/page", Browser(f"p{number}")
    page = person.visits(f"{gateway.url}/federate/{SUFFIX}?{urlencode({'service': here})}")
    for _ in range(MOST_FORMS):
        if page.url.startswith(f"{DESK}/"):
            break
        form = next(form for form in page.forms if form.method == "POST")
        filled = {}
        if page.url.startswith(f"{INSTITUTION}/"):
            filled = {"username": name, "password": "many-feet"}
        page = person.sends(page, form, **filled)
    ticket = at(page, here).json()["tickets"][0]
    said = validate(gateway.url, here, ticket)
    equal("the user", said.user, f"{name}@{SUFFIX}")
    equal("the address", said.told().get("mail"), f"{name}@{SUFFIX}")


def measure(gateway: Gateway, sign_ins: int) -> float:
    """Milliseconds of CPU for one sign-in."""
    for number in range(WARM_UP):
        signs_in(gateway, gateway.begins_with + number)
    before, began = gateway.cpu(), time.monotonic()
    for number in range(WARM_UP, WARM_UP + sign_ins):
        signs_in(gateway, gateway.begins_with + number)
    spent, took = gateway.cpu() - before, time.monotonic() - began
    print(
        f"{gateway.name:20} {sign_ins} sign-ins in {took:6.1f} s, CPU {spent:7.2f} s,"
        f" {spent / sign_ins * 1000:8.2f} ms each",
        flush=True,
    )
    return spent / sign_ins * 1000


def main() -> None:
    sign_ins = int(sys.argv[1])
    ours = Gateway("passerelle", address("HARBOUR_URL"), int(os.environ["HARBOUR_PID"]), 0)
    theirs = Gateway("django-cas-server", address("OTHER_URL"), int(os.environ["OTHER_PID"]), 1000)
    cheap, dear = measure(ours, sign_ins), measure(theirs, sign_ins)
    print(f"one to {dear / cheap:.1f}")


if __name__ == "__main__":
    main()
