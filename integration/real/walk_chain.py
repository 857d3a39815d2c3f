"""A gateway as the institution of another: northfield, the campus, the federation, a desk.

The desk is a service of both gateways, each with pages of its own. People of northfield
come through two gateways; lena is one of the campus itself. At the end, two gateways
that know only each other.
"""

import sys
from urllib.parse import urlencode

from answers import Answer, validate, was_told
from institutions import DJANGO
from script_browser import Browser, Page
from story import Story, at, equal, within
from wsgi import address

CAMPUS, FEDERATION, DESK = address("CAMPUS_URL"), address("FEDERATION_URL"), address("DESK_URL")
EAST = address("EAST_URL")
ABOVE, BELOW = f"{DESK}/federation/page", f"{DESK}/campus/page"
TOLD = {
    "mail": "ana.ruiz@northfield.example",
    "displayName": "Ana Ruiz & Søn",
    "affiliation": ["staff", "member"],
}


def login(cas: str, service: str, **more: str) -> str:
    return f"{cas}/login?{urlencode({**more, 'service': service})}"


def to_northfield(person: Browser, page: Page) -> Page:
    """From the campus's question, where do you have an account, to northfield; on where it was not asked."""
    if page.url.startswith(f"{CAMPUS}/login"):
        page = person.follows(page, next(href for href, _ in page.links if "/federate/northfield" in href))
    return page


def enters(person: Browser, suffix: str = "campus.example", **more: str) -> Page:
    """From the federation's desk through both gateways to northfield."""
    return to_northfield(person, person.visits(login(FEDERATION, ABOVE, provider=suffix, **more)))


def confirmed(cas: str, page: Page, here: str, *, renew: bool = False) -> Answer:
    given = at(page, here).json()["tickets"]
    equal("the number of tickets at the desk", len(given), 1)
    return validate(cas, here, given[0], renew=renew)


def signs_in(story: Story, ana: Browser) -> None:
    with story.step("chain: ana signs in at northfield and stands at the desk, through two gateways"):
        page = DJANGO.gives(ana, enters(ana))
        said = confirmed(FEDERATION, page, ABOVE)
        equal("the user", said.user, "ana@northfield.example@campus.example")
        equal("what the desk is told", said.told(), TOLD)
        tickets = page.tickets()
        equal("tickets on the way", len(set(tickets)), 3)
        longest = max(len(hop.url) for hop in page.hops)
        equal(f"an address of {longest} bytes is short enough", longest < 2000, True)

    with story.step("chain: the campus knows her, as a person of northfield"):
        said = confirmed(CAMPUS, ana.visits(login(CAMPUS, BELOW)), BELOW)
        equal("the user", said.user, "ana@northfield.example")

    with story.step("chain: with her scope cut off she is ana at the campus"):
        short = story.browser("ana by her short name")
        said = confirmed(FEDERATION, DJANGO.gives(short, enters(short, "short.example")), ABOVE)
        equal("the user", said.user, "ana@short.example")

    for suffix in ("json.example", "saml1.example", "cas2.example", "cas1.example"):
        with story.step(f"chain: the campus answers the federation as {suffix} too"):
            said = confirmed(FEDERATION, short.visits(login(FEDERATION, ABOVE, provider=suffix)), ABOVE)
            equal("the user", said.user, f"ana@{suffix}")
            equal("what the desk is told", said.told(), {} if suffix == "cas1.example" else TOLD)

    with story.step("chain: lena of the campus itself comes through one gateway less"):
        lena = story.browser("lena")
        page = lena.visits(login(FEDERATION, ABOVE, provider="campus.example"))
        page = lena.follows(page, next(href for href, _ in page.links if "provider=local" in href))
        form = at(page, CAMPUS).form_with("username", "password")
        assert form is not None, page.text[:300]
        said = confirmed(FEDERATION, lena.sends(page, form, username="lena", password="paper-boat"), ABOVE)
        equal("the user", said.user, "lena@campus.example")
        equal("what the desk is told", said.told(), {"mail": "lena@campus.example", "displayName": "Léna Petit"})


def protocol_words(story: Story, ana: Browser) -> None:
    with story.step("chain: renew goes all the way down, and its answer all the way up"):
        page = enters(ana, renew="true")
        asked = [hop.url for hop in page.hops if "/login?" in hop.url and not hop.url.startswith(FEDERATION)]
        equal("renew in each address", [("renew=true" in url) for url in asked], [True] * len(asked))
        equal("northfield asks again", DJANGO.asks(page), True)
        said = confirmed(FEDERATION, DJANGO.gives(ana, page), ABOVE, renew=True)
        equal("the user", said.user, "ana@northfield.example@campus.example")

    with story.step("chain: an ordinary ticket does not count as renewed"):
        said = confirmed(FEDERATION, ana.visits(login(FEDERATION, ABOVE)), ABOVE, renew=True)
        equal("the answer", said.code, "INVALID_TICKET")

    with story.step("chain: gateway is asked in silence all the way down"):
        equal("cookies that went", len(ana.forgets(FEDERATION, "TGC") + ana.forgets(CAMPUS, "TGC")), 2)
        page = ana.visits(login(FEDERATION, ABOVE, gateway="true"))
        equal("the user", confirmed(FEDERATION, page, ABOVE).user, "ana@northfield.example@campus.example")
        equal("northfield was asked", any(hop.url.startswith(DJANGO.url) for hop in page.hops), True)


def signs_out(story: Story, ana: Browser) -> None:
    with story.step("chain: a sign-out at the campus ends the session above, and both desks are told"):
        above = at(enters(ana), ABOVE).json()["tickets"][0]
        below = at(ana.visits(login(CAMPUS, BELOW)), BELOW).json()["tickets"][0]
        equal("above", validate(FEDERATION, ABOVE, above).user, "ana@northfield.example@campus.example")
        equal("below", validate(CAMPUS, BELOW, below).user, "ana@northfield.example")
        at(ana.visits(f"{CAMPUS}/logout"), CAMPUS)
        for given in (above, below):
            within(10, "the desk is told", lambda given=given: was_told(DESK, given))
        ana.visits(f"{DJANGO.url}/logout")
        page = at(ana.visits(login(FEDERATION, ABOVE, gateway="true")), ABOVE)
        equal("tickets afterwards", page.json()["tickets"], [])

    with story.step("chain: a sign-out above goes on to the campus, and both desks are told"):
        page = DJANGO.gives(ana, enters(ana))
        above = at(page, ABOVE).json()["tickets"][0]
        below = at(ana.visits(login(CAMPUS, BELOW)), BELOW).json()["tickets"][0]
        equal("above", validate(FEDERATION, ABOVE, above).user, "ana@northfield.example@campus.example")
        equal("below", validate(CAMPUS, BELOW, below).user, "ana@northfield.example")
        page = ana.visits(f"{FEDERATION}/logout")
        went = any(hop.url.startswith(f"{CAMPUS}/logout") for hop in page.hops)
        equal("the browser went to the campus", went, True)
        for given in (above, below):
            within(10, "the desk is told", lambda given=given: was_told(DESK, given))


def only_each_other(story: Story) -> None:
    with story.step("two gateways that know only each other end on a page, not in a loop"):
        page = story.browser("somebody").visits(login(EAST, f"{DESK}/nowhere"))
        equal("the status", page.status, 502)
        equal("what the page says", "back and forth" in page.text, True)
        equal("nothing leads on by itself", page.again(), None)
        equal(f"{len(page.hops)} hops are few", len(page.hops) <= 12, True)


def main() -> int:
    story = Story()
    ana = story.browser("ana")
    signs_in(story, ana)
    protocol_words(story, ana)
    signs_out(story, ana)
    only_each_other(story)
    return story.ends()


if __name__ == "__main__":
    sys.exit(main())
