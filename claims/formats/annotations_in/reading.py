"""What a Web Annotation says of a claim, and what it says that nothing can be made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from claims.formats.annotations import FACT
from claims.formats.annotations_in.record import Note, Reason
from claims.formats.claimreview_in import values
from claims.formats.fields import escaped, standard_language
from claims.formats.requests import MOST_CONTEXT
from claims.vocabulary import Speech

JSON = dict[str, Any]

# For what an annotation can be made that marks a claim: not to edit, to moderate or to reply.
MARKING = {"assessing", "bookmarking", "classifying", "commenting", "describing", "highlighting"}
MARKING |= {"identifying", "linking", "questioning", "tagging"}
# Properties of an annotation that say nothing of the claim: who made it, when, by what, for whom.
# Who files it is who sends it, whatever they say.
PASSED_OVER = {"@context", "id", "@id", "created", "modified", "generated", "creator", "generator"}
PASSED_OVER |= {"audience", "rights", "canonical", "via", "stylesheet", "accessibility", "label"}
KNOWN = PASSED_OVER | {"type", "@type", "motivation", "body", "bodyValue", "target"}
SETS = frozenset(["Choice", "List", "Composite", "Independents"])
# Selectors of places in pages: beside a quotation they select the same, as far as one can know.
OF_PAGES = frozenset(
    ["RangeSelector", "XPathSelector", "CssSelector", "FragmentSelector", "DataPositionSelector"]
)
PLAIN = frozenset([None, "text/plain", "text/markdown", "text/x-markdown"])
DIRECTIONS = frozenset([None, "ltr", "rtl", "auto"])
KINDS = frozenset([FACT, *Speech.values])

_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
IN_RECORD = re.compile(rf"/api/v1/([a-z]+)/({_ID})/(?:([a-z]+)/({_ID})/)?")


class Wrong(NamedTuple):
    """Something that cannot be kept. word: a Reason where it makes the annotation unusable."""

    word: Reason | Note
    pointer: str
    mend: str


@dataclass(slots=True)
class Marks:
    """What an annotation says, as it says it; values are still to be checked.

    source: the address of what it is about. exact, prefix, suffix, start, end: of the passage.
    cached: the id of the snapshot that it was marked in. claim: the id of the claim that it is;
    what is no id of the record is another's. assessed: where verdicts on it stand. pointers: by the
    names of these, where each was said.
    """

    source: str | None = None
    exact: Any = None
    prefix: Any = ""
    suffix: Any = ""
    start: Any = None
    end: Any = None
    cached: UUID | None = None
    text: Any = None
    language: Any = None
    claim: UUID | None = None
    speaker: UUID | None = None
    speech: str | None = None
    assessed: list[str] = field(default_factory=list)
    pointers: dict[str, str] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    def refuse(self, word: Reason | Note, pointer: str, mend: str) -> None:
        self.wrong.append(Wrong(word, pointer, mend))

    @property
    def has_passage(self) -> bool:
        return self.exact is not None or self.start is not None or self.end is not None


def is_annotation(node: Any) -> bool:
    return isinstance(node, dict) and "Annotation" in types(node)


def read(node: JSON, place: str = "#") -> Marks:
    """place: the pointer to it."""
    marks = Marks()
    for name in sorted(node.keys() - KNOWN):
        marks.refuse(
            Note.PROPERTY,
            f"{place}/{escaped(name)}",
            _("Web Annotations have no such property (http://www.w3.org/ns/anno.jsonld)."),
        )
    motivations(marks, node, place)
    target(marks, node.get("target"), f"{place}/target")
    if "bodyValue" in node:
        if "body" in node:
            marks.refuse(Note.BODY, f"{place}/bodyValue", _("Send body or bodyValue, not both."))
        else:
            textual(marks, {"value": node["bodyValue"]}, f"{place}/bodyValue")
    for pointer, it in each(node.get("body"), f"{place}/body"):
        body(marks, it, pointer)
    if marks.speech == Speech.DIRECT and marks.speaker is None:
        detail = _("Direct speech is somebody's: say whose, by a body that identifies its speaker.")
        marks.refuse(Note.BODY, marks.pointers["speech"], detail)
        marks.speech = None
    return marks


def motivations(marks: Marks, node: JSON, place: str) -> None:
    for pointer, it in each(node.get("motivation"), f"{place}/motivation"):
        known = isinstance(it, str) and local(it) in MARKING
        if not known:
            detail = _("An annotation that marks a claim is made for one of: %s.")
            marks.refuse(Reason.MOTIVATION, pointer, detail % ", ".join(sorted(MARKING)))


# What it is about


def target(marks: Marks, value: Any, place: str) -> None:
    found = list(each(value, place))
    if not found:
        marks.refuse(Reason.NO_TARGET, place, _("Say what the annotation is about."))
        return
    if len(found) > 1:
        detail = _("An annotation marks one passage: send one for each target.")
        marks.refuse(Reason.SEVERAL_TARGETS, place, detail)
        return
    [(pointer, it)] = found
    if isinstance(it, dict) and not types(it) & SETS:
        source = it.get("source", it.get("id", it.get("@id")))
        if isinstance(source, dict):
            source = source.get("id", source.get("@id"))
    else:
        source = it
    if not isinstance(source, str) or not source.strip():
        detail = _("Send the address of the article, or an object with source and selector.")
        marks.refuse(Reason.NO_TARGET, pointer, detail)
        return
    marks.source = source
    marks.pointers["source"] = pointer
    if isinstance(it, dict):
        if it.get("selector") is not None:
            selectors(marks, it["selector"], f"{pointer}/selector")
        for _pointer, state in each(it.get("state"), f"{pointer}/state"):
            if isinstance(state, dict) and "TimeState" in types(state):
                marks.cached = marks.cached or snapshot_of(state)


def snapshot_of(state: JSON) -> UUID | None:
    """Of the record; a copy elsewhere says nothing."""
    for _pointer, it in each(state.get("cached"), ""):
        name, _pk, kind, inner = of_record(it)
        if (name, kind) == ("articles", "snapshots"):
            return inner
    return None


def selectors(marks: Marks, value: Any, place: str) -> None:
    """Each of a list selects the same."""
    marks.pointers["selector"] = place
    found = False
    for pointer, it in each(value, place):
        kinds = types(it) if isinstance(it, dict) else set()
        if isinstance(it, dict) and "refinedBy" in it:
            detail = _("A selector that another one refines is not followed: quote the passage.")
            marks.refuse(Reason.BAD_SELECTOR, f"{pointer}/refinedBy", detail)
        elif "TextQuoteSelector" in kinds:
            quote(marks, it, pointer)
            found = True
        elif "TextPositionSelector" in kinds:
            position(marks, it, pointer)
            found = True
        elif not kinds & OF_PAGES:
            detail = _("Of selectors, TextQuoteSelector and TextPositionSelector are followed.")
            marks.refuse(Reason.BAD_SELECTOR, pointer, detail)
    if not found and not any(it.word is Reason.BAD_SELECTOR for it in marks.wrong):
        detail = _("Say which passage, by a TextQuoteSelector or a TextPositionSelector.")
        marks.refuse(Reason.NO_QUOTE, place, detail)


def quote(marks: Marks, selector: JSON, place: str) -> None:
    exact = selector.get("exact")
    if "exact" in marks.pointers and exact != marks.exact:
        detail = _("Another selector quotes another passage: send one.")
        marks.refuse(Reason.BAD_SELECTOR, f"{place}/exact", detail)
        return
    for name in ("exact", "prefix", "suffix"):
        marks.pointers[name] = f"{place}/{name}"
    marks.exact = "" if exact is None else exact  # which is refused as such
    prefix, suffix = selector.get("prefix") or "", selector.get("suffix") or ""
    # What stands nearest to the passage tells it from others.
    marks.prefix = prefix[-MOST_CONTEXT:] if isinstance(prefix, str) else prefix
    marks.suffix = suffix[:MOST_CONTEXT] if isinstance(suffix, str) else suffix


def position(marks: Marks, selector: JSON, place: str) -> None:
    told = selector.get("start"), selector.get("end")
    if "start" in marks.pointers and told != (marks.start, marks.end):
        detail = _("Another selector gives another position: send one.")
        marks.refuse(Reason.BAD_SELECTOR, place, detail)
        return
    for name, it in zip(("start", "end"), told, strict=True):
        marks.pointers[name] = f"{place}/{name}"
        if it is None:
            detail = _("Give start and end, in code points from 0, the end exclusive.")
            marks.refuse(Reason.BAD_SELECTOR, f"{place}/{name}", detail)
    marks.start, marks.end = told


# What it says


def body(marks: Marks, value: Any, place: str) -> None:
    if isinstance(value, str):
        value = {"id": value}
    if not isinstance(value, dict) or types(value) & SETS:
        marks.refuse(Note.BODY, place, _("Send each body as an object of its own."))
        return
    purposes = [local(it) for _at, it in each(value.get("purpose"), "") if isinstance(it, str)]
    match purposes:
        case [] | ["describing"] | ["commenting"]:
            textual(marks, value, place)
        case ["identifying"]:
            identifying(marks, value, place)
        case ["classifying"]:
            classifying(marks, value, place)
        case ["assessing"]:
            assessing(marks, value, place)
        case ["tagging"]:
            marks.refuse(Note.TAGS, place, _("Claims have no tags here: leave it out."))
        case _:
            known = ["describing", "commenting", "identifying", "classifying"]
            detail = _("A body of a claim has one purpose, of: %s.")
            marks.refuse(Note.BODY, f"{place}/purpose", detail % ", ".join(known))


def textual(marks: Marks, told: JSON, place: str) -> None:
    """The claim, in words or by its address."""
    if "text" in marks.pointers or "claim" in marks.pointers:
        marks.refuse(Note.BODY, place, _("A claim has one text: another body has it."))
        return
    value_at = place if place.endswith("/bodyValue") else f"{place}/value"
    name, pk, kind, _inner = of_record(told.get("id", told.get("@id")))
    if name == "claims" and kind is None:
        marks.claim = pk
        marks.pointers["claim"] = place
    if "value" not in told:
        if marks.claim is None:
            detail = _("Send the claim as a TextualBody, with its value.")
            marks.refuse(Note.BODY, value_at, detail)
        return
    marks.text = told["value"]
    marks.pointers |= {"text": value_at, "language": f"{place}/language"}
    kinds = told.get("format")
    if not isinstance(kinds, str | None) or kinds not in PLAIN:
        marks.refuse(Note.MARKUP, f"{place}/format", _("Send plain text: text/plain."))
        marks.text = values.paragraphs(marks.text) or ""
    turned = told.get("textDirection")
    if not isinstance(turned, str | None) or turned not in DIRECTIONS:
        detail = _("The direction of a text is ltr, rtl or auto.")
        marks.refuse(Note.BODY, f"{place}/textDirection", detail)
    language = next((it for _at, it in each(told.get("language"), "")), None)
    if language is not None:
        marks.language = standard_language(language) if isinstance(language, str) else None
        if marks.language is None:
            detail = _('This is not a registered language tag (BCP 47), such as "ar" or "en-GB".')
            marks.refuse(Note.LANGUAGE, f"{place}/language", detail)


def identifying(marks: Marks, told: JSON, place: str) -> None:
    """Who said it, by the address of a speaker of the record."""
    source = told.get("source", told.get("id", told.get("@id")))
    if isinstance(source, dict):
        source = source.get("id", source.get("@id"))
    name, pk, kind, _inner = of_record(source)
    where = f"{place}/source"
    if name != "speakers" or kind is not None:
        detail = _("Send the address of a speaker that is recorded here, as source.")
        marks.refuse(Note.SPEAKER, where, detail)
    elif marks.speaker is not None:
        marks.refuse(Note.BODY, where, _("A claim has one speaker: another body names one."))
    else:
        marks.speaker = pk
        marks.pointers["speaker"] = where


def classifying(marks: Marks, told: JSON, place: str) -> None:
    """Whether it is direct or indirect speech; that it is a fact says a claim of ours."""
    kind = told.get("value")
    where = f"{place}/value"
    if not isinstance(kind, str) or kind not in KINDS:
        detail = _("What a claim is classified as is one of: %s.")
        marks.refuse(Note.BODY, where, detail % ", ".join(Speech.values))
    elif "speech" in marks.pointers:
        marks.refuse(Note.BODY, where, _("Another body says already which speech it is."))
    else:
        marks.speech = kind
        marks.pointers["speech"] = where


def assessing(marks: Marks, told: JSON, place: str) -> None:
    name, _pk, kind, _inner = of_record(told.get("id", told.get("@id")))
    if (name, kind) == ("claims", "verdicts"):
        marks.assessed.append(place)
    else:
        detail = _("A verdict is issued on the claim once that is recorded: leave it out here.")
        marks.refuse(Note.VERDICT, place, detail)


# What JSON-LD lets one write


def each(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """What a property says, with pointers: of a list each of it, of null nothing."""
    if isinstance(value, list):
        for i, it in enumerate(value):
            yield f"{place}/{i}", it
    elif value is not None:
        yield place, value


def local(name: str) -> str:
    """A term of the vocabulary without what makes it one."""
    for prefix in ("http://www.w3.org/ns/oa#", "oa:"):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def types(node: JSON) -> set[str]:
    given = node.get("type", node.get("@type"))
    return {local(it) for _at, it in each(given, "") if isinstance(it, str)}


def of_record(address: Any) -> tuple[str | None, UUID | None, str | None, UUID | None]:
    """What an address says if it is one of ours: a kind and its id, and a kind and an id within.

    By its path alone: whoever is behind a proxy reaches us by other names. Ids are of one thing in
    the world.
    """
    found = IN_RECORD.search(address) if isinstance(address, str) else None
    if found is None or found.end() != len(address):
        return None, None, None, None
    name, pk, kind, inner = found.groups()
    return name, UUID(pk), kind, None if inner is None else UUID(inner)
