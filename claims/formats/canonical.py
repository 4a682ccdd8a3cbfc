"""JSON in its one canonical form, of which hashes are made (RFC 8785)."""

from typing import Any

import orjson


def canonical(document: dict[str, Any]) -> str:
    """The canonical JSON of a document of texts, whole numbers up to 2**53, booleans and nulls.

    orjson writes those as RFC 8785 wants them, but sorts names by code point: the RFC by UTF-16
    unit, which differs for names beyond U+FFFF alone. A test holds it to the library rfc8785.
    Raises ValueError for other numbers.
    """
    return orjson.dumps(
        document, default=_refuse, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
    ).decode()


def _refuse(value: object) -> Any:
    raise ValueError(f"{value!r} has no canonical form here")
