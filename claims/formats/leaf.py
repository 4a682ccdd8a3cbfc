"""A Change as its leaf in the transparency log: identifiers, instants and hashes, never texts."""

from claims.formats.canonical import canonical
from claims.formats.state import plain
from claims.models import Change

IDENTIFIED = (
    "type",
    "subject_id",
    "claim_id",
    "organization_id",
    "recorded_by_id",
    "recorded_at",
    "status",
    "language",
    "outcome",
)


def leaf_of(
    change: Change, number: int, *, document: bytes | memoryview, before: bytes | memoryview | None
) -> str:
    """The entry of the log for a Change: canonical JSON.

    document, before: the salted hashes of what the Change remembers. They cover all other texts,
    which the document names by their own hashes.
    """
    columns = {name.removesuffix("_id"): plain(getattr(change, name)) for name in IDENTIFIED}
    return canonical(
        {
            **columns,
            "number": number,
            "change": plain(change.pk),
            "document": plain(document),
            "before": plain(before),
        }
    )
