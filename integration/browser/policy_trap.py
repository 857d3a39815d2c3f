"""Proof that a blocked page would be noticed.

Chromium applies `form-action` to the redirects that follow a form too. This little site
gets that wrong on purpose: its form is sent on to another origin that its policy does not
name. A walk that finds no such message on our pages is worth something only if it finds
one here.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chromium import Window

PAGE = b"""<!doctype html><html lang="en"><title>A trap</title>
<form method="post" action="/"><button>Go on</button></form>"""


class Trap(BaseHTTPRequestHandler):
    """GET shows the form, POST sends it on to the other origin."""

    elsewhere = ""

    def do_GET(self) -> None:  # noqa: N802 (the name is the library's)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "default-src 'none'; form-action 'self'")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(303)
        self.send_header("Location", self.elsewhere)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def is_noticed(window: Window) -> bool:
    """Walks into the trap with this window, and says whether its console told."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    port = site.server_address[1]
    Trap.elsewhere = f"http://localhost:{port}/"
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        window.goes_to(f"http://127.0.0.1:{port}/")
        window.presses("Go on")
        window.waits("a message about the policy", lambda: bool(window.policy_messages()))
        return window.url.startswith("http://127.0.0.1:") and "form-action" in " ".join(window.policy_messages())
    finally:
        site.shutdown()
        site.server_close()
