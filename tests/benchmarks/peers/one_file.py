"""What the two peers on Django share: settings for one file, and the tables of Isnad."""

import os
from typing import Any

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict


def set_up(urls: str, *, apps: list[str], **more: Any) -> None:
    """urls: the module of the peer itself."""
    options = dict(conninfo_to_dict(os.environ["DATABASE_URL"]))
    settings.configure(
        SECRET_KEY="for benchmarks only",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=urls,
        INSTALLED_APPS=[
            "claims",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.postgres",
            *apps,
        ],
        AUTH_USER_MODEL="claims.User",
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TIME_ZONE="UTC",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": options.pop("dbname"),
                "USER": options.pop("user", ""),
                "PASSWORD": options.pop("password", ""),
                "HOST": options.pop("host", ""),
                "PORT": options.pop("port", ""),
                "OPTIONS": {**options, "options": "-c jit=off"},
                "CONN_MAX_AGE": None,
            }
        },
        **more,
    )
    django.setup()
