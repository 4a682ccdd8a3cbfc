"""Numbers and the tree, as the sequencer makes them."""

import orjson
import pytest
import rfc8785

from claims import merkle
from claims.actions.log_keys import Keys
from claims.actions.sequencing import Sequencer
from claims.merkle import TileName
from claims.models import Change, Checkpoint, LogEntry, Unnumbered
from claims.notes import Checkpoint as Statement
from claims.notes import Verifier, open_note
from claims.queries import tree
from claims.queries.tree import Edge
from tests import make
from tests.log import numbered, signer

pytestmark = pytest.mark.django_db


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


def test_the_signed_checkpoint_holds_the_root_over_all_leaves() -> None:
    make.marked_fact()
    numbered()
    hashes = LogEntry.objects.order_by("number").values_list("leaf_hash", flat=True)
    last = Checkpoint.objects.order_by("-size")[0]
    text, signed = open_note(last.note, [Verifier(signer().verifier)])
    assert [verifier.name for verifier in signed] == ["tests.example/isnad"]
    root = merkle.root_of(map(bytes, hashes))
    assert Statement.parse(text) == ("tests.example/isnad", len(hashes), root)


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
