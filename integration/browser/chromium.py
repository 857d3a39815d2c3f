"""Debian's Chromium without a window, driven by its own chromedriver.

Things on a page are found as a person finds them: by the words on a button, a link or
a label. Each page is kept as a picture, and what Chromium wrote to its console is read,
because a page that Chromium blocked looks to a test like a page that did not move.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
PATIENCE = 15  # seconds for a page to become what is expected
PRESSABLE = "a[href], button, input[type=submit], [role=button], [role=link]"

T = TypeVar("T")


class Window:
    """One browser window with an empty profile."""

    def __init__(self, pictures: Path) -> None:
        options = ChromeOptions()
        options.binary_location = CHROMIUM
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        for flag in (
            "--headless=new",
            "--window-size=1024,900",
            "--lang=en",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--no-proxy-server",
        ):
            options.add_argument(flag)
        if os.geteuid() == 0:  # its sandbox refuses root
            options.add_argument("--no-sandbox")
        self.driver = Chrome(options=options, service=Service(executable_path=DRIVER))
        self.driver.set_page_load_timeout(PATIENCE)
        self._pictures = pictures
        self._taken = 0
        self._console: list[str] = []

    def close(self) -> None:
        self.driver.quit()

    def goes_to(self, url: str) -> None:
        self.driver.get(url)

    @property
    def url(self) -> str:
        return self.driver.current_url

    def text(self) -> str:
        """The words that a person sees."""
        return self.driver.find_element(By.TAG_NAME, "body").text

    def picture(self, name: str) -> Path:
        self._taken += 1
        path = self._pictures / f"{self._taken:02}-{name}.png"
        self.driver.save_screenshot(str(path))
        return path

    def console(self) -> list[str]:
        """All that the console has said in this window so far."""
        self._console += [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")]
        return self._console

    def policy_messages(self) -> list[str]:
        """What Chromium blocked, or would have, under a Content-Security-Policy."""
        return [line for line in self.console() if "content security policy" in line.lower()]

    def waits(self, what: str, holds: Callable[[], T]) -> T:
        """Until the page is as it should be; says what the page shows instead."""

        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if found := holds():
                    return found
            except (NoSuchElementException, StaleElementReferenceException, LookupError):
                pass  # the page is just being replaced, or not there yet
            time.sleep(0.1)
        picture = self.picture("instead")
        raise AssertionError(
            f"not within {PATIENCE} s: {what}\n  at {self.url}\n  shown in {picture.name}: {self.text()[:600]!r}\n"
            + "\n".join(f"  console: {line}" for line in self.console()[-8:])
        )

    def shows(self, *words: str) -> None:
        """Waits until all these words are on the page; case is not looked at."""
        wanted = [word.lower() for word in words]

        def holds() -> bool:
            text = self.text().lower()
            return all(word in text for word in wanted)

        self.waits(f"a page with {', '.join(words)}", holds)

    def stands_at(self, start: str) -> None:
        self.waits(f"an address that starts with {start}", lambda: self.url.startswith(start))

    def presses(self, *words: str) -> None:
        """Clicks the link or button that says one of these; exactly that, else beginning so, else with it."""
        self.waits(f"something to press that says {' or '.join(words)}", lambda: self._pressable(words)).click()

    def fills(self, label: str, value: str) -> None:
        """Types into the field with this label."""
        field = self.waits(f"a field with the label {label}", lambda: self._labelled(label))
        field.clear()
        field.send_keys(value)

    def _pressable(self, words: tuple[str, ...]) -> WebElement:
        seen = [
            (" ".join((thing.accessible_name or thing.text).lower().split()), thing)
            for thing in self.driver.find_elements(By.CSS_SELECTOR, PRESSABLE)
            if thing.is_displayed()
        ]
        for fits in (str.__eq__, str.startswith, str.__contains__):
            for word in words:
                for name, thing in seen:
                    if fits(name, word.lower()):
                        return thing
        raise LookupError(f"none of {words} among {[name for name, _ in seen]}")

    def _labelled(self, label: str) -> WebElement:
        for field in self.driver.find_elements(By.CSS_SELECTOR, "input:not([type=hidden]), textarea"):
            if field.is_displayed() and field.accessible_name.strip().lower().startswith(label.lower()):
                return field
        raise LookupError(f"no field is called {label}")


__all__ = ["Window", "WebDriverException"]
