"""Filing what annotations say: passages that were marked, one by one or many of a file.

Everything is done by whoever files claims and appearances, so what came this way is like any other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urldefrag
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from claims import text as texts
from claims.actions.bulk import Asked, file_claims
from claims.actions.claims import Marked, add_appearance, create_claim, passage, text_of
from claims.actions.met import alone, hold
from claims.actions.reviews import key
from claims.actions.store import Columns, Store
from claims.actions.tallying import Became, Fate
from claims.errors import Fault, Invalid, NoText, NotFound, Refusal
from claims.formats.annotations import FACT
from claims.formats.annotations_in import Annotation, Marks, Note, Reason, Record
from claims.formats.annotations_in.reading import of_record
from claims.formats.claimreview_in.values import language_of
from claims.formats.requests import MOST_CLAIM_TEXT
from claims.models import Appearance, Article, Claim, ImportedClaim, Member, Snapshot, Speaker
from claims.queries import annotations as queries
from claims.queries import reviews
from claims.text.direction import direction, direction_of
from claims.text.passages import Searchable
from claims.text.sameness import same
from claims.vocabulary import Kind, Speech

# One annotation


def file_annotation(*, article_id: UUID, marks: Marks, by: Member) -> Appearance:
    """File the claim that an annotation of an article tells, with its passage; of a claim that is
    recorded, that it appears here too.

    The passage is looked for in the snapshot that the annotation names, if it is one of the
    article's, else in the newest. Raises NotFound, NoText, PassageNotFound, PassageAmbiguous and
    Invalid; faults point into the annotation.
    """
    article = Article.objects.filter(pk=article_id).first()
    if article is None:
        raise NotFound(_("There is nothing with this id."))
    claim = None if marks.claim is None else Claim.objects.filter(pk=marks.claim).first()
    agree(claim, marks)
    with pointing(marks.pointers):
        marked, snapshot = place(article, marks)
        if claim is not None:
            return add_appearance(claim_id=claim.pk, appearance=marked, by=by)
        words = marks.text
        if words is None:
            words = passage(snapshot, text_of(snapshot), marked, "#")["exact"]
            if len(words) > MOST_CLAIM_TEXT:
                detail = _("This is longer than a claim: say what the claim is, in a TextualBody.")
                raise Invalid.at("#/exact", detail)
        new = create_claim(
            kind=Kind.STATEMENT,
            text=words,
            language=language(marks.language, marks.text, article.language),
            speaker=marks.speaker,
            speech=Speech(marks.speech or Speech.INDIRECT),
            appearance=marked,
            by=by,
        )
        return new.appearances.get()


def agree(claim: Claim | None, marks: Marks) -> None:
    """Refuse what cannot be, with or without a claim that is recorded. Raises Invalid."""
    faults = []

    def refuse(name: str, detail: str) -> None:
        faults.append(Fault(detail, pointer=marks.pointers[name]))

    if claim is None:
        if marks.claim is not None and marks.text is None:
            refuse("claim", _("There is no claim with this id."))
        if marks.speech == FACT:
            detail = _("A fact has parts that annotations do not tell: file it at /api/v1/claims/.")
            refuse("speech", detail)
        detail = _("A verdict is issued on the claim once that is recorded: leave it out here.")
        faults += [Fault(detail, pointer=it) for it in marks.assessed]
        if not marks.has_passage and marks.text is None:
            refuse("source", _("Say which passage is meant, or what the claim is, or both."))
    else:
        kind = FACT if claim.kind == Kind.FACT else claim.speech
        if marks.text not in (None, claim.text):
            refuse("text", _("The claim with this id says something else."))
        if marks.speaker not in (None, claim.speaker_id):
            refuse("speaker", _("The claim with this id is not of this speaker."))
        if marks.speech not in (None, kind):
            refuse("speech", _("The claim with this id is of another kind."))
    if faults:
        raise Invalid(_("See errors for each field and its mend."), faults=faults)


def place(article: Article, marks: Marks) -> tuple[Marked, Snapshot | None]:
    """Where an annotation says that the claim appears. Raises NoText, Invalid."""
    if not marks.has_passage:
        # Nothing else would show that it was sent to the wrong article.
        if marks.source != article.url and of_record(marks.source)[1] != article.pk:
            detail = _("This is not the address of the article, and no passage of it is marked.")
            raise Invalid.at("#/source", detail)
        return {"article": article.pk}, None
    held = article.snapshots.select_related("content")
    snapshot = held.filter(pk=marks.cached).first() if marks.cached else None
    snapshot = snapshot or held.order_by("-captured_at", "-id").first()
    if snapshot is None:
        detail = _("Capture a snapshot of the article first.")
        raise NoText(detail, faults=[Fault(detail, pointer="#/selector")])
    told = {
        name: it
        for name in ("exact", "prefix", "suffix", "start", "end")
        if (it := getattr(marks, name)) not in (None, "")
    }
    return {"snapshot": snapshot.pk, **told}, snapshot  # type: ignore[typeddict-item]


@contextmanager
def pointing(pointers: Mapping[str, str]) -> Iterator[None]:
    """What is refused points to where the annotation says it."""
    try:
        yield
    except Refusal as refusal:
        refusal.faults = tuple(
            replace(it, pointer=told(it.pointer or "", pointers)) for it in refusal.faults
        )
        raise


def told(pointer: str, pointers: Mapping[str, str]) -> str:
    name = pointer.rpartition("/")[2]
    return pointers.get(name) or pointers.get("selector") or pointers["source"]


def language(said: str | None, text: str | None, of_article: str) -> str:
    """Of a claim. text: None where it is the passage itself.

    Where it is not said, that of the article, unless the text is in other letters.
    """
    if said is not None:
        return said
    if text is None or direction_of(text) == direction(of_article):
        return of_article
    return language_of(text)


# Many annotations


def import_annotations(
    records: Sequence[Record], *, by: Member, made_of: Counter[str] | None = None
) -> list[Fate]:
    """File what is new of these records; what became of each, in order.

    A claim is met again as when reviews are imported (`ImportedClaim`), or by its address; where
    it appears in the same place of the article already, the annotation is there. One import at a
    time: until the transaction ends, others wait.

    made_of: counts the new rows by kind.
    """
    usable = [it for it in records if isinstance(it, Annotation)]
    fates: Iterator[Fate] = iter(())
    if usable:
        with transaction.atomic():
            importing = Importing(usable, by)
            fates = iter(importing.run())
        if made_of is not None:
            made_of.update(importing.made)
    return [next(fates) if isinstance(it, Annotation) else it.reason for it in records]


Spot = tuple[Any, ...]
"""Where a passage is within an article: snapshot, start and end; its words; nothing: all of it."""


@dataclass(slots=True)
class Found:
    """An annotation whose article is recorded.

    marked: None where the passage is not in its text, for this reason. spot: see Spot.
    """

    it: Annotation
    article: UUID
    marked: dict[str, Any] | None
    spot: Spot
    exact: str | None
    reason: Reason = Reason.NOT_TAKEN
    speaker: UUID | None = None

    @property
    def text(self) -> str:
        return self.it.text or self.exact or ""


class Importing:
    """Some annotations, in their transaction."""

    def __init__(self, annotations: Sequence[Annotation], by: Member) -> None:
        self.annotations = annotations
        self.by = by
        self.store = Store()
        self.made: Counter[str] = Counter()
        self.fates: dict[int, Fate] = {}

    def run(self) -> list[Fate]:
        alone()
        found = self.find()
        # Articles before claims, as whoever captures a text locks them.
        self.store.locked([str(it.article) for it in found.values()])
        claims = self.claims_of(found)
        hold({*claims.values()})
        there = self.spots(claims.values())
        new: dict[UUID, list[int]] = defaultdict(list)
        keys = {i: key(it.speaker, it.text) for i, it in found.items()}
        for i, it in found.items():
            claim = claims.get(i)
            if claim is None and it.it.claim is not None and it.text == "":
                self.fates[i] = Reason.NOTHING_SAID
            elif claim is None and it.marked is not None:
                new[keys[i]].append(i)
            elif claim is not None and (claim, it.article, *it.spot) in there:
                self.fates[i] = Became.THERE
            elif claim is None or it.marked is None:
                self.fates[i] = it.reason
            else:
                there.add((claim, it.article, *it.spot))
                self.fates[i] = self.appear(claim, it.marked)
            if claim is None and it.it.assessed:
                it.it.notes.append(Note.VERDICT)
        self.file(new, found)
        return [self.fates[i] for i in range(len(self.annotations))]

    # Where they are

    def find(self) -> dict[int, Found]:
        """Those whose article is recorded, by their places among all."""
        articles = self.articles()
        held = {
            str(row["article_id"]): row
            for row in self.store.newest_texts({str(it) for it in articles.values()})
        }
        by_article: dict[UUID, list[int]] = defaultdict(list)
        for i in range(len(self.annotations)):
            if i in articles:
                by_article[articles[i]].append(i)
            else:
                self.fates[i] = Reason.NO_ARTICLE
        found: dict[int, Found] = {}
        for article, places in by_article.items():
            snapshot = held.get(str(article))
            text = self.text(snapshot) if snapshot else None
            for i in places:
                at = located(self.annotations[i], article, snapshot, text)
                if isinstance(at, Reason):
                    self.fates[i] = at
                else:
                    found[i] = at
        speakers = Speaker.objects.filter(pk__in={it.it.speaker for it in found.values()})
        known = set(speakers.values_list("pk", flat=True))
        for one in found.values():
            one.speaker = one.it.speaker if one.it.speaker in known else None
            if one.it.speaker is not None and one.speaker is None:
                one.it.notes.append(Note.SPEAKER)
        return dict(sorted(found.items()))

    def articles(self) -> dict[int, UUID]:
        """Of each annotation, by its place: at its very address, or at that without a fragment."""
        addresses = [(it.url, urldefrag(it.url).url) for it in self.annotations]
        at = reviews.articles({url for both in addresses for url in both})
        ours = [of_record(it.url) for it in self.annotations]
        there = queries.languages(pk for name, pk, *_ in ours if name == "articles" and pk)
        found: dict[int, UUID] = {}
        for i, (urls, (name, pk, *_more)) in enumerate(zip(addresses, ours, strict=True)):
            if name == "articles" and pk in there:
                found[i] = pk
            elif article := next((at[url] for url in urls if url in at), None):
                found[i] = article
        self.languages = queries.languages(found.values())
        return found

    def text(self, snapshot: Columns) -> Searchable | None:
        """None where it is withheld."""
        if snapshot["content_id"] is None:
            return None
        [(_pk, text)] = self.store.texts([snapshot["content_id"]])
        return None if text is None else Searchable(text)

    # Which claims they are

    def claims_of(self, found: Mapping[int, Found]) -> dict[int, UUID]:
        """Of those that are recorded: by their addresses, where they say the same; else met."""
        named = Claim.objects.in_bulk({it.it.claim for it in found.values() if it.it.claim})
        met = reviews.claims_by_key(key(it.speaker, it.text) for it in found.values())
        claims = {}
        for i, it in found.items():
            claim = named.get(it.it.claim) if it.it.claim else None
            if claim is not None and (it.it.text is None or same(it.it.text) == same(claim.text)):
                claims[i] = claim.pk
            elif (pk := met.get(key(it.speaker, it.text))) is not None:
                claims[i] = pk
        return claims

    def spots(self, claims: Iterable[UUID]) -> set[Spot]:
        """Where these claims appear."""
        spots: set[Spot] = set()
        for claim, article, exact, *where in queries.places(set(claims)):
            own, now = tuple(where[:3]), tuple(where[3:])
            spots |= {(claim, article, *it) for it in (own, now) if it[1] is not None}
            spots.add((claim, article) if exact is None else (claim, article, same(exact)))
        return spots

    # Filing them

    def appear(self, claim: UUID, marked: dict[str, Any]) -> Fate:
        appearance: Any = marked
        try:
            with transaction.atomic():
                add_appearance(claim_id=claim, appearance=appearance, by=self.by)
        except (Refusal, IntegrityError, DataError):
            return Reason.NOT_TAKEN
        self.made["appearance"] += 1
        return Became.IMPORTED

    def file(self, new: Mapping[UUID, list[int]], found: Mapping[int, Found]) -> None:
        """The claims that are not recorded yet, each with all its passages."""
        asked: list[Asked] = []
        for places in new.values():
            spots: set[Spot] = set()
            appearances: list[Any] = []
            for i in places:
                it = found[i]
                spot = (it.article, *it.spot)
                self.fates[i] = Became.THERE if spot in spots else Became.IMPORTED
                if spot not in spots:
                    spots.add(spot)
                    assert it.marked is not None
                    written = {
                        k: str(v) if isinstance(v, UUID) else v for k, v in it.marked.items()
                    }
                    appearances.append((f"#/appearances/{len(appearances)}", written))
            asked.append(Asked(self.said(found[places[0]]), appearances, str(uuid7())))
        kept = []
        fates = file_claims(asked, by=self.by, store=Store())
        for (its_key, places), claim, fate in zip(new.items(), asked, fates, strict=True):
            if isinstance(fate, Refusal):
                self.fates |= dict.fromkeys(places, Reason.NOT_TAKEN)
                continue
            self.made["claim"] += 1
            self.made["appearance"] += len(claim.appearances)
            kept.append(ImportedClaim(key=its_key, claim_id=UUID(str(claim.id))))
        ImportedClaim.objects.bulk_create(kept)

    def said(self, found: Found) -> dict[str, Any]:
        it = found.it
        direct = it.speech == Speech.DIRECT and found.speaker is not None
        return {
            "kind": Kind.STATEMENT.value,
            "text": found.text,
            "language": language(it.language, it.text, self.languages[found.article]),
            "speaker": found.speaker and str(found.speaker),
            "speech": (Speech.DIRECT if direct else Speech.INDIRECT).value,
        }


def located(
    it: Annotation, article: UUID, snapshot: Columns | None, text: Searchable | None
) -> Found | Reason:
    """Where its passage is in the newest text of its article; text: None where it is withheld."""
    if it.exact is None:
        return Found(it, article, {"article": article}, (), None)
    if snapshot is None:
        return Reason.NO_TEXT
    words: Spot = (same(it.exact),)
    pk = UUID(str(snapshot["id"]))
    if text is None:
        quoted = {"snapshot": pk, "exact": it.exact, "prefix": it.prefix, "suffix": it.suffix}
        return Found(it, article, quoted, words, it.exact)
    try:
        at = texts.locate(text, exact=it.exact, prefix=it.prefix, suffix=it.suffix)
    except texts.PassageAmbiguous:
        return Found(it, article, None, words, it.exact, Reason.AMBIGUOUS)
    except texts.PassageNotFound:
        return Found(it, article, None, words, it.exact, Reason.NOT_FOUND)
    if it.text is None and len(at.exact) > MOST_CLAIM_TEXT:
        return Reason.TOO_LONG
    marked = {"snapshot": pk, "exact": at.exact, "start": at.start, "end": at.end}
    return Found(it, article, marked, (pk, at.start, at.end), at.exact)
