"""The walk of the clients: each signs somebody in, in every way it knows; each step says what must hold.

The clients are released software of other people; only the gateway is ours. What they
are and what they lack stands in clients.py.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import quote, urlencode, urljoin, urlsplit

import requests

from clients import ADA, BEN, CLIENTS, GATEWAY, LEFT_OUT, PERL, PHP, PROTOCOLS, PYTHON, Client, Person
from script_browser import Browser, Page
from story import Story, at, equal, institution_form, within

SIGN_OUT_WITHIN = 10  # seconds
COLUMNS = (*PROTOCOLS, "attributes", "renew", "gateway", "SLO", "logout", "proxy", "proxied")
INVENTED = "ST-0123456789abcdefghijklmnopqrs"
REFUSALS = {200, 401, 403}


class Table:
    """What was seen of each client, as the steps go by."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.cells: dict[tuple[str, str], bool] = {}

    @contextmanager
    def step(self, client: Client, column: str, sentence: str, *more: tuple[Client, str]) -> Iterator[None]:
        """A step of the story that counts for this cell of the table, and for those of others."""
        before = self.story.failed
        with self.story.step(f"{client.name}: {sentence}"):
            yield
        for one, its in ((client, column), *more):
            self.cells[one.name, its] = self.cells.get((one.name, its), True) and self.story.failed == before

    def cell(self, client: Client, column: str) -> str:
        if (seen := self.cells.get((client.name, column))) is not None:
            return "ok" if seen else "FAILED"
        part = {"SAML": "saml", "proxy": "proxy", "proxied": "proxy"}.get(column)
        able = {"SAML": "SAML" in client.ways, "proxy": client.proxying, "proxied": client.proxied}.get(column)
        return "left out" if able and part in LEFT_OUT else "-"

    def prints(self, versions: dict[str, str]) -> None:
        wide = max(len(version) for version in versions.values())
        print(" " * wide, *(f"{column:>10}" for column in COLUMNS))
        for client in CLIENTS:
            cells = (f"{self.cell(client, column):>10}" for column in COLUMNS)
            print(f"{versions[client.name]:<{wide}}", *cells, flush=True)


def ask(url: str, **more: object) -> requests.Response:
    return requests.get(url, timeout=15, allow_redirects=False, **more)


def give_password(person: Browser, page: Page, who: Person) -> Page:
    return person.sends(page, institution_form(page, GATEWAY), username=who.name, password=who.password)


def sign_in(person: Browser, where: str, who: Person) -> Page:
    """To the page of a service, which asks for a password at the gateway unless there is a session."""
    page = person.visits(where)
    if page.url.startswith(GATEWAY):
        page = give_password(person, page, who)
    page = at(page, where.split("?")[0].rstrip("/"))
    if page.status != 200:
        raise AssertionError(f"status {page.status}: {page.text[:300]}")
    equal("the user", page.json()["user"], who.name)
    return page


def is_told(page: Page, who: Person) -> None:
    """Names in any case: headers do not keep it."""
    said = page.json()["attributes"].items()
    given = {name.lower(): text if isinstance(text, list) else [text] for name, text in said}
    for name, values in who.attributes.items():
        equal(name, given.get(name.lower()), values)


def is_signed_out(person: Browser, where: str) -> bool:
    """Whether the service, asked again, knows nobody: its own answers lead to the gateway.

    The gateway itself is not asked: it would sign the person in again where a session is left.
    """
    url = where
    for _ in range(3):
        to = ask(url, cookies=person.cookies_for(url)).headers.get("Location", "")
        if not to or to.startswith(GATEWAY):
            return bool(to)
        url = urljoin(url, to)
    return False


def shows_nobody(page: Page) -> bool:
    """A refusal, or a page that names no user."""
    is_json = page.headers.get("Content-Type", "").startswith("application/json")
    return page.url.startswith(GATEWAY) or not is_json or page.json().get("user") is None


def ways_in(table: Table, client: Client, ada: Browser) -> None:
    for protocol in client.protocols():
        where = client.ways[protocol]
        with table.step(client, protocol, f"signs ada in with {protocol}"):
            page = sign_in(ada, where, ADA)
            if protocol not in client.told:
                names = {name.lower() for name in page.json()["attributes"]}
                equal("attributes", names & {name.lower() for name in ADA.attributes}, set())
        if protocol in client.told:
            with table.step(client, "attributes", f"is told her attributes with {protocol}"):
                is_told(ada.visits(where), ADA)
        with table.step(client, protocol, f"lets nobody in with a ticket that {protocol} never gave out"):
            page = table.story.browser("stranger").visits(f"{where}{client.takes}?ticket={INVENTED}")
            equal(f"status {page.status} is a refusal, or a form", page.status in REFUSALS, True)
            equal("shows nobody", shows_nobody(page), True)


def renewal(table: Table, client: Client, ada: Browser) -> None:
    if client.renew is None:
        return
    with table.step(client, "renew", "renew asks ada for her password once more"):
        page = ada.visits(client.renew)
        hop = next(hop for hop in page.hops if hop.url.startswith(f"{GATEWAY}/login"))
        equal("renew is asked for", "renew=true" in hop.url, True)
        page = at(give_password(ada, page, ADA), client.renew.rstrip("/"))
        equal("the user", page.json()["user"], "ada")
    if client.insists:
        with table.step(client, "renew", "refuses a ticket that was given without a password where renew is wanted"):
            login = f"{GATEWAY}/login"
            to = ask(login, params={"service": client.renew}, cookies=ada.cookies_for(login))
            ticket_url = to.headers["Location"]
            equal("there is a ticket", "ticket=ST-" in ticket_url, True)
            equal("shows nobody", shows_nobody(table.story.browser("her ticket").visits(ticket_url)), True)


def gateway(table: Table, client: Client, ada: Browser) -> None:
    if client.gateway is None:
        return
    with table.step(client, "gateway", "gateway brings a stranger back, without a word and without a name"):
        page = table.story.browser("stranger").visits(client.gateway)
        asked = [hop.url for hop in page.hops if hop.url.startswith(GATEWAY)]
        equal("the gateway was asked once, with gateway", ["gateway=" in url for url in asked], [True])
        equal("where it ends", page.url.startswith(client.gateway.rstrip("/")), True)
        equal(f"status {page.status} is a page or a refusal", page.status in {200, 403}, True)
        equal("shows nobody", shows_nobody(page), True)
        equal("tickets", page.tickets(), [])
    with table.step(client, "gateway", "gateway brings ada in without a word"):
        page = at(ada.visits(client.gateway), client.gateway.rstrip("/"))
        asked = [hop.url for hop in page.hops if hop.url.startswith(GATEWAY)]
        equal("the gateway was asked once, with gateway", ["gateway=" in url for url in asked], [True])
        equal("the user", page.json()["user"], "ada")


def proxies(table: Table, client: Client, ada: Browser) -> None:
    for where, callback in client.proxying.items():
        for other in CLIENTS:
            if other.proxied is None:
                continue
            sentence = f"asks {other.name} in ada's name (from /{urlsplit(where).path.strip('/')})"
            with table.step(client, "proxy", sentence, (other, "proxied")):
                page = sign_in(ada, f"{where}?{urlencode({'target': other.proxied})}", ADA)
                said = page.json()["answer"]
                if not isinstance(said, dict):
                    raise AssertionError(f"the answer of the other service is {said!r}")
                equal("whom the other service sees", said.get("user"), "ada")
                if other.names_proxies:
                    equal("through whom", said["proxies"], [callback])


def chain(story: Story) -> None:
    ada = story.browser("ada")
    # It ends at a client that names every proxy of a chain; AuthCAS names one.
    with story.step("python-cas asks phpCAS, which asks python-cas: a chain of two proxies, the last one first"):
        inner = f"{PHP}/proxying/?target={quote(f'{PYTHON}/proxied/', safe='')}"
        page = sign_in(ada, f"{PYTHON}/proxying/?{urlencode({'target': inner})}", ADA)
        said = page.json()["answer"]
        equal("whom phpCAS sees", said["user"], "ada")
        through = [f"{PHP}/proxying/callback", f"{PYTHON}/callback"]
        equal("what is said at the end", said["answer"], {"user": "ada", "proxies": through})

    with story.step("a proxy-granting ticket is worth nothing after the sign-out"):
        where = f"{PERL}/proxying/?{urlencode({'target': f'{PHP}/proxied/'})}"
        equal("before", sign_in(ada, where, ADA).json()["answer"]["user"], "ada")
        at(ada.visits(f"{GATEWAY}/logout"), f"{GATEWAY}/logout")
        # AuthCAS hears of no sign-out: its own session is still there.
        said = at(ada.visits(where), PERL).json()["answer"]
        equal("after", str(said).startswith("no proxy ticket"), True)


def sign_out(table: Table, client: Client, ada: Browser) -> None:
    heard = [protocol for protocol in client.hears if protocol in client.protocols()]
    if heard:
        with table.step(client, "SLO", f"is told when ada signs out at the gateway ({', '.join(heard)})"):
            before = [is_signed_out(ada, client.ways[protocol]) for protocol in heard]
            equal("signed out before", before, [False] * len(heard))
            at(ada.visits(f"{GATEWAY}/logout"), f"{GATEWAY}/logout")
            for protocol in heard:
                is_out = partial(is_signed_out, ada, client.ways[protocol])
                within(SIGN_OUT_WITHIN, f"signed out of {protocol}", is_out)


def leave(table: Table, client: Client) -> None:
    """Somebody else, from another back-end, signs in and leaves by the service's own way out."""
    first = next(iter(client.ways))
    where = client.ways[first]
    ben = table.story.browser("ben")
    with table.step(client, first, "signs ben in, who is somebody else"):
        equal("the user", sign_in(ben, where, BEN).json()["user"], "ben")
        told = [protocol for protocol in client.protocols() if protocol in client.told]
        for protocol in told[:1]:
            is_told(sign_in(ben, client.ways[protocol], BEN), BEN)
    if client.logout is not None:
        with table.step(client, "logout", "its own way out leads through the gateway's, and ben is out of both"):
            page = ben.visits(client.logout)
            asked = [hop.url for hop in page.hops if hop.url.startswith(f"{GATEWAY}/logout")]
            equal("the gateway's sign-out was visited", len(asked), 1)
            equal("the status at the end", page.status, 200)
            institution_form(ben.visits(where), GATEWAY)


def json_answer(story: Story) -> None:
    with story.step("format=JSON answers as JSON"):
        ada = story.browser("ada")
        service = f"{PYTHON}/bye"
        page = give_password(ada, ada.visits(f"{GATEWAY}/login?{urlencode({'service': service})}"), ADA)
        asked = {"service": service, "ticket": page.tickets()[-1], "format": "JSON"}
        said = ask(f"{GATEWAY}/p3/serviceValidate", params=asked)
        equal("the kind", said.headers["Content-Type"].split(";")[0], "application/json")
        success = said.json()["serviceResponse"]["authenticationSuccess"]
        equal("the user", success["user"], "ada")
        equal("several values", success["attributes"]["affiliation"], ["staff", "member"])
        refused = ask(f"{GATEWAY}/p3/serviceValidate", params=asked).json()
        equal("the second time", refused["serviceResponse"]["authenticationFailure"]["code"], "INVALID_TICKET")


def main() -> int:
    story = Story()
    table = Table(story)
    versions = {client.name: ask(client.about).json()["client"] for client in CLIENTS}
    for client in CLIENTS:
        ada = story.browser("ada")
        ways_in(table, client, ada)
        gateway(table, client, ada)
        renewal(table, client, ada)
        if "proxy" not in LEFT_OUT:
            proxies(table, client, ada)
        sign_out(table, client, ada)
        leave(table, client)
    if "proxy" not in LEFT_OUT:
        chain(story)
    if "json" not in LEFT_OUT:
        json_answer(story)
    table.prints(versions)
    return story.ends()


if __name__ == "__main__":
    sys.exit(main())
