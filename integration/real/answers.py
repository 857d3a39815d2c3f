"""Asks a CAS server about a ticket, by hand, and reads what it answers."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import requests

CAS = "{http://www.yale.edu/tp/cas}"
OURS = {"authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"}


@dataclass(frozen=True)
class Answer:
    """What a validation said."""

    text: str
    user: str | None = None
    code: str | None = None
    attributes: dict[str, str | list[str]] | None = None

    def told(self) -> dict[str, str | list[str]]:
        """The attributes of the person, without those that every answer has."""
        return {name: value for name, value in (self.attributes or {}).items() if name not in OURS}


def validate(
    cas: str, service: str, ticket: str, *, endpoint: str = "p3/serviceValidate", renew: bool = False
) -> Answer:
    """Asks once; the ticket is spent then. An answer that is no XML has neither user nor code."""
    asked = {"service": service, "ticket": ticket, **({"renew": "true"} if renew else {})}
    said = requests.get(f"{cas}/{endpoint}", params=asked, timeout=15)
    text = said.content.decode()
    try:
        # A stray ampersand is text: one server of the walk does not escape it.
        root = ElementTree.fromstring(re.sub(r"&(?!\w+;|#\w+;)", "&amp;", text))
    except ElementTree.ParseError:
        return Answer(text)
    if (success := root.find(f"{CAS}authenticationSuccess")) is not None:
        values: dict[str, list[str]] = {}
        for element in success.findall(f"{CAS}attributes/*"):
            # The same once more in another form, as `name` and `value`, is passed over.
            if "name" not in element.attrib:
                values.setdefault(element.tag.removeprefix(CAS), []).append((element.text or "").strip())
        told = {name: found[0] if len(found) == 1 else found for name, found in values.items()}
        return Answer(text, user=(success.findtext(f"{CAS}user") or "").strip(), attributes=told)
    failure = root.find(f"{CAS}authenticationFailure")
    return Answer(text, code=failure.get("code") if failure is not None else None)


def saml(cas: str, service: str, ticket: str) -> requests.Response:
    """Asks `samlValidate` about a ticket. One server looks for the body in the second place, after a header."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">'
        "<SOAP-ENV:Header/><SOAP-ENV:Body>"
        '<samlp:Request xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1"'
        ' RequestID="_0123456789abcdef" IssueInstant="2026-01-01T00:00:00Z">'
        f"<samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact>"
        "</samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return requests.post(
        f"{cas}/samlValidate",
        params={"TARGET": service},
        data=body.encode(),
        headers={"Content-Type": "text/xml", "SOAPAction": "http://www.oasis-open.org/committees/security"},
        timeout=15,
    )


def was_told(desk: str, ticket: str) -> bool:
    """Whether the desk has had a message that this ticket's session is over."""
    told: list[str] = requests.get(f"{desk}/told", timeout=15).json()
    return ticket in told
