"""Who may do what to a claim and to a draft, from where to where, and what it needs: one table.

The server asks it before each move (`refused`), documents say by it what comes next (`allowed`),
and docs/moves.md is written from it. What the table says no to is refused with the `rule`.
"""

from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext_lazy as _

from claims.errors import Words
from claims.vocabulary import DraftState, Outcome, ReviewPolicy, Role


class Rule(Enum):
    """Why a move is refused, as the API names it."""

    ROLE = "role"
    REVIEW_REQUIRED = "review-required"
    NOTHING_STANDS = "nothing-stands"
    DRAFT_IS_OPEN = "draft-is-open"
    DRAFT_IS_RETURNED = "draft-is-returned"
    DRAFT_IS_CLOSED = "draft-is-closed"
    AUTHOR_ONLY = "author-only"
    NOT_BY_THE_AUTHOR = "not-by-the-author"
    EDITOR_CONFIRMS = "editor-confirms"
    ONE_DRAFT = "one-draft"

    @property
    def words(self) -> Words:
        return WORDS[self]


WORDS: dict[Rule, Words] = {
    Rule.ROLE: _("Your role does not allow this."),
    Rule.REVIEW_REQUIRED: _(
        "A verdict of your organization is confirmed by a second person: send this as a draft."
    ),
    Rule.NOTHING_STANDS: _("Your organization has no standing verdict to withdraw."),
    Rule.DRAFT_IS_OPEN: _("The draft waits to be confirmed."),
    Rule.DRAFT_IS_RETURNED: _("The draft was returned to its author, who has to edit it first."),
    Rule.DRAFT_IS_CLOSED: _("The draft was confirmed or withdrawn: make a new one."),
    Rule.AUTHOR_ONLY: _(
        "Only its author edits a draft, or withdraws it, which an editor does for one who has left."
    ),
    Rule.NOT_BY_THE_AUTHOR: _("Nobody decides about a draft of their own: ask a colleague."),
    Rule.EDITOR_CONFIRMS: _("In your organization an editor decides about drafts."),
    # Of what is filed, not of how a claim stands: whoever drafts is told which one is there.
    Rule.ONE_DRAFT: _("Your organization has a draft on this claim already."),
}


class Of(Enum):
    """What is moved."""

    CLAIM = "claim"
    DRAFT = "draft"


class By(Enum):
    """Who moves a draft. keeper: its author, or an editor where the author is a member no more."""

    AUTHOR = "author"
    KEEPER = "keeper"
    ANOTHER = "another"


NOTHING = "nothing"
"""The state of a claim, to an organization without a standing verdict on it."""

STANDING = (Outcome.VERIFIED.value, Outcome.DISPUTED.value, Outcome.INCONCLUSIVE.value)
ANY = (NOTHING, *STANDING)
LIVE = (DraftState.OPEN.value, DraftState.RETURNED.value)


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table.

    name: as documents tell it, which is the last part of the path too, where there is one.
    origin, target: states; of a claim, the outcome that stands for the organization, or NOTHING;
    a target of None is the state where it came from. needs: parts of the request.
    """

    of: Of
    name: str
    origin: tuple[str, ...]
    target: str | None
    role: Role = Role.CHECKER
    by: By | None = None
    needs: tuple[str, ...] = ()


MOVES = (
    Move(Of.CLAIM, "verify", ANY, "verified", needs=("rationale", "If-Match where one stands")),
    Move(Of.CLAIM, "dispute", ANY, "disputed", needs=("rationale", "If-Match where one stands")),
    Move(
        Of.CLAIM,
        "leave_open",
        ANY,
        "inconclusive",
        needs=("rationale", "If-Match where one stands"),
    ),
    Move(Of.CLAIM, "withdraw", STANDING, NOTHING, needs=("rationale", "If-Match")),
    Move(Of.CLAIM, "draft", ANY, None, needs=("outcome", "rationale")),
    Move(Of.DRAFT, "edit", LIVE, "open", by=By.AUTHOR, needs=("If-Match",)),
    Move(
        Of.DRAFT,
        "confirm",
        ("open",),
        "confirmed",
        by=By.ANOTHER,
        needs=("If-Match", "of a withdrawal: a standing verdict"),
    ),
    Move(Of.DRAFT, "return", ("open",), "returned", by=By.ANOTHER, needs=("reasons", "If-Match")),
    Move(Of.DRAFT, "withdraw", LIVE, "withdrawn", by=By.KEEPER, needs=("If-Match",)),
)
BY_NAME = {(it.of, it.name): it for it in MOVES}
# The moves that issue a verdict at once, by its outcome.
ISSUING = {
    Outcome.VERIFIED: "verify",
    Outcome.DISPUTED: "dispute",
    Outcome.INCONCLUSIVE: "leave_open",
    Outcome.WITHDRAWN: "withdraw",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """Who asks, of an organization with which policy, and how the claim or the draft stands.

    is_author, author_left: of the draft. hollow: it withdraws a verdict, and none stands.
    """

    role: Role
    state: str
    policy: ReviewPolicy = ReviewPolicy.NONE
    is_author: bool = False
    author_left: bool = False
    hollow: bool = False


def refused(of: Of, name: str, it: Situation) -> Rule | None:
    """The rule that forbids a move; None where it may be made."""
    move = BY_NAME[of, name]
    if it.role.rank < move.role.rank:
        return Rule.ROLE
    if it.state not in move.origin:
        return NOT_FROM[it.state]
    keeps = it.author_left and it.role.rank >= Role.EDITOR.rank and move.by is By.KEEPER
    if move.by in {By.AUTHOR, By.KEEPER} and not (it.is_author or keeps):
        return Rule.AUTHOR_ONLY
    if move.by is By.ANOTHER:
        if it.is_author:
            return Rule.NOT_BY_THE_AUTHOR
        if it.policy is ReviewPolicy.EDITOR and it.role.rank < Role.EDITOR.rank:
            return Rule.EDITOR_CONFIRMS
        if it.hollow and name == "confirm":
            return Rule.NOTHING_STANDS
    issues = of is Of.CLAIM and name in ISSUING.values()
    if issues and it.policy is not ReviewPolicy.NONE:
        return Rule.REVIEW_REQUIRED
    return None


NOT_FROM = {
    NOTHING: Rule.NOTHING_STANDS,
    "open": Rule.DRAFT_IS_OPEN,
    "returned": Rule.DRAFT_IS_RETURNED,
    "confirmed": Rule.DRAFT_IS_CLOSED,
    "withdrawn": Rule.DRAFT_IS_CLOSED,
}


def allowed(of: Of, it: Situation) -> list[str]:
    """The moves that may be made, in the order of the table."""
    return [move.name for move in MOVES if move.of is of and refused(of, move.name, it) is None]
