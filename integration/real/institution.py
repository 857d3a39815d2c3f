"""An institution: a released django-cas-server with a few people, on its own address.

Which one it is stands in INSTITUTION_SUFFIX; it answers at INSTITUTION_URL and keeps
its database in INSTITUTION_DATA. Whoever may ask it for tickets is listed in
INSTITUTION_SERVICES, addresses separated by blanks: the gateway, and the two services
themselves for the walk without a gateway. With another institution in INSTITUTION_ASKS,
a suffix and an address, it is a gateway in front of that one.
"""

import os
import re

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from wsgi import address, serve


def allow(bases: list[str]) -> None:
    """Lets these addresses ask, tells them everything, and tells them of sign-outs."""
    from cas_server.models import ReplaceAttributName, ServicePattern

    for position, base in enumerate(bases):
        pattern, _ = ServicePattern.objects.get_or_create(
            pattern=f"^{re.escape(base)}(/.*)?$",
            defaults={"pos": position, "name": base, "single_log_out": True},
        )
        ReplaceAttributName.objects.get_or_create(service_pattern=pattern, name="*")


def ask(suffix: str, url: str) -> None:
    """Makes it a gateway: this institution answers for its people."""
    from cas_server.models import FederatedIendityProvider

    known = {"server_url": f"{url}/", "cas_protocol_version": "3", "verbose_name": suffix}
    FederatedIendityProvider.objects.get_or_create(suffix=suffix, defaults=known)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "institution_settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    allow(os.environ["INSTITUTION_SERVICES"].split())
    if asks := os.environ.get("INSTITUTION_ASKS"):
        ask(*asks.split())
    serve(get_wsgi_application(), address("INSTITUTION_URL"))


if __name__ == "__main__":
    main()
