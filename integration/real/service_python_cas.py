"""A service that signs people in with the python-cas client library.

Every address of it wants a signed-in person and shows, as JSON, who that is. The
address itself is the CAS service, so that two pages opened at once are two services
to come back to. It answers at SERVICE_URL and asks the CAS server at CAS_URL.
"""

import json
import secrets
import threading
from collections.abc import Iterable
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, parse_qsl, urlencode

from cas import CASClient

from wsgi import Environ, StartResponse, address, serve

COOKIE = "python-cas-service"


class Sessions:
    """Who is signed in, by cookie; and which cookie a service ticket opened, for sign-outs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._people: dict[str, dict[str, object]] = {}
        self._by_ticket: dict[str, str] = {}

    def open(self, ticket: str, person: dict[str, object]) -> str:
        key = secrets.token_urlsafe()
        with self._lock:
            self._people[key] = person
            self._by_ticket[ticket] = key
        return key

    def person(self, key: str) -> dict[str, object] | None:
        with self._lock:
            return self._people.get(key)

    def end(self, ticket: str) -> bool:
        with self._lock:
            return self._people.pop(self._by_ticket.pop(ticket, ""), None) is not None


class Service:
    """The application: told of a sign-out, coming back with a ticket, known, or sent away."""

    def __init__(self, base: str, cas: str) -> None:
        self.base, self.cas = base, cas
        self.sessions = Sessions()

    def client(self, service: str) -> CASClient:
        return CASClient(version=3, service_url=service, server_url=f"{self.cas}/")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            return self.told(environ, start_response)
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        ticket = dict(query).get("ticket")
        rest = urlencode([(name, value) for name, value in query if name != "ticket"])
        here = self.base + environ["PATH_INFO"] + (f"?{rest}" if rest else "")
        if ticket:
            return self.come_back(here, ticket, start_response)
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
        person = self.sessions.person(cookie.value) if cookie else None
        if person is None:
            return leave(self.client(here).get_login_url(), start_response)
        return answer("200 OK", {**person, "page": here}, start_response)

    def come_back(self, here: str, ticket: str, start_response: StartResponse) -> Iterable[bytes]:
        user, attributes, _ = self.client(here).verify_ticket(ticket)
        if not user:
            return answer("403 Forbidden", {"refused": ticket}, start_response)
        key = self.sessions.open(ticket, {"user": user, "attributes": attributes or {}})
        return leave(here, start_response, [("Set-Cookie", f"{COOKIE}={key}; Path=/; HttpOnly")])

    def told(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        form = parse_qs(environ["wsgi.input"].read(length).decode())
        tickets = self.client(self.base).get_saml_slos(form.get("logoutRequest", [""])[0]) or []
        ended = [self.sessions.end(ticket.text) for ticket in tickets]
        print("logoutRequest for", [ticket.text for ticket in tickets], "ended", ended, flush=True)
        return answer("200 OK", {"ended": sum(ended)}, start_response)


def leave(url: str, start_response: StartResponse, more: list[tuple[str, str]] | None = None) -> Iterable[bytes]:
    start_response("302 Found", [("Location", url), ("Content-Length", "0"), *(more or [])])
    return [b""]


def answer(status: str, what: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
    body = json.dumps(what, ensure_ascii=False).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    serve(Service(address("SERVICE_URL"), address("CAS_URL")), address("SERVICE_URL"))
