"""The peers among themselves, no gateway: services that ask one institution directly.

What holds here and fails in the walk is the gateway's doing. Both services ask
northfield, as they will ask the gateway.
"""

import sys

import requests

from script_browser import Browser
from story import Story, at, equal, institution_form, within
from wsgi import address

NORTHFIELD, VALMONT = address("NORTHFIELD_URL"), address("VALMONT_URL")
WIKI, LIBRARY = address("WIKI_URL"), address("LIBRARY_URL")


def is_sent_away(person: Browser, service: str) -> bool:
    return person.visits(f"{service}/").url.startswith(f"{NORTHFIELD}/login")


def main() -> int:
    story = Story()
    ana = story.browser("ana")

    with story.step("python-cas sends to the institution, which signs ana in and back"):
        page = ana.visits(f"{WIKI}/page?x=1&y=a b")
        page = ana.sends(page, institution_form(page, NORTHFIELD), username="ana", password="harvest-moon")
        who = at(page, WIKI).json()
        equal("the user", who["user"], "ana")
        equal("the page", who["page"], f"{WIKI}/page?x=1&y=a+b")
        equal("the name", who["attributes"]["displayName"], "Ana Ruiz & Søn")
        equal("the affiliation", who["attributes"]["eduPersonAffiliation"], ["staff", "member"])

    with story.step("django-cas-ng does so without another form"):
        page = at(ana.visits(f"{LIBRARY}/"), LIBRARY)
        equal("the user", page.json()["user"], "ana")
        equal("the mail address", page.json()["attributes"]["mail"], "ana.ruiz@northfield.example")

    with story.step("signing out at the institution reaches both"):
        at(ana.visits(f"{NORTHFIELD}/logout"), NORTHFIELD)
        within(10, "signed out at both", lambda: all(is_sent_away(ana, service) for service in (WIKI, LIBRARY)))

    with story.step("a wrong password stays at the institution"):
        page = ana.visits(f"{WIKI}/")
        page = ana.sends(page, institution_form(page, NORTHFIELD), username="ana", password="petit-matin")
        institution_form(page, NORTHFIELD)

    with story.step("the other institution answers CAS 1, to its own ana"):
        page = ana.visits(f"{VALMONT}/login?service={WIKI}/")
        page = ana.sends(page, institution_form(page, VALMONT), username="ana", password="petit-matin")
        # The service asks northfield about a ticket of valmont, and is told no.
        equal("the answer of the service", page.status, 403)
        page = ana.visits(f"{VALMONT}/login?service={WIKI}/once-more")
        ticket = page.tickets()[0]
        said = requests.get(
            f"{VALMONT}/validate", params={"service": f"{WIKI}/once-more", "ticket": ticket}, timeout=15
        )
        equal("the answer of the institution", said.text, "yes\nana\n")

    return story.ends()


if __name__ == "__main__":
    sys.exit(main())
