"""From what a document says of a review to the record of it, whatever the document's own shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from claims.formats.claimreview_in import values
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.record import (
    MOST_CLAIM,
    MOST_LABEL,
    MOST_NAME,
    MOST_RATIONALE,
    MOST_TITLE,
    MOST_URLS,
    Claimant,
    Note,
    Reason,
    Record,
    Review,
)
from claims.formats.importing import Refused, Unusable
from claims.text.sameness import same
from claims.vocabulary import Outcome, SpeakerType

UNKNOWN_LANGUAGE = "und"


@dataclass(slots=True)
class Said:
    """What a document says, as it says it: everything may be missing, or anything.

    explanations: what the review says in longer words, the best first. site: where nothing else
    says who publishes the address.
    """

    claim: Any = None
    claimant: Any = None
    claimant_type: SpeakerType | None = None
    claimant_title: Any = None
    claimant_same_as: Any = None
    claimed_on: Any = None
    appearances: Sequence[Any] = ()
    url: Any = None
    publisher: Any = None
    publisher_url: Any = None
    title: Any = None
    language: Any = None
    date_published: Any = None
    label: Any = None
    rating: Any = None
    best: Any = None
    worst: Any = None
    explanations: Sequence[Any] = ()
    citations: Sequence[Any] = ()


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
        site = values.site_of(url)
        assert site is not None
        if len(claim) > MOST_CLAIM:
            raise Refused(Reason.TOO_LONG)
        language = self.language(claim)
        spoken = None if language == UNKNOWN_LANGUAGE else language
        label, outcome, is_known, paragraph = self.finding(site)
        title = values.name(said.title)
        rationale = self.rationale([paragraph, *said.explanations, title, label, url])
        if title is not None and len(title) > MOST_TITLE:
            self.notes.append(Note.TITLE)
            title = None
        publisher = values.name(said.publisher) or site
        return Review(
            place=place,
            site=site,
            publisher=publisher if len(publisher) <= MOST_NAME else site,
            publisher_url=values.address(said.publisher_url),
            url=url,
            claim=claim,
            language=language,
            claimant=self.claimant(publisher, site),
            claimed_on=self.day(said.claimed_on, spoken, Note.CLAIM_DATE),
            appearances=self.addresses(said.appearances),
            title=title,
            date_published=self.day(said.date_published, spoken, Note.DATE),
            label=label,
            outcome=outcome,
            is_known=is_known,
            rationale=rationale,
            citations=self.addresses(said.citations),
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def language(self, claim: str) -> str:
        tag, by_letters = values.language(self.said.language), values.language_of(claim)
        if tag is not None and tag.partition("-")[0] in values.LATIN and by_letters == "ar":
            self.notes.append(Note.LETTERS)
            return by_letters
        if tag is None and values.text(self.said.language) is not None:
            self.notes.append(Note.LANGUAGE)
        return tag or by_letters

    def finding(self, site: str) -> tuple[str | None, Outcome, bool, str | None]:
        """Label, outcome, whether that is known, and what is longer than a label is.

        Raises Refused.
        """
        whole = values.paragraphs(self.said.label)
        if whole is not None:
            found = self.outcomes.of(whole, site)
            outcome, is_known = found or Outcome.INCONCLUSIVE, found is not None
            label = values.name(whole)
            if label is None or len(label) > MOST_LABEL:
                self.notes.append(Note.LABEL)
                return None, outcome, is_known, whole
            return label, outcome, is_known, None
        by_numbers = self.by_numbers()
        if by_numbers is None:
            raise Refused(Reason.NO_RATING)
        return None, by_numbers, True, None

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
            same_as=self.addresses(as_list(said.claimant_same_as)),
            title=title if title is None or len(title) <= MOST_NAME else None,
        )

    def day(self, value: Any, spoken: str | None, note: Note) -> str | None:
        day = values.day(value, spoken)
        if day is None and values.text(value) is not None:
            self.notes.append(note)
        return day

    def addresses(self, given: Sequence[Any]) -> tuple[str, ...]:
        usable = []
        for it in given[:MOST_URLS]:
            url = values.address(it)
            if url is not None:
                usable.append(url)
            elif values.text(it) is not None:
                self.notes.append(Note.LINK)
        if len(given) > MOST_URLS:
            self.notes.append(Note.LINK)
        return tuple(dict.fromkeys(usable))


def type_of(name: str) -> SpeakerType:
    """Where nothing is said: what looks like a host is a network or an outlet, else a person."""
    host = "." in name.strip(".") and " " not in name and "/" not in name
    return SpeakerType.ORGANIZATION if host else SpeakerType.PERSON


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
