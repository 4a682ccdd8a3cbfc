"""If-Match and If-None-Match (RFC 9110, 13.1)."""

import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from claims.errors import BadHeader, Fault

TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
TAGS = re.compile(rf"\s*{TAG}(?:\s*,\s*{TAG})*\s*")
MOST = 2000  # characters


def if_match(request: Request) -> frozenset[str] | None:
    """The entity tags of If-Match, or None when it was not sent. Raises BadHeader.

    A weak tag is kept as it is and so never equals a strong one.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    if header.strip() == "*":
        raise bad(_('"*" names no version: send the ETag of the document that you have read.'))
    if len(header) > MOST or not TAGS.fullmatch(header):
        raise bad(_('Send the ETag as it was given, in its quotes: If-Match: "…"'))
    return frozenset(re.findall(TAG, header))


def is_known(request: Request, etag: str) -> bool:
    """Whether If-None-Match says that the caller has this version already."""
    known = tags_known(request)
    return known is None or etag.removeprefix("W/") in known


def tags_known(request: Request) -> list[str] | None:
    """The entity tags of If-None-Match; None where it stands for any."""
    header = request.headers.get("If-None-Match", "")
    if header.strip() == "*":
        return None
    return [tag.removeprefix("W/") for tag in re.findall(TAG, header[:MOST])]


def bad(detail: str) -> BadHeader:
    return BadHeader(detail, faults=[Fault(detail, header="If-Match")])
