"""Who has an account at an institution: django-cas-server's password check, fed from a table.

`ana` exists at both institutions, with two passwords and two sets of attributes:
to the gateway these are two people.
"""

import os

from cas_server.auth import AuthUser

Attributes = dict[str, str | list[str]]

PEOPLE: dict[str, dict[str, tuple[str, Attributes]]] = {
    "northfield.example": {
        "ana": (
            "harvest-moon",
            {
                "mail": "ana.ruiz@northfield.example",
                "displayName": "Ana Ruiz & Søn",  # must survive XML twice
                "eduPersonAffiliation": ["staff", "member"],
                "employeeNumber": "4711",  # no rule asks for it: it must not reach a service
            },
        ),
        "ben": (
            "quiet-river",
            {
                "mail": "ben.okafor@northfield.example",
                "displayName": "Ben Okafor",
                "eduPersonAffiliation": ["student"],
                "employeeNumber": "4712",
            },
        ),
    },
    "valmont.example": {
        "ana": ("petit-matin", {"mail": "ana.morel@valmont.example", "displayName": "Ana Morel"}),
        "zoe": ("grand-large", {"mail": "zoe.petit@valmont.example", "displayName": "Zoé Petit"}),
    },
    # For the measurement: each signs in once.
    "crowd.example": {
        f"p{number}": (
            "many-feet",
            {
                "mail": f"p{number}@crowd.example",
                "displayName": f"Person {number}",
                "eduPersonAffiliation": ["student", "member"],
            },
        )
        for number in range(2000)
    },
}


class Person(AuthUser):
    """One account of the institution that this process is."""

    def _entry(self) -> tuple[str, Attributes] | None:
        return PEOPLE[os.environ["INSTITUTION_SUFFIX"]].get(self.username)

    def test_password(self, password: str) -> bool:
        entry = self._entry()
        return entry is not None and entry[0] == password

    def attributs(self) -> Attributes:
        """The name of the method is the library's."""
        entry = self._entry()
        return {} if entry is None else entry[1]
