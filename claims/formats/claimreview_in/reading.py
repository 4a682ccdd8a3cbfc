"""From what a document says of a review to the record of it, whatever the document's own shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from claims.formats.claimreview_in import values
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.record import (
    MOST_ADDRESSES,
    MOST_APPEARANCES,
    MOST_CITATIONS,
    MOST_CLAIM,
    MOST_LABEL,
    MOST_NAME,
    MOST_NAMES,
    MOST_QUOTE,
    MOST_RATIONALE,
    MOST_TITLE,
    Citation,
    Claimant,
    Note,
    Reason,
    Record,
    Review,
)
from claims.formats.importing import Refused, Unusable
from claims.text.sameness import same
from claims.vocabulary import JUDGEMENTS, Outcome, SpeakerType

UNKNOWN_LANGUAGE = "und"


@dataclass(slots=True)
class Said:
    """What a document says, as it says it: everything may be missing, or anything.

    explanations: what the review says in longer words, the best first. outcome: what the rating
    means, where the document says so in our words. markup_by: the address of who wrote the
    document, where that is not the reviewer.
    """

    claim: Any = None
    claim_language: Any = None
    claimant: Any = None
    claimant_type: SpeakerType | None = None
    claimant_title: Any = None
    claimant_same_as: Any = None
    claimant_other_names: Any = None
    claimed_on: Any = None
    appearances: Sequence[Any] = ()
    url: Any = None
    publisher: Any = None
    publisher_url: Any = None
    title: Any = None
    language: Any = None
    date_published: Any = None
    label: Any = None
    outcome: Any = None
    rating: Any = None
    best: Any = None
    worst: Any = None
    explanations: Sequence[Any] = ()
    citations: Sequence[Any] = ()
    markup_by: Any = None


def settle(said: Said, place: str, outcomes: Outcomes) -> Record:
    """The record of a review, or why it is none."""
    url = values.address(said.url)
    try:
        return Settling(said, outcomes).review(place, url)
    except Refused as refused:
        return Unusable(place, refused.reason, url)


@dataclass(slots=True)
class Settling:
    said: Said
    outcomes: Outcomes
    notes: list[Note] = field(default_factory=list)

    def review(self, place: str, url: str | None) -> Review:
        """Raises Refused."""
        said = self.said
        claim = values.text(said.claim)
        if claim is None:
            raise Refused(Reason.NO_CLAIM)
        if url is None:
            raise Refused(Reason.BAD_URL if values.text(said.url) else Reason.NO_URL)
        site = self.site(url)
        if len(claim) > MOST_CLAIM:
            raise Refused(Reason.TOO_LONG)
        language, review_language = self.languages(claim)
        told_in = review_language or language
        spoken = None if told_in == UNKNOWN_LANGUAGE else told_in
        label, outcome, is_known, paragraph = self.finding(site)
        title = values.name(said.title)
        rationale = self.rationale([paragraph, *said.explanations, title, label, url])
        title = self.short(title, MOST_TITLE, Note.TITLE)
        publisher = values.name(said.publisher) or site
        return Review(
            place=place,
            site=site,
            publisher=publisher if len(publisher) <= MOST_NAME else site,
            publisher_url=values.address(said.publisher_url),
            url=url,
            claim=claim,
            language=language,
            review_language=review_language,
            claimant=self.claimant(publisher, site),
            claimed_on=self.day(said.claimed_on, spoken, Note.CLAIM_DATE),
            appearances=self.addresses(said.appearances, most=MOST_APPEARANCES),
            title=title,
            date_published=self.day(said.date_published, spoken, Note.DATE),
            label=label,
            outcome=outcome,
            is_known=is_known,
            rationale=rationale,
            citations=self.citations(),
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def site(self, url: str) -> str:
        """Whose review it is. Of what stands on the site of who tells it, and not on that of its
        author (a verdict on a page of Isnad), the author's."""
        said, own = self.said, values.site_of(url)
        assert own is not None
        markup, author = values.address(said.markup_by), values.address(said.publisher_url)
        if markup is not None and author is not None and values.site_of(markup) == own:
            return values.site_of(author) or own
        return own

    def languages(self, claim: str) -> tuple[str, str | None]:
        """Of the claim; and of the review, where that is told."""
        review, by_letters = self.language(self.said.language), values.language_of(claim)
        if (told := self.language(self.said.claim_language)) is not None:
            return told, review
        if review is not None and review.partition("-")[0] in values.LATIN and by_letters == "ar":
            self.notes.append(Note.LETTERS)
            return by_letters, by_letters
        return review or by_letters, review

    def language(self, told: Any) -> str | None:
        tag = values.language(told)
        if tag is None and values.text(told) is not None:
            self.notes.append(Note.LANGUAGE)
        return tag

    def finding(self, site: str) -> tuple[str | None, Outcome, bool, str | None]:
        """Label, outcome, whether that is known, and what is longer than a label is.

        Raises Refused.
        """
        whole = values.paragraphs(self.said.label)
        if whole is not None:
            told = self.outcome()
            found = told or self.outcomes.of(whole, site)
            outcome, is_known = found or Outcome.INCONCLUSIVE, found is not None
            label = values.name(whole)
            if label is None or len(label) > MOST_LABEL:
                self.notes.append(Note.LABEL)
                return None, outcome, is_known, whole
            # Where the organization has no label, the outcome stands in its place.
            return None if label == told else label, outcome, is_known, None
        by_numbers = self.by_numbers()
        if by_numbers is None:
            raise Refused(Reason.NO_RATING)
        return None, by_numbers, True, None

    def outcome(self) -> Outcome | None:
        told = self.said.outcome
        return Outcome(told) if isinstance(told, str) and told in JUDGEMENTS else None

    def by_numbers(self) -> Outcome | None:
        """The ends of a scale are known; what lies between is neither."""
        rating, best, worst = map(
            values.number, (self.said.rating, self.said.best, self.said.worst)
        )
        if rating is None or best is None or worst is None or not worst <= rating <= best:
            return None
        if worst == best:
            return None
        ends = {worst: Outcome.DISPUTED, best: Outcome.VERIFIED}
        return ends.get(rating, Outcome.INCONCLUSIVE)

    def rationale(self, candidates: Iterable[Any]) -> str:
        """Raises Refused."""
        for it in candidates:
            words = values.paragraphs(it)
            if words is not None:
                if len(words) > MOST_RATIONALE:
                    raise Refused(Reason.TOO_LONG)
                return words
        raise AssertionError("there is an address at least")

    def claimant(self, publisher: str, site: str) -> Claimant | None:
        said = self.said
        name = values.name(said.claimant)
        if name is None:
            return None
        if same(name.removeprefix("www.")) in {same(publisher), site}:
            self.notes.append(Note.REVIEWER)
            return None
        if len(name) > MOST_NAME:
            self.notes.append(Note.CLAIMANT)
            return None
        title = values.name(said.claimant_title)
        return Claimant(
            name=name,
            type=said.claimant_type or type_of(name),
            same_as=self.addresses(as_list(said.claimant_same_as), most=MOST_ADDRESSES),
            title=title if title is None or len(title) <= MOST_NAME else None,
            other_names=self.names(said.claimant_other_names, but=name),
        )

    def names(self, given: Any, *, but: str) -> tuple[str, ...]:
        names = (values.name(it) for it in values.texts(given))
        usable = (it for it in names if it is not None and it != but and len(it) <= MOST_NAME)
        return tuple(dict.fromkeys(usable))[:MOST_NAMES]

    def day(self, value: Any, spoken: str | None, note: Note) -> str | None:
        day = values.day(value, spoken)
        if day is None and values.text(value) is not None:
            self.notes.append(note)
        return day

    def addresses(self, given: Sequence[Any], *, most: int) -> tuple[str, ...]:
        usable = (self.address(it) for it in given[:most])
        if len(given) > most:
            self.notes.append(Note.LINK)
        return tuple(dict.fromkeys(it for it in usable if it is not None))

    def address(self, given: Any) -> str | None:
        url = values.address(given)
        if url is None and values.text(given) is not None:
            self.notes.append(Note.LINK)
        return url

    def citations(self) -> tuple[Citation, ...]:
        given = self.said.citations
        found: dict[Citation, None] = {}
        for it in given[:MOST_CITATIONS]:
            told = it if isinstance(it, Mapping) else {"url": it}
            url = self.address(told.get("url"))
            if url is None:
                continue
            copied = values.address(told.get("derived_from"))
            citation = Citation(
                url=url,
                title=self.short(values.name(told.get("title")), MOST_TITLE, Note.TITLE),
                archive_url=self.address(told.get("archive_url")),
                quote=self.short(values.paragraphs(told.get("quote")), MOST_QUOTE, Note.QUOTE),
                derived_from=copied if any(copied == earlier.url for earlier in found) else None,
            )
            found.setdefault(citation)
        if len(given) > MOST_CITATIONS:
            self.notes.append(Note.LINK)
        return tuple(found)

    def short(self, text: str | None, most: int, note: Note) -> str | None:
        if text is None or len(text) <= most:
            return text
        self.notes.append(note)
        return None


def type_of(name: str) -> SpeakerType:
    """Where nothing is said: what looks like a host is a network or an outlet, else a person."""
    host = "." in name.strip(".") and " " not in name and "/" not in name
    return SpeakerType.ORGANIZATION if host else SpeakerType.PERSON


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
