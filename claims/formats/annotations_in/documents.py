"""Files of annotations: Web Annotations and their collections, what Hypothesis exports and answers.

What an annotation says that is not kept is noted; the rest of it is imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from claims.formats.annotations_in.checked import check
from claims.formats.annotations_in.reading import Marks, is_annotation, read
from claims.formats.annotations_in.record import Annotation, Note, Reason, Record
from claims.formats.fields import escaped
from claims.formats.importing import Documents, Unusable

JSON = dict[str, Any]

MOST_DEPTH = 20  # containers in which an annotation is looked for
# What holds annotations: a collection its first page, a page its items; a graph; what Hypothesis'
# API answers, and what its client exports.
CONTAINERS = ("first", "items", "@graph", "rows", "annotations")


@dataclass(frozen=True, slots=True)
class Source(Documents):
    reasons: ClassVar[type[Reason]] = Reason

    def records(self, value: object, place: str) -> list[Record]:
        return records(value, place)


def records(document: object, place: str = "#") -> list[Record]:
    """Every annotation that a document holds, in order; one that says so where there is none."""
    if not isinstance(document, (dict, list)):
        return [Unusable(place, Reason.NOT_A_RECORD)]
    found = [
        Unusable(pointer, node) if isinstance(node, Reason) else settle(node, pointer)
        for pointer, node in nodes(document, place, MOST_DEPTH)
    ]
    return found or [Unusable(place, Reason.NO_ANNOTATION)]


def nodes(value: Any, pointer: str, depth: int) -> Iterator[tuple[str, JSON | Reason]]:
    """Annotations with their pointers; a reason where something stands that is none.

    A page that is only named holds none: nothing is loaded.
    """
    if depth == 0:
        yield pointer, Reason.TOO_DEEP
    elif isinstance(value, list):
        for i, it in enumerate(value):
            yield from nodes(it, f"{pointer}/{i}", depth - 1)
    elif not isinstance(value, dict):
        yield pointer, Reason.NOT_A_RECORD
    elif is_annotation(value) or is_of_hypothesis(value):
        yield pointer, value
    else:
        held = [
            (f"{pointer}/{escaped(name)}", value[name])
            for name in CONTAINERS
            if isinstance(value.get(name), (dict, list))
        ]
        if not held:
            yield pointer, Reason.NO_ANNOTATION
        for inside, it in held:
            yield from nodes(it, inside, depth - 1)


def is_of_hypothesis(node: JSON) -> bool:
    return isinstance(node.get("uri"), str) and ("target" in node or "text" in node)


def settle(node: JSON, place: str) -> Record:
    """The record of an annotation, or why it is none."""
    foreign = is_of_hypothesis(node) and not is_annotation(node)
    if foreign and node.get("references"):
        return Unusable(place, Reason.MOTIVATION, node["uri"])
    if foreign and node.get("hidden") is True:
        return Unusable(place, Reason.HIDDEN, node["uri"])
    marks = read(of_hypothesis(node) if foreign else node, place)
    check(marks)
    for it in marks.wrong:
        if isinstance(it.word, Reason):
            return Unusable(place, it.word, marks.source)
    reason = lacking(marks)
    if reason is not None:
        return Unusable(place, reason, marks.source)
    assert marks.source is not None
    notes = [it.word for it in marks.wrong if isinstance(it.word, Note)]
    return Annotation(
        place=place,
        url=marks.source,
        exact=marks.exact,
        prefix=marks.prefix,
        suffix=marks.suffix,
        text=marks.text,
        language=marks.language,
        claim=marks.claim,
        speaker=marks.speaker,
        speech=marks.speech,
        assessed=bool(marks.assessed),
        notes=list(dict.fromkeys(notes)),
    )


def lacking(marks: Marks) -> Reason | None:
    if marks.exact is None and marks.has_passage:
        return Reason.NO_QUOTE
    if marks.exact is None and marks.text is None and marks.claim is None:
        return Reason.NOTHING_SAID
    return None


def of_hypothesis(node: JSON) -> JSON:
    """As a Web Annotation: what was written, tags, and the passage, if it marks one."""
    targets = node.get("target")
    told = targets[0] if isinstance(targets, list) and len(targets) == 1 else targets
    about = {"source": node["uri"]}
    if isinstance(told, dict) and told.get("selector"):
        about["selector"] = told["selector"]
    elif isinstance(told, list) and told:
        return {"type": "Annotation", "target": told}  # of several: refused as that
    written, tags = node.get("text"), node.get("tags")
    bodies = [] if written in (None, "") else [{"type": "TextualBody", "value": written}]
    if isinstance(written, str) and not written.strip():
        bodies = []
    tagging = [
        {"type": "TextualBody", "purpose": "tagging", "value": it}
        for it in (tags if isinstance(tags, list) else [])
    ]
    return {"type": "Annotation", "body": [*bodies, *tagging], "target": about}
