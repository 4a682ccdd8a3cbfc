"""A Change as its leaf in the transparency log: identifiers, instants and hashes, never texts."""

from typing import Any

from claims.formats.canonical import canonical


def leaf_of(told: dict[str, Any], number: int) -> str:
    """The entry of the log for a Change: canonical JSON.

    told: what `queries.leaves` reads of it. Its `document` and `before` are the salted hashes of
    what the Change remembers; they cover all other texts, which the document names by their own.
    """
    return canonical(told | {"number": number})
