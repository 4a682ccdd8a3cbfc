"""A review as it is imported, whatever document it came in; and why one is not."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from claims.formats.importing import Unusable, Worded
from claims.vocabulary import Outcome, SpeakerType

MOST_CLAIM = 10_000
MOST_RATIONALE = 50_000
MOST_TITLE = 1_000
MOST_NAME = 300
MOST_LABEL = 80
MOST_URL = 2_000
MOST_QUOTE = 10_000
MOST_NAMES = 100  # that a claimant has besides
MOST_ADDRESSES = 50  # of a claimant elsewhere
MOST_APPEARANCES = 101  # as many as we tell ourselves
MOST_CITATIONS = 100


class Reason(Worded):
    """Why a record is not imported."""

    NOT_JSON = "not-json", _("This is not JSON.")
    TOO_LARGE = "too-large", _("This is larger than a record may be.")
    TOO_DEEP = "too-deep", _("This is nested deeper than is read.")
    NO_REVIEW = "no-review", _("There is no ClaimReview here.")
    NOT_A_RECORD = "not-a-record", _("This is no object with properties.")
    NO_CLAIM = "no-claim", _("It does not say which claim was reviewed.")
    NO_URL = "no-url", _("It does not say where the review is published.")
    BAD_URL = "bad-url", _("The address of the review is no http or https address.")
    NO_RATING = "no-rating", _("It gives no rating, neither in words nor in numbers.")
    TOO_LONG = "too-long", _("A text of it is longer than is kept.")
    NOT_UTF8 = "not-utf-8", _("This is not in UTF-8.")
    OLDER = "older", _("A later review by this organization stands on this claim.")
    NOT_TAKEN = "not-taken", _("The database does not take it.")


class Note(Worded):
    """What of an imported record is not kept as it was given."""

    DATE = "date-unreadable", _("The date cannot be read: it is left out.")
    CLAIM_DATE = "claim-date-unreadable", _("The date of the claim cannot be read: it is left out.")
    CLAIMANT = "claimant-too-long", _("The name of who said it is too long: it is left out.")
    REVIEWER = "claimant-is-reviewer", _("It names the reviewer as who said it: that is left out.")
    TITLE = "title-too-long", _("The title is too long: it is left out.")
    LINK = "link-unusable", _("A link is no http or https address: it is left out.")
    LABEL = "rating-is-text", _("The rating is no label but a text: it is kept as rationale.")
    LETTERS = "language-of-other-letters", _("The claim is not in letters of the language told.")
    QUOTE = "quote-too-long", _("A quotation is too long: it is left out.")
    LANGUAGE = "language-unknown", _("The language is no registered tag: it is left out.")


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who said it. title: what they are (jobTitle), in the language of the review."""

    name: str
    type: SpeakerType
    same_as: tuple[str, ...] = ()
    title: str | None = None
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """What a review rests on. derived_from: the address of an earlier one that it is a copy of."""

    url: str
    title: str | None = None
    archive_url: str | None = None
    quote: str | None = None
    derived_from: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """One organization's review of one claim.

    place: where it stood: a JSON pointer, or the number of a line or row, from 1. site: the host
    of `url` without `www.`, which is the organization. publisher: what that calls itself. language:
    of the claim. review_language: of the review, None where it is not told. claimed_on,
    date_published: EDTF. label: as it was given, None where there are numbers alone or a whole
    text, and where it is the outcome itself. is_known: whether a table knows the label
    (`Outcomes`), or the document says what it means.
    """

    place: str
    site: str
    publisher: str
    url: str
    claim: str
    language: str
    outcome: Outcome
    is_known: bool
    rationale: str
    review_language: str | None = None
    label: str | None = None
    title: str | None = None
    date_published: str | None = None
    publisher_url: str | None = None
    claimant: Claimant | None = None
    claimed_on: str | None = None
    appearances: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    notes: tuple[Note, ...] = ()


Record = Review | Unusable
