"""Who has an account at the institution that runs django-mama-cas, and what it tells of them."""

from typing import Any

# Name: the password, and the attributes beside the name.
PEOPLE: dict[str, tuple[str, dict[str, str | list[str]]]] = {
    "ivo": (
        "winter-glass",
        {
            "mail": "ivo.soucek@oakridge.example",
            "displayName": "Ivo Souček & Dcery",  # must survive XML twice
            "eduPersonAffiliation": ["student", "member"],
        },
    ),
}


def attributes(user: Any, _service: str) -> dict[str, str | list[str]]:
    """The library asks this for every answer of `serviceValidate`."""
    return PEOPLE[user.get_username()][1]
