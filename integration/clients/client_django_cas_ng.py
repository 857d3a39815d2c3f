"""A Django site that signs people in with django-cas-ng, set up as its manual says.

The version of the protocol is a setting of the whole site, so there is one process for
each: WAY is `cas1`, `cas2`, `cas3`, `saml` or `renew`, and everything lies below that
path. The site of CAS 3 also asks for proxy tickets. Answers are JSON.
"""

import os
from importlib.metadata import version
from pathlib import Path

import django
import requests
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse

from wsgi import address, serve

WAY = os.environ["WAY"]
BASE = address("SERVICE_URL")
HERE = f"{BASE}/{WAY}"
VERSIONS: dict[str, int | str] = {"cas1": 1, "cas2": "2", "cas3": "3", "saml": "CAS_2_SAML_1_0", "renew": "3"}

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
    SESSION_COOKIE_NAME=f"django-{WAY}",
    SESSION_COOKIE_PATH=f"/{WAY}",
    SESSION_COOKIE_SECURE=True,
    # The web server in front ends TLS.
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    CAS_SERVER_URL=address("CAS_URL") + "/",
    CAS_VERSION=VERSIONS[WAY],
    CAS_ROOT_PROXIED_AS=BASE,
    CAS_RENEW=WAY == "renew",
    CAS_PROXY_CALLBACK=f"{HERE}/callback" if WAY == "cas3" and os.environ["PROXY"] == "yes" else None,
    CAS_LOGOUT_NEXT_PAGE=f"{BASE}/bye",
    CAS_CHECK_NEXT=False,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(os.environ["SERVICE_DATA"]) / f"{WAY}.db",
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        }
    },
)
django.setup()

# Only now: these read the settings when they are imported.
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.urls import path  # noqa: E402
from django_cas_ng.models import ProxyError, ProxyGrantingTicket  # noqa: E402
from django_cas_ng.views import CallbackView, LoginView, LogoutView  # noqa: E402


def shows(**what: object) -> JsonResponse:
    return JsonResponse(what, json_dumps_params={"ensure_ascii": False})


@login_required
def page(request: HttpRequest) -> JsonResponse:
    """Who is signed in, and what this site was told about them."""
    return shows(user=request.user.get_username(), attributes=request.session.get("attributes", {}))


@login_required
def proxying(request: HttpRequest) -> JsonResponse:
    """What another service answers, asked in the name of whoever is signed in."""
    target, user = request.GET["target"], request.user.get_username()
    try:
        ticket = ProxyGrantingTicket.retrieve_pt(request, target)
    except ProxyError as error:
        return shows(user=user, answer=f"no proxy ticket: {error}")
    said = requests.Session().get(target, params={"ticket": ticket}, timeout=15)
    is_json = said.headers.get("Content-Type", "").startswith("application/json")
    return shows(user=user, answer=said.json() if is_json else f"{said.status_code} {said.text[:300]}")


CLIENT = f"django-cas-ng {version('django-cas-ng')} (Django {django.__version__})"
urlpatterns = [
    path("about", lambda request: shows(client=CLIENT)),
    path("bye", lambda request: shows(bye=True)),
    path(f"{WAY}/", page),
    path(f"{WAY}/proxying/", proxying),
    path(f"{WAY}/login", LoginView.as_view(), name="cas_ng_login"),
    path(f"{WAY}/logout", LogoutView.as_view(), name="cas_ng_logout"),
    path(f"{WAY}/callback", CallbackView.as_view(), name="cas_ng_proxy_callback"),
]

if __name__ == "__main__":
    call_command("migrate", verbosity=0, interactive=False)
    serve(get_wsgi_application(), address("LISTEN_URL"))
