"""What was done behind our back, by SQL and with triggers off, is found and named."""

from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatch
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.models import Model

from claims.actions.claims import edit_claim
from claims.actions.webhooks import create_webhook
from claims.management.verification import TOLD_BY, faults
from claims.models import Change, Checkpoint, Claim, LogEntry, Verdict
from claims.queries.etags import etag
from claims.vocabulary import ChangeType, Outcome
from tests import make
from tests.log import numbered, sign_what_is_left
from tests.models.rows import run


@dataclass
class Recorded:
    """A record with a log: a claim that was judged three times, and much beside it."""

    claim: Claim
    verdicts: list[Verdict]

    def number(self, verdict: Verdict) -> int:
        return LogEntry.objects.get(change__subject_id=verdict.pk).number


@pytest.fixture
def recorded(committed: str) -> Recorded:
    with transaction.atomic():
        desks = [make.desk(), make.desk()]
        claim, _appearance = make.marked_fact()
        make.snapshot("Iraq declared victory again.", of=claim.appearances.get().article)
        evidence = [{"url": "https://example.org/", "stance": "refutes", "quote": "Not so."}]
        verdicts = [
            make.verdict(claim, desks[0].checker, evidence=evidence),
            make.verdict(claim, desks[1].checker, Outcome.VERIFIED, evidence=evidence),
            make.verdict(claim, desks[0].editor, Outcome.INCONCLUSIVE),
        ]
        make.statement(asserts=[claim.pk])
        make.key(desks[0].checker)
    numbered()
    return Recorded(claim, verdicts)


def verify(*options: str, **more: Any) -> str:
    out = StringIO()
    try:
        call_command("verify_log", *options, stdout=out, **more)
    except CommandError as wrong:
        wrong.add_note(out.getvalue())
        raise
    return out.getvalue()


def found(*options: str) -> str:
    """What is told of a log that is not whole."""
    out = StringIO()
    with pytest.raises(CommandError, match="faults in"):
        call_command("verify_log", *options, stdout=out)
    return out.getvalue()


TABLES = (
    "verdict",
    "relation",
    "rating",
    "evidence",
    "content",
    "change",
    "claim",
    "logentry",
    "tile",
    "checkpoint",
)


def tamper(*statements: tuple[str, list[Any] | dict[str, Any]]) -> None:
    """As the owner of the tables, with all triggers off that an owner can switch off."""
    owner = connections["owner"]
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE claims_{table} DISABLE TRIGGER USER")
        for statement, values in statements:
            cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE claims_{table} ENABLE TRIGGER USER")


REWORD = """
    UPDATE claims_content SET text = 'It is true.', length = 11,
        sha256 = sha256(salt || convert_to('It is true.', 'UTF8'))
    WHERE id = %s"""


def test_a_record_that_nobody_touched_is_whole(recorded: Recorded) -> None:
    assert "all as they were logged" in verify()


def test_erasing_a_text_as_the_law_wants_it_is_no_fault(recorded: Recorded) -> None:
    change = Change.objects.get(subject_id=recorded.verdicts[0].pk)
    for content in (recorded.verdicts[0].rationale_id, change.document_id):
        run(ERASE, [content], using="owner")
    assert "all as they were logged" in verify()


ERASE = "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s"


def erase_document(recorded: Recorded, verdict: Verdict) -> str:
    """Erase what the Change of a verdict remembers; what is told of that from now on."""
    run(ERASE, [Change.objects.get(subject_id=verdict.pk).document_id], using="owner")
    return f"number {recorded.number(verdict)}: erased, so that its row cannot be compared"


def test_a_document_that_was_erased_is_told_and_is_no_fault(recorded: Recorded) -> None:
    assert "erased" not in verify()
    erased = [erase_document(recorded, verdict) for verdict in recorded.verdicts[:2]]
    told = verify()
    assert [line for line in told.splitlines() if "erased" in line] == [
        f"{line} with it" for line in erased
    ]
    assert "all as they were logged" in told


def test_erased_documents_are_told_beside_faults_too(recorded: Recorded) -> None:
    erased = erase_document(recorded, recorded.verdicts[0])
    other = recorded.verdicts[1]
    tamper((REWORD, [other.rationale_id]))
    told = found()
    assert erased in told
    assert f"number {recorded.number(other)}: verdict {other.pk} was changed: rationale" in told


def test_where_a_checkpoint_is_printed_erased_documents_are_told_beside_it(
    recorded: Recorded,
) -> None:
    erased = erase_document(recorded, recorded.verdicts[0])
    errors = StringIO()
    assert verify("--checkpoint", stderr=errors) == Checkpoint.objects.latest("size").note
    assert erased in errors.getvalue()


def test_another_outcome_is_found_though_the_document_was_erased(recorded: Recorded) -> None:
    """The Change itself tells the outcome, and so does its entry of the log."""
    verdict = recorded.verdicts[2]
    erased = erase_document(recorded, verdict)
    tamper(("UPDATE claims_verdict SET outcome = 'verified' WHERE id = %s", [verdict.pk]))
    told = found()
    number = recorded.number(verdict)
    assert f"number {number}: verdict {verdict.pk} was changed: outcome" in told
    assert erased in told
    tamper(
        ("UPDATE claims_change SET outcome = 'verified' WHERE subject_id = %s", [verdict.pk]),
    )
    told = found()
    assert f"number {number}: its Change is not what was logged: outcome" in told
    assert erased in told


@pytest.mark.parametrize(
    ("column", "value"),
    [("relation", "narrows"), ("score", "0.9"), ("reasons", "[]"), ("other_id", None)],
)
def test_a_changed_decision_about_a_pair_is_named(
    recorded: Recorded, column: str, value: str | None
) -> None:
    with transaction.atomic():
        other, third = make.fact(), make.fact()
        desk = make.desk()
        reasons = ["both say so", {"shared": ["Iraq"], "weight": "0.5"}]
        decided = make.relation(
            recorded.claim, other, desk.checker, "same", score=Decimal("0.2500"), reasons=reasons
        )
        make.relation(other, recorded.claim, desk.checker, "withdrawn")
    numbered()
    verify()
    set_to = value or str(third.pk)
    tamper((f"UPDATE claims_relation SET {column} = %s WHERE id = %s", [set_to, decided.pk]))
    name = column.removesuffix("_id")
    assert f"relation {decided.pk} was changed: {name}" in found()


def test_a_changed_rationale_is_named_by_its_number(recorded: Recorded) -> None:
    verdict = recorded.verdicts[0]
    tamper((REWORD, [verdict.rationale_id]))
    told = found()
    assert f"number {recorded.number(verdict)}: verdict {verdict.pk} was changed: rationale" in told


def test_so_is_one_whose_hash_was_left_as_it_was(recorded: Recorded) -> None:
    """For which the constraint on it has to go as well."""
    verdict = recorded.verdicts[1]
    tamper(
        (
            "ALTER TABLE claims_content DROP CONSTRAINT content_hash_and_length_are_of_its_text",
            [],
        ),
        ("UPDATE claims_content SET text = 'It is true.' WHERE id = %s", [verdict.rationale_id]),
    )
    number = recorded.number(verdict)
    assert f"number {number}: the rationale of verdict {verdict.pk} was changed" in found()


@pytest.mark.parametrize(
    ("column", "value"),
    [("outcome", "verified"), ("label", "True"), ("issued_at", "2020-01-01"), ("url", "x")],
)
def test_a_changed_column_is_named(recorded: Recorded, column: str, value: str) -> None:
    verdict = recorded.verdicts[0]
    tamper((f"UPDATE claims_verdict SET {column} = %s WHERE id = %s", [value, verdict.pk]))
    number = recorded.number(verdict)
    assert f"number {number}: verdict {verdict.pk} was changed: {column}" in found()


def test_a_removed_verdict_is_named(recorded: Recorded) -> None:
    tip = recorded.verdicts[2]
    tamper(("DELETE FROM claims_verdict WHERE id = %s", [tip.pk]))
    assert f"number {recorded.number(tip)}: verdict {tip.pk} was removed" in found()


def test_removed_evidence_is_named(recorded: Recorded) -> None:
    verdict = recorded.verdicts[0]
    tamper(("DELETE FROM claims_evidence WHERE verdict_id = %s", [verdict.pk]))
    number = recorded.number(verdict)
    assert f"number {number}: verdict {verdict.pk} was changed: evidence" in found()


def test_an_inserted_verdict_is_named(recorded: Recorded) -> None:
    copied = (
        "INSERT INTO claims_verdict (claim_id, organization_id, supersedes_id, outcome, "
        "rationale_id) SELECT claim_id, organization_id, id, 'verified', rationale_id "
        "FROM claims_verdict WHERE id = %s RETURNING id"
    )
    tamper((copied, [recorded.verdicts[2].pk]))
    inserted = Verdict.objects.get(supersedes=recorded.verdicts[2])
    assert f"verdict {inserted.pk} was added: no Change tells of it" in found()


def test_two_swapped_verdicts_are_both_named(recorded: Recorded) -> None:
    one, other = recorded.verdicts[:2]
    swap = "UPDATE claims_verdict SET rationale_id = %s, outcome = %s WHERE id = %s"
    tamper(
        (swap, [other.rationale_id, other.outcome, one.pk]),
        (swap, [one.rationale_id, one.outcome, other.pk]),
    )
    told = found()
    for verdict in (one, other):
        number = recorded.number(verdict)
        assert f"number {number}: verdict {verdict.pk} was changed: outcome, rationale" in told


def test_a_changed_status_is_named(recorded: Recorded) -> None:
    tamper(("UPDATE claims_claim SET status = 'disputed' WHERE id = %s", [recorded.claim.pk]))
    assert f"claim {recorded.claim.pk} was changed: status" in found()


def test_a_verdict_changed_with_its_change_and_hash_is_named_by_the_log(
    recorded: Recorded,
) -> None:
    verdict = recorded.verdicts[2]
    change = Change.objects.get(subject_id=verdict.pk)
    redo = """
        WITH fresh AS (SELECT id, replace(text, '"inconclusive"', '"verified"') AS text
                       FROM claims_content WHERE id = %s)
        UPDATE claims_content c SET text = fresh.text, length = char_length(fresh.text),
            sha256 = sha256(c.salt || convert_to(fresh.text, 'UTF8'))
        FROM fresh WHERE c.id = fresh.id"""
    tamper(
        ("UPDATE claims_verdict SET outcome = 'verified' WHERE id = %s", [verdict.pk]),
        (redo, [change.document_id]),
        ("UPDATE claims_change SET outcome = 'verified' WHERE id = %s", [change.pk]),
    )
    number = recorded.number(verdict)
    assert f"number {number}: its Change is not what was logged: document, outcome" in found()


def test_two_swapped_entries_are_named(recorded: Recorded) -> None:
    first, second = LogEntry.objects.order_by("number")[4:6]
    swap = "UPDATE claims_logentry SET entry = %s, leaf_hash = %s WHERE number = %s"
    tamper(
        (swap, [second.entry, bytes(second.leaf_hash), first.number]),
        (swap, [first.entry, bytes(first.leaf_hash), second.number]),
    )
    told = found()
    for number in (first.number, second.number):
        assert f"number {number}: its Change is not what was logged" in told
    assert "another root than its checkpoint" in told


def kept(tmp_path: Path) -> Path:
    """The last checkpoint, as somebody keeps it outside."""
    file = tmp_path / "checkpoint"
    file.write_text(verify("--checkpoint", stderr=StringIO()))
    return file


def test_a_log_written_anew_with_the_key_is_found_by_who_has_kept_a_checkpoint(
    recorded: Recorded, tmp_path: Path
) -> None:
    """The tail with all hashes, entries and signatures made again: whole in itself."""
    file = kept(tmp_path)
    number = recorded.number(recorded.verdicts[2])
    tamper(
        ("DELETE FROM claims_checkpoint WHERE size >= %s", [number]),
        (
            "INSERT INTO claims_unnumbered (change_id) SELECT change_id FROM claims_logentry "
            "WHERE number >= %s ORDER BY number DESC",
            [number],
        ),
        ("DELETE FROM claims_logentry WHERE number >= %s", [number]),
    )
    sign_what_is_left()
    numbered()
    assert "all as they were logged" in verify()
    assert "the log up to here was written anew" in found("--against", str(file))


def test_a_restored_backup_is_found_by_who_has_kept_a_checkpoint(
    recorded: Recorded, tmp_path: Path
) -> None:
    before = Checkpoint.objects.order_by("-size")[0].size
    with transaction.atomic():
        make.fact()
    numbered()
    file = kept(tmp_path)
    assert "all as they were logged" in verify("--against", str(file))
    # What a backup of before has not: the last changes, and what was logged of them.
    tamper(
        ("DELETE FROM claims_checkpoint WHERE size > %s", [before]),
        ("DELETE FROM claims_logentry WHERE number > %s", [before]),
        (
            "INSERT INTO claims_unnumbered (change_id) SELECT id FROM claims_change c WHERE NOT "
            "EXISTS (SELECT FROM claims_logentry l WHERE l.change_id = c.id)",
            [],
        ),
    )
    told = found("--against", str(file))
    assert f"the log ends at {before}" in told


def test_a_checkpoint_that_another_has_signed_is_refused(
    recorded: Recorded, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoint"
    file.write_text("elsewhere\n1\n" + "A" * 43 + "=\n\n\u2014 elsewhere AAAAAAAA\n")
    with pytest.raises(CommandError, match="nobody who is known has signed"):
        verify("--against", str(file))


def test_what_happens_and_is_numbered_meanwhile_is_no_fault(recorded: Recorded) -> None:
    def meanwhile(_done: int) -> None:
        with transaction.atomic():
            for _ in range(300):
                make.publisher()
        numbered()

    assert list(faults(kept=None, tick=meanwhile)) == []
    assert "all as they were logged" in verify()


def test_a_verdict_in_the_name_of_somebody_else_is_named(recorded: Recorded) -> None:
    verdict = recorded.verdicts[0]
    other = verdict.organization.members.exclude(pk=verdict.issued_by_id)[0]
    tamper(("UPDATE claims_verdict SET issued_by_id = %s WHERE id = %s", [other.pk, verdict.pk]))
    assert f"verdict {verdict.pk} was changed: issued_by" in found()


def test_what_waits_for_numbers_is_no_fault(recorded: Recorded) -> None:
    for outcome in (Outcome.VERIFIED, Outcome.DISPUTED, Outcome.INCONCLUSIVE):
        with transaction.atomic():
            make.verdict(recorded.claim, recorded.verdicts[0].issued_by, outcome)
    assert "all as they were logged" in verify()


def test_a_missing_entry_is_told_once_and_the_rest_is_compared(recorded: Recorded) -> None:
    number, tip = recorded.number(recorded.verdicts[0]), recorded.verdicts[2]
    tamper(
        ("ALTER TABLE claims_logentry DROP CONSTRAINT log_has_no_gaps", []),
        ("DELETE FROM claims_logentry WHERE number = %s", [number]),
        ("UPDATE claims_verdict SET label = 'True' WHERE id = %s", [tip.pk]),
    )
    told = found()
    assert told.count("is missing") == 1
    assert f"number {number}: this entry is missing; the next one is {number + 1}" in told
    assert f"verdict {tip.pk} was changed: label" in told


def test_what_a_statement_asserts_is_compared_after_an_edit_too(committed: str) -> None:
    with transaction.atomic():
        desk, fact, other = make.desk(), make.fact(), make.fact()
        statement = make.statement(asserts=[fact.pk])
        tag = etag(Claim, statement.pk)
        assert tag is not None
        edit_claim(
            claim_id=statement.pk,
            changes={"text": "Other words"},
            by=desk.checker,
            if_match=frozenset({tag}),
        )
    numbered()
    assert "all as they were logged" in verify()
    tamper(
        (
            "UPDATE claims_assertion SET fact_id = %s WHERE statement_id = %s",
            [other.pk, statement.pk],
        )
    )
    assert f"claim {statement.pk} was changed: asserts" in found()


def test_a_webhook_that_was_led_elsewhere_is_named(committed: str) -> None:
    with transaction.atomic():
        webhook, _secret = create_webhook(
            url="https://example.org/", types=[], filters={}, by=make.desk().editor
        )
    numbered()
    assert "all as they were logged" in verify()
    tamper(("UPDATE claims_webhook SET url = 'https://elsewhere.example/'", []))
    assert f"webhook {webhook.pk} was changed: url" in found()


def test_each_type_of_change_tells_of_the_rows_of_one_table() -> None:
    """Of two, the rows of either would be missed in the other."""

    def told_by(kind: str) -> list[type[Model]]:
        patterns = {model: [it.replace("%", "*") for it in TOLD_BY[model]] for model in TOLD_BY}
        return [model for model, its in patterns.items() if any(fnmatch(kind, it) for it in its)]

    assert {kind: len(told_by(kind)) for kind in ChangeType} == dict.fromkeys(ChangeType, 1)


@pytest.fixture
def rated(committed: str) -> Verdict:
    """A verdict by the second version of a scale."""
    with transaction.atomic():
        desk = make.desk()
        make.scale(desk.editor)
        make.scale(desk.editor, make.RATINGS[:2])
        claim, _appearance = make.marked_fact()
        verdict = make.verdict(claim, desk.checker, label="Wrong date")
    numbered()
    return verdict


def test_scales_and_their_ratings_are_as_they_were_logged(rated: Verdict) -> None:
    assert "all as they were logged" in verify()


@pytest.mark.parametrize(
    ("change", "which"),
    [("UPDATE claims_rating SET value = 4", "used"), ("DELETE FROM claims_rating", "other")],
)
def test_a_rating_that_is_gone_or_says_something_else_is_named(
    rated: Verdict, change: str, which: str
) -> None:
    assert rated.rating is not None
    scale = rated.rating.scale
    [other] = scale.ratings.exclude(pk=rated.rating_id)
    tamper((f"{change} WHERE id = %s", [rated.rating_id if which == "used" else other.pk]))
    assert f"rating scale {scale.pk} was changed: ratings" in found()
