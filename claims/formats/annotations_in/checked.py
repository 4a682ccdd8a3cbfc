"""The values of an annotation, held to what the record can keep."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.serializers import ValidationError

from claims.formats.annotations_in.reading import Marks, Wrong
from claims.formats.annotations_in.record import Reason
from claims.formats.fields import Body, Context, Count, Text, faults_in
from claims.formats.requests import MOST_CLAIM_TEXT, MOST_CONTEXT, MOST_PASSAGE


class Values(Body):
    text = Text(max_length=MOST_CLAIM_TEXT, required=False)
    exact = Text(max_length=MOST_PASSAGE, required=False)
    prefix = Context(max_length=MOST_CONTEXT, required=False)
    suffix = Context(max_length=MOST_CONTEXT, required=False)
    start = Count(required=False)
    end = Count(required=False)


@cache
def values() -> Values:
    return Values()  # once: making it costs more than using it


def check(marks: Marks) -> None:
    """Add what is wrong with its values to `marks.wrong`."""
    told = {name: getattr(marks, name) for name in Values._declared_fields}
    try:
        values().run_validation({name: it for name, it in told.items() if it not in (None, "")})
    except ValidationError as refused:
        found: Any = refused.detail
        for fault in faults_in(found):
            name = str(fault.pointer).split("/")[1]
            too_long = found[name][0].code == "max_length"
            reason = Reason.TOO_LONG if too_long else Reason.BAD_TEXT
            marks.wrong.append(Wrong(reason, marks.pointers[name], str(fault.detail)))
        return
    for name in ("exact", "text"):
        if told[name] == "":
            detail = _("There is nothing in it: leave it out, or give the words.")
            marks.refuse(Reason.BAD_TEXT, marks.pointers[name], detail)
    if marks.start is not None and marks.end is not None and marks.end <= marks.start:
        detail = _("The end comes after the start.")
        marks.refuse(Reason.BAD_SELECTOR, marks.pointers["end"], detail)
