"""The tree, held against published vectors, the RFC's own definition, and somebody else's code."""

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims import merkle
from claims.merkle import Frontier, Node, Part, ProofInvalid, TileName

# The leaves that Certificate Transparency is tested with, and the roots of the first 1 to 8.
# Source: google/certificate-transparency, the reference tests of RFC 6962 trees.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def hashes(size: int) -> list[bytes]:
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(size)]


# As RFC 9162, sections 2.1.1, 2.1.3.1 and 2.1.4.1 define them


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return merkle.node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


# Out of nodes alone, as they are stored


def node(leaves: list[bytes], it: Node) -> bytes:
    return mth(leaves[it.index << it.level : (it.index + 1) << it.level])


def proof(parts: list[Part], leaves: list[bytes]) -> list[bytes]:
    known = {it: node(leaves, it) for it in merkle.needed(parts)}
    return [merkle.hash_of(part, known) for part in parts]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_are_found(size: int) -> None:
    assert merkle.root_of(map(merkle.leaf_hash, LEAVES[:size])).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == merkle.EMPTY_ROOT
    assert merkle.EMPTY_ROOT.hex().startswith("e3b0c44298fc1c149afbf4c8996fb924")


def test_a_growing_tree_has_the_root_of_the_definition_at_every_size() -> None:
    frontier, leaves = Frontier(), hashes(600)
    for size, leaf in enumerate(leaves, 1):
        frontier.append(leaf)
        assert frontier.size == size
        assert frontier.root() == mth(leaves[:size])


SIZES = st.integers(1, 300)


@given(st.data(), SIZES)
def test_every_leaf_is_proved_as_the_definition_does_it(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    steps = proof(merkle.inclusion_parts(index, size), leaves)
    assert steps == path(index, leaves)
    merkle.verify_inclusion(leaves[index], index, size, steps, mth(leaves))


@given(st.data(), SIZES)
def test_every_growth_is_proved_as_the_definition_does_it(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    leaves = hashes(new)
    steps = proof(merkle.consistency_parts(old, new), leaves)
    assert steps == subproof(old, leaves, True)
    merkle.verify_consistency(old, new, mth(leaves[:old]), mth(leaves), steps)


def spoiled(steps: list[bytes], data: st.DataObject) -> list[bytes]:
    """A proof with one bit turned, one step too few or one too many."""
    how = data.draw(st.sampled_from(["bit", "short", "long"] if steps else ["long"]))
    if how == "long":
        return [*steps, merkle.EMPTY_ROOT]
    if how == "short":
        return steps[:-1]
    at = data.draw(st.integers(0, len(steps) - 1))
    bit = data.draw(st.integers(0, 255))
    turned = int.from_bytes(steps[at], "big") ^ (1 << bit)
    return [*steps[:at], turned.to_bytes(32, "big"), *steps[at + 1 :]]


@given(st.data(), SIZES)
def test_a_spoiled_proof_of_a_leaf_proves_nothing(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    steps = path(index, leaves)
    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(leaves[index], index, size, spoiled(steps, data), mth(leaves))
    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(merkle.leaf_hash(b"x"), index, size, steps, mth(leaves))
    other = data.draw(st.integers(0, size))
    if other != index:
        with pytest.raises(ProofInvalid):
            merkle.verify_inclusion(leaves[index], other, size, steps, mth(leaves))


@given(st.data(), SIZES)
def test_a_spoiled_proof_of_growth_proves_nothing(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    leaves = hashes(new)
    steps = subproof(old, leaves, True)
    roots = mth(leaves[:old]), mth(leaves)
    with pytest.raises(ProofInvalid):
        merkle.verify_consistency(old, new, *roots, spoiled(steps, data))
    with pytest.raises(ProofInvalid):
        merkle.verify_consistency(old, new, merkle.leaf_hash(b"x"), roots[1], steps)
    with pytest.raises(ProofInvalid):
        merkle.verify_consistency(old, new, roots[0], merkle.leaf_hash(b"x"), steps)


def test_a_tree_begins_with_nothing_and_with_itself() -> None:
    root = mth(hashes(5))
    merkle.verify_consistency(0, 5, merkle.EMPTY_ROOT, root, [])
    merkle.verify_consistency(5, 5, root, root, [])
    for wrong in ((5, 5, root, merkle.EMPTY_ROOT, []), (0, 5, root, root, [])):
        with pytest.raises(ProofInvalid):
            merkle.verify_consistency(*wrong)  # type: ignore[arg-type]
    with pytest.raises(ProofInvalid):
        merkle.verify_consistency(6, 5, root, root, [])


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_what_is_not_in_a_tree_cannot_be_proved(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        merkle.inclusion_parts(index, size)
    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(b"", index, size, [], b"")
    with pytest.raises(ValueError, match="cannot begin"):
        merkle.consistency_parts(6, 5)


def test_a_proof_in_a_million_leaves_has_twenty_hashes_at_most() -> None:
    for index in (0, 1, 524_287, 524_288, 999_999):
        assert len(merkle.inclusion_parts(index, 1_000_000)) <= 20
    assert len(merkle.inclusion_parts(0, 1_000_000)) == 20


# Tiles


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (TileName(0, 0, 256), "0/000"),
        (TileName(0, 1234067, 256), "0/x001/x234/067"),
        (TileName(3, 999, 8), "3/999.p/8"),
        (TileName(0, 1000, 1), "0/x001/000.p/1"),
        (TileName(None, 0, 255), "entries/000.p/255"),
        (TileName(63, 0, 1), "63/000.p/1"),
    ],
)
def test_tiles_are_named_as_the_specification_does_it(name: TileName, written: str) -> None:
    assert name.path == written
    assert TileName.parse(written) == name


@given(st.integers(0, 63) | st.none(), st.integers(0, 10**12), st.integers(1, 256))
def test_every_name_can_be_read_again(level: int | None, index: int, width: int) -> None:
    name = TileName(level, index, width)
    assert TileName.parse(name.path) == name


@pytest.mark.parametrize(
    "path",
    [
        *("-1/000", "64/000", "00/000", "+1/000", "/000", "a/000", "entry/000", "٠/000"),
        *("0/-01", "0/x-01/000", "entries/-01", "0/-01.p/3", "0/+01", "0/0_1", "0/٠٠٠"),
        *("0/0", "0/0000", "0/x000/000", "0/x001", "0/001/234", "0/000/", "0/000\n", "0/ 00"),
        *("0/000.p/0", "0/000.p/256", "0/000.p/999", "0/000.p/01", "0/000.p/-1", "0/000.p/"),
        "0/x001/x000/x000/x000/x000/x000/000",  # 10**18, more than 64 bits are sure to hold
    ],
)
def test_what_is_no_name_of_a_tile_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=re.escape(path)):
        TileName.parse(path)


@given(st.text("0123456789x/.pentris-", max_size=30))
def test_what_can_be_read_is_written_the_same(text: str) -> None:
    try:
        name = TileName.parse(text)
    except ValueError:
        return
    assert name.path == text
    assert name.index >= 0
    assert 0 <= (name.level or 0) <= 63


@given(st.integers(0, 20), st.integers(0, 100))
def test_a_node_is_made_of_a_slice_of_one_tile(level: int, index: int) -> None:
    tile_level, tile_index, start, end = merkle.tile_of(Node(level, index))
    assert 0 <= start < end <= 256
    assert tile_level * 8 <= level < tile_level * 8 + 8
    first_leaf = (tile_index * 256 + start) << 8 * tile_level
    last_leaf = (tile_index * 256 + end) << 8 * tile_level
    assert (first_leaf, last_leaf) == (index << level, (index + 1) << level)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_of_entries_can_be_read_again(entries: list[bytes]) -> None:
    assert list(merkle.decode_bundle(merkle.encode_bundle(entries))) == entries


def test_an_entry_of_more_than_two_bytes_of_length_is_refused() -> None:
    merkle.encode_bundle([b"x" * 65_535])
    with pytest.raises(ValueError, match="65535 bytes at most"):
        merkle.encode_bundle([b"x" * 65_536])


@pytest.mark.parametrize("bundle", [b"\0", b"\0\1", b"\0\2x", b"\0\1xx\0"])
def test_a_bundle_that_is_cut_off_is_refused(bundle: bytes) -> None:
    with pytest.raises(ValueError, match="cut off"):
        list(merkle.decode_bundle(bundle))


# A library that we did not write, which is no dependency: its licence is another


ORACLE = Path(__file__).with_name("oracle_pymerkle.py")
PYMERKLE = "pymerkle==7.0.0"


@pytest.fixture(scope="module")
def oracle(request: pytest.FixtureRequest) -> Path:
    """A Python of its own, with pymerkle; made once, and kept in pytest's cache."""
    cache = request.config.cache
    assert cache is not None
    tag = f"{PYMERKLE}-{sys.implementation.cache_tag}".replace("==", "-")
    home = cache.mkdir("oracles") / tag
    python = home / "bin" / "python"
    if python.exists():
        return python
    with tempfile.TemporaryDirectory(dir=home.parent) as temporary:
        made = Path(temporary) / "made"
        venv.create(made, with_pip=True)
        command = [str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", PYMERKLE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            why = f"{PYMERKLE} cannot be installed here: {done.stderr[-300:]}"
            if os.environ.get("CI"):  # where nobody would notice that it is never asked
                pytest.fail(why)
            pytest.skip(why)
        # Only a whole one gets the name; whoever comes second uses what the first has made.
        with suppress(OSError):
            made.rename(home)
    return python


def judged_by(oracle: Path, asked: dict[str, object]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(oracle), "-W", "ignore", str(ORACLE)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.timeout(600)
def test_somebody_elses_library_accepts_our_proofs_and_roots_and_no_others(oracle: Path) -> None:
    entries = [f'{{"number":{number}}}' for number in range(1, 78)]
    leaves = [merkle.leaf_hash(entry.encode()) for entry in entries]
    inclusion = {
        str(index): [step.hex() for step in proof(merkle.inclusion_parts(index, 77), leaves)]
        for index in (0, 1, 31, 32, 63, 64, 76)
    }
    roots = {str(size): merkle.root_of(leaves[:size]).hex() for size in range(1, 78)}
    consistency = [
        [old, new, [step.hex() for step in proof(merkle.consistency_parts(old, new), leaves)]]
        for old, new in itertools.combinations(range(1, 78), 2)
    ]
    asked: dict[str, object] = {
        "entries": entries, "inclusion": inclusion, "roots": roots, "consistency": consistency
    }  # fmt: skip
    done = judged_by(oracle, asked)
    assert done.returncode == 0, done.stderr
    wrong_step = inclusion | {"31": inclusion["32"]}
    refuses(oracle, asked | {"inclusion": wrong_step})
    wrong_root = roots | {"33": roots["64"]}
    refuses(oracle, asked | {"roots": wrong_root})
    for old, new in ((33, 34), (33, 64), (32, 77), (50, 77)):
        steps = [step.hex() for step in proof(merkle.consistency_parts(old, new), leaves)]
        other = leaves[0].hex()
        for wrong in ([*steps[:-1], other], [other, *steps[1:]], steps[:-1], steps[1:]):
            refuses(oracle, asked | {"consistency": [[old, new, wrong]]})


def refuses(oracle: Path, asked: dict[str, object]) -> None:
    done = judged_by(oracle, asked)
    assert done.returncode != 0
    assert "InvalidProof" in done.stderr
