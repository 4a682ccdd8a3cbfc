"""No lost updates: who changes a document says which version was read."""

from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext as _

from claims.errors import Fault, PreconditionFailed, PreconditionRequired
from claims.queries.etags import etag, version_of

IfMatch = frozenset[str]


def require_current(
    model: type[Model], pk: UUID, if_match: IfMatch | None, *, needed: bool
) -> None:
    """Refuse unless `if_match` names the document as it is; call it with the row locked.

    if_match: the entity tags of the caller's If-Match header, None when it was not sent.
    needed: whether the change may be made without one.
    Raises PreconditionRequired, PreconditionFailed.
    """
    refuse_stale(if_match, None if if_match is None else etag(model, pk), needed=needed)


def refuse_stale(if_match: IfMatch | None, current: str | None, *, needed: bool) -> None:
    """As `require_current`, where the document's entity tag is known already."""
    if if_match is None:
        if needed:
            detail = _("Read the document, and send its ETag in If-Match.")
            raise PreconditionRequired(detail, faults=[Fault(detail, header="If-Match")])
        return
    if current is None or version_of(current) not in map(version_of, if_match):
        detail = _("If-Match names an older version: read the document again and repeat.")
        raise PreconditionFailed(detail, faults=[Fault(detail, header="If-Match")])
