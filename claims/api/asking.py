"""A plain request in front of Django, as the policies of the API see one."""

from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import QueryDict
from django.http.request import split_domain_port, validate_host
from django.utils.encoding import iri_to_uri

from claims.api.authentication import Anyone
from claims.models import ApiKey, Member

Scope = MutableMapping[str, Any]

HEADERS = {name: name.lower().encode() for name in ("If-Match", "If-None-Match", "Isnad-Position")}
FEED = "/api/v1/changes/"
STREAM = b"text/event-stream"
PLAIN = {b"", b"*/*", b"application/json", STREAM}


class Asking:
    """What rights, rates, filters and pages use of a request of Django REST framework."""

    def __init__(self, scope: Scope, headers: Mapping[bytes, bytes], host: str) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query_params = QueryDict(scope["query_string"])
        self.user: Member | Anyone = Anyone()
        self.auth: ApiKey | None = None
        self.authorization = headers.get(b"authorization", b"")
        self.accept = headers.get(b"accept", b"")
        self.language = headers.get(b"accept-language", b"")
        self.sent = headers
        self.headers = {
            name: headers[field].decode("latin-1")
            for name, field in HEADERS.items()
            if field in headers
        }
        forwarded = headers.get(b"x-forwarded-for")
        self.META = {"REMOTE_ADDR": (scope.get("client") or [None])[0]} | (
            {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded.decode("latin-1")}
        )
        tls = settings.BEHIND_TLS and headers.get(b"x-forwarded-proto") == b"https"
        self.scheme = "https" if tls else scope.get("scheme", "http")
        self.host = host

    @classmethod
    def of(cls, scope: Scope) -> "Asking | None":
        """None for a request that is not plain: only Django knows what to make of it."""
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in headers:
                return None
            headers[name] = value
        accept = headers.get(b"accept", b"")
        if accept not in PLAIN or b"cookie" in headers:
            return None
        if accept == STREAM and scope["path"] != FEED:
            return None
        if not scope["query_string"].isascii() or not is_utf8(scope["query_string"]):
            return None
        host = headers.get(b"host", b"").decode("latin-1")
        try:
            return cls(scope, headers, host) if is_ours(host) else None
        except SuspiciousOperation:  # more parameters than Django reads
            return None

    @property
    def _request(self) -> "Asking":
        """The request behind this one, of which `scope` alone is looked at."""
        return self

    def build_absolute_uri(self, location: str) -> str:
        return f"{self.scheme}://{self.host}{iri_to_uri(location)}"


def is_utf8(query: bytes) -> bool:
    """Whether no escape in it makes text that is none."""
    if b"%" not in query:
        return True
    parts = query.split(b"%")
    try:
        unescaped = b"".join([parts[0], *(bytes([int(it[:2], 16)]) + it[2:] for it in parts[1:])])
        unescaped.decode()
    except ValueError:
        return False
    return True


@lru_cache(1_000)
def is_ours(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and not settings.DEBUG and validate_host(domain, settings.ALLOWED_HOSTS)
