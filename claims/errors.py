"""Why Isnad says no: one class for each refusal, with its name in the API.

`slug` names the documented type (`/problems/<slug>`), `status` is the HTTP status.
Titles are for people; the details say what happened and how to mend it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one part of a request.

    Of `pointer` (RFC 6901, as a URI fragment, into the body), `parameter` (of the query) and
    `header`, one says which part.
    """

    detail: Words
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None

    def document(self) -> dict[str, str]:
        places = {"pointer": self.pointer, "parameter": self.parameter, "header": self.header}
        return {k: v for k, v in places.items() if v is not None} | {"detail": str(self.detail)}


class Named(Protocol):
    """A rule that stands in a table: see `claims.moves.Rule`."""

    @property
    def value(self) -> str: ...

    @property
    def words(self) -> Words: ...


class Refusal(Exception):
    slug: ClassVar[str]
    title: ClassVar[Words]
    status: ClassVar[int]
    retry_after: int | None = None

    def __init__(self, detail: Words, *, faults: Sequence[Fault] = (), **more: object) -> None:
        """more: members that this kind of problem adds to its document, as plain JSON."""
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)
        self.more = more

    @classmethod
    def at(cls, pointer: str, detail: Words) -> "Refusal":
        """A refusal for one field of the body."""
        return cls(detail, faults=[Fault(detail, pointer=pointer)])

    @classmethod
    def by(cls, rule: Named, detail: Words | None = None, **more: Any) -> "Refusal":
        """A refusal by a rule, whose name is told beside its words, or others that say more."""
        return cls(rule.words if detail is None else detail, rule=rule.value, **more)


class Invalid(Refusal):
    slug, status = "invalid", 400
    title = _("The request has fields that cannot be accepted")


class SimilarClaims(Refusal):
    slug, status = "similar-claims", 409
    title = _("Claims that may say the same are recorded already")


class NotJson(Refusal):
    slug, status = "not-json", 400
    title = _("The body is not JSON that can be accepted")


class BadParameter(Refusal):
    slug, status = "bad-parameter", 400
    title = _("The query has parameters that cannot be accepted")


class BadCursor(Refusal):
    slug, status = "bad-cursor", 400
    title = _("The cursor is not one of ours, or belongs to another query")


class BadHeader(Refusal):
    slug, status = "bad-header", 400
    title = _("A header cannot be understood")


class BadRequest(Refusal):
    slug, status = "bad-request", 400
    title = _("The request cannot be understood")


class NotAuthenticated(Refusal):
    slug, status = "not-authenticated", 401
    title = _("A valid API key is needed")


class SignInRefused(Refusal):
    slug, status = "sign-in-refused", 401
    title = _("Name, password or code are not right")


class Forbidden(Refusal):
    """Always by a rule: a program has nothing else to tell one from another by."""

    slug, status = "forbidden", 403
    title = _("Your role or your key does not allow this")

    def __init__(self, detail: Words, *, rule: str, **more: Any) -> None:
        super().__init__(detail, rule=rule, **more)


class NotFound(Refusal):
    slug, status = "not-found", 404
    title = _("There is nothing here that you may see")


class MethodNotAllowed(Refusal):
    slug, status = "method-not-allowed", 405
    title = _("This resource does not take this method")


class NotAcceptable(Refusal):
    slug, status = "not-acceptable", 406
    title = _("None of the media types that you accept is served here")


class RequestTimeout(Refusal):
    slug, status = "request-timeout", 408
    title = _("The body did not arrive in time")


class PassageNotFound(Refusal):
    slug, status = "passage-not-found", 409
    title = _("The snapshot does not say this")


class PassageAmbiguous(Refusal):
    slug, status = "passage-ambiguous", 409
    title = _("The snapshot says this more than once")


class TextWithheld(Refusal):
    slug, status = "text-withheld", 409
    title = _("The text is withheld, so it cannot be read here")


class NoText(Refusal):
    slug, status = "no-text", 409
    title = _("No text of the article is recorded")


class VerdictRefused(Refusal):
    slug, status = "verdict-refused", 409
    title = _("This verdict cannot follow the current one")


class DraftRefused(Refusal):
    slug, status = "draft-refused", 409
    title = _("The draft does not allow this move")


class LabelNotOnScale(Refusal):
    slug, status = "label-not-on-scale", 409
    title = _("Your organization's rating scale has no such label for this outcome")


class RelationRefused(Refusal):
    slug, status = "relation-refused", 409
    title = _("This decision cannot follow the current one")


class ContestRefused(Refusal):
    slug, status = "contest-refused", 409
    title = _("This cannot be contested, or not decided so")


class QueueRefused(Refusal):
    slug, status = "queue-refused", 409
    title = _("This cannot be done with the item of the queue as it stands")


class NothingWaits(Refusal):
    slug, status = "nothing-waits", 409
    title = _("Nothing waits in the queue")


class ClaimAlreadyJudged(Refusal):
    slug, status = "claim-already-judged", 409
    title = _("The claim has a verdict, so its words are fixed")


class Duplicate(Refusal):
    slug, status = "duplicate", 409
    title = _("This is recorded already")


class Conflict(Refusal):
    slug, status = "conflict", 409
    title = _("The record does not allow this")


class InvitationRefused(Refusal):
    slug, status = "invitation-refused", 409
    title = _("The invitation cannot be accepted")


class SecondFactorRefused(Refusal):
    slug, status = "second-factor-refused", 409
    title = _("One-time codes are switched on already, or not yet")


class RowsRefused(Refusal):
    slug, status = "rows-refused", 409
    title = _("Rows were refused, so none is recorded")


class BeyondTheLog(Refusal):
    slug, status = "beyond-the-log", 409
    title = _("You have read more than there is: the log was set back, to a backup perhaps")


class RequestInFlight(Refusal):
    slug, status = "request-in-flight", 409
    title = _("A request with this Idempotency-Key is being worked on")
    retry_after = 1


class AnswerErased(Refusal):
    slug, status = "answer-erased", 409
    title = _("This was carried out, but what it answered was erased")


class PreconditionFailed(Refusal):
    slug, status = "precondition-failed", 412
    title = _("The document has changed since you read it")


class TooLarge(Refusal):
    slug, status = "too-large", 413
    title = _("The body is too large")


class UnsupportedMediaType(Refusal):
    slug, status = "unsupported-media-type", 415
    title = _("Bodies are JSON: send Content-Type: application/json")


class KeyReused(Refusal):
    slug, status = "idempotency-key-reused", 422
    title = _("This Idempotency-Key was used for another request")


class PreconditionRequired(Refusal):
    slug, status = "precondition-required", 428
    title = _("Say with If-Match which version you have read")


class TooManyRequests(Refusal):
    slug, status = "too-many-requests", 429
    title = _("Too many requests in a minute")


class TooManyTries(Refusal):
    slug, status = "too-many-tries", 429
    title = _("Too many tries to sign in")


class ServerError(Refusal):
    slug, status = "server-error", 500
    title = _("Something went wrong on our side; it has been logged")


class Unavailable(Refusal):
    slug, status = "unavailable", 503
    title = _("The database cannot answer just now")
    retry_after = 2


REFUSALS: dict[str, type[Refusal]] = {kind.slug: kind for kind in Refusal.__subclasses__()}

# What a broken database constraint means to the caller, for races that no check beforehand
# can exclude. Every other constraint that is broken is a Conflict named by its name.
BY_CONSTRAINT: dict[str, tuple[type[Refusal], Words]] = {
    "article_url_unique": (Duplicate, _("An article with this url is recorded already.")),
    "snapshot_once_per_article": (Duplicate, _("The article has a snapshot of this very text.")),
    "verdict_chain_has_one_root": (
        PreconditionRequired,
        _("A colleague's verdict arrived meanwhile: read the claim again."),
    ),
    "verdict_superseded_once": (
        PreconditionFailed,
        _("A colleague's verdict arrived meanwhile: read the claim again."),
    ),
    "scale_version_unique": (
        PreconditionRequired,
        _("A colleague's scale arrived meanwhile: read it again."),
    ),
    "relation_chain_has_one_root": (
        PreconditionRequired,
        _("A colleague's decision arrived meanwhile: read the claim again."),
    ),
    "relation_superseded_once": (
        PreconditionFailed,
        _("A colleague's decision arrived meanwhile: read the claim again."),
    ),
    "claim_fixed_once_judged": (ClaimAlreadyJudged, _("A verdict arrived meanwhile.")),
    "verdict_follows_review_policy": (
        VerdictRefused,
        _("Your organization's review policy changed meanwhile: read the claim again."),
    ),
    "verdict_confirmed_by_its_own_member": (
        Forbidden,
        _("Your role in the organization changed meanwhile: you confirm no verdicts of it."),
    ),
    "verdict_confirmed_by_an_editor": (
        DraftRefused,
        _("Your organization's review policy changed meanwhile: read the draft again."),
    ),
    "draft_alive_once": (Duplicate, _("Your organization has a draft on this claim already.")),
    "organization_name_unique": (Duplicate, _("An organization of this name is recorded already.")),
    "claims_user_username_key": (Duplicate, _("This username is taken: choose another.")),
    "user_name_unique": (Duplicate, _("This username is taken: choose another.")),
    "user_email_unique": (Duplicate, _("An account has this e-mail address already.")),
    "member_once_per_organization": (Duplicate, _("This person is a member already.")),
    "appearance_position_unique": (
        Conflict,
        _("Another appearance was added at the same moment: send yours again."),
    ),
}


# Of those that a rule of claims.moves stands behind, its name.
RULES = {
    "draft_alive_once": "one-draft",
    "verdict_follows_review_policy": "review-required",
    "verdict_confirmed_by_its_own_member": "role",
    "verdict_confirmed_by_an_editor": "editor-confirms",
}


def for_constraint(name: str) -> Refusal:
    """What a broken database constraint means, by its name."""
    if name in BY_CONSTRAINT:
        kind, detail = BY_CONSTRAINT[name]
        return kind(detail, rule=RULES[name]) if name in RULES else kind(detail)
    return Conflict(_("The database refused this: %(name)s.") % {"name": name}, constraint=name)
