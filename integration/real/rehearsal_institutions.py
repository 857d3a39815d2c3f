"""Each CAS server of the walk by itself: the desk asks it directly, as the gateway will.

What fails here is not the gateway's doing. How the servers differ stands in
institutions.py; the walk leans on it.
"""

import sys
import time

from answers import saml, validate, was_told
from institutions import DJANGO, LEMONLDAP, MAMA, Server
from script_browser import Browser
from story import Story, at, equal, within
from wsgi import address

DESK = address("DESK_URL")


def login(server: Server, service: str, more: str = "") -> str:
    return f"{server.url}/login?service={service}{more}"


def ticket(person: Browser, server: Server, service: str, more: str = "") -> str:
    """One more ticket for somebody who is signed in there."""
    page = at(person.visits(login(server, service, more)), DESK)
    return str(page.json()["tickets"][0])


def signs_in(story: Story, server: Server, person: Browser) -> None:
    here = f"{DESK}/{server.person}/in"

    with story.step(f"{server.kind}: a wrong password stays there, the right one brings a ticket"):
        page = person.visits(login(server, here))
        page = server.gives(person, page, "not this one")
        equal("it asks again", server.asks(page), True)
        page = at(server.gives(person, page), here)
        said = validate(server.url, here, page.json()["tickets"][0])
        equal("the user", said.user, server.person)
        equal("what it tells", {name: said.told().get(name) for name in server.told}, server.told)

    with story.step(f"{server.kind}: it answers CAS 1 and CAS 2 too, and refuses a ticket that it never gave"):
        said = validate(server.url, here, ticket(person, server, here), endpoint="validate")
        equal("CAS 1", said.text, f"yes\n{server.person}\n")
        said = validate(server.url, here, ticket(person, server, here), endpoint="serviceValidate")
        equal("CAS 2", said.user, server.person)
        equal("a false ticket", validate(server.url, here, "ST-false").code, "INVALID_TICKET")

    with story.step(f"{server.kind}: samlValidate: {server.saml}"):
        said = saml(server.url, here, ticket(person, server, here))
        if server.saml == "answers":
            equal("the status", said.status_code, 200)
            equal("the name in it", f">{server.person}<" in said.content.decode(), True)
        elif server.saml == "refuses":
            equal("the status", said.status_code, 403)
        else:
            equal("the page", (said.status_code, "<html" in said.text.lower()), (200, True))


def protocol_words(story: Story, server: Server, person: Browser) -> None:
    here = f"{DESK}/{server.person}/words"

    with story.step(f"{server.kind}: gateway brings a ticket for somebody known, and none for a stranger"):
        page = at(person.visits(login(server, here, "&gateway=true")), here)
        equal("tickets", len(page.json()["tickets"]), 1)
        page = at(story.browser("stranger").visits(login(server, here, "&gateway=true")), here)
        equal("tickets of a stranger", page.json()["tickets"], [])

    with story.step(f"{server.kind}: renew asks again, and only that ticket is a renewed one"):
        time.sleep(server.fresh_for + 1 if server.fresh_for else 0)
        said = validate(server.url, here, ticket(person, server, here), endpoint="serviceValidate", renew=True)
        equal("the answer to an older sign-in", server.unmet_renew in said.text, True)
        page = person.visits(login(server, here, "&renew=true"))
        page = at(server.gives(person, page), here)
        said = validate(server.url, here, page.json()["tickets"][0], renew=True)
        equal("the user", said.user, server.person)


def signs_out(story: Story, server: Server, person: Browser) -> None:
    with story.step(f"{server.kind}: log-out tells the service, leads on, and the form is back"):
        here = f"{DESK}/{server.person}/out"
        given = ticket(person, server, here)
        equal("the user", validate(server.url, here, given).user, server.person)
        at(person.visits(f"{server.url}/logout?service={DESK}/bye"), f"{DESK}/bye")
        within(10, "the desk is told", lambda: was_told(DESK, given))
        equal("it asks again", server.asks(person.visits(login(server, here))), True)


def main() -> int:
    story = Story()
    for server in (DJANGO, MAMA, LEMONLDAP):
        person = story.browser(server.person)
        signs_in(story, server, person)
        protocol_words(story, server, person)
        signs_out(story, server, person)
    return story.ends()


if __name__ == "__main__":
    sys.exit(main())
