"""Bodies of requests by which verdicts are contested from outside, and contests decided about."""

from typing import Any

from claims.formats.fields import Body, Choice, Id, Language, Name, Text, Url
from claims.formats.people import Email
from claims.vocabulary import ContestReason, Party

MOST_TEXT = 10_000
MOST_SOURCES = 20
MOST_ANSWER = 50_000


class SourceIn(Body):
    """What a contest rests on."""

    url = Url()
    title = Name(max_length=1000, required=False, allow_null=True)
    quote = Text(max_length=10_000, required=False, allow_null=True)


class ContestIn(Body):
    verdict = Id(help_text="Of this claim; one that stands, of an organization that works here.")
    party = Choice(
        choices=Party.choices,
        help_text="Who you are: somebody who has read it, or who speaks for whom it is about. The "
        "organization alone is told.",
    )
    reason = Choice(choices=ContestReason.choices, help_text="What is wrong with it. Public.")
    text = Text(
        max_length=MOST_TEXT, help_text="What is wrong, and why. The organization alone is told."
    )
    evidence = SourceIn(  # type: ignore[call-arg]
        many=True,
        required=False,
        max_length=MOST_SOURCES,
        help_text="What it rests on. The organization alone is told.",
    )
    language = Language(required=False, allow_null=True, help_text="Of the text.")
    contact = Email(
        required=False,
        allow_null=True,
        help_text="An address for the answer. Those of the organization who decide are told, "
        "nobody else.",
    )

    def validate_evidence(self, pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [dict(piece) for piece in pieces]


class AnswerIn(Body):
    answer = Text(max_length=MOST_ANSWER, help_text="Why it is decided so. It is public.")


class CorrectionIn(Body):
    verdict = Id(
        help_text="Of your organization on the claim, issued after the contest was filed. It says "
        "something else than the contested one: in outcome, label, valid_until, rationale or "
        "evidence."
    )
    answer = Text(
        max_length=MOST_ANSWER,
        required=False,
        allow_null=True,
        help_text="What is to be said beside the rationale of the verdict. It is public.",
    )
