"""A Merkle tree over a log that only grows: hashes, proofs, and the tiles they are kept in.

Source: RFC 9162, section 2.1 (the tree of RFC 6962), SHA-256; tiles as C2SP tlog-tiles has them.
A node (level, index) is the hash over the 2**level leaves from index * 2**level on, all of them
there. What is not such a node is put together of some. Leaves count from 0.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HEIGHT = 8
WIDTH = 1 << HEIGHT  # hashes in a full tile
EMPTY_ROOT = hashlib.sha256(b"").digest()
LONGEST_ENTRY = 65_535  # bytes; a bundle gives a length 16 bits


class ProofInvalid(Exception):
    """A proof does not prove what it should."""


@dataclass(frozen=True, slots=True)
class Node:
    level: int
    index: int


Hashes = Mapping[Node, bytes]


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Frontier:
    """The right edge of a tree, which is all that appending to it needs.

    peaks: the complete subtrees that its leaves fall into, as (level, hash), the largest first.
    """

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def append(self, hashed: bytes, level: int = 0) -> None:
        """Add a leaf, or a complete subtree no larger than the smallest that is there."""
        assert not self.peaks or level <= self.peaks[-1][0]
        self.size += 1 << level
        while self.peaks and self.peaks[-1][0] == level:
            hashed = node_hash(self.peaks.pop()[1], hashed)
            level += 1
        self.peaks.append((level, hashed))

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        *larger, (_level, hashed) = self.peaks
        for _level, peak in reversed(larger):
            hashed = node_hash(peak, hashed)
        return hashed


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over neighbouring hashes: the leaves of a tree, or of a part of one."""
    frontier = Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    return frontier.root()


# Proofs, each put together of parts: a part is a range of leaves, of which the hash is wanted


class Part(NamedTuple):
    """The leaves from `start` to before `end`, as a tree of their own."""

    start: int
    end: int


def nodes_of(part: Part) -> list[Node]:
    """The complete subtrees that make up a part, from left to right."""
    nodes, at = [], part.start
    while at < part.end:
        level = (part.end - at).bit_length() - 1
        if at:
            level = min(level, (at & -at).bit_length() - 1)
        nodes.append(Node(level, at >> level))
        at += 1 << level
    return nodes


def hash_of(part: Part, hashes: Hashes) -> bytes:
    *left, last = [hashes[node] for node in nodes_of(part)]
    for hashed in reversed(left):
        last = node_hash(hashed, last)
    return last


def split(size: int) -> int:
    """The largest power of two smaller than `size`, where the RFC divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_parts(index: int, size: int) -> list[Part]:
    """What proves that a leaf is in the tree of a size, from the leaf to the root.

    Raises ValueError when it is not.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    parts: list[Part] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            parts.append(Part(middle, end))
            end = middle
        else:
            parts.append(Part(start, middle))
            start = middle
    return parts[::-1]


def consistency_parts(old: int, new: int) -> list[Part]:
    """What proves that the tree of `new` leaves begins with that of `old`; none where trivial.

    Raises ValueError when `old` is larger.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves cannot begin with one of {old}")
    if old in (0, new):
        return []
    parts: list[Part] = []
    start, end = 0, new
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            parts.append(Part(middle, end))
            end = middle
        else:
            parts.append(Part(start, middle))
            start = middle
    if start:
        parts.append(Part(start, end))
    return parts[::-1]


def root_parts(size: int) -> list[Part]:
    return [Part(0, size)] if size else []


def needed(parts: Iterable[Part]) -> list[Node]:
    """All nodes that parts are made of, to be fetched in one go."""
    return [node for part in parts for node in nodes_of(part)]


def verify_inclusion(
    hashed: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raises ProofInvalid. Source: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        raise ProofInvalid(f"a tree of {size} leaves has no leaf {index}")
    node, last = index, size - 1
    for step in proof:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if node & 1 or node == last:
            hashed = node_hash(step, hashed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = node_hash(hashed, step)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if hashed != root:
        raise ProofInvalid("the proof leads to another root")


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises ProofInvalid. Source: RFC 9162, section 2.1.4.2."""
    if not 0 <= old <= new:
        raise ProofInvalid(f"a tree of {new} leaves cannot begin with one of {old}")
    if old in (0, new):
        if proof:
            raise ProofInvalid("there is nothing to prove")
        if old_root != (new_root if old == new else EMPTY_ROOT):
            raise ProofInvalid("two roots of one size differ")
        return
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise ProofInvalid("the proof is empty")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if node & 1 or node == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, step)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if first != old_root or second != new_root:
        raise ProofInvalid("the proof leads to other roots")


# Tiles: 256 neighbouring hashes of every eighth level


# No sign, no other digits, no leading zeros; an index below 10**18, which 64 bits hold.
_TILE = re.compile(
    r"(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/"
    r"(?P<index>(?:x(?!000)[0-9]{3}/(?:x[0-9]{3}/){0,4})?[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class TileName:
    """width: how many hashes it holds, 256 when it is full. level: None for entries."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        """As in a tile's address: 0/x001/234 or, of a partial tile, 0/x001/234.p/56."""
        level = "entries" if self.level is None else str(self.level)
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        way = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{level}/{way}{partial}"

    @classmethod
    def parse(cls, path: str) -> "TileName":
        """Raises ValueError for what is not a path that `path` gives."""
        found = _TILE.fullmatch(path)
        if found is None or int(found["width"] or 1) >= WIDTH:
            raise ValueError(path)
        return cls(
            None if found["level"] == "entries" else int(found["level"]),
            int(re.sub("[x/]", "", found["index"])),
            int(found["width"] or WIDTH),
        )


def tile_of(node: Node) -> tuple[int, int, int, int]:
    """Where a node's hash is made of: level and index of a tile, and a slice of its hashes."""
    tile_level, depth = divmod(node.level, HEIGHT)
    first = node.index << depth
    return tile_level, first >> HEIGHT, first % WIDTH, first % WIDTH + (1 << depth)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Each entry after its length in two bytes. Raises ValueError for one that is too long."""
    return b"".join(len_prefix(entry) + entry for entry in entries)


def len_prefix(entry: bytes) -> bytes:
    if len(entry) > LONGEST_ENTRY:
        raise ValueError(f"an entry has {LONGEST_ENTRY} bytes at most, not {len(entry)}")
    return len(entry).to_bytes(2, "big")


def decode_bundle(bundle: bytes) -> Iterator[bytes]:
    """Raises ValueError where it is cut off."""
    at = 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        entry = bundle[at + 2 : at + 2 + length]
        if at + 2 > len(bundle) or len(entry) != length:
            raise ValueError("the bundle is cut off")
        yield entry
        at += 2 + length
