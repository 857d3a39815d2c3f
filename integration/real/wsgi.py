"""Serves one WSGI application on one loopback address, and says what it was asked.

All servers of the real walk are started through here: one process with threads,
so that an application that calls another while it answers (a logout request, a
validation) cannot wait for itself.
"""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import waitress

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def address(name: str) -> str:
    """The base address in the environment variable `name`, without a last slash."""
    value = os.environ.get(name, "").rstrip("/")
    if not value:
        sys.exit(f"{name} is not set; integration/real/run starts this with its addresses")
    return value


def said(app: Application) -> Application:
    """Prints one line a request: the log is read when a walk fails."""

    def wrapped(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        target = environ["PATH_INFO"] + (f"?{query}" if query else "")

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            print(environ["REQUEST_METHOD"], target, status, flush=True)
            return start_response(status, headers, *rest)

        return app(environ, start)

    return wrapped


def serve(app: Application, base: str) -> None:
    """Answers at the host and port of `base` until the process is ended."""
    at = urlsplit(base)
    waitress.serve(said(app), host=at.hostname, port=at.port, threads=8, ident=None)
