"""A Django site that signs people in with django-cas-ng, set up as its manual says.

One page, for signed-in people only, shows as JSON who they are. It answers at
SERVICE_URL, asks the CAS server at CAS_URL and keeps its database in SERVICE_DATA.
"""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse

from wsgi import address, serve

settings.configure(
    SECRET_KEY="a site on loopback, for one run",
    ALLOWED_HOSTS=["*"],
    USE_TZ=True,
    ROOT_URLCONF=__name__,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "django_cas_ng",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["django_cas_ng.backends.CASBackend"],
    LOGIN_URL="cas_ng_login",
    CAS_SERVER_URL=address("CAS_URL") + "/",
    CAS_VERSION="3",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(os.environ["SERVICE_DATA"]) / "site.db",
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        }
    },
)
django.setup()

# Only now: these read the settings when they are imported.
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.urls import path  # noqa: E402
from django_cas_ng.views import LoginView  # noqa: E402


@login_required
def page(request: HttpRequest) -> JsonResponse:
    """Who is signed in, and what this site was told about them."""
    who = {"user": request.user.get_username(), "attributes": request.session.get("attributes", {})}
    return JsonResponse(who, json_dumps_params={"ensure_ascii": False})


urlpatterns = [
    path("", page),
    path("accounts/login/", LoginView.as_view(), name="cas_ng_login"),
]

if __name__ == "__main__":
    call_command("migrate", verbosity=0, interactive=False)
    serve(get_wsgi_application(), address("SERVICE_URL"))
