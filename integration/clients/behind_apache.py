"""What stands behind mod_auth_cas: shows as JSON whom Apache says it let in.

Apache tells it in request headers: `CAS-User`, and `CAS-Attr-…` for each attribute.
Header names know no case, and several values come in one text, separated by `|`.
"""

import json
import os
from collections.abc import Iterable

from wsgi import Environ, StartResponse, address, serve

PREFIX = "HTTP_CAS_ATTR_"


def utf8(header: str) -> str:
    """Headers are bytes; the gateway interface hands them over as Latin-1."""
    return header.encode("latin-1").decode()


def page(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/about":
        what: dict[str, object] = {"client": f"mod_auth_cas {os.environ['CLIENT_VERSION']}"}
    else:
        user = environ.get("HTTP_CAS_USER")
        headers = {name.removeprefix(PREFIX): text for name, text in environ.items() if name.startswith(PREFIX)}
        told = {name.lower(): utf8(text).split("|") for name, text in headers.items()}
        what = {"user": user and utf8(user), "attributes": told}
    body = json.dumps(what, ensure_ascii=False).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    serve(page, address("LISTEN_URL"))
