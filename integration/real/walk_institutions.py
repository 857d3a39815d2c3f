"""Each server of the walk in each of its protocols, as an institution of one gateway.

The same story for all: institutions.py says what differs. The desk is the service; its
tickets are validated by hand, as any client would. Suffixes on the command line tell
the story of these alone.
"""

import re
import sys
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from answers import Answer, validate, was_told
from institutions import LEMONLDAP, PROVIDERS, Provider
from script_browser import Browser, Page
from story import Story, at, equal, within
from wsgi import address

GATEWAY, DESK = address("HARBOUR_URL"), address("DESK_URL")
REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def login(service: str, **more: str) -> str:
    """The gateway's login address for a page of the desk."""
    return f"{GATEWAY}/login?{urlencode({**more, 'service': service})}"


def enters(person: Browser, provider: Provider, here: str, **more: str) -> Page:
    """Asks to be let in to this page by this institution: its form, or the page where its session is there."""
    return person.visits(login(here, provider=provider.suffix, **more))


def ticket(page: Page) -> str:
    """The one ticket that the desk was given."""
    given = at(page, DESK).json()["tickets"]
    equal("the number of tickets at the desk", len(given), 1)
    return str(given[0])


def confirmed(page: Page, here: str, *, renew: bool = False) -> Answer:
    return validate(GATEWAY, here, ticket(page), renew=renew)


def leaves_only_the_gateway(person: Browser) -> None:
    """Loses the gateway's session cookie, as a browser does that was restarted."""
    equal("session cookies that went", len(person.forgets(GATEWAY, "TGC")), 1)


def refused(page: Page, words: str = "did not confirm your sign-in") -> None:
    """A page of the gateway that says so, with a reference; nothing leads on from it by itself."""
    at(page, GATEWAY)
    equal("the status", page.status, 502)
    equal(f"{words!r} on the page", words in page.text, True)
    reference = page.headers.get("Cas-Reference", "")
    equal(f"reference {reference!r}", REFERENCE.fullmatch(reference) is not None, True)


def signs_in(story: Story, provider: Provider, person: Browser) -> None:
    here, server = f"{DESK}/{provider.suffix}/in", provider.server

    with story.step(f"{provider.suffix}: a wrong password stays there, the right one leads to the desk"):
        page = enters(person, provider, here)
        equal("a stranger sees its form", server.asks(page), True)
        page = server.gives(person, page, "not this one")
        equal("it asks again", server.asks(page), True)
        page = at(server.gives(person, page), here)
        said = confirmed(page, here)
        equal("the user", said.user, provider.user)
        equal("what the desk is told", said.told(), provider.told)

    with story.step(f"{provider.suffix}: what it never gave a ticket for ends on a page of ours"):
        stranger = story.browser("stranger")
        asked = next(hop for hop in enters(stranger, provider, here).hops if hop.url.startswith(server.url))
        back = parse_qs(urlsplit(asked.url).query)["service"][0]
        join = "&" if "?" in back else "?"
        refused(stranger.visits(f"{back}{join}ticket=ST-{'0' * 40}"))
        equal("tickets at the desk", at(stranger.visits(login(here, gateway="true")), DESK).json()["tickets"], [])


def renews(story: Story, provider: Provider, person: Browser) -> None:
    here, server = f"{DESK}/{provider.suffix}/renew", provider.server

    with story.step(f"{provider.suffix}: a ticket without renew never counts as renewed"):
        said = confirmed(enters(person, provider, here), here, renew=True)
        equal("the answer", said.code, "INVALID_TICKET")

    with story.step(f"{provider.suffix}: whoever takes renew out of the way there is refused"):
        time.sleep(server.fresh_for + 1 if server.fresh_for else 0)
        page = enters(person, provider, here, renew="true")
        asked = next(hop.url for hop in page.hops if hop.url.startswith(f"{server.url}/login"))
        without = re.sub(r"[?&]renew=true", "", asked).replace("login&", "login?", 1)
        refused(person.visits(without))

    with story.step(f"{provider.suffix}: renew is passed on, its form asks again, and the ticket counts"):
        page = enters(person, provider, here, renew="true")
        asked = [hop.url for hop in page.hops if hop.url.startswith(f"{server.url}/login")]
        equal("renew=true in its address", "renew=true" in asked[0], True)
        page = server.gives(person, page)
        said = confirmed(at(page, here), here, renew=True)
        equal("the user", said.user, provider.user)
        equal("what the desk is told", said.told(), provider.told)
        equal("a new sign-in", (said.attributes or {}).get("isFromNewLogin"), "true")


def comes_back(story: Story, provider: Provider, person: Browser) -> None:
    here, server = f"{DESK}/{provider.suffix}/again", provider.server

    with story.step(f"{provider.suffix}: where its session is there, nobody is asked anything"):
        leaves_only_the_gateway(person)
        page = enters(person, provider, here)
        equal("it was asked", any(hop.url.startswith(server.url) for hop in page.hops), True)
        equal("the user", confirmed(page, here).user, provider.user)


def is_asked_in_silence(story: Story, provider: Provider, person: Browser) -> None:
    here, server = f"{DESK}/{provider.suffix}/silence", provider.server

    with story.step(f"{provider.suffix}: gateway asks it in silence, where the browser remembers it"):
        leaves_only_the_gateway(person)
        page = person.visits(login(here, gateway="true"))
        asked = [hop.url for hop in page.hops if hop.url.startswith(f"{server.url}/login")]
        equal("its address says so", "gateway=true" in asked[0], True)
        equal("the user", confirmed(page, here).user, provider.user)

    with story.step(f"{provider.suffix}: a stranger is sent straight back, nobody was asked"):
        page = story.browser("stranger").visits(login(here, gateway="true"))
        equal("hops", [hop.url.split("?")[0] for hop in page.hops], [f"{GATEWAY}/login", here])
        equal("tickets", page.json()["tickets"], [])


def signs_out_there(story: Story, provider: Provider, person: Browser) -> None:
    here, server = f"{DESK}/{provider.suffix}/there", provider.server

    with story.step(f"{provider.suffix}: a sign-out there ends our session, and the desk is told"):
        page = enters(person, provider, here)
        given = ticket(page)
        equal("the user", validate(GATEWAY, here, given).user, provider.user)
        person.visits(f"{server.url}/logout")
        within(10, "the desk is told", lambda: was_told(DESK, given))
        page = at(person.visits(login(here, gateway="true")), here)
        equal("tickets afterwards", page.json()["tickets"], [])
        page = enters(person, provider, here)
        equal("it asks again", server.asks(page), True)
        # One server goes on with what was begun first, whatever is asked later: so this is finished.
        at(server.gives(person, page), here)


def signs_out_here(story: Story, provider: Provider, person: Browser) -> None:
    here, server = f"{DESK}/{provider.suffix}/here", provider.server

    with story.step(f"{provider.suffix}: a sign-out here tells the desk; the session there: {provider.log_out}"):
        given = ticket(enters(person, provider, here))
        equal("the user", validate(GATEWAY, here, given).user, provider.user)
        page = person.visits(f"{GATEWAY}/logout")
        within(10, "the desk is told", lambda: was_told(DESK, given))
        went = any(hop.url.startswith(f"{server.url}/logout") for hop in page.hops)
        equal("the browser went there", went, provider.log_out == "always")
        if provider.log_out == "ask":
            person.follows(at(page, GATEWAY), way_out(page, server.url))
        gone = server.asks(enters(person, provider, here))
        equal("the session there is gone", gone, provider.log_out != "none")

    if provider.log_out == "always":
        with story.step(f"{provider.suffix}: a sign-out with a service passes there, and ends at the service"):
            at(server.gives(person, enters(person, provider, here)), here)
            page = person.visits(f"{GATEWAY}/logout?{urlencode({'service': f'{DESK}/bye'})}")
            went = any(hop.url.startswith(f"{server.url}/logout") for hop in page.hops)
            equal("the browser went there", went, True)
            at(page, f"{DESK}/bye")
            equal("it asks again", server.asks(enters(person, provider, here)), True)


def way_out(page: Page, url: str) -> str:
    """What the signed-out page offers: a link or a form that leads to the institution's log-out."""
    ways = [href for href, _ in page.links] + [form.action for form in page.forms]
    found = [way for way in ways if way.startswith(f"{url}/logout")]
    equal("ways to its log-out", len(found), 1)
    return found[0]


def wrong_protocol(story: Story) -> None:
    with story.step("saml1.tidewater.example: a protocol that it does not speak ends on a page of ours"):
        person, here = story.browser("dwho"), f"{DESK}/saml1/in"
        provider = Provider("saml1.tidewater.example", LEMONLDAP, {}, "ask")
        refused(LEMONLDAP.gives(person, enters(person, provider, here)), "cannot use")


def main() -> int:
    story = Story()
    for provider in PROVIDERS:
        if sys.argv[1:] and provider.suffix not in sys.argv[1:]:
            continue
        person = story.browser(provider.server.person)
        signs_in(story, provider, person)
        renews(story, provider, person)
        comes_back(story, provider, person)
        is_asked_in_silence(story, provider, person)
        signs_out_there(story, provider, person)
        signs_out_here(story, provider, person)
    wrong_protocol(story)
    return story.ends()


if __name__ == "__main__":
    sys.exit(main())
