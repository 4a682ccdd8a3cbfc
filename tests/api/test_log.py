"""The transparency log over HTTP: what an auditor, or a tool of others, reads."""

from typing import Any

import orjson
import pytest

from claims import merkle
from claims.signed_notes import Checkpoint, Verifier, open_note
from tests import make
from tests.api.test_reading import one_of_each
from tests.conftest import Api, places, problem
from tests.log import numbered, signer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def logged(throughout: None) -> int:
    """A log of more than one tile; its size."""
    one_of_each([make.desk()])
    for _ in range(270):
        make.publisher()
    return numbered()


def checkpoint(anyone: Api) -> Checkpoint:
    response = anyone.get("/log/checkpoint")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    text, _signed = open_note(response.content.decode(), [Verifier(signer().verifier)])
    return Checkpoint.parse(text)


def leaves(anyone: Api, size: int) -> list[bytes]:
    """Of the entries, as they are served in bundles."""
    found: list[bytes] = []
    for first in range(0, size, 256):
        width = min(256, size - first)
        path = merkle.TileName(None, first // 256, width).path
        response = anyone.get(f"/log/tile/{path}")
        assert response.status_code == 200, path
        assert response["Content-Type"] == "application/octet-stream"
        assert "immutable" in response["Cache-Control"]
        found += map(merkle.leaf_hash, merkle.decode_bundle(response.content))
    return found


def test_the_entries_that_are_served_make_the_root_that_is_signed(anyone: Api, logged: int) -> None:
    signed = checkpoint(anyone)
    assert signed.size == logged
    assert signed.root == merkle.root_of(leaves(anyone, logged))


def test_tiles_hold_the_hashes_of_the_entries_and_of_full_tiles(anyone: Api, logged: int) -> None:
    hashes = leaves(anyone, logged)
    assert anyone.get("/log/tile/0/000").content == b"".join(hashes[:256])
    partial = anyone.get(f"/log/tile/0/001.p/{logged - 256}")
    assert partial.content == b"".join(hashes[256:])
    assert anyone.get("/log/tile/1/000.p/1").content == merkle.root_of(hashes[:256])


def kept_for(response: Any) -> tuple[set[str], int]:
    """What a cache is told, and for how many seconds it may keep it."""
    told = dict(it.strip().partition("=")[::2] for it in response["Cache-Control"].split(","))
    return {name for name, value in told.items() if not value}, int(told.get("max-age", 0))


def test_full_tiles_are_kept_by_caches_for_ever(anyone: Api, logged: int) -> None:
    for path in ("0/000", "entries/000"):
        told, seconds = kept_for(anyone.get(f"/log/tile/{path}"))
        assert told == {"public", "immutable"}
        assert seconds >= 365 * 86_400


def test_so_are_partial_ones_which_never_change_either(anyone: Api, logged: int) -> None:
    """Their width is in their address: one that has grown has another."""
    width = logged - 256
    names = (f"0/001.p/{width}", "0/001.p/1", "1/000.p/1", f"entries/001.p/{width}")
    before = {name: anyone.get(f"/log/tile/{name}") for name in names}
    make.publisher()
    numbered()
    for name, response in before.items():
        assert kept_for(response) == ({"public", "immutable"}, 365 * 86_400)
        after = anyone.get(f"/log/tile/{name}")
        assert (after.content, kept_for(after)) == (response.content, kept_for(response))


def test_what_is_not_there_yet_and_what_moves_on_is_kept_by_nobody(
    anyone: Api, logged: int
) -> None:
    path = f"/log/tile/0/001.p/{logged - 255}"
    refused = anyone.get(path)
    problem(refused, "not-found", 404)
    assert "immutable" not in refused.headers.get("Cache-Control", "")
    assert "max-age" not in refused.headers.get("Cache-Control", "")
    assert kept_for(anyone.get("/log/checkpoint")) == ({"no-cache"}, 0)
    make.publisher()
    numbered()
    assert anyone.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("0/001", "0/999", "1/000", "1/000.p/2", "7/000.p/1", "0/000.p/256", "0/000.p/0"),
        *("0/0", "00/000", "0/x000/000", "0/000.p/", "0/000.p/01", "-1/000", "0/٠٠٠", "a/000"),
        *("0/" + "x999/" * 40 + "999", "0/000.p/999", "entries/001", "entries/000.p/0", "64/000"),
        *("0/-01", "0/-01.p/3", "0/x-01/000", "entries/-01", "entries/-01.p/3"),
    ],
)
def test_what_is_no_tile_of_the_log_is_not_found(anyone: Api, logged: int, path: str) -> None:
    problem(anyone.get(f"/log/tile/{path}"), "not-found", 404)


def test_an_inclusion_is_proved_by_one_call(anyone: Api, logged: int) -> None:
    for number in (1, 2, 256, 257, logged):
        found = anyone.read(f"/log/proof/inclusion/?number={number}")
        assert found["checkpoint"] == anyone.get("/log/checkpoint").content.decode()
        prove_inclusion(found, number, checkpoint(anyone).root)
    old = anyone.read("/log/proof/inclusion/?number=5&size=7")
    assert old["checkpoint"] is None
    prove_inclusion(old, 5, merkle.root_of(leaves(anyone, logged)[:7]))


def prove_inclusion(found: dict[str, Any], number: int, root: bytes) -> None:
    hashed = merkle.leaf_hash(found["entry"].encode())
    assert hashed.hex() == found["leaf_hash"]
    assert orjson.loads(found["entry"])["number"] == number
    proof = [bytes.fromhex(step) for step in found["proof"]]
    assert bytes.fromhex(found["root"]) == root
    merkle.verify_inclusion(hashed, number - 1, found["size"], proof, root)


def test_that_the_log_only_grew_is_proved_by_one_call(anyone: Api, logged: int) -> None:
    hashes = leaves(anyone, logged)
    for old in (1, 3, 255, 256, 257, logged):
        found = anyone.read(f"/log/proof/consistency/?from={old}")
        proof = [bytes.fromhex(step) for step in found["proof"]]
        roots = bytes.fromhex(found["old_root"]), bytes.fromhex(found["new_root"])
        assert roots == (merkle.root_of(hashes[:old]), merkle.root_of(hashes))
        merkle.verify_consistency(old, logged, *roots, proof)
    found = anyone.read("/log/proof/consistency/?from=3&to=7")
    assert (found["from"], found["to"]) == (3, 7)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("inclusion/", "number"),
        ("inclusion/?number=0", "number"),
        ("inclusion/?number=100000", "number"),
        ("inclusion/?number=x", "number"),
        ("inclusion/?number=8&size=7", "number"),
        ("inclusion/?number=1&size=100000", "size"),
        ("inclusion/?number=1&size=-1", "size"),
        ("consistency/", "from"),
        ("consistency/?from=0", "from"),
        ("consistency/?from=8&to=7", "from"),
        ("consistency/?from=1&to=99999999999999999999999", "to"),
        ("inclusion/?number=1&index=1", "index"),
    ],
)
def test_a_proof_of_what_is_not_there_is_refused(
    anyone: Api, logged: int, query: str, wrong: str
) -> None:
    refused = problem(anyone.get(f"/log/proof/{query}"), "bad-parameter", 400)
    assert places(refused) == {wrong}


def test_the_log_says_who_signs_it_and_since_when(anyone: Api, logged: int) -> None:
    found = anyone.read("/log/")
    signed = checkpoint(anyone)
    assert (found["origin"], found["size"]) == (signed.origin, logged)
    assert found["root"] == signed.root.hex()
    [key] = found["keys"]
    assert key["verifier"] == signer().verifier
    added = anyone.read(f"/changes/?after={key['number'] - 1}&page_size=1")["results"][0]
    assert (added["type"], added["document"]["verifier"]) == ("log.key_added", key["verifier"])
