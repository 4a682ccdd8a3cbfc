"""The claims that a text may carry, each as far as the record can tell about it."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from claims.errors import Invalid, NoText, TextWithheld
from claims.models import Anchor, Appearance, Article, Snapshot
from claims.queries.naming import Known, speakers_called
from claims.text import passage_at
from claims.text.quotations import (
    MOST_CANDIDATES,
    Candidate,
    Mention,
    Span,
    candidates,
    namings,
)
from claims.vocabulary import Kind

MOST_FITTING = 10
NEARLY = 0.5
"""The share that two passages have in common of all that either has, from which they are taken for
the same one."""

Spans = list[tuple[int, int, UUID]]


def suggestions_for(article_id: UUID, *, snapshot: UUID | None = None) -> dict[str, Any]:
    """What the article's text, or this snapshot of it, carries; nothing is stored.

    Raises Invalid for a snapshot that is not the article's, NoText where none is recorded,
    TextWithheld where its text is not kept.
    """
    article = Article.objects.select_related("publisher").get(pk=article_id)
    held = held_text(article, snapshot)
    assert held.content is not None
    text = held.content.text
    assert text is not None
    found = candidates(
        text,
        language=article.language,
        published=day_of(article),
        most=MOST_CANDIDATES + 1,
    )
    told = found[:MOST_CANDIDATES]
    naming = Naming(text, article.publisher.name, told)
    filed = filed_in(held)
    return {
        "snapshot": held.pk,
        "complete": len(told) == len(found),
        "results": [
            suggestion(text, held, article.language, candidate, naming, filed) for candidate in told
        ],
    }


def day_of(article: Article) -> date | None:
    """The day of publication, where it is known to the day."""
    first, last = article.published_from, article.published_to
    return first if first == last else None


def held_text(article: Article, snapshot_id: UUID | None) -> Snapshot:
    """The snapshot to look at, with its text."""
    snapshots = article.snapshots.select_related("content")
    if snapshot_id is None:
        held = snapshots.order_by("-captured_at", "-id").first()
        if held is None:
            raise NoText(_("Capture a snapshot of the article first."))
    else:
        held = snapshots.filter(pk=snapshot_id).first()
        if held is None:
            raise Invalid.at("#/snapshot", _("The article has no snapshot with this id."))
    if held.content is None:
        raise TextWithheld(_("Of this snapshot its hash and length alone are kept."))
    if held.content.text is None:
        raise TextWithheld(_("The text of this snapshot was erased."))
    return held


def suggestion(
    text: str,
    snapshot: Snapshot,
    language: str,
    candidate: Candidate,
    naming: "Naming",
    filed: Spans,
) -> dict[str, Any]:
    passage = passage_at(text, candidate.start, candidate.end)
    speaker = None if candidate.speaker is None else naming.told(candidate.speaker)
    chain = [naming.told(link) for link in candidate.chain]
    if naming.publisher is not None:
        chain.append(naming.publisher)
    said_by = only(speaker)
    relays = [one for link in chain if (one := only(link)) is not None and one != said_by]
    return {
        "claim": {
            "kind": Kind.STATEMENT.value,
            "text": " ".join(passage.exact.split()),
            "language": language,
            "speaker": said_by,
            "speech": candidate.speech,
            "appearance": {
                "snapshot": snapshot.pk,
                "exact": passage.exact,
                "prefix": passage.prefix,
                "suffix": passage.suffix,
                "start": passage.start,
                "end": passage.end,
                "relayed_by": list(dict.fromkeys(relays)),
            },
        },
        "speaker": speaker,
        "chain": chain,
        "dates": [place(text, it) | {"value": it.value} for it in candidate.dates],
        "numbers": [
            place(text, it) | {"value": it.value, "percent": it.percent} for it in candidate.numbers
        ],
        "reason": candidate.reason,
        "verb": None if candidate.verb is None else place(text, candidate.verb),
        "filed": list(nearly(candidate, filed)),
    }


def place(text: str, it: Any) -> dict[str, Any]:
    return {"text": text[it.start : it.end], "start": it.start, "end": it.end}


def only(naming: dict[str, Any] | None) -> UUID | None:
    """The one speaker whom a naming fits, if there is one and no other."""
    if naming is None or len(naming["fitting"]) != 1:
        return None
    pk: UUID = naming["fitting"][0]["id"]
    return pk


class Naming:
    """Whom of the record the namings of a text may mean; all are looked up at once."""

    def __init__(self, text: str, publisher: str, found: Iterable[Candidate]) -> None:
        self.text = text
        wanted = {span for it in found for span in spans_of(it)}
        self.names = {span: namings(text[slice(*span)]) for span in wanted}
        asked = {name for both in self.names.values() for names in both for name in names}
        outlet = namings(publisher)[0]
        self.known = speakers_called(asked.union(outlet))
        fitting = next((self.known[it] for it in outlet if it in self.known), [])
        self.publisher = (
            {"text": publisher, "start": None, "end": None, "known_as": None}
            | {"fitting": named(fitting)}
            if fitting
            else None
        )

    def told(self, mention: Mention) -> dict[str, Any]:
        fuller = mention.known_as
        fitting = self.fitting(fuller) if fuller is not None else []
        return place(self.text, mention) | {
            "known_as": None if fuller is None else place(self.text, fuller),
            "fitting": named(fitting or self.fitting(mention)),
        }

    def fitting(self, span: Span | Mention) -> list[Known]:
        """By the most fitting name that anybody goes by."""
        anybody, people = self.names[span.start, span.end]
        for name in anybody:
            if name in self.known:
                return self.known[name]
        for name in people:
            if persons := [it for it in self.known.get(name, ()) if it.is_person]:
                return persons
        return []


def named(known: list[Known]) -> list[dict[str, Any]]:
    distinct = {it.id: {"id": it.id, "name": it.name} for it in known}
    return list(distinct.values())[:MOST_FITTING]


def spans_of(candidate: Candidate) -> Iterator[tuple[int, int]]:
    for mention in [candidate.speaker, *candidate.chain]:
        if mention is not None:
            yield mention.start, mention.end
            if mention.known_as is not None:
                yield mention.known_as.start, mention.known_as.end


def filed_in(snapshot: Snapshot) -> Spans:
    """Which passages of the snapshot are filed, and with which claims; in order."""
    marked = Appearance.objects.filter(snapshot=snapshot, start__isnull=False)
    moved = Anchor.objects.filter(snapshot=snapshot, start__isnull=False)
    spans = {
        *marked.values_list("start", "end", "claim_id"),
        *moved.values_list("start", "end", "appearance__claim_id"),
    }
    return sorted((start, end, claim) for start, end, claim in spans if start is not None and end)


def nearly(candidate: Candidate, filed: Spans) -> Iterator[UUID]:
    """The claims whose passage is this one or most of it."""
    seen = set()
    for start, end, claim in filed:
        common = min(end, candidate.end) - max(start, candidate.start)
        union = max(end, candidate.end) - min(start, candidate.start)
        if common >= NEARLY * union and claim not in seen:
            seen.add(claim)
            yield claim
