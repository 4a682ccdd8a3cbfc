"""Settings: everything that differs between installations comes from the environment.

`DATABASE_URL` is the role that serves requests and owns nothing; `DATABASE_OWNER_URL` is the
one that owns the tables, used by migrations and set-up alone.
"""

from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import environ
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
# Signs cursors and sessions. The embedded trial makes one; elsewhere none means no start.
SECRET_KEY = env.str("SECRET_KEY")
# Older ones, whose signatures and seals still count: so that it can be replaced.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "claims.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "claims",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "claims.api.google_ways.google_ways",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "claims.admin.OddValues",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def database(url: str, *, time_limits: bool, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's settings for one libpq URL; every parameter that libpq knows passes through.

    time_limits: requests may not hold the database for long, set-up may. name: what it is called.
    """
    scheme = url.partition(":")[0]
    if scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"{name} names {scheme!r}: Isnad runs on PostgreSQL only (postgresql://…)"
        )
    try:
        options: dict[str, Any] = dict(conninfo_to_dict(url))
    except ProgrammingError as wrong:
        raise ImproperlyConfigured(f"{name} cannot be read: {wrong}") from None
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname", ""),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
    if time_limits:
        limits = {
            "statement_timeout": env.str("DATABASE_STATEMENT_TIMEOUT", default="15s"),
            "lock_timeout": env.str("DATABASE_LOCK_TIMEOUT", default="3s"),
            "idle_in_transaction_session_timeout": "10s",
            "jit": "off",
        }
        given = options.get("options", "")
        options["options"] = " ".join([given, *(f"-c {k}={v}" for k, v in limits.items())]).strip()
        pool_size = env.int("DATABASE_POOL_SIZE", default=0)
        if pool_size:
            options["pool"] = {
                "min_size": 1,
                "max_size": pool_size,
                "timeout": 5,
                # After that the next request tries anew. Left to itself the pool waits twice as
                # long after each failure, and stays away for half a minute from what is back.
                "reconnect_timeout": 2,
            }
            settings["CONN_HEALTH_CHECKS"] = True  # the database may have restarted meanwhile
    return settings


DATABASE_URL = env.str("DATABASE_URL")
DATABASES = {
    "default": database(DATABASE_URL, time_limits=True),
    "owner": database(env.str("DATABASE_OWNER_URL", default=DATABASE_URL), time_limits=False),
}

# Streaming replicas that plain reads go to (claims/api/replicas.py), and by how many seconds one
# may be behind.
DATABASE_REPLICAS = [
    database(url.strip(), time_limits=True, name="DATABASE_REPLICA_URLS")
    for url in env.list("DATABASE_REPLICA_URLS", default=[])
]
REPLICA_MAX_LAG = env.float("REPLICA_MAX_LAG", default=1.0)
if not REPLICA_MAX_LAG > 0:
    raise ImproperlyConfigured("REPLICA_MAX_LAG is a number of seconds above 0.")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "claims" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
# Served straight from the packages that hold them: nothing to collect before the first start.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STATIC_ROOT = None

CSRF_FAILURE_VIEW = "claims.api.problems.forged"
APPEND_SLASH = False  # claims.api.problems answers a forgotten slash, whatever the method
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Who signs in with a browser (docs/people.md).
SESSION_ENGINE = "claims.api.session_store"
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=7) * 86_400
LOGIN_URL = "/api/session/login/"
LOGIN_REDIRECT_URL = "/api/v1/"
PASSWORD_HASHERS = [
    # It takes memory as well as time, and needs no package; the next one is Django's own first.
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "MinimumLengthValidator": {"min_length": 12},
        "UserAttributeSimilarityValidator": {},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]

BEHIND_TLS = env.bool("BEHIND_TLS", default=False)
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # The browsable API and the API docs style elements in place.
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "claims.api.authentication.KeyAuthentication",
        "claims.api.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["claims.api.permissions.ByRightsTable"],
    "DEFAULT_THROTTLE_CLASSES": ["claims.api.rates.PerCaller"],
    "DEFAULT_RENDERER_CLASSES": [
        "claims.api.rendering.Json",
        "claims.api.rendering.Browsable",
    ],
    "DEFAULT_PARSER_CLASSES": ["claims.api.parsing.StrictJson"],
    "DEFAULT_PAGINATION_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "claims.api.schema.Described",
    "EXCEPTION_HANDLER": "claims.api.problems.answer",
    "UNAUTHENTICATED_USER": "claims.api.authentication.Anyone",
    # As PostgreSQL spells instants in the documents that it composes (claims.formats.composing).
    "DATETIME_FORMAT": "%Y-%m-%dT%H:%M:%S.%fZ",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Isnad",
    "DESCRIPTION": (
        "Who said what, in which article, at which characters; and what fact-checkers found.\n\n"
        "Reading needs no account. Writing needs a key: `Authorization: Bearer isnad_…`.\n\n"
        "Errors are problem documents (RFC 9457); each `type` is explained at `/problems/`."
    ),
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_NAME_OVERRIDES": {
        "ChangeTypeEnum": "claims.vocabulary.ChangeType",
        "SpeakerTypeEnum": "claims.vocabulary.SpeakerType",
        "DeliveryStateEnum": "claims.vocabulary.DeliveryState",
        "KindEnum": "claims.vocabulary.Kind",
        "OutcomeEnum": "claims.vocabulary.Outcome",
        "RatedOutcomeEnum": "claims.formats.desk.FINDINGS",
        "DateKindEnum": "claims.text.dates.KINDS",
        "ConflictStateEnum": "claims.vocabulary.ConflictState",
        "ContestStateEnum": "claims.vocabulary.ContestState",
        "ContestReasonEnum": "claims.vocabulary.ContestReason",
        "DifferenceKindEnum": "claims.api.matching.KINDS",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "claims.api.events.add_events",
        "claims.api.description.add_pages",
        "claims.web.description.add_feeds",
        "claims.api.words.add_words",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Sizes in bytes, counted before anything is parsed (config/asgi.py, claims/api/parsing.py).
BODY_LIMIT = 2_000_000
LARGE_BODY_LIMIT = 8_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGE_BODY_LIMIT
BODY_SECONDS = env.float("BODY_SECONDS", default=60.0)

# Requests a minute: (with a key, without).
READS_PER_MINUTE = (
    env.int("READS_PER_MINUTE", default=60_000),
    env.int("ANONYMOUS_READS_PER_MINUTE", default=6_000),
)
WRITES_PER_MINUTE = (
    env.int("WRITES_PER_MINUTE", default=12_000),
    env.int("ANONYMOUS_WRITES_PER_MINUTE", default=60),
)
# Texts that are compared with claims: each costs some fifty milliseconds.
MATCHES_PER_MINUTE = (
    env.int("MATCHES_PER_MINUTE", default=3_000),
    env.int("ANONYMOUS_MATCHES_PER_MINUTE", default=60),
)
# Whole lists that are asked for, however long they are; apart from what else is read.
EXPORTS_PER_MINUTE = (
    env.int("EXPORTS_PER_MINUTE", default=60),
    env.int("ANONYMOUS_EXPORTS_PER_MINUTE", default=6),
)
# Contests of verdicts from outside, apart from what else is written.
CONTESTS_PER_MINUTE = (
    env.int("CONTESTS_PER_MINUTE", default=60),
    env.int("ANONYMOUS_CONTESTS_PER_MINUTE", default=5),
)
# Rows of bulk writes, apart from what else is written.
BULK_ROWS_PER_MINUTE = (
    env.int("BULK_ROWS_PER_MINUTE", default=60_000),
    0,
)

# The dotted path of a callable that makes vectors of texts; none: words and letters alone decide.
MATCH_ENCODER = env.str("MATCH_ENCODER", default="")

# A TOML file that says what ratings of other organizations mean, before our own table does
# (claims/formats/claimreview_in/outcomes.toml).
CLAIMREVIEW_OUTCOMES = env.str("CLAIMREVIEW_OUTCOMES", default="")
# Bytes of a single document that is imported from a file; one of many lines has no limit but its
# lines'. Reading one takes some ten times that in memory.
IMPORT_DOCUMENT_LIMIT = env.int("IMPORT_DOCUMENT_LIMIT", default=16_000_000)

# What signs the transparency log: a file with a private key a line, the newest first, or the
# keys themselves. The embedded trial makes one; elsewhere none means no start.
LOG_KEY_FILE = env.str("LOG_KEY_FILE", default="")
LOG_KEY = env.str("LOG_KEY", default="")

# Connections of a server process for plain reads, which need no thread (claims/api/edge.py).
EDGE_CONNECTIONS = env.int("EDGE_CONNECTIONS", default=4)
# And for verdicts: each waits for its claim, and for the disk.
EDGE_WRITE_CONNECTIONS = env.int("EDGE_WRITE_CONNECTIONS", default=8)
# And for exports, each of which has one for the length of a page: so many pages are made at once.
EXPORT_CONNECTIONS = env.int("EXPORT_CONNECTIONS", default=2)

# Where Isnad is reached from outside, for addresses in what webhooks are sent, in reviews and
# feeds; these have the address that they are asked at, where it is empty.
PUBLIC_URL = env.str("PUBLIC_URL", default="")
# Seconds that an answer of the feed can be held back for.
FEED_LONGEST_WAIT = env.int("FEED_LONGEST_WAIT", default=60)
# Whether webhooks may lead to http and into the network that the worker is in.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", default=False)

# Notices by e-mail (docs/notices.md): the mail server, as django-environ has it; none, no mail.
try:
    vars().update(env.email_url_config(env.str("EMAIL_URL", default="") or "dummymail://"))
except ValueError:  # which would print the password
    raise ImproperlyConfigured("EMAIL_URL cannot be read: smtp+tls://user:…@host:587") from None
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", default=15.0)  # seconds for each answer of the server
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Isnad <isnad@localhost>")
# Where mails lead: an operator without PUBLIC_URL reads them on the same machine.
NOTICE_SITE = PUBLIC_URL.rstrip("/") or (
    f"http://{env.str('HOST', default='') or '127.0.0.1'}:{env.str('PORT', default='') or 8000}"
)
# Of members who have not chosen.
NOTICE_LANGUAGE = env.str("NOTICE_LANGUAGE", default="en")
NOTICE_TIME_ZONE = env.str("NOTICE_TIME_ZONE", default="UTC")
if NOTICE_LANGUAGE not in dict(LANGUAGES):
    raise ImproperlyConfigured("NOTICE_LANGUAGE is en or ar.")
if NOTICE_TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured("NOTICE_TIME_ZONE is a name of IANA's, such as Asia/Baghdad.")

DATA_DIR = Path(env.str("ISNAD_DATA_DIR", default=str(BASE_DIR / ".isnad")))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Anybody can send a wrong Host; it is answered 400 and is no fault of ours.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
