"""POST once, however often it is sent: answers are kept for a day by Idempotency-Key.

The answer is committed with the write itself, so a request that is repeated after a crash
either finds both or neither. A refusal stores nothing and is worked out again.
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.parsing import body_of
from claims.api.rendering import Json
from claims.errors import AnswerErased, BadHeader, Fault, KeyReused, RequestInFlight
from claims.models import IdempotencyKey, Member

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(days=1)
REPLAYED_HEADERS = ("ETag", "Location", "Content-Location")

Handler = Callable[..., Response | HttpResponse]


def writes(handler: Handler) -> Handler:
    """A view method that writes: one transaction, repeatable by Idempotency-Key."""

    @functools.wraps(handler)
    @transaction.atomic
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response | HttpResponse:
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return handler(view, request, *args, **kwargs)
        refuse_odd(key)
        member: object = request.user
        if not isinstance(member, Member):
            detail = _("Answers are kept for accounts alone: send an API key, or leave this out.")
            raise BadHeader(detail, faults=[Fault(detail, header=HEADER)])
        digest = digest_of(request)
        lock(member, key)
        forget_expired(member, key)
        known = IdempotencyKey.objects.filter(member=member, key=key).first()
        if known is not None:
            if bytes(known.request_digest) != digest:
                detail = _("Use a new key for a new request; this one was used within a day.")
                raise KeyReused(detail, faults=[Fault(detail, header=HEADER)])
            return replay(known)
        response = cast(Response, handler(view, request, *args, **kwargs))
        # What is told once only is not kept: a secret that was stored would be one no more.
        kept = response.data | dict.fromkeys(getattr(response, "told_once", ()))
        body = Json().render(kept)
        IdempotencyKey.objects.create(
            member=member,
            key=key,
            request_digest=digest,
            status=response.status_code,
            headers={name: response[name] for name in REPLAYED_HEADERS if name in response},
            body=body,
        )
        return response

    once.is_write = True  # type: ignore[attr-defined]
    return cast(Handler, once)


def refuse_odd(key: str) -> None:
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        detail = _("The key is 1 to 255 printable ASCII characters, a UUID for example.")
        raise BadHeader(detail, faults=[Fault(detail, header=HEADER)])


def digest_of(request: Request) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(body_of(request._request, settings.LARGE_BODY_LIMIT))
    return digest.digest()


def lock(member: Member, key: str) -> None:
    """Keep a second request with the same key out until this one is committed or undone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{member.pk} {key}"]
        )
        if not cursor.fetchone()[0]:
            raise RequestInFlight(_("Wait for its answer, or repeat this in a moment."))


def forget_expired(member: Member, key: str) -> None:
    """This key, and a few others, so that no request pays for a whole day's."""
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    old.filter(member=member, key=key).delete()
    expired = old.order_by("created_at").select_for_update(skip_locked=True).values("pk")[:20]
    IdempotencyKey.objects.filter(pk__in=expired).delete()


def replay(known: IdempotencyKey) -> HttpResponse:
    if known.body is None:
        made = known.headers.get("Location")
        where = _("Read what it made: %s") % made if made else _("Read what became of it.")
        raise AnswerErased(where)
    return HttpResponse(
        bytes(known.body),
        status=known.status,
        content_type="application/json",
        headers={**known.headers, "Idempotency-Replayed": "true"},
    )
