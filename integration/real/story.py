"""How a walk is told: one line a step, the hops of the step when it fails, a count at the end."""

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from script_browser import Browser, Form, Page


class Story:
    """Counts the steps of one walk and keeps the browsers, whose trails explain a failure."""

    def __init__(self) -> None:
        self.passed, self.failed = 0, 0
        self._browsers: list[Browser] = []

    def browser(self, name: str) -> Browser:
        """A new person's browser, without a cookie."""
        browser = Browser(name)
        self._browsers.append(browser)
        return browser

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One line of the story; later steps are tried also when this one fails."""
        for browser in self._browsers:
            browser.trail.clear()
        began = time.monotonic()
        try:
            yield
        except Exception as problem:  # whatever went wrong is this step's failure
            self.failed += 1
            print(f"FAILED  {name}", flush=True)
            print(f"        {type(problem).__name__}: {problem}")
            where = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename != __file__]
            for frame in where[:3]:
                print(f"        line {frame.lineno} in {frame.name}: {frame.line}")
            for browser in self._browsers:
                for hop in browser.trail:
                    print(f"        [{browser.name}] {hop}")
                if browser.trail:
                    print(f"        [{browser.name}] cookies: {', '.join(browser.cookies()) or 'none'}", flush=True)
        else:
            self.passed += 1
            print(f"ok      {name}  ({time.monotonic() - began:.1f} s)", flush=True)

    def ends(self) -> int:
        """Prints the count; the answer is the exit code."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.passed else 0


def equal(what: str, is_now: object, should_be: object) -> None:
    if is_now != should_be:
        raise AssertionError(f"{what} is {is_now!r}, not {should_be!r}")


def at(page: Page, base: str) -> Page:
    """The page, when it lies below this address."""
    if not (page.url == base or page.url.startswith((f"{base}/", f"{base}?"))):
        raise AssertionError(f"stands at {page.url} ({page.status}), not at {base}; the page says: {page.text[:300]}")
    return page


def institution_form(page: Page, institution: str) -> Form:
    """The form for name and password of an institution, where the page must be."""
    form = at(page, f"{institution}/login").form_with("username", "password")
    if form is None:
        raise AssertionError(f"no form for a password at {page.url}: {page.text[:300]}")
    return form


def within(seconds: float, what: str, holds: Callable[[], bool]) -> None:
    """Asks again and again, for a bounded time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)
