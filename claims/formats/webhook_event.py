"""What a webhook is sent. Source: the Standard Webhooks specification, "Payload"."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from claims.formats.changes import READER, READS_AS, ChangeOut
from claims.formats.state import instant
from claims.models import Change
from claims.vocabulary import Role

LARGEST = 20_000  # bytes; what is larger tells where it can be read instead
PING = "ping"


class Events:
    """Changes as they are told to the webhooks of one organization, as JSON.

    public_url: where Isnad is reached from outside; addresses are relative where it is empty.
    """

    def __init__(self, *, organization_id: UUID, public_url: str) -> None:
        # Made once: making a serializer takes longer than telling a Change with it.
        # Whoever reads deliveries is at least an editor, and may be no more.
        self.documents = ChangeOut(context={READER: organization_id, READS_AS: Role.EDITOR.value})
        self.feed = f"{public_url.rstrip('/')}/api/v1/changes/"

    def of(self, change: Change) -> bytes:
        told: Any = self.documents.to_representation(change)
        whole = message(change.type, change.recorded_at, told)
        if len(whole) <= LARGEST:
            return whole
        thin = {name: told[name] for name in ("number", "id", "type", "subject", "claim")}
        thin["url"] = f"{self.feed}?after={told['number'] - 1}&page_size=1"
        return message(change.type, change.recorded_at, thin)


def ping(*, webhook_id: UUID, at: datetime) -> bytes:
    return message(PING, at, {"webhook": webhook_id})


def message(type: str, at: datetime, data: Any) -> bytes:
    return orjson.dumps({"type": type, "timestamp": instant(at), "data": data})
