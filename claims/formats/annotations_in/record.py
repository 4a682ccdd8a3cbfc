"""An annotation as it is imported, and why one is not, or not all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from claims.formats.importing import Unusable, Worded


class Reason(Worded):
    """Why an annotation is not imported."""

    NOT_JSON = "not-json", _("This is not JSON.")
    NOT_UTF8 = "not-utf-8", _("This is not in UTF-8.")
    TOO_LARGE = "too-large", _("This is larger than a record may be.")
    TOO_DEEP = "too-deep", _("This is nested deeper than is read.")
    NO_ANNOTATION = "no-annotation", _("There is no annotation here.")
    NOT_A_RECORD = "not-a-record", _("This is no object with properties.")
    MOTIVATION = "motivation", _("It is made for something else than to mark a claim.")
    HIDDEN = "hidden", _("Its text is hidden by a moderator.")
    NO_TARGET = "no-target", _("It does not say what it is about.")
    SEVERAL_TARGETS = "several-targets", _("It is about several things: a claim has one passage.")
    BAD_SELECTOR = "bad-selector", _("Its selectors are not such as can be followed in a text.")
    NO_QUOTE = "no-quote", _("It does not quote its passage: its positions are those of a page.")
    NOTHING_SAID = "nothing-said", _("It neither marks a passage nor says anything.")
    TOO_LONG = "too-long", _("A text of it is longer than is kept.")
    BAD_TEXT = "bad-text", _("A text of it holds nothing, or characters that cannot be kept.")
    NO_ARTICLE = "no-article", _("No article is recorded at its address: file it, with its text.")
    NO_TEXT = "no-text", _("No text of the article is recorded: capture one.")
    NOT_FOUND = "passage-not-found", _("The newest text of the article does not have its passage.")
    AMBIGUOUS = "passage-ambiguous", _("The newest text of the article has its passage repeatedly.")
    NOT_TAKEN = "not-taken", _("The record does not take it.")


class Note(Worded):
    """What of an imported annotation is not kept."""

    TAGS = "tags", _("Claims have no tags here.")
    BODY = "body-unusable", _("A body of it is neither the claim, nor who said it or how.")
    VERDICT = "verdict-of-others", _("A body of it is a verdict: it is not taken over.")
    SPEAKER = "speaker-unknown", _("Who said it is nobody of the record.")
    LANGUAGE = "language-unknown", _("The language is no registered tag: it is left out.")
    MARKUP = "markup", _("Its text has markup, which is left out.")
    PROPERTY = "property-unknown", _("It has a property that Web Annotations have not.")


@dataclass(frozen=True, slots=True)
class Annotation:
    """A passage, or an article as a whole, that somebody marked.

    place: where it stood: a JSON pointer, of lines with their number before it. url: of what it is
    about. exact: None for all of it. text: what the claim is, None: the passage itself. language:
    of the text, where it is told. claim, speaker: ids, if they should be of the record. assessed:
    whether it tells verdicts on the claim. notes: the import adds to them.
    """

    place: str
    url: str
    exact: str | None = None
    prefix: str = ""
    suffix: str = ""
    text: str | None = None
    language: str | None = None
    claim: UUID | None = None
    speaker: UUID | None = None
    speech: str | None = None
    assessed: bool = False
    notes: list[Note] = field(default_factory=list)


Record = Annotation | Unusable
