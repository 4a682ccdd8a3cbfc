"""Verdicts that a second member confirms: drafted by one, decided about by another."""

from datetime import date
from typing import Any, Unpack
from uuid import UUID

import orjson
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.actions.acting import acting
from claims.actions.editing import locked
from claims.actions.judging import Finding, rating_of
from claims.actions.notices import notify
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, keep, record
from claims.actions.verdicts import hold, issue_verdict
from claims.errors import DraftRefused, Duplicate, NotFound
from claims.formats.canonical import canonical
from claims.formats.state import JSON, plain, state_of
from claims.models import ApiKey, Claim, Content, Draft, DraftStep, Member, Verdict
from claims.moves import LIVE, Of, Rule, Situation, refused
from claims.queries.references import named
from claims.queries.scales import newest_ratings
from claims.vocabulary import ChangeType, DraftState, NoticeKind, ReviewPolicy, Role, StepType


def create_draft(
    *, claim: UUID, by: Member, through: ApiKey | None = None, **finding: Unpack[Finding]
) -> Draft:
    """Draft what the member's organization may come to find; nothing stands by it yet.

    through: the key that asks for it, here and below.
    Raises Invalid for an unknown claim, Duplicate where the organization has a draft on it,
    LabelNotOnScale as a verdict would, NotAuthenticated, Forbidden.
    """
    named(Claim, claim, pointer="#/claim")
    locked(Claim, claim)  # one after the other, so that each is told of a draft that is there
    by = acting(by, through)
    alive = Draft.objects.filter(
        organization_id=by.organization_id, claim_id=claim, state__in=LIVE
    ).first()
    if alive is not None:
        raise Duplicate.by(Rule.ONE_DRAFT, draft=str(alive.pk))
    content = kept(finding, by)
    draft = Draft.objects.create(
        claim_id=claim,
        organization_id=by.organization_id,
        outcome=finding["outcome"],
        finding=content,
        created_by=by,
    )
    record(told(ChangeType.DRAFT_CREATED, draft, by))
    return draft


def edit_draft(
    *,
    draft_id: UUID,
    changes: dict[str, Any],
    by: Member,
    through: ApiKey | None = None,
    if_match: IfMatch | None,
) -> Draft:
    """Say some of it otherwise; one that was returned waits to be confirmed again.

    Raises NotFound, DraftRefused, LabelNotOnScale, PreconditionRequired, PreconditionFailed,
    NotAuthenticated, Forbidden.
    """
    draft, by = held(draft_id, "edit", by=by, through=through, if_match=if_match)
    said = finding_of(draft) | changes
    if draft.state == DraftState.OPEN and said == finding_of(draft):
        return draft
    columns = {"finding": kept(said, by), "outcome": said["outcome"], "state": DraftState.OPEN}
    return stepped(draft, StepType.EDITED, by=by, **columns)


def return_draft(
    *,
    draft_id: UUID,
    reasons: str,
    by: Member,
    through: ApiKey | None = None,
    if_match: IfMatch | None,
) -> Draft:
    """Send it back to its author, who may edit or withdraw it. Raises as `edit_draft`."""
    draft, by = held(draft_id, "return", by=by, through=through, if_match=if_match)
    stepped(draft, StepType.RETURNED, by=by, reasons=reasons, state=DraftState.RETURNED)
    notify([author_of(draft)], NoticeKind.RETURN, draft=draft, by=by)
    return draft


def withdraw_draft(
    *, draft_id: UUID, by: Member, through: ApiKey | None = None, if_match: IfMatch | None
) -> Draft:
    """Take it back, for good. Raises as `edit_draft`."""
    draft, by = held(draft_id, "withdraw", by=by, through=through, if_match=if_match)
    return stepped(draft, StepType.WITHDRAWN, by=by, state=DraftState.WITHDRAWN)


def confirm_draft(
    *, draft_id: UUID, by: Member, through: ApiKey | None = None, if_match: IfMatch | None
) -> Draft:
    """Issue what it says: its author's verdict, confirmed by the member.

    if_match: the draft's entity tag, which covers the verdict that stands for the organization.
    Raises as `edit_draft`, and VerdictRefused.
    """
    claim_id = own(draft_id, by).claim_id
    # The claim before the draft: whoever judges a claim never waits for a draft.
    hold(claim_id)
    draft, by = held(draft_id, "confirm", by=by, through=through, if_match=if_match)
    author = author_of(draft)
    verdict: Verdict = issue_verdict(
        claim_id=claim_id, by=author, confirmed_by=by, **finding_of(draft)
    )
    return stepped(draft, StepType.CONFIRMED, by=by, state=DraftState.CONFIRMED, verdict=verdict)


def kept(finding: Finding, by: Member) -> Content:
    """Raises Invalid and LabelNotOnScale as a verdict would."""
    rating_of(finding, newest_ratings(by.organization_id))
    [content] = keep([canonical(dict(finding))])
    assert content is not None
    return content


def finding_of(draft: Draft) -> Any:
    """The Finding that a draft says, where no law has forced it out."""
    text = draft.finding.text
    assert text is not None  # as `held` has looked
    finding = orjson.loads(text)
    for name in ("valid_until", "recheck_on"):
        if (day := finding.get(name)) is not None:
            finding[name] = date.fromisoformat(day)
    return finding


def author_of(draft: Draft) -> Member:
    assert draft.created_by_id is not None  # as the database holds
    return Member.objects.select_related("organization").get(pk=draft.created_by_id)


def own(draft_id: UUID, by: Member) -> Draft:
    """Raises NotFound for what is of another organization too."""
    draft = Draft.objects.filter(pk=draft_id, organization_id=by.organization_id).first()
    if draft is None:
        raise NotFound(_("There is nothing with this id that you may see."))
    return draft


def held(
    draft_id: UUID, move: str, *, by: Member, through: ApiKey | None, if_match: IfMatch | None
) -> tuple[Draft, Member]:
    """The draft, locked, as it was read; and the member as it is now, who may do this with it."""
    own(draft_id, by)
    draft = locked(Draft, draft_id)
    by = acting(by, through)
    require_current(Draft, draft_id, if_match, needed=True)
    author = author_of(draft)
    situation = Situation(
        role=Role(by.role),
        state=draft.state,
        policy=ReviewPolicy(by.organization.review_policy),
        is_author=author.pk == by.pk,
        orphaned=not author.may_act_as(Role.CHECKER),
        erased=draft.finding.text is None,
        # That what it withdraws stands, and its label too, is found out by issuing its verdict.
    )
    if (rule := refused(Of.DRAFT, move, situation)) is not None:
        raise DraftRefused.by(rule)
    return draft, by


def stepped(
    draft: Draft, type: StepType, *, by: Member, reasons: str | None = None, **columns: Any
) -> Draft:
    """Set these columns of a locked draft, and keep who did what and why."""
    before = state_of(draft, steps=steps_of(draft))
    last = draft.steps.aggregate(last=Max("position"))["last"]
    now = timezone.now()
    [why] = keep([reasons])
    DraftStep.objects.create(
        draft=draft,
        position=0 if last is None else last + 1,
        type=type,
        reasons=why,
        taken_by=by,
        taken_at=now,
    )
    for name, value in columns.items():
        setattr(draft, name, value)
    draft.version += 1
    draft.changed_at = now
    draft.save(update_fields=[*columns, "version", "changed_at"])
    record(told(ChangeType(f"draft.{type}"), draft, by, before=before))
    return draft


def told(type: ChangeType, draft: Draft, by: Member, before: JSON | None = None) -> Happening:
    """Not of the claim: nobody outside of the organization learns what it drafts about."""
    return Happening(
        type=type,
        subject=draft,
        by=by,
        organization_id=draft.organization_id,
        before=before,
        more={"steps": steps_of(draft)},
    )


def steps_of(draft: Draft) -> list[JSON]:
    return [
        {
            "position": step.position,
            "type": step.type,
            "reasons": None if step.reasons is None else plain(step.reasons.sha256),
            "taken_by": step.taken_by_id,
        }
        for step in draft.steps.select_related("reasons").order_by("position")
    ]
