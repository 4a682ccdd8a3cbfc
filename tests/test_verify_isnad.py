"""The standalone verifier, as an outsider runs it against a server."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from django.db import transaction

from claims.actions.log_keys import Keys
from claims.actions.sequencing import Sequencer
from claims.api.verdicts import VerdictOut
from claims.models import Change, Checkpoint, LogEntry
from claims.signed_notes import Signer
from claims.vocabulary import Outcome
from tests import make
from tests.live import ROOT
from tests.log import numbered, sign_what_is_left, signer
from tests.management.test_verify_log import REWORD, Recorded, tamper
from tests.management.test_verify_log import recorded as recorded
from tests.models.rows import run
from tests.serving import served
from tests.waiting import PATIENCE


def program() -> ModuleType:
    """The one file, as a module: it stands in no package."""
    spec = importlib.util.spec_from_file_location("verify_isnad", ROOT / "docs/verify_isnad.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify_isnad = program()


@dataclass
class Outsider:
    """Somebody with the one file, and a state that is kept from one time to the next."""

    address: str
    state: Path

    def asks(self, *options: str) -> tuple[int, str]:
        """The exit code, and what is printed."""
        command = [sys.executable, str(ROOT / "docs" / "verify_isnad.py"), self.address]
        done = subprocess.run(
            [*command, "--state", str(self.state), *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout + done.stderr

    def finds_it_whole(self) -> str:
        code, told = self.asks()
        assert code == 0, told
        return told

    def finds(self, what: str) -> None:
        before = self.state.read_text() if self.state.exists() else ""
        code, told = self.asks()
        assert (code, what in told) == (1, True), told
        assert (self.state.read_text() if self.state.exists() else "") == before


@pytest.fixture
def outsider(recorded: Recorded, tmp_path: Path) -> Iterator[Outsider]:
    with served() as address:
        yield Outsider(address, tmp_path / "state.json")


def test_a_log_that_grows_is_whole_each_time(outsider: Outsider) -> None:
    assert f"trusting from now on: {signer().verifier}" in outsider.finds_it_whole()
    for _ in range(2):
        with transaction.atomic():
            claim, _appearance = make.marked_fact()
            make.verdict(claim, make.desk().checker)
        size = numbered() and Checkpoint.objects.order_by("-size")[0].size
        assert f"whole: {size} entries" in outsider.finds_it_whole()
        assert json.loads(outsider.state.read_text())["size"] == size


def test_more_than_a_tile_of_entries_is_read(outsider: Outsider) -> None:
    with transaction.atomic():
        for _ in range(260):
            make.publisher()
    numbered()
    outsider.finds_it_whole()


def test_a_changed_rationale_is_found_by_its_number(outsider: Outsider, recorded: Recorded) -> None:
    verdict = recorded.verdicts[0]
    tamper((REWORD, [verdict.rationale_id]))
    number = recorded.number(verdict)
    outsider.finds(f"number {number}: this change is not as it was logged: document")


def test_a_changed_quote_is_found_by_its_number(outsider: Outsider, recorded: Recorded) -> None:
    verdict = recorded.verdicts[1]
    quote = verdict.evidence.get().quote_id
    tamper((REWORD, [quote]))
    number = recorded.number(verdict)
    outsider.finds(f"number {number}: this change is not as it was logged: document")


def test_a_changed_label_of_what_is_shown_is_found(outsider: Outsider, recorded: Recorded) -> None:
    tip = recorded.verdicts[2]
    outsider.finds_it_whole()
    tamper(("UPDATE claims_verdict SET label = 'True' WHERE id = %s", [tip.pk]))
    outsider.finds(f"number {recorded.number(tip)}: claim {recorded.claim.pk}")


def test_a_removed_verdict_is_found(outsider: Outsider, recorded: Recorded) -> None:
    outsider.finds_it_whole()
    tip = recorded.verdicts[2]
    tamper(("DELETE FROM claims_verdict WHERE id = %s", [tip.pk]))
    outsider.finds(f"number {recorded.number(tip)}")


def test_a_changed_status_is_found(outsider: Outsider, recorded: Recorded) -> None:
    tamper(("UPDATE claims_claim SET status = 'disputed' WHERE id = %s", [recorded.claim.pk]))
    outsider.finds(f"claim {recorded.claim.pk}: status")


REDO = (
    "INSERT INTO claims_unnumbered (change_id) SELECT change_id FROM claims_logentry "
    "WHERE number >= %s ORDER BY number DESC"
)


def test_a_tail_written_anew_with_all_hashes_and_the_key_is_found(
    outsider: Outsider, recorded: Recorded
) -> None:
    outsider.finds_it_whole()
    number = recorded.number(recorded.verdicts[1])
    tamper(
        ("DELETE FROM claims_checkpoint WHERE size >= %s", [number]),
        (REDO, [number]),
        ("DELETE FROM claims_logentry WHERE number >= %s", [number]),
    )
    sign_what_is_left()
    numbered()
    outsider.finds("up to here the log is not what it was when you last asked: rewritten")


def test_a_restored_backup_is_found(outsider: Outsider, recorded: Recorded) -> None:
    before = Checkpoint.objects.order_by("-size")[0].size
    with transaction.atomic():
        make.fact()
    numbered()
    outsider.finds_it_whole()
    tamper(
        ("DELETE FROM claims_checkpoint WHERE size > %s", [before]),
        ("DELETE FROM claims_logentry WHERE number > %s", [before]),
    )
    outsider.finds("it was set back")


def test_a_log_that_another_key_has_signed_is_not_trusted(
    outsider: Outsider, recorded: Recorded
) -> None:
    outsider.finds_it_whole()
    with transaction.atomic():
        make.fact()
    Sequencer(Keys(None, Signer.generate(signer().name).private)).step()
    code, told = outsider.asks()
    assert (code, "not signed by a key that you know" in told) == (2, True), told


def test_a_key_that_the_old_one_has_signed_for_is_trusted_from_then_on(
    outsider: Outsider, recorded: Recorded
) -> None:
    outsider.finds_it_whole()
    fresh = Signer.generate(signer().name)
    both = Sequencer(Keys(None, f"{fresh.private}\n{signer().private}"))
    while both.step():
        pass
    # The old key is retired before anybody asks again.
    with transaction.atomic():
        make.fact()
    Sequencer(Keys(None, fresh.private)).step()
    outsider.finds_it_whole()
    assert fresh.verifier in json.loads(outsider.state.read_text())["keys"]


def test_erased_texts_and_documents_leave_the_log_whole(
    outsider: Outsider, recorded: Recorded
) -> None:
    verdict = recorded.verdicts[1]
    change = Change.objects.get(subject_id=recorded.verdicts[0].pk)
    erase = "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s"
    for content in (verdict.rationale_id, verdict.evidence.get().quote_id, change.document_id):
        run(erase, [content], using="owner")
    outsider.finds_it_whole()


def test_a_server_that_cannot_be_read_is_no_verdict(tmp_path: Path) -> None:
    code, told = Outsider("http://127.0.0.1:9/", tmp_path / "state.json").asks()
    assert (code, "cannot tell" in told) == (2, True)
    code, told = Outsider("file:///etc/", tmp_path / "state.json").asks()
    assert (code, "cannot tell" in told) == (2, True)


def test_a_withdrawn_verdict_is_not_missed(outsider: Outsider, recorded: Recorded) -> None:
    with transaction.atomic():
        make.verdict(recorded.claim, recorded.verdicts[0].issued_by, Outcome.WITHDRAWN)
    numbered()
    outsider.finds_it_whole()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("text = 'The exact opposite'", "text"),
        ("value = '2018-12-10'", "value"),
        ("stated_on = '2018'", "stated_on"),
    ],
)
def test_the_words_of_a_judged_claim_turned_round_are_found(
    outsider: Outsider, recorded: Recorded, change: str, wrong: str
) -> None:
    tamper((f"UPDATE claims_claim SET {change} WHERE id = %s", [recorded.claim.pk]))
    outsider.finds(f"claim {recorded.claim.pk}: the claim that is shown differs: {wrong}")


def test_a_verdict_in_the_name_of_somebody_else_is_found(
    outsider: Outsider, recorded: Recorded
) -> None:
    tip = recorded.verdicts[2]
    other = tip.organization.members.exclude(pk=tip.issued_by_id)[0]
    change = "UPDATE claims_verdict SET issued_by_id = %s, issued_at = '2020-01-01' WHERE id = %s"
    tamper((change, [other.pk, tip.pk]))
    outsider.finds("the verdict that is shown differs: issued_by, issued_at")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("claims_rating SET value = 4 WHERE id = %(rating)s", "rating"),
        ('claims_rating SET labels = \'{"en": "Rubbish"}\' WHERE id = %(rating)s', "rating"),
        ("claims_verdict SET valid_until = '2031-01-01' WHERE id = %(verdict)s", "valid_until"),
        ("claims_verdict SET recheck_on = '2029-01-01' WHERE id = %(verdict)s", "recheck_on"),
        ("claims_verdict SET confirmed_by_id = NULL WHERE id = %(verdict)s", "confirmed_by"),
    ],
)
def test_what_a_rating_and_dates_say_and_who_confirmed_is_compared(
    outsider: Outsider, change: str, wrong: str
) -> None:
    with transaction.atomic():
        desk = make.desk()
        make.scale(desk.editor)
        claim, _appearance = make.marked_fact()
        dates = {"valid_until": date(2030, 1, 1), "recheck_on": date(2029, 6, 1)}
        draft = make.draft(claim, desk.checker, label="Wrong date", **dates)
        confirmed = make.confirmed(draft, desk.editor)
    numbered()
    outsider.finds_it_whole()
    verdict = confirmed.verdict
    assert verdict is not None
    ids = {"verdict": str(verdict.pk), "rating": str(verdict.rating_id)}
    tamper((f"UPDATE {change}", ids))
    outsider.finds(f"claim {claim.pk}: the verdict that is shown differs: {wrong}")


def test_all_that_is_shown_of_a_verdict_is_compared() -> None:
    compared = {*verify_isnad.SHOWN, "id", "claim", "organization", "outcome", "number", "evidence"}
    compared |= {"issued_by", "issued_at", "confirmed_by", "rating"}
    assert set(VerdictOut().fields) == compared


def test_an_erased_document_hides_no_other_outcome(outsider: Outsider, recorded: Recorded) -> None:
    """Erasing is told, and what the log itself says of the verdict is still compared."""
    tip = recorded.verdicts[2]
    document = Change.objects.get(subject_id=tip.pk).document_id
    erase = "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s"
    run(erase, [document], using="owner")
    number = recorded.number(tip)
    assert f"number {number}: something of it was erased" in outsider.finds_it_whole()
    tamper(("UPDATE claims_verdict SET outcome = 'verified' WHERE id = %s", [tip.pk]))
    outsider.finds(f"number {number}: claim {recorded.claim.pk}: the verdict that is shown differs")


def test_a_document_can_be_withheld_of_internal_changes_alone(recorded: Recorded) -> None:
    entry = json.loads(LogEntry.objects.get(change__subject_id=recorded.verdicts[0].pk).entry)
    change = dict.fromkeys(("document", "before")) | {
        "salts": {},
        "erased": {},
        "id": entry["change"],
    }
    change |= {name: entry[name] for name in (*verify_isnad.IDENTIFIED, "number")}
    change |= {name: {"id": entry[name]} for name in ("organization", "recorded_by")}
    assert verify_isnad.differing(change, entry) == ["document"]
    hidden = {"type": "member.added"}
    assert verify_isnad.differing(change | hidden, entry | hidden) == []
