"""The clients and what each of them can do: the list that the walk goes through.

A client that lacks something has no address for it here; the table at the end shows `-`.
"""

import os
from dataclasses import dataclass, field

from wsgi import address

GATEWAY = address("GATEWAY_URL")
LEFT_OUT = frozenset(os.environ.get("CLIENTS_WITHOUT", "").split())
PHP, DJANGO, PYTHON = address("PHP_URL"), address("DJANGO_URL"), address("PYTHON_URL")
NODE, PERL = address("NODE_URL"), address("PERL_URL")
PROTOCOLS = ("CAS 1", "CAS 2", "CAS 3", "SAML")


@dataclass(frozen=True)
class Person:
    name: str
    password: str
    attributes: dict[str, list[str]]


ADA = Person(
    "ada",
    "example",
    {
        "mail": ["ada@meridian.example"],
        "displayName": ["Ada Øst & Søn <1>"],  # must survive XML and headers
        "affiliation": ["staff", "member"],
    },
)
BEN = Person(
    "ben",
    "quiet-river",
    {"mail": ["ben@meridian.example"], "displayName": ["Běn 本"], "affiliation": ["student"]},
)


@dataclass(frozen=True)
class Client:
    """Addresses of one client: where it signs people in, and where it does more than that."""

    name: str
    about: str
    ways: dict[str, str]
    told: frozenset[str]
    """With which protocols it reads attributes."""
    takes: str = ""
    """Where below these addresses it takes tickets."""
    renew: str | None = None
    insists: bool = False
    """Whether it asks for renew once more when it validates."""
    gateway: str | None = None
    hears: tuple[str, ...] = ()
    """After which protocols it ends its session when it is told of a sign-out."""
    logout: str | None = None
    """Ends the session that its first way began, and leads to the gateway's sign-out."""
    proxying: dict[str, str] = field(default_factory=dict)
    """Where it calls another service with a proxy ticket; and the callback, which is the proxy's name."""
    proxied: str | None = None
    """Where it takes a proxy ticket."""
    names_proxies: bool = True

    def protocols(self) -> list[str]:
        return [protocol for protocol in self.ways if protocol != "SAML" or "saml" not in LEFT_OUT]


CLIENTS = (
    Client(
        name="mod_auth_cas",
        about=address("APACHE_1_URL") + "/about",
        ways={
            "CAS 1": address("APACHE_1_URL") + "/in/",
            "CAS 2": address("APACHE_2_URL") + "/in/",
            "CAS 3": address("APACHE_3_URL") + "/in/",
            "SAML": address("APACHE_SAML_URL") + "/in/",
        },
        told=frozenset({"CAS 2", "CAS 3", "SAML"}),
        renew=address("APACHE_2_URL") + "/renew/",
        insists=True,
        gateway=address("APACHE_2_URL") + "/gateway/",
        hears=PROTOCOLS,
        proxied=address("APACHE_PROXIED_URL") + "/in/",
        names_proxies=False,
    ),
    Client(
        name="phpCAS",
        about=f"{PHP}/about",
        ways={"CAS 1": f"{PHP}/cas1/", "CAS 2": f"{PHP}/cas2/", "CAS 3": f"{PHP}/cas3/", "SAML": f"{PHP}/saml/"},
        told=frozenset({"CAS 2", "CAS 3", "SAML"}),
        renew=f"{PHP}/renew/",
        insists=True,
        gateway=f"{PHP}/gateway/",
        hears=PROTOCOLS,
        logout=f"{PHP}/cas1/logout",
        proxying={
            f"{PHP}/proxying/": f"{PHP}/proxying/callback",
            f"{PHP}/proxying2/": f"{PHP}/proxying2/callback",
        },
        proxied=f"{PHP}/proxied/",
    ),
    Client(
        name="python-cas",
        about=f"{PYTHON}/about",
        ways={
            "CAS 1": f"{PYTHON}/cas1/",
            "CAS 2": f"{PYTHON}/cas2/",
            "CAS 3": f"{PYTHON}/cas3/",
            "SAML": f"{PYTHON}/saml/",
        },
        told=frozenset({"CAS 2", "CAS 3", "SAML"}),
        renew=f"{PYTHON}/renew/",
        gateway=f"{PYTHON}/gateway/",
        hears=PROTOCOLS,
        logout=f"{PYTHON}/cas1/logout",
        proxying={f"{PYTHON}/proxying/": f"{PYTHON}/callback"},
        proxied=f"{PYTHON}/proxied/",
    ),
    Client(
        name="django-cas-ng",
        about=f"{DJANGO}/about",
        ways={
            "CAS 1": f"{DJANGO}/cas1/",
            "CAS 2": f"{DJANGO}/cas2/",
            "CAS 3": f"{DJANGO}/cas3/",
            "SAML": f"{DJANGO}/saml/",
        },
        told=frozenset({"CAS 2", "CAS 3", "SAML"}),
        takes="login",
        renew=f"{DJANGO}/renew/",
        hears=("CAS 3", "SAML"),
        logout=f"{DJANGO}/cas1/logout",
        proxying={f"{DJANGO}/cas3/proxying/": f"{DJANGO}/cas3/callback"},
    ),
    Client(
        name="http-cas-client",
        about=f"{NODE}/about",
        ways={"CAS 2": f"{NODE}/cas2/", "CAS 3": f"{NODE}/cas3/"},
        told=frozenset({"CAS 3"}),
        renew=f"{NODE}/renew/",
        insists=True,
        gateway=f"{NODE}/gateway/",
        hears=("CAS 2", "CAS 3"),
        proxying={f"{NODE}/proxying/": f"{NODE}/proxying/callback"},
        proxied=f"{NODE}/proxied/",
        names_proxies=False,
    ),
    Client(
        name="AuthCAS",
        about=f"{PERL}/about",
        ways={"CAS 2": f"{PERL}/cas2/", "CAS 3": f"{PERL}/cas3/"},
        told=frozenset(),
        gateway=f"{PERL}/gateway/",
        logout=f"{PERL}/cas2/logout",
        proxying={f"{PERL}/proxying/": f"{PERL}/callback"},
        proxied=f"{PERL}/proxied/",
    ),
)
