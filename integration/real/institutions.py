"""The CAS servers of the walk: who has an account at each, and how its pages are used by hand."""

from dataclasses import dataclass

from script_browser import Browser, Form, Page
from story import at
from wsgi import address

Told = dict[str, str | list[str]]


@dataclass(frozen=True)
class Server:
    """One CAS server, and one person of it."""

    kind: str
    url: str
    person: str
    password: str
    told: Told  # what it says of that person, by its own names
    name_field: str = "username"
    fresh_for: float = 0.0  # seconds that a sign-in counts as a fresh one, whoever asks for `renew`
    renew_question: str | None = None  # a field of the page that comes before the form, when it renews
    unmet_renew: str = 'code="INVALID_TICKET"'  # how it answers `renew` for a ticket of an older sign-in
    saml: str = "answers"  # or what stands in its place

    @property
    def origin(self) -> str:
        return "/".join(self.url.split("/", 3)[:3])

    def form(self, page: Page) -> Form:
        """The form for name and password, where the page must be."""
        form = at(page, self.origin).form_with(self.name_field, "password")
        if form is None:
            raise AssertionError(f"no form for a password at {page.url}: {page.text[:300]}")
        return form

    def asks(self, page: Page) -> bool:
        """Whether the page is one that wants a password."""
        on_site = page.url.startswith(f"{self.origin}/")
        return on_site and page.form_with(self.name_field, "password") is not None

    def gives(self, person: Browser, page: Page, password: str | None = None) -> Page:
        """Sends name and password, the right one unless another is said."""
        if self.renew_question and (question := page.form_with(self.renew_question)) and not self.asks(page):
            page = person.sends(page, question)
        filled = {self.name_field: self.person, "password": password or self.password}
        return person.sends(page, self.form(page), **filled)


DJANGO = Server(
    kind="django-cas-server",
    url=address("NORTHFIELD_URL"),
    person="ana",
    password="harvest-moon",
    told={
        "mail": "ana.ruiz@northfield.example",
        "displayName": "Ana Ruiz & Søn",
        "eduPersonAffiliation": ["staff", "member"],
    },
)
MAMA = Server(
    kind="django-mama-cas",
    url=address("OAKRIDGE_URL"),
    person="ivo",
    password="winter-glass",
    told={
        "mail": "ivo.soucek@oakridge.example",
        "displayName": "Ivo Souček & Dcery",
        "eduPersonAffiliation": ["student", "member"],
    },
    saml="refuses",
)
LEMONLDAP = Server(
    kind="LemonLDAP::NG",
    url=address("TIDEWATER_URL"),
    person="dwho",
    password="dwho",
    told={
        "mail": "dwho@badwolf.org",
        "displayName": "Zoë of dwho",
        "roles": ["staff", "member"],
        "motto": "R&D",
    },
    name_field="user",
    fresh_for=2.0,
    renew_question="confirm",
    unmet_renew="no\n\n",
    saml="a page",
)


@dataclass(frozen=True)
class Provider:
    """One `[[provider]]` of the gateway: a server, asked in one way."""

    suffix: str
    server: Server
    told: Told  # what a service hears of the person, by the gateway's names
    log_out: str  # what the gateway does about the session there

    @property
    def user(self) -> str:
        return f"{self.server.person}@{self.suffix}"


def told(server: Server) -> Told:
    """What a service hears of the server's person, where attributes arrive at all."""
    ours = {"mail": "mail", "displayName": "displayName", "affiliation": "eduPersonAffiliation"}
    if "roles" in server.told:
        ours |= {"affiliation": "roles", "motto": "motto"}
    return {name: server.told[theirs] for name, theirs in ours.items()}


PROVIDERS = [
    Provider("cas1.northfield.example", DJANGO, {}, "none"),
    Provider("cas2.northfield.example", DJANGO, told(DJANGO), "ask"),
    Provider("cas3.northfield.example", DJANGO, told(DJANGO), "always"),
    Provider("saml1.northfield.example", DJANGO, told(DJANGO), "ask"),
    Provider("cas1.oakridge.example", MAMA, {}, "none"),
    Provider("cas2.oakridge.example", MAMA, told(MAMA), "ask"),
    Provider("cas3.oakridge.example", MAMA, told(MAMA), "always"),
    Provider("cas1.tidewater.example", LEMONLDAP, {}, "none"),
    Provider("cas2.tidewater.example", LEMONLDAP, told(LEMONLDAP), "ask"),
    Provider("cas3.tidewater.example", LEMONLDAP, told(LEMONLDAP), "always"),
]
