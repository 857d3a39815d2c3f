"""A service that validates nothing itself: it shows the ticket it is given, and what it was told.

The walk validates its tickets by hand, so that it can ask as any client would. A page of
it is JSON with the ticket of the address; `/told` lists the tickets named in messages
that the session is over. It answers at DESK_URL.
"""

import json
import re
import threading
from collections.abc import Iterable
from urllib.parse import parse_qs

from wsgi import Environ, StartResponse, address, serve

told: list[str] = []
lock = threading.Lock()


def listens(environ: Environ) -> None:
    """Takes a `logoutRequest`: whatever stands in its SessionIndex."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    message = parse_qs(body).get("logoutRequest", [""])[0]
    with lock:
        told.extend(re.findall(r"SessionIndex[^>]*>\s*([^<\s]+)\s*<", message))


def desk(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "POST":
        listens(environ)
    query = parse_qs(environ.get("QUERY_STRING", ""))
    with lock:
        said = told[:] if environ["PATH_INFO"] == "/told" else {"tickets": query.get("ticket", [])}
    body = json.dumps(said).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    serve(desk, address("DESK_URL"))
