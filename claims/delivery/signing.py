"""Signatures by which a receiver knows that we have sent it. Source: Standard Webhooks."""

from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook as Signer


def signed(message_id: str, body: bytes, *, at: datetime, secrets: Sequence[str]) -> dict[str, str]:
    """The headers that identify and sign a message.

    message_id: the same at each attempt, so that a receiver knows what it has already.
    at: now, in UTC. secrets: each signs, so that a receiver may know any of them.
    """
    text = body.decode()
    signatures = [Signer(secret).sign(message_id, at, text) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
