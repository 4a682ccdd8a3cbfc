from typing import Any
from uuid import UUID

from claims.actions.editing import edit
from claims.actions.preconditions import IfMatch
from claims.actions.recording import Happening, record
from claims.models import Member, Speaker
from claims.vocabulary import ChangeType, SpeakerType


def create_speaker(
    *,
    type: SpeakerType,
    name: str,
    names: dict[str, str] | None = None,
    other_names: list[str] | None = None,
    same_as: list[str] | None = None,
    roles: list[dict[str, Any]] | None = None,
    by: Member | None,
) -> Speaker:
    speaker = Speaker.objects.create(
        type=type,
        name=name,
        names=names or {},
        other_names=other_names or [],
        same_as=same_as or [],
        roles=roles or [],
        created_by=by,
    )
    record(Happening(type=ChangeType.SPEAKER_CREATED, subject=speaker, by=by))
    return speaker


def edit_speaker(
    *, speaker_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> Speaker:
    return edit(
        Speaker, speaker_id, changes, type=ChangeType.SPEAKER_EDITED, by=by, if_match=if_match
    )
