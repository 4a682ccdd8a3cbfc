"""What is stored of a fact so that what contradicts it is found."""

from collections.abc import Mapping
from typing import Any

from claims import values


def extent_columns(fact: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of its Extent, but for claim and status."""
    about = values.about(fact["subject"], fact["property"])
    return {**about._asdict(), **values.extent(fact)._asdict()}
