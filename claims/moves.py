"""Who may do what to claims, drafts and contests, from where to where, with what: one table.

The server asks it before each move (`refused`), documents say by it what comes next (`allowed`),
and docs/moves.md is written from it. What the table says no to is refused with the `rule`.
"""

from dataclasses import dataclass
from enum import Enum

from django.utils.translation import gettext_lazy as _

from claims.errors import Words
from claims.vocabulary import ContestState, DraftState, Outcome, ReviewPolicy, Role


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
    DRAFT_IS_ERASED = "draft-is-erased"
    LABEL_NOT_ON_SCALE = "label-not-on-scale"
    NOT_STANDING = "not-standing"
    EXTERNAL = "external"
    ENOUGH_CONTESTS = "enough-contests"
    CONTEST_IS_CLOSED = "contest-is-closed"
    NOT_OF_ONES_OWN = "not-of-ones-own"
    ONE_DRAFT = "one-draft"
    # Where no table of states is needed.
    ITS_OWN_EDITORS = "its-own-editors"
    A_COLLEAGUE_HAS_IT = "a-colleague-has-it"
    NOT_YOURS = "not-yours"
    OUT_OF_THE_QUEUE = "out-of-the-queue"
    NOTHING_WAITS = "nothing-waits"
    CONTESTS_ARE_OPEN = "contests-are-open"
    FOR_ONESELF = "for-oneself"
    LAST_ADMIN = "last-admin"
    INVITATION_IS_OVER = "invitation-is-over"
    INVITATION_IS_ACCEPTED = "invitation-is-accepted"
    # Of keys and of browsers, whoever comes with them.
    SCOPE = "scope"
    MORE_THAN_THE_KEY = "more-than-the-key"
    OUTLIVES_THE_KEY = "outlives-the-key"
    FOR_BROWSERS = "for-browsers"
    FORGED = "forged"

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
        "Only its author edits a draft, or withdraws it, which an editor does for one who has left "
        "or is a reader by now."
    ),
    Rule.NOT_BY_THE_AUTHOR: _("Nobody decides about a draft of their own: ask a colleague."),
    Rule.EDITOR_CONFIRMS: _(
        "In your organization an editor decides about drafts, and about contests of verdicts."
    ),
    Rule.DRAFT_IS_ERASED: _("What the draft said was erased: withdraw it, and make a new one."),
    Rule.LABEL_NOT_ON_SCALE: _("Your organization's scale has no such label for this outcome."),
    Rule.NOT_STANDING: _("The verdict does not stand any more: read what stands now."),
    Rule.EXTERNAL: _(
        "The verdict is of an organization that does not work here: turn to that organization."
    ),
    Rule.ENOUGH_CONTESTS: _(
        "So many contests of this verdict wait to be decided that no more are taken just now."
    ),
    Rule.CONTEST_IS_CLOSED: _("The contest was decided about, for good."),
    Rule.NOT_OF_ONES_OWN: _(
        "In your organization nobody decides alone that a verdict of their own stays: ask a "
        "colleague, or answer with a new verdict."
    ),
    # Of what is filed, not of how a claim stands: whoever drafts is told which one is there.
    Rule.ONE_DRAFT: _("Your organization has a draft on this claim already."),
    Rule.ITS_OWN_EDITORS: _("Only its own editors change an organization."),
    Rule.A_COLLEAGUE_HAS_IT: _("A colleague has it: an editor can assign it to somebody else."),
    Rule.NOT_YOURS: _("It is not assigned to you: an editor can assign it anew."),
    Rule.OUT_OF_THE_QUEUE: _("It is out of the queue: put the claim into it again."),
    Rule.NOTHING_WAITS: _("Nothing waits in the queue of your organization that nobody has."),
    Rule.CONTESTS_ARE_OPEN: _(
        "A verdict on the claim is contested: decide about that, which takes it out of the queue."
    ),
    Rule.FOR_ONESELF: _("You can leave for yourself alone; an admin ends memberships."),
    Rule.LAST_ADMIN: _("An organization needs an admin: make another member admin first."),
    # One for all: whoever has a dead link needs a new one, whatever it died of.
    Rule.INVITATION_IS_OVER: _(
        "It is unknown, expired, revoked or used already: ask for a new one."
    ),
    Rule.INVITATION_IS_ACCEPTED: _("It was accepted: end the membership instead."),
    Rule.SCOPE: _("The key lacks the scope that this needs: read or write."),
    Rule.MORE_THAN_THE_KEY: _("A key cannot make a key that may more than itself."),
    Rule.OUTLIVES_THE_KEY: _(
        "What a key makes (keys, invitations) cannot outlive it: set expires_at earlier."
    ),
    Rule.FOR_BROWSERS: _("This is for browsers: send no key."),
    Rule.FORGED: _(
        "A write of a browser does not have the token of its session, or comes from another site: "
        "send X-CSRFToken, or open the page anew."
    ),
}


class Of(Enum):
    """What is moved."""

    CLAIM = "claim"
    DRAFT = "draft"
    CONTEST = "contest"


class By(Enum):
    """Who moves a draft, or decides about a contest of a verdict.

    keeper: its author, or an editor where the author may judge no more. second: another one
    than the author of the verdict, where the review policy asks for a second member.
    """

    AUTHOR = "author"
    KEEPER = "keeper"
    ANOTHER = "another"
    SECOND = "second"


NOTHING = "nothing"
"""The state of a claim, to an organization without a standing verdict on it."""
STANDS, SUPERSEDED, ELSEWHERE = "stands", "superseded", "elsewhere"
"""The states of a verdict, to who would contest it. elsewhere: of an external organization."""

STANDING = (Outcome.VERIFIED.value, Outcome.DISPUTED.value, Outcome.INCONCLUSIVE.value)
ANY = (NOTHING, *STANDING)
LIVE = (DraftState.OPEN.value, DraftState.RETURNED.value)


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table.

    name: as documents tell it, which is the last part of the path too, where there is one.
    origin, target: states; of a claim, the outcome that stands for the organization, or NOTHING;
    a target of None is the state where it came from. role: the least one; None: whoever comes.
    issues: the outcome of the verdict that it issues at once. confirms: it makes a draft a verdict,
    which of a withdrawal needs one that stands. says: by what the draft says, so that this must
    be there still. keeps: it says that a verdict stays, which then has to be so. needs: parts of
    the request.
    """

    of: Of
    name: str
    origin: tuple[str, ...]
    target: str | None
    role: Role | None = Role.CHECKER
    by: By | None = None
    issues: Outcome | None = None
    confirms: bool = False
    says: bool = False
    keeps: bool = False
    needs: tuple[str, ...] = ()


FOUND = ("rationale", "If-Match where one stands")

MOVES = (
    Move(Of.CLAIM, "verify", ANY, "verified", issues=Outcome.VERIFIED, needs=FOUND),
    Move(Of.CLAIM, "dispute", ANY, "disputed", issues=Outcome.DISPUTED, needs=FOUND),
    Move(Of.CLAIM, "leave_open", ANY, "inconclusive", issues=Outcome.INCONCLUSIVE, needs=FOUND),
    Move(
        Of.CLAIM,
        "withdraw",
        STANDING,
        NOTHING,
        issues=Outcome.WITHDRAWN,
        needs=("rationale", "If-Match"),
    ),
    Move(Of.CLAIM, "draft", ANY, None, needs=("outcome", "rationale")),
    Move(Of.DRAFT, "edit", LIVE, "open", by=By.AUTHOR, says=True, needs=("If-Match",)),
    Move(
        Of.DRAFT,
        "confirm",
        ("open",),
        "confirmed",
        by=By.ANOTHER,
        confirms=True,
        says=True,
        needs=("If-Match", "a label that is on the scale", "of a withdrawal: a standing verdict"),
    ),
    Move(Of.DRAFT, "return", ("open",), "returned", by=By.ANOTHER, needs=("reasons", "If-Match")),
    Move(Of.DRAFT, "withdraw", LIVE, "withdrawn", by=By.KEEPER, needs=("If-Match",)),
    Move(Of.CONTEST, "contest", (STANDS,), "open", role=None, needs=("party", "reason", "text")),
    Move(
        Of.CONTEST,
        "uphold",
        ("open",),
        "upheld",
        by=By.SECOND,
        keeps=True,
        needs=("answer", "that it stands, or one that says the same"),
    ),
    Move(Of.CONTEST, "correct", ("open",), "corrected", needs=("verdict",)),
    Move(Of.CONTEST, "reject", ("open",), "rejected", by=By.SECOND, needs=("answer",)),
)
BY_NAME = {(it.of, it.name): it for it in MOVES}
ISSUING = {it.issues: it.name for it in MOVES if it.issues is not None}


@dataclass(frozen=True, slots=True)
class Situation:
    """Who asks, of an organization with which policy, and how that stands which is moved.

    role: None of who has no account. is_author: of the draft, or of the verdict that is contested.
    orphaned: the author of the draft has left, or is a reader by now. hollow: it withdraws a
    verdict, and none stands. erased: a law forced out what the draft says. off_scale: its label is
    not on the scale, as that is now. gone: what is contested stands no more, nor another verdict
    that says the same.
    """

    role: Role | None
    state: str
    policy: ReviewPolicy = ReviewPolicy.NONE
    is_author: bool = False
    orphaned: bool = False
    hollow: bool = False
    erased: bool = False
    off_scale: bool = False
    gone: bool = False


def refused(of: Of, name: str, it: Situation) -> Rule | None:
    """The rule that forbids a move; None where it may be made."""
    move = BY_NAME[of, name]
    rank = -1 if it.role is None else it.role.rank
    if move.role is not None and rank < move.role.rank:
        return Rule.ROLE
    if it.state not in move.origin:
        return NOT_FROM[it.state]
    if move.keeps and it.gone:
        return Rule.NOT_STANDING
    for_another = it.orphaned and rank >= Role.EDITOR.rank and move.by is By.KEEPER
    if move.by in {By.AUTHOR, By.KEEPER} and not (it.is_author or for_another):
        return Rule.AUTHOR_ONLY
    if move.by is By.ANOTHER and it.is_author:
        return Rule.NOT_BY_THE_AUTHOR
    if move.by is By.SECOND and it.policy is not ReviewPolicy.NONE and it.is_author:
        return Rule.NOT_OF_ONES_OWN
    decides = move.by in {By.ANOTHER, By.SECOND}
    if decides and it.policy is ReviewPolicy.EDITOR and rank < Role.EDITOR.rank:
        return Rule.EDITOR_CONFIRMS
    if move.says and it.erased:
        return Rule.DRAFT_IS_ERASED
    if move.confirms and it.hollow:
        return Rule.NOTHING_STANDS
    if move.confirms and it.off_scale:
        return Rule.LABEL_NOT_ON_SCALE
    if move.issues is not None and it.policy is not ReviewPolicy.NONE:
        return Rule.REVIEW_REQUIRED
    return None


NOT_FROM = {
    NOTHING: Rule.NOTHING_STANDS,
    "open": Rule.DRAFT_IS_OPEN,
    "returned": Rule.DRAFT_IS_RETURNED,
    "confirmed": Rule.DRAFT_IS_CLOSED,
    "withdrawn": Rule.DRAFT_IS_CLOSED,
    SUPERSEDED: Rule.NOT_STANDING,
    ELSEWHERE: Rule.EXTERNAL,
    **{state.value: Rule.CONTEST_IS_CLOSED for state in ContestState if state != ContestState.OPEN},
}


def allowed(of: Of, it: Situation) -> list[str]:
    """The moves that may be made, in the order of the table."""
    return [move.name for move in MOVES if move.of is of and refused(of, move.name, it) is None]
