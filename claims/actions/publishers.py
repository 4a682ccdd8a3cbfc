from typing import Any
from uuid import UUID

from claims.actions.editing import edit
from claims.actions.preconditions import IfMatch
from claims.actions.recording import Happening, record
from claims.models import Member, Publisher
from claims.vocabulary import ChangeType


def create_publisher(
    *, name: str, names: dict[str, str] | None = None, url: str | None = None, by: Member | None
) -> Publisher:
    publisher = Publisher.objects.create(name=name, names=names or {}, url=url, created_by=by)
    record(Happening(type=ChangeType.PUBLISHER_CREATED, subject=publisher, by=by))
    return publisher


def edit_publisher(
    *, publisher_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> Publisher:
    return edit(
        Publisher,
        publisher_id,
        changes,
        type=ChangeType.PUBLISHER_EDITED,
        by=by,
        if_match=if_match,
    )
