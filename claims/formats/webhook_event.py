"""What a webhook is sent. Source: the Standard Webhooks specification, "Payload"."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from claims.formats.changes import ChangeOut
from claims.formats.state import instant
from claims.models import Change

LARGEST = 20_000  # bytes; what is larger tells where it can be read instead
PING = "ping"


def event(change: Change, *, organization_id: UUID, public_url: str) -> bytes:
    """A Change as it is told to a webhook of an organization, as JSON.

    public_url: where Isnad is reached from outside; addresses are relative where it is empty.
    """
    told: Any = ChangeOut(change, context={"organization_id": organization_id}).data
    whole = message(change.type, change.recorded_at, told)
    if len(whole) <= LARGEST:
        return whole
    number = told["number"]
    thin = {name: told[name] for name in ("number", "id", "type", "subject", "claim")}
    thin["url"] = f"{public_url.rstrip('/')}/api/v1/changes/?after={number - 1}&page_size=1"
    return message(change.type, change.recorded_at, thin)


def ping(*, webhook_id: UUID, at: datetime) -> bytes:
    return message(PING, at, {"webhook": webhook_id})


def message(type: str, at: datetime, data: Any) -> bytes:
    return orjson.dumps({"type": type, "timestamp": instant(at), "data": data})
