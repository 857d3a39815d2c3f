"""Chromium walks through `passerelle demo` as its first user would: in, a look around, out.

DEMO_PORT is the gateway's port; the institutions and the sample app have the three after it.
Pictures of all pages go to DEMO_PICTURES. Nothing on the way may be blocked by one of our
own policies: Chromium says so on its console only, the page just does not move.
"""

import os
import re
import sys
from pathlib import Path

from chromium import WebDriverException, Window
from policy_trap import is_noticed

PORT = int(os.environ["DEMO_PORT"])
GATEWAY = f"http://127.0.0.1:{PORT}/cas"
NORTHFIELD = f"http://127.0.0.1:{PORT + 1}/northfield"
SAMPLE = f"http://127.0.0.1:{PORT + 3}/"
PORTAL = f"http://127.0.0.1:{PORT + 3}/portal"


class Steps:
    """Prints one line a step, with its picture, and looks at the console after each."""

    def __init__(self, window: Window) -> None:
        self.window, self.done = window, 0

    def ends(self, name: str) -> None:
        picture = self.window.picture(re.sub(r"[^a-z]+", "-", name.lower()).strip("-"))
        blocked = self.window.policy_messages()
        if blocked:
            raise AssertionError("Chromium reports a policy:\n  " + "\n  ".join(blocked))
        self.done += 1
        print(f"ok      {name}  ({picture.name})", flush=True)


def walk(window: Window, steps: Steps) -> None:
    window.goes_to(SAMPLE)
    window.shows("sign in")
    steps.ends("the sample app")

    window.presses("Sign in")
    window.stands_at(f"{GATEWAY}/login")
    window.shows("Where do you have an account?", "University of Northfield", "Observatoire des Cévennes")
    steps.ends("the selection page")

    window.fills("Find your institution", "cevennes")
    window.shows("1 institution found")
    window.waits("a list without Northfield", lambda: "University of Northfield" not in window.text())
    window.fills("Find your institution", "ana@x.northfield.example")
    window.waits("a list without Cévennes", lambda: "Cévennes" not in window.text())
    window.shows("1 institution found")
    steps.ends("a search while typing")

    window.presses("University of Northfield")
    window.stands_at(NORTHFIELD)
    window.fills("User name", "ana")
    window.fills("Password", "not this one")
    window.presses("Sign in")
    window.stands_at(NORTHFIELD)
    window.shows("Wrong user name or password")
    steps.ends("a wrong password at the institution")

    window.fills("User name", "ana")
    window.fills("Password", "ana")
    steps.ends("the login form")
    window.presses("Sign in")
    window.stands_at(SAMPLE)
    window.shows("ana@northfield.example", "ST-")
    steps.ends("signed in at the sample app")

    window.goes_to(f"{GATEWAY}/login")
    window.shows("ana@northfield.example", "University of Northfield")
    steps.ends("the gateway knows who it is")

    window.goes_to(PORTAL)
    window.presses("Sign in")
    window.stands_at(PORTAL)
    window.shows("ana@northfield.example")
    window.presses("Ask the sample app in my name")
    window.shows("What the sample app was told", "ana@northfield.example", f"{PORTAL}/grants", "PT-")
    steps.ends("the portal asks in somebody's name")

    window.goes_to(SAMPLE)
    window.shows("ana@northfield.example")
    window.presses("Sign out")
    window.stands_at(f"{GATEWAY}/logout")
    window.shows("signed out")
    # The page looks again by itself until the app has answered.
    window.shows("The services below have accepted the sign-out.")
    steps.ends("the signed-out page")

    def is_forgotten() -> bool:
        # The app is told by the gateway, not by this browser: that may take a moment.
        window.goes_to(SAMPLE)
        return "ana@northfield.example" not in window.text()

    window.waits("a sample app that has forgotten ana", is_forgotten)
    window.shows("sign in")
    steps.ends("the sample app knows nobody")

    window.presses("Sign in")
    window.stands_at(f"{GATEWAY}/login")
    window.shows("Continue with your institution", "University of Northfield", "Choose another institution")
    steps.ends("the gateway asks again")


def main() -> int:
    pictures = Path(os.environ["DEMO_PICTURES"])
    window = Window(pictures)
    try:
        if not is_noticed(window):
            raise AssertionError("this Chromium does not report what its policy blocks: the walk would prove nothing")
        print("ok      a blocked form is noticed", flush=True)
    finally:
        window.close()
    if os.environ.get("DEMO_TRAP_ONLY"):
        return 0

    # A new window: the console of the first one holds the message of the trap.
    window = Window(pictures)
    steps, failed = Steps(window), 0
    try:
        walk(window, steps)
    except (AssertionError, WebDriverException) as problem:
        failed = 1
        print(f"FAILED  after {steps.done} pages: {problem}", flush=True)
    finally:
        window.close()
    print(f"{steps.done + 1} passed, {failed} failed", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
