"""Numbers and the tree, as the sequencer makes them."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import orjson
import pytest
import rfc8785
from django.db import connections, transaction

from claims import merkle
from claims.actions.log_keys import Keys
from claims.actions.sequencing import LogDisagrees, Sequencer, take_the_lock
from claims.errors import PreconditionFailed
from claims.merkle import TileName
from claims.models import Change, Checkpoint, Claim, LogEntry, Unnumbered, Verdict
from claims.queries import feed, tree
from claims.queries.tree import Edge
from claims.signed_notes import Checkpoint as Statement
from claims.signed_notes import Verifier, open_note
from tests import make
from tests.log import numbered, signer
from tests.waiting import PATIENCE, until


@pytest.mark.usefixtures("db")
def test_every_change_is_numbered_once_from_one_without_gaps_in_the_order_of_writing() -> None:
    for _ in range(3):
        make.marked_fact()
    assert numbered() == Change.objects.count()
    entries = LogEntry.objects.order_by("number").select_related("change")
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    written = [entry.change.pk for entry in entries if entry.change.type != "log.key_added"]
    assert written == sorted(written)  # uuid7: in the order in which they were made
    assert not Unnumbered.objects.exists()
    assert numbered() == 0


@pytest.mark.usefixtures("db")
def test_an_entry_is_canonical_json_of_identifiers_and_hashes_and_never_of_texts() -> None:
    claim = make.fact()
    make.verdict(claim, make.desk().checker, rationale="A secret of the rationale")
    numbered()
    entries = LogEntry.objects.filter(change__claim=claim).order_by("number")
    for entry in entries:
        assert rfc8785.dumps(orjson.loads(entry.entry)).decode() == entry.entry
        assert "secret" not in entry.entry
        assert claim.text not in entry.entry
    assert orjson.loads(entries[1].entry)["outcome"] == "disputed"
    assert merkle.leaf_hash(entries[0].entry.encode()) == bytes(entries[0].leaf_hash)


@pytest.mark.usefixtures("db")
def test_the_signed_checkpoint_holds_the_root_over_all_leaves() -> None:
    make.marked_fact()
    numbered()
    hashes = LogEntry.objects.order_by("number").values_list("leaf_hash", flat=True)
    last = Checkpoint.objects.order_by("-size")[0]
    text, signed = open_note(last.note, [Verifier(signer().verifier)])
    assert [verifier.name for verifier in signed] == ["tests.example/isnad"]
    root = merkle.root_of(map(bytes, hashes))
    assert Statement.parse(text) == ("tests.example/isnad", len(hashes), root)


@pytest.mark.usefixtures("db")
def test_tiles_are_filled_and_the_edge_is_read_again_as_it_was(monkeypatch) -> None:
    monkeypatch.setattr("claims.actions.sequencing.BATCH", 100)
    for _ in range(300):
        make.publisher()
    sequencer = Sequencer(Keys(None, signer().private))
    while sequencer.step():
        assert sequencer._edge is not None
        stored = Edge.stored()
        assert stored.frontier.root() == sequencer._edge.frontier.root()
        assert stored.open[0] == sequencer._edge.open[0]
    leaves = [
        bytes(h) for h in LogEntry.objects.order_by("number").values_list("leaf_hash", flat=True)
    ]
    assert tree.tile(TileName(0, 0, 256)) == b"".join(leaves[:256])
    assert tree.tile(TileName(1, 0, 1)) == merkle.root_of(leaves[:256])
    partial = TileName(0, 1, len(leaves) - 256)
    assert tree.tile(partial) == b"".join(leaves[256:])
    assert tree.tile(TileName(0, 1, partial.width + 1)) is None
    root = merkle.root_of(leaves)
    for index in (0, 17, 255, 256, len(leaves) - 1):
        proof = tree.proof(merkle.inclusion_parts(index, len(leaves)))
        merkle.verify_inclusion(leaves[index], index, len(leaves), proof, root)
    for old in (1, 2, 100, 255, 256, 257):
        proof = tree.proof(merkle.consistency_parts(old, len(leaves)))
        merkle.verify_consistency(old, len(leaves), merkle.root_of(leaves[:old]), root, proof)


# Under fire


WRITERS, TRANSACTIONS = 16, 16


def write(times: int, seed: int, claims: list[UUID], kept: list[UUID]) -> None:
    """Write transactions of all lengths, of which some are rolled back; the Changes that stay."""
    chance = random.Random(seed)
    desk = make.desk(f"Desk of writer {seed}")
    for turn in range(times):
        try:
            with transaction.atomic():
                before = make.publisher()
                time.sleep(chance.choice([0, 0, 0.002, 0.05]))
                make.verdict(Claim.objects.get(pk=chance.choice(claims)), desk.checker)
                time.sleep(chance.choice([0, 0, 0.01]))
                if turn % 8 == seed % 8:
                    raise RolledBack
            kept.append(before.pk)
        except (RolledBack, PreconditionFailed):
            pass  # somebody else judged the claim after it was read
    connections.close_all()


class RolledBack(Exception):
    pass


def follow(stop: threading.Event, seen: list[int]) -> None:
    """A reader who goes by the highest number seen."""
    while True:
        last_look = stop.is_set()
        page = feed.page(
            Change.objects.all(),
            narrowed=False,
            claim=False,
            after=seen[-1] if seen else 0,
            size=200,
        )
        seen += [change.number for change in page.changes]
        if last_look and not page.changes:
            break
        time.sleep(0.005)
    connections.close_all()


@pytest.mark.usefixtures("committed")
def test_nothing_is_missed_doubled_or_reordered_with_writers_that_overlap_and_roll_back() -> None:
    with transaction.atomic():
        claims = [make.fact().pk for _ in range(20)]
    kept: list[UUID] = []
    seen: list[int] = []
    written, numbered_all = threading.Event(), threading.Event()

    def sequence() -> None:
        sequencer = Sequencer(Keys(None, signer().private))
        while sequencer.step() or not written.is_set():
            time.sleep(0.01)
        numbered_all.set()
        connections.close_all()

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        others = [pool.submit(sequence), pool.submit(follow, numbered_all, seen)]
        writers = [pool.submit(write, TRANSACTIONS, seed, claims, kept) for seed in range(WRITERS)]
        for writer in writers:
            writer.result(100)
        written.set()
        for other in others:
            other.result(100)

    entries = list(
        LogEntry.objects.order_by("number").values_list("number", "change_id", "change__subject_id")
    )
    numbers = [number for number, _, _ in entries]
    assert WRITERS < len(kept) < TRANSACTIONS * WRITERS  # some were rolled back
    assert numbers == list(range(1, len(entries) + 1))
    assert seen == numbers
    changes = set(Change.objects.values_list("pk", flat=True))
    assert {change for _, change, _ in entries} == changes
    assert len(changes) == len(entries)
    # Whoever wrote after somebody else's commit has the higher number: verdicts on one claim.
    number_of = {subject: number for number, _, subject in entries}
    assert set(kept) <= number_of.keys()
    for verdict in Verdict.objects.all():
        assert number_of[verdict.claim_id] < number_of[verdict.pk]
        if verdict.supersedes_id is not None:
            assert number_of[verdict.supersedes_id] < number_of[verdict.pk]
    for claim in claims:
        happened = Change.objects.filter(claim_id=claim).order_by("log_entry__number")
        times = [change.recorded_at for change in happened]
        assert times == sorted(times)
        last = happened.last()
        assert last is not None
        current = Claim.objects.get(pk=claim)
        assert (current.status, current.changed_at) == (last.status, last.recorded_at)


@pytest.mark.usefixtures("committed")
def test_a_second_sequencer_waits_until_the_first_has_ended() -> None:
    assert take_the_lock()
    with ThreadPoolExecutor(1) as pool:

        def other() -> bool:
            try:
                return take_the_lock()
            finally:
                connections.close_all()

        assert pool.submit(other).result(PATIENCE) is False
        connections.close_all()  # the first one ends, or dies; PostgreSQL hears of it later
        until(lambda: pool.submit(other).result(PATIENCE))


@pytest.mark.usefixtures("committed")
def test_what_was_written_in_an_hour_without_sequencer_is_numbered_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("claims.actions.sequencing.BATCH", 50)
    with transaction.atomic():
        written = [make.publisher().pk for _ in range(333)]
    assert numbered() == 334  # and the key
    entries = LogEntry.objects.exclude(change__type="log.key_added").order_by("number")
    assert list(entries.values_list("change__subject_id", flat=True)) == written


@pytest.mark.usefixtures("committed")
def test_a_step_that_fails_leaves_no_trace_and_is_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with transaction.atomic():
        make.publisher()
    sequencer = Sequencer(Keys(None, signer().private))

    def broken(*_args: object) -> None:
        raise OSError("the machine is going down")

    with monkeypatch.context() as patch:
        patch.setattr(Sequencer, "_sign", broken)
        with pytest.raises(OSError, match="going down"):
            sequencer.step()
    assert not LogEntry.objects.exists()
    assert sequencer.step() == 2
    assert numbered() == 0


def test_nothing_is_numbered_on_a_log_that_was_changed(db: None) -> None:
    make.publisher()
    numbered()
    last = Checkpoint.objects.order_by("-size")[0]
    Checkpoint.objects.create(size=last.size - 1, root=last.root, note="a note")
    LogEntry.objects.create(
        number=last.size + 1,
        change=make.publisher() and Change.objects.order_by("-pk")[0],
        entry="{}",
        leaf_hash=merkle.leaf_hash(b"{}"),
    )
    Checkpoint.objects.create(size=last.size + 1, root=b"\0" * 32, note="a note")
    with pytest.raises(LogDisagrees, match="another root than its signed checkpoint"):
        numbered()
