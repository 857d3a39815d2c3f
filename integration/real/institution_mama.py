"""An institution: a released django-mama-cas with the people of institution_mama_people.py.

It answers at INSTITUTION_URL and keeps its database in INSTITUTION_DATA. Whoever may
ask it is listed in INSTITUTION_SERVICES, addresses separated by blanks.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from institution_mama_people import PEOPLE
from wsgi import address, serve

URL = address("INSTITUTION_URL")

settings.configure(
    SECRET_KEY="an institution on loopback, for one run",
    ALLOWED_HOSTS=["*"],
    USE_TZ=True,
    LANGUAGE_CODE="en",
    ROOT_URLCONF=__name__,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "mama_cas",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(os.environ["INSTITUTION_DATA"]) / "institution.db",
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        }
    },
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],  # nobody's secrets; quick
    MAMA_CAS_ENABLE_SINGLE_SIGN_OUT=True,
    MAMA_CAS_FOLLOW_LOGOUT_URL=True,
    MAMA_CAS_SERVICES=[
        {
            "SERVICE": f"^{re.escape(base)}(/.*)?$",
            "CALLBACKS": ["institution_mama_people.attributes"],
            "LOGOUT_ALLOW": True,
            "PROXY_ALLOW": False,
        }
        for base in os.environ["INSTITUTION_SERVICES"].split()
    ],
)
django.setup()

# Only now: this reads the settings when it is imported.
from django.urls import include, path  # noqa: E402

urlpatterns = [path(f"{urlsplit(URL).path.strip('/')}/", include("mama_cas.urls"))]


def let_in() -> None:
    """Makes the accounts."""
    from django.contrib.auth import get_user_model

    people = get_user_model().objects
    for name, (password, _) in PEOPLE.items():
        if not people.filter(username=name).exists():
            people.create_user(username=name, password=password)


if __name__ == "__main__":
    call_command("migrate", verbosity=0, interactive=False)
    let_in()
    serve(get_wsgi_application(), URL)
