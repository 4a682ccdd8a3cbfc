"""What editing a publisher, an article, a speaker, an organization or a member has in common."""

from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, record
from claims.errors import NotFound
from claims.formats.state import state_of
from claims.models import Member
from claims.models.base import Versioned
from claims.vocabulary import ChangeType

Row = TypeVar("Row", bound=Model)


def locked(model: type[Row], pk: UUID) -> Row:
    """The row, locked until the transaction ends. Raises NotFound."""
    try:
        return model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=pk)
    except model.DoesNotExist:  # type: ignore[attr-defined]
        raise NotFound(_("There is nothing with this id.")) from None


def edit(
    model: type[Row],
    pk: UUID,
    changes: dict[str, Any],
    *,
    type: ChangeType,
    by: Member | None,
    if_match: IfMatch | None,
    organization_id: UUID | None = None,
) -> Row:
    """Set the columns of one row and tell of it; nothing happens where nothing changes.

    Raises NotFound, PreconditionRequired, PreconditionFailed.
    """
    row = locked(model, pk)
    require_current(model, pk, if_match, needed=True)
    return apply(
        row,
        changes,
        Happening(type=type, subject=row, by=by, organization_id=organization_id),
    )


def apply(row: Row, changes: dict[str, Any], happening: Happening) -> Row:
    """Set the columns of a locked row, count its version up and record the happening."""
    assert isinstance(row, Versioned)
    before = state_of(row, **happening.more)
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    if not changed:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*changed, "version"])
    record(replace(happening, before=before))
    return row
