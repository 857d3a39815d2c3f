"""A browser for a script: cookies, forms, links, and every hop on record.

Redirects are followed by hand, one recorded hop each, so that a walk can say which way
it came. Like a browser it says `Sec-Fetch-Site` for the whole chain of a navigation and
obeys a `Refresh` of zero seconds. It runs no script. Over https it trusts the authority
in the file BROWSER_AUTHORITY, where that is set.
"""

import json
import os
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

MOST_HOPS = 20
SITES = ["same-origin", "same-site", "cross-site"]


@dataclass
class Hop:
    """One request and what came back."""

    method: str
    url: str
    status: int
    to: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.url} -> {self.status}" + (f" {self.to}" if self.to else "")


@dataclass
class Form:
    """A form as it stands in the page, with the values it would send."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Reader(HTMLParser):
    """Collects forms, links (address and text) and the visible text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.refresh: str | None = None
        self._form: Form | None = None
        self._href: str | None = None
        self._link_words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        if tag == "form":
            self._form = Form(given.get("method", "get").upper(), given.get("action", ""))
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None and given.get("name"):
            # A browser sends neither an unticked box nor a button that was not pressed.
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if ticked and given.get("type") not in {"submit", "button", "image"}:
                self._form.fields[given["name"]] = given.get("value", "")
        elif tag == "a" and "href" in given:
            self._href, self._link_words = given["href"], []
        elif tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.refresh = given.get("content")
        elif tag in {"script", "style"}:
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "a" and self._href is not None:
            self.links.append((self._href, " ".join(" ".join(self._link_words).split())))
            self._href = None
        elif tag in {"script", "style"}:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
            self._link_words.append(data)


class Page:
    """Where a navigation ended."""

    def __init__(self, answer: requests.Response, hops: list[Hop]) -> None:
        self.url: str = answer.url
        self.status = answer.status_code
        self.headers = answer.headers
        self.body = answer.content.decode(errors="replace")
        self.hops = hops
        reader = Reader()
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            reader.feed(self.body)
        self.forms, self.links, self.refresh = reader.forms, reader.links, reader.refresh
        self.text = " ".join(" ".join(reader.words).split()) or self.body

    def json(self) -> Any:
        return json.loads(self.body)

    def form_with(self, *names: str) -> Form | None:
        """The first form that has all these fields."""
        return next((form for form in self.forms if form.fields.keys() >= set(names)), None)

    def link_with(self, text: str) -> str | None:
        """The address of the first link whose text holds this."""
        return next((urljoin(self.url, href) for href, words in self.links if text in words), None)

    def again(self) -> tuple[float, str] | None:
        """The seconds and the address of a `Refresh`; the page itself where it names no address."""
        said = self.headers.get("Refresh") or self.refresh or ""
        if not (found := re.fullmatch(r"\s*(\d+)\s*(?:[;,]\s*url\s*=\s*['\"]?(.*?)['\"]?\s*)?", said, re.IGNORECASE)):
            return None
        return float(found[1]), urljoin(self.url, found[2] or "")

    def tickets(self) -> list[str]:
        """The service tickets that went through the address line, in order."""
        return [found[1] for hop in self.hops if (found := re.search(r"[?&]ticket=([^&]+)", hop.url))]


def nearness(one: str, other: str) -> str:
    """How near two addresses are, in the words of `Sec-Fetch-Site`.

    For hosts that are plain addresses a site is scheme and host.
    """
    a, b = urlsplit(one), urlsplit(other)
    if (a.scheme, a.netloc) == (b.scheme, b.netloc):
        return "same-origin"
    return "same-site" if (a.scheme, a.hostname) == (b.scheme, b.hostname) else "cross-site"


class Browser:
    """One person's browser. Its cookies know no ports, as in any browser."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.trail: list[Hop] = []
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = os.environ.get("BROWSER_AUTHORITY") or True
        self._http.headers.update({"User-Agent": "real-walk", "Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"})

    def visits(self, url: str) -> Page:
        """Types an address."""
        return self._goes("GET", url, None, came_from=None)

    def follows(self, page: Page, url: str) -> Page:
        """Clicks a link of a page."""
        return self._goes("GET", urljoin(page.url, url), None, came_from=page.url)

    def sends(self, page: Page, form: Form, **filled: str) -> Page:
        """Fills a form of a page and sends it."""
        fields, url = {**form.fields, **filled}, urljoin(page.url, form.action or page.url)
        if form.method == "POST":
            return self._goes("POST", url, fields, came_from=page.url)
        bare = requests.Request("GET", url.split("?")[0], params=fields).prepare().url or url
        return self._goes("GET", bare, None, came_from=page.url)

    def cookies_for(self, url: str) -> dict[str, str]:
        """What this browser would send there, for a look that leaves no trace in it."""
        sent = requests.cookies.get_cookie_header(self._http.cookies, requests.Request("GET", url).prepare())
        return {name: morsel.value for name, morsel in SimpleCookie(sent or "").items()}

    def cookies(self) -> list[str]:
        return [f"{cookie.name} at {cookie.domain}{cookie.path}" for cookie in self._http.cookies]

    def forgets(self, url: str, name: str) -> list[str]:
        """Drops the cookies of that host whose name holds this; the answer is their names."""
        jar, host = self._http.cookies, urlsplit(url).hostname
        gone = [cookie for cookie in jar if cookie.domain == host and name in cookie.name]
        for cookie in gone:
            jar.clear(cookie.domain, cookie.path, cookie.name)
        return [cookie.name for cookie in gone]

    def _goes(self, method: str, url: str, form: dict[str, str] | None, came_from: str | None) -> Page:
        hops: list[Hop] = []
        site = "none" if came_from is None else "same-origin"
        for _ in range(MOST_HOPS):
            if came_from is not None:
                site = max(site, nearness(came_from, url), key=SITES.index)
            headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
            if came_from is not None:
                at = urlsplit(came_from)
                headers["Referer"] = came_from if site == "same-origin" else f"{at.scheme}://{at.netloc}/"
                if method == "POST":
                    headers["Origin"] = f"{at.scheme}://{at.netloc}"
            answer = self._http.request(method, url, data=form, headers=headers, allow_redirects=False, timeout=15)
            to = answer.headers.get("Location") if answer.is_redirect else None
            page = Page(answer, hops)
            if to is None and (again := page.again()) and again[0] == 0:
                # Sends on at once: a new navigation, which starts from this page.
                to, came_from, site = again[1], url, "same-origin"
            hop = Hop(method, url, answer.status_code, to)
            hops.append(hop)
            self.trail.append(hop)
            if to is None:
                return page
            if answer.status_code not in {307, 308}:
                method, form = "GET", None
            url = urljoin(url, to)
        raise AssertionError(f"{self.name} was sent on {MOST_HOPS} times, last to {url}")
