"""Filing claims, and saying where they appear."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from claims import text as texts
from claims.actions.anchoring import anchor
from claims.actions.editing import apply, locked
from claims.actions.facts import extent_columns
from claims.actions.indexing import Rewording, index
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, record
from claims.errors import (
    ClaimAlreadyJudged,
    Fault,
    Invalid,
    PassageAmbiguous,
    PassageNotFound,
)
from claims.models import (
    Appearance,
    Article,
    Assertion,
    Claim,
    Extent,
    Member,
    Relay,
    Snapshot,
    Speaker,
)
from claims.queries.matching import readings
from claims.queries.references import LookUp, all_named, in_record, named
from claims.text import Searchable
from claims.text.matching import Found
from claims.vocabulary import ChangeType, Kind, Speech

FACT_COLUMNS = (
    "subject",
    "property",
    "value",
    "value_type",
    "unit",
    "approximate",
    "lower",
    "upper",
)


class Marked(TypedDict, total=False):
    """Where a claim appears, as filed: a passage of a snapshot, or an article as a whole."""

    snapshot: UUID | None
    article: UUID | None
    exact: str | None
    prefix: str
    suffix: str
    start: int | None
    end: int | None
    relayed_by: Sequence[UUID]


def create_claim(
    *,
    kind: Kind,
    text: str,
    language: str,
    speaker: UUID | None = None,
    stated_on: str | None = None,
    fact: dict[str, Any] | None = None,
    speech: Speech | None = None,
    asserts: Sequence[UUID] = (),
    appearance: Marked | None = None,
    by: Member | None,
) -> Claim:
    """Raises Invalid for unknown ids, PassageNotFound, PassageAmbiguous."""
    said_by = None if speaker is None else named(Speaker, speaker, pointer="#/speaker")
    facts = asserted(asserts)
    claim = Claim.objects.create(
        kind=kind,
        text=text,
        language=language,
        speaker=said_by,
        stated_on=stated_on,
        speech=speech,
        created_by=by,
        **fact_columns(fact),
    )
    Assertion.objects.bulk_create(Assertion(statement=claim, fact=it) for it in facts)
    record(created(claim, facts, by=by), filed_at=claim.created_at)
    headline = passage = None
    if appearance is not None:
        first = mark(claim, appearance, pointer="#/appearance", by=by)
        headline, passage = first.article.headline, first.exact
    said = readings(text, subject=claim.subject, headline=headline, passages=[passage])
    index([(claim.pk, Found.by(said))])
    if fact is not None:
        # Last, since it locks what the fact is about: articles and claims are locked before.
        Extent.objects.create(claim=claim, **extent_columns(fact))
    return claim


def fact_columns(fact: dict[str, Any] | None) -> dict[str, Any]:
    return {name: (fact or {}).get(name) for name in FACT_COLUMNS}


def created(claim: Claim, facts: Sequence[Claim], *, by: Member | None) -> Happening:
    return Happening(
        type=ChangeType.CLAIM_CREATED,
        subject=claim,
        by=by,
        claim=claim,
        more={"asserts": [it.pk for it in facts]},
    )


def edit_claim(
    *, claim_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> Claim:
    """Change what a claim says, before its first verdict.

    Raises NotFound, ClaimAlreadyJudged, PreconditionRequired, PreconditionFailed, Invalid.
    """
    claim = locked(Claim, claim_id)
    require_current(Claim, claim_id, if_match, needed=True)
    if claim.verdicts.exists():
        raise ClaimAlreadyJudged(
            _("Correct it by filing another claim, or say what is wrong in a verdict.")
        )
    if "fact" in changes:
        fact = changes.pop("fact")
        if claim.kind != Kind.FACT:
            raise Invalid.at("#/fact", _("A statement has no fact of its own: use asserts."))
        changes |= fact_columns(fact)
        # Before the claim: whoever finds a conflict by this waits until both are committed.
        Extent.objects.filter(claim=claim).update(**extent_columns(fact))
    if "speaker" in changes:
        if changes["speaker"] is not None:
            changes["speaker"] = named(Speaker, changes["speaker"], pointer="#/speaker")
        elif claim.kind == Kind.STATEMENT:
            raise Invalid.at("#/speaker", _("A statement needs its speaker."))
    happening = Happening(
        type=ChangeType.CLAIM_EDITED,
        subject=claim,
        by=by,
        claim=claim,
        more={"asserts": asserted_by(claim)},
    )
    with Rewording([claim_id]):
        return apply(claim, changes, happening)


def asserted_by(claim: Claim) -> list[UUID]:
    return list(claim.assertions.order_by("id").values_list("fact_id", flat=True))


def add_appearance(*, claim_id: UUID, appearance: Marked, by: Member) -> Appearance:
    """Say of a claim that it appears elsewhere too. Raises as create_claim does."""
    with Rewording([claim_id]):
        return mark(None, appearance, claim_id=claim_id, pointer="#", by=by)


def mark(
    claim: Claim | None,
    marked: Marked,
    *,
    claim_id: UUID | None = None,
    pointer: str,
    by: Member | None,
) -> Appearance:
    """Record an appearance; the passage is told as the snapshot has it.

    claim: one that was made in this transaction; else claim_id. The article is locked first and
    the claim then, as capturing a snapshot does.
    """
    filed_at = None if claim is None else claim.created_at
    snapshot, article_id = carrier(marked, pointer)
    # Before the locks: searching a long text takes a while, and a snapshot never changes.
    told = passage(snapshot, text_of(snapshot), marked, pointer)
    chain = relaying(marked, pointer)
    article = Article.objects.select_for_update(no_key=True).get(pk=article_id)
    if claim is None:
        assert claim_id is not None
        claim = locked(Claim, claim_id)
    last = claim.appearances.aggregate(last=Max("position"))["last"]
    appearance = Appearance.objects.create(
        claim=claim,
        position=0 if last is None else last + 1,
        article=article,
        snapshot=snapshot,
        created_by=by,
        **told,
    )
    Relay.objects.bulk_create(
        Relay(appearance=appearance, position=i, speaker=speaker) for i, speaker in enumerate(chain)
    )
    record(added(appearance, chain, claim=claim, by=by), filed_at=filed_at)
    if snapshot is not None:
        newest = article.snapshots.order_by("captured_at", "id").select_related("content").last()
        if newest is not None and newest != snapshot:
            at, text = {claim.pk: claim}, text_of(newest)
            anchor([appearance], at, newest, text, by=by, filed_at=filed_at)
    return appearance


def added(
    appearance: Appearance, chain: Sequence[Speaker], *, claim: Claim, by: Member | None
) -> Happening:
    return Happening(
        type=ChangeType.APPEARANCE_ADDED,
        subject=appearance,
        by=by,
        claim=claim,
        more={"relayed_by": [speaker.pk for speaker in chain]},
    )


def carrier(
    marked: Marked, pointer: str, look_up: LookUp = in_record
) -> tuple[Snapshot | None, UUID]:
    """The snapshot, where one is named, and the id of the article."""
    snapshot_id, article_id = marked.get("snapshot"), marked.get("article")
    if snapshot_id is not None:
        snapshot = named(Snapshot, snapshot_id, pointer=f"{pointer}/snapshot", look_up=look_up)
        if article_id not in (None, snapshot.article_id):
            raise Invalid.at(f"{pointer}/article", _("The snapshot is of another article."))
        return snapshot, snapshot.article_id
    assert article_id is not None
    named(Article, article_id, pointer=f"{pointer}/article", look_up=look_up)
    return None, article_id


def relaying(marked: Marked, pointer: str, look_up: LookUp = in_record) -> list[Speaker]:
    """Who relayed it to whom, in order."""
    ids = list(marked.get("relayed_by", ()))
    pointers = [f"{pointer}/relayed_by/{i}" for i in range(len(ids))]
    return all_named(Speaker, ids, pointers=pointers, look_up=look_up)


def passage(
    snapshot: Snapshot | None, text: str | Searchable | None, marked: Marked, pointer: str
) -> dict[str, Any]:
    """The passage columns of an appearance. Raises PassageNotFound, PassageAmbiguous, Invalid.

    text: the snapshot's, None where it is withheld.
    """
    if snapshot is None:
        return {"checked": False}
    if text is None:
        return as_filed(snapshot, marked, pointer)
    try:
        found = texts.locate(
            text,
            exact=marked.get("exact"),
            prefix=marked.get("prefix", ""),
            suffix=marked.get("suffix", ""),
            start=marked.get("start"),
            end=marked.get("end"),
        )
    except texts.PassageAmbiguous as refused:
        raise PassageAmbiguous(
            refused.reason,
            faults=[Fault(refused.reason, pointer=f"{pointer}/exact")],
            candidates=[asdict(candidate) for candidate in refused.candidates],
            total=refused.total,
        ) from None
    except texts.PassageNotFound as refused:
        field = "start" if marked.get("exact") is None else "exact"
        raise PassageNotFound.at(f"{pointer}/{field}", refused.reason) from None
    return {
        "exact": found.exact,
        "prefix": found.prefix,
        "suffix": found.suffix,
        "start": found.start,
        "end": found.end,
        "checked": True,
    }


def text_of(snapshot: Snapshot | None) -> str | None:
    return None if snapshot is None or snapshot.content is None else snapshot.content.text


def as_filed(snapshot: Snapshot, marked: Marked, pointer: str) -> dict[str, Any]:
    """A passage of a withheld text: nothing can be compared but lengths."""
    exact, start, end = marked.get("exact"), marked.get("start"), marked.get("end")
    if exact is None:
        raise Invalid.at(f"{pointer}/exact", _("The text is withheld: say what the passage is."))
    if len(exact) > snapshot.length:
        raise PassageNotFound.at(
            f"{pointer}/exact",
            _("The snapshot has only %(length)d characters.") % {"length": snapshot.length},
        )
    if start is not None:
        end = start + len(exact) if end is None else end
        if end - start != len(exact):
            raise PassageNotFound.at(
                f"{pointer}/end",
                _("The passage has %(length)d characters, from start to end are %(span)d.")
                % {"length": len(exact), "span": end - start},
            )
        if end > snapshot.length:
            raise PassageNotFound.at(
                f"{pointer}/end",
                _("The snapshot ends at %(length)d.") % {"length": snapshot.length},
            )
    elif end is not None:
        raise Invalid.at(f"{pointer}/start", _("Give start as well, or neither."))
    return {
        "exact": exact,
        "prefix": marked.get("prefix", ""),
        "suffix": marked.get("suffix", ""),
        "start": start,
        "end": end,
        "checked": False,
    }


def asserted(ids: Sequence[UUID], look_up: LookUp = in_record) -> list[Claim]:
    pointers = [f"#/asserts/{i}" for i in range(len(ids))]
    facts = all_named(Claim, ids, pointers=pointers, look_up=look_up)
    faults = [
        Fault(_("This claim is a statement: only facts are asserted."), pointer=pointer)
        for pointer, fact in zip(pointers, facts, strict=True)
        if fact.kind != Kind.FACT
    ]
    if faults:
        raise Invalid(_("A statement asserts facts."), faults=faults)
    return facts
