"""Letters to members, as text and as HTML, our own words in the active language.

What is written the other way is set apart in both, since mail programs differ in what they make of
markup: by isolates, and by `dir` in HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from claims.text.direction import direction, isolated, one_line

LONGEST = 200  # characters of a claim
LONGEST_NAME = 80  # of what stands in a sentence, as a name
LONGEST_IN_SUBJECT = 60  # of a claim
RLM = "\u200f"


@dataclass(frozen=True, slots=True)
class Entry:
    """A claim, what there is to say of it, and where to go on. language: of the claim."""

    text: str
    language: str
    details: Sequence[str]
    address: str


@dataclass(frozen=True, slots=True)
class Section:
    """heading: None where that of the letter is enough. more: how many are left out."""

    entries: Sequence[Entry]
    heading: str | None = None
    more: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """off: where its kind is switched off. organization: whose member is told."""

    subject: str
    heading: str
    sections: Sequence[Section]
    organization: str
    off: str
    remarks: Sequence[str] = field(default_factory=tuple)


def here() -> str:
    return "rtl" if get_language_bidi() else "ltr"


def said(message: str, **values: str | int) -> str:
    """A sentence of ours with the words of others in it, each in one line and set apart."""
    return message % {
        name: str(it) if isinstance(it, int) else quoted(it, LONGEST_NAME)
        for name, it in values.items()
    }


def quoted(text: str, most: int = LONGEST) -> str:
    """In one line, whatever is in it: in a subject, the next one would be another header."""
    return isolated(one_line(text, most), within=here())


def footer(letter: Letter) -> tuple[str, str]:
    why = said(_("You get this as a member of %(organization)s."), organization=letter.organization)
    return why, _("No more mails of this kind:")


def left_out(section: Section) -> str | None:
    return said(_("And %(number)s more."), number=section.more) if section.more else None


def as_text(letter: Letter) -> str:
    """Lines that are ours begin with a mark in Arabic, so that a name does not turn them around."""
    lines = [letter.heading, ""]
    for section in letter.sections:
        if section.heading is not None:
            lines += [section.heading, ""]
        for entry in section.entries:
            lines += [f"- {quoted(entry.text)}", *(f"  {it}" for it in entry.details)]
            lines += [entry.address, ""]
        if (more := left_out(section)) is not None:
            lines += [more, ""]
    for remark in letter.remarks:
        lines += [remark, ""]
    why, off = footer(letter)
    lines += ["-- ", why, off, letter.off, ""]
    mark = RLM if here() == "rtl" else ""
    return "\n".join(
        line if not line or line == "-- " or line.startswith("http") else mark + line
        for line in lines
    )


def as_html(letter: Letter) -> str:
    why, off = footer(letter)
    sections: list[dict[str, Any]] = [
        {
            "heading": section.heading,
            "more": left_out(section),
            "entries": [
                {
                    "text": one_line(entry.text, LONGEST),
                    "language": entry.language,
                    "direction": direction(entry.language),
                    "details": entry.details,
                    "address": entry.address,
                }
                for entry in section.entries
            ],
        }
        for section in letter.sections
    ]
    return render_to_string(
        "claims/mail.html",
        {
            "language": get_language(),
            "direction": here(),
            "letter": letter,
            "sections": sections,
            "why": why,
            "off": off,
        },
    )
