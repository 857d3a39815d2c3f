"""The real walk: people, two institutions, passerelle, two services. Each step says what must hold.

The institutions and the services are released software of other people; only the
gateway is ours. `ben` and `zoe` sign in first and again at the end, a good minute
later, and nobody else touches their accounts: what a gateway remembers about somebody
must not be in the way when they come back.
"""

import re
import sys
import time
from functools import partial
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from script_browser import Browser, Page
from story import Story, at, equal, institution_form, within
from wsgi import address

GATEWAY = address("GATEWAY_URL")
INSTITUTIONS = {"northfield.example": address("NORTHFIELD_URL"), "valmont.example": address("VALMONT_URL")}
NORTHFIELD, VALMONT = "northfield.example", "valmont.example"
WIKI, LIBRARY = address("WIKI_URL"), address("LIBRARY_URL")

PASSWORDS = {
    ("ana", NORTHFIELD): "harvest-moon",
    ("ben", NORTHFIELD): "quiet-river",
    ("ana", VALMONT): "petit-matin",
    ("zoe", VALMONT): "grand-large",
}
COMES_BACK_AFTER = 70  # seconds; a ticket is valid for 60
SIGN_OUT_WITHIN = 10
REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def selection(page: Page, *suffixes: str) -> Page:
    """The page that asks for the institution, with a link to each, or to those that were used before."""
    at(page, f"{GATEWAY}/login")
    equal("the status of the selection page", page.status, 200)
    for suffix in suffixes or tuple(INSTITUTIONS):
        equal(f"a link to {suffix}", any(f"/federate/{suffix}?" in href for href, _ in page.links), True)
    return page


def click(person: Browser, page: Page, suffix: str) -> Page:
    """Clicks the institution. Whoever is signed in there already is asked nothing."""
    href = next(href for href, _ in selection(page, suffix).links if f"/federate/{suffix}" in href)
    return person.follows(page, href)


def choose(person: Browser, page: Page, suffix: str) -> Page:
    """Clicks the institution; its own login page must answer."""
    page = click(person, page, suffix)
    institution_form(page, INSTITUTIONS[suffix])
    return page


def give_password(person: Browser, page: Page, name: str, suffix: str) -> Page:
    form = institution_form(page, INSTITUTIONS[suffix])
    return person.sends(page, form, username=name, password=PASSWORDS[name, suffix])


def sign_in(person: Browser, name: str, suffix: str, where: str) -> Page:
    """The whole way in: service, gateway, institution, and back to the very page."""
    page = give_password(person, choose(person, person.visits(where), suffix), name, suffix)
    at(page, where)
    equal("the user", page.json()["user"], f"{name}@{suffix}")
    return page


def is_signed_out(person: Browser, service: str) -> bool:
    """Whether the service, asked again, knows nobody: its first answers lead to the gateway.

    Only the service is asked (and its own login page), never the gateway: that would
    sign the person in again where a session is still there.
    """
    url = f"{service}/"
    for _ in range(3):
        answer = requests.get(url, cookies=person.cookies_for(service), allow_redirects=False, timeout=15)
        to = answer.headers.get("Location", "")
        if not to:
            return False
        if to.startswith(GATEWAY):
            return True
        url = urljoin(url, to)
    return False


def both_sign_out(person: Browser) -> None:
    """Waits until both services have been told, one after the other."""
    for service in (WIKI, LIBRARY):
        within(SIGN_OUT_WITHIN, f"signed out at {service}", partial(is_signed_out, person, service))


def told(page: Page, *names: str) -> dict[str, object]:
    """What a service says it was told under these names; None for what it was not."""
    given = page.json()["attributes"]
    return {name: given.get(name) for name in names}


def login(service: str, **more: str) -> str:
    """The gateway's login address for a service."""
    return f"{GATEWAY}/login?{urlencode({**more, 'service': service})}"


def into_both_services(story: Story, ana: Browser) -> None:
    with story.step("a service that knows nobody leads to the selection page, which names it"):
        page = selection(ana.visits(f"{WIKI}/page?x=1&y=a b"))
        for words in ("Research Wiki", "University of Northfield", "École polytechnique de Valmont"):
            equal(f"{words!r} on the page", words in page.text, True)

    with story.step("ana signs in at northfield and comes back to the page with her attributes"):
        page = give_password(ana, choose(ana, page, NORTHFIELD), "ana", NORTHFIELD)
        who = at(page, WIKI).json()
        equal("the user", who["user"], "ana@northfield.example")
        equal("the page", who["page"], f"{WIKI}/page?x=1&y=a+b")
        wanted = {
            "displayName": "Ana Ruiz & Søn",
            "mail": "ana.ruiz@northfield.example",
            "affiliation": ["staff", "member"],
        }
        equal("what the wiki was told", told(page, *wanted), wanted)
        kept = ("email", "employeeNumber", "eduPersonAffiliation")
        equal("what it was not told", told(page, *kept), dict.fromkeys(kept))
        tickets = page.tickets()
        equal("the number of tickets on the way (institution, gateway)", len(set(tickets)), 2)

    with story.step("that ticket is spent: nobody validates it again"):
        asked = {"service": who["page"], "ticket": tickets[-1]}
        for endpoint in ("serviceValidate", "p3/serviceValidate"):
            said = requests.get(f"{GATEWAY}/{endpoint}", params=asked, timeout=15)
            equal(f"INVALID_TICKET from {endpoint}", 'code="INVALID_TICKET"' in said.text, True)
        said = requests.get(f"{GATEWAY}/validate", params=asked, timeout=15)
        equal("the answer of validate", said.text, "no\n")

    with story.step("the second service knows her without any page in between"):
        page = at(ana.visits(f"{LIBRARY}/"), LIBRARY)
        equal("every answer before the last sends on", {hop.status // 100 for hop in page.hops[:-1]}, {3})
        asked_at = [hop.url for hop in page.hops if hop.url.startswith(tuple(INSTITUTIONS.values()))]
        equal("what an institution was asked", asked_at, [])
        equal("the user", page.json()["user"], "ana@northfield.example")
        equal("what the library was told", told(page, "email"), {"email": "ana.ruiz@northfield.example"})
        equal("what it was not told", told(page, "displayName"), {"displayName": None})


def words_of_the_protocol(story: Story, ana: Browser) -> None:
    with story.step("gateway=true brings a ticket for ana, and none for a stranger"):
        there = f"{WIKI}/maybe"
        equal("her tickets", len(ana.visits(login(there, gateway="true")).tickets()), 1)
        first = story.browser("stranger").visits(login(there, gateway="true")).hops[0]
        equal("the first answer to a stranger", (first.status // 100, first.to), (3, there))

    with story.step("renew=true asks ana for her password once more"):
        there = f"{WIKI}/sensitive"
        page = ana.visits(login(there, renew="true"))
        if page.url.startswith(GATEWAY):
            page = choose(ana, page, NORTHFIELD)
        equal("the institution is asked to renew", "renew=true" in page.url, True)
        at(give_password(ana, page, "ana", NORTHFIELD), there)

    with story.step("a service that is not registered gets a page with a reference, and no ticket"):
        page = ana.visits(login("http://127.0.0.9:9/somewhere"))
        equal("the number of hops", len(page.hops), 1)
        equal("the status", page.status, 403)
        reference = page.headers.get("Cas-Reference", "")
        equal(f"reference {reference!r}", REFERENCE.fullmatch(reference) is not None, True)
        equal("the reference on the page", reference in page.text, True)
        equal("links to it", [href for href, _ in page.links if urlsplit(href).hostname == "127.0.0.9"], [])


def out_again(story: Story, ana: Browser) -> None:
    services = ("Research Wiki", "Library Catalogue")

    with story.step("ana signs out at the gateway: both services are told"):
        equal("signed out before", [is_signed_out(ana, service) for service in (WIKI, LIBRARY)], [False, False])
        page = at(ana.visits(f"{GATEWAY}/logout"), f"{GATEWAY}/logout")
        equal("the status of the page", page.status, 200)
        for words in (*services, "University of Northfield"):
            equal(f"{words!r} on the page", words in page.text, True)
        both_sign_out(ana)

    with story.step("asked again, the gateway does not know ana either"):
        # The page of somebody who comes back shows the institution that was used before.
        page = selection(ana.visits(f"{LIBRARY}/"), NORTHFIELD)
        others = [href for href, _ in page.links if f"/federate/{VALMONT}?" in href]
        equal("links to the other institution", others, [])
        selection(ana.follows(page, next(href for href, _ in page.links if "choose=1" in href)))


def another_ana(story: Story) -> None:
    other = story.browser("ana of valmont")

    with story.step("a wrong password stays at the institution, the right one then goes through"):
        page = choose(other, other.visits(f"{WIKI}/"), VALMONT)
        form = institution_form(page, INSTITUTIONS[VALMONT])
        page = other.sends(page, form, username="ana", password=PASSWORDS["ana", NORTHFIELD])
        page = at(give_password(other, page, "ana", VALMONT), WIKI)

    with story.step("ana of valmont (CAS 1, no attributes) is another person"):
        equal("the user at the wiki", page.json()["user"], "ana@valmont.example")
        names = ("displayName", "mail", "affiliation", "email")
        equal("what the wiki was told", told(page, *names), dict.fromkeys(names))
        page = at(other.visits(f"{LIBRARY}/"), LIBRARY)
        equal("the user at the library", page.json()["user"], "ana@valmont.example")


def two_tabs(story: Story) -> None:
    with story.step("two tabs at once both arrive, each at its own page"):
        tabs = story.browser("ana with two tabs")
        one, two = selection(tabs.visits(f"{WIKI}/tab/1")), selection(tabs.visits(f"{WIKI}/tab/2"))
        one, two = choose(tabs, one, NORTHFIELD), choose(tabs, two, NORTHFIELD)
        two = at(give_password(tabs, two, "ana", NORTHFIELD), f"{WIKI}/tab/2")
        one = at(give_password(tabs, one, "ana", NORTHFIELD), f"{WIKI}/tab/1")
        equal("the users", [page.json()["user"] for page in (one, two)], ["ana@northfield.example"] * 2)


def main() -> int:
    story = Story()
    ben, zoe, ana = (story.browser(name) for name in ("ben", "zoe", "ana"))

    with story.step("ben of northfield and zoe of valmont sign in for the first time"):
        sign_in(ben, "ben", NORTHFIELD, f"{WIKI}/")
        sign_in(zoe, "zoe", VALMONT, f"{WIKI}/")
    they_come_back = time.monotonic() + COMES_BACK_AFTER

    into_both_services(story, ana)
    words_of_the_protocol(story, ana)
    out_again(story, ana)
    another_ana(story)
    two_tabs(story)

    with story.step(f"{COMES_BACK_AFTER} s later ben and zoe sign in again, in new browsers"):
        time.sleep(max(0.0, they_come_back - time.monotonic()))
        page = sign_in(story.browser("ben again"), "ben", NORTHFIELD, f"{WIKI}/")
        wanted = {"displayName": "Ben Okafor", "affiliation": "student"}
        equal("what the wiki was told", told(page, *wanted), wanted)
        sign_in(story.browser("zoe again"), "zoe", VALMONT, f"{WIKI}/")

    with story.step("ben's first browser is still signed in"):
        page = at(ben.visits(f"{LIBRARY}/"), LIBRARY)
        equal("the user", page.json()["user"], "ben@northfield.example")

    return story.ends()


if __name__ == "__main__":
    sys.exit(main())
