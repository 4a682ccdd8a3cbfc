"""Webhooks: who is called when something happens, and what their owners can do about it.

What is sent, and when, is a matter of `claims.delivery`; nothing here calls anybody.
"""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.editing import apply, locked
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, record
from claims.actions.sealing import SealBroken, seal, sealed_anew
from claims.errors import BeyondTheLog, Conflict
from claims.formats.state import state_of
from claims.models import Claim, Delivery, Member, Organization, Webhook
from claims.queries.feed import head
from claims.queries.references import named
from claims.vocabulary import ChangeType, DeliveryState, PauseReason

PREFIX = "whsec_"  # how secrets begin
MOST_WEBHOOKS = 100  # of one organization, ended ones not counted

# What a filter is called by its owner → the column that holds it.
FILTERS = {
    "claim": "of_claim",
    "status": "status",
    "language": "language",
    "organization": "of_organization",
}


def create_webhook(
    *, url: str, types: list[str], filters: dict[str, Any], by: Member
) -> tuple[Webhook, str]:
    """Subscribe the organization to what happens from now on; the webhook and its secret.

    types: none means all. filters: by their names in FILTERS; one that is left out asks nothing.
    Raises Conflict, Invalid.
    """
    of_theirs = Webhook.objects.filter(organization_id=by.organization_id, ended_at=None)
    if of_theirs.count() >= MOST_WEBHOOKS:
        raise Conflict(
            _("Your organization has %(most)d webhooks, which is the limit: end one first.")
            % {"most": MOST_WEBHOOKS}
        )
    secret = new_secret()
    webhook = Webhook.objects.create(
        organization_id=by.organization_id,
        url=url,
        types=sorted(types),
        **columns_of(filters),
        secret=seal(secret),
        read_up_to=head(),
        created_by=by,
    )
    record(Happening(type=ChangeType.WEBHOOK_CREATED, subject=webhook, by=by))
    return webhook, secret


def edit_webhook(
    *, webhook_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> Webhook:
    """Change address, types or filters, pause it or resume (`paused`), or end it (`ended`).

    Whoever resumes it has mended its address: what waits is attempted at once.

    Raises NotFound, Conflict, Invalid, PreconditionRequired, PreconditionFailed.
    """
    webhook = living(webhook_id)
    require_current(Webhook, webhook_id, if_match, needed=True)
    now = timezone.now()
    columns = {name: value for name, value in changes.items() if name == "url"}
    if "types" in changes:
        columns["types"] = sorted(changes["types"])
    if "filters" in changes:
        columns |= columns_of(changes["filters"])
    if changes.get("ended"):
        columns["ended_at"] = now
    paused = changes.get("paused")
    if paused and webhook.paused_at is None:
        columns |= {"paused_at": now, "pause_reason": PauseReason.OWNER}
    if paused is False and webhook.paused_at is not None:
        columns |= {"paused_at": None, "pause_reason": None}
        Webhook.objects.filter(pk=webhook_id).update(parked_in_a_row=0)
        waiting = Delivery.objects.filter(webhook_id=webhook_id, state=DeliveryState.PENDING)
        waiting.update(next_attempt_at=now, tries=0)
    return apply(webhook, columns, edited(webhook, by=by))


def rotate_secret(*, webhook_id: UUID, valid_for: timedelta, by: Member) -> tuple[Webhook, str]:
    """A new secret, told this once. What is sent is signed with the old one too for a while.

    The one before the old one is forgotten, however long it was to be valid.
    Raises NotFound, Conflict.
    """
    webhook = living(webhook_id)
    secret = new_secret()
    columns = {
        "secret": seal(secret),
        "previous_secret": bytes(webhook.secret),
        "previous_secret_ends_at": timezone.now() + valid_for,
    }
    # The old secret cannot sign what the new SECRET_KEY cannot open.
    if webhook.pause_reason == PauseReason.SECRET_LOST:
        columns |= {"previous_secret": None, "previous_secret_ends_at": None}
        columns |= {"paused_at": None, "pause_reason": None}
    return apply(webhook, columns, edited(webhook, by=by)), secret


def replay(*, webhook_id: UUID, after: int, by: Member) -> Webhook:
    """Deliver again all that it asks for of the numbers higher than `after`, parked ones too.

    Raises NotFound, Conflict, BeyondTheLog.
    """
    webhook = living(webhook_id)
    highest = head()
    if after > highest:
        raise BeyondTheLog(
            _("The log ends at %(head)d; you have read up to %(after)d.")
            % {"head": highest, "after": after}
        )
    webhook.read_up_to = min(webhook.read_up_to, after)
    webhook.save(update_fields=["read_up_to"])
    record(
        Happening(
            type=ChangeType.WEBHOOK_EDITED,
            subject=webhook,
            by=by,
            before=state_of(webhook),
            more={"replayed_after": after},
        )
    )
    return webhook


def ping(*, webhook_id: UUID) -> Delivery:
    """Queue a ping, to be sent at once and once. Raises NotFound, Conflict."""
    webhook = living(webhook_id)
    return Delivery.objects.create(webhook=webhook, next_attempt_at=timezone.now())


def pause(webhook: Webhook, *, reason: PauseReason, at: datetime) -> None:
    """Stop calling a locked webhook until its owner resumes it; nothing where that is so."""
    if webhook.paused_at is None:
        apply(webhook, {"paused_at": at, "pause_reason": reason}, edited(webhook, by=None))


def seal_anew() -> None:
    """Seal the secrets of all webhooks with the newest SECRET_KEY, so that older ones can go."""
    for pk in Webhook.objects.values_list("pk", flat=True):
        with transaction.atomic():
            webhook = locked(Webhook, pk)
            for name in ("secret", "previous_secret"):
                sealed = getattr(webhook, name)
                try:
                    anew = None if sealed is None else sealed_anew(bytes(sealed))
                except SealBroken:
                    continue  # found out, and told its owner, when something is to be signed
                if anew is not None:
                    Webhook.objects.filter(pk=pk).update(**{name: anew})


def new_secret() -> str:
    """Source: Standard Webhooks: 24 to 64 random bytes in base64, after a prefix."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def living(webhook_id: UUID) -> Webhook:
    """The webhook, locked. Raises NotFound, and Conflict where it has ended."""
    webhook = locked(Webhook, webhook_id)
    if webhook.ended_at is not None:
        raise Conflict(_("This webhook has ended: make a new one."))
    return webhook


def columns_of(filters: dict[str, Any]) -> dict[str, Any]:
    """The columns of all filters. Raises Invalid for what is not there."""
    for name, model in (("claim", Claim), ("organization", Organization)):
        if (pk := filters.get(name)) is not None:
            filters = filters | {name: named(model, pk, pointer=f"#/filters/{name}")}
    return {column: filters.get(name) for name, column in FILTERS.items()}


def edited(webhook: Webhook, *, by: Member | None) -> Happening:
    return Happening(
        type=ChangeType.WEBHOOK_EDITED,
        subject=webhook,
        by=by,
        organization_id=webhook.organization_id,
    )
