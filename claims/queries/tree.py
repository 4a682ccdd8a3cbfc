"""The Merkle tree of the log, as it is stored: leaves, full tiles, and what follows of them."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_

from django.db.models import Q

from claims.merkle import (
    HEIGHT,
    WIDTH,
    Frontier,
    Node,
    Part,
    TileName,
    encode_bundle,
    hash_of,
    needed,
    root_of,
    tile_of,
)
from claims.models import LogEntry, Tile
from claims.queries.feed import head

Split = tuple[int, int]  # level and index of a tile


class Edge:
    """The right edge of the tree: all that appending needs, and tiles that are not yet full."""

    def __init__(self) -> None:
        self.frontier = Frontier()
        self.open: list[list[bytes]] = [[]]

    @classmethod
    def stored(cls) -> "Edge":
        """Of the log as it is; reads no more than 255 hashes a level."""
        edge, size = cls(), head()
        levels = max(1, -(-size.bit_length() // HEIGHT))
        edge.open = [
            hashes_of_tile(
                level, (size >> HEIGHT * level) // WIDTH, (size >> HEIGHT * level) % WIDTH
            )
            for level in range(levels)
        ]
        for level in reversed(range(levels)):
            for hashed in edge.open[level]:
                edge.frontier.append(hashed, HEIGHT * level)
        return edge

    @property
    def size(self) -> int:
        return self.frontier.size

    def append(self, hashed: bytes) -> Iterator[Tile]:
        """Add a leaf; the tiles that it fills, not stored yet."""
        self.frontier.append(hashed)
        level = 0
        while True:
            if level == len(self.open):
                self.open.append([])
            hashes = self.open[level]
            hashes.append(hashed)
            if len(hashes) < WIDTH:
                return
            self.open[level] = []
            hashed = root_of(hashes)
            index = (self.size >> HEIGHT * (level + 1)) - 1
            yield Tile(level=level, index=index, hashes=b"".join(hashes), root=hashed)
            level += 1


def hashes_of_tile(level: int, index: int, width: int) -> list[bytes]:
    """The first `width` hashes of a tile, which have to be there."""
    first = index * WIDTH
    if not width:
        return []
    if level == 0:
        entries = LogEntry.objects.filter(number__gt=first, number__lte=first + width)
        return list(map(bytes, entries.order_by("number").values_list("leaf_hash", flat=True)))
    tiles = Tile.objects.filter(level=level - 1, index__gte=first, index__lt=first + width)
    return list(map(bytes, tiles.order_by("index").values_list("root", flat=True)))


def tile(name: TileName) -> bytes | None:
    """The bytes of a tile or of a bundle of entries; None where the log is not that long."""
    size = head()
    level = name.level or 0
    if (name.index * WIDTH + name.width) << HEIGHT * level > size:
        return None
    if name.level is None:
        first = name.index * WIDTH
        entries = LogEntry.objects.filter(number__gt=first, number__lte=first + name.width)
        texts = entries.order_by("number").values_list("entry", flat=True)
        return encode_bundle(text.encode() for text in texts)
    if name.width == WIDTH:
        full = Tile.objects.filter(level=level, index=name.index)
        return bytes(full.values_list("hashes", flat=True)[0])
    return b"".join(hashes_of_tile(level, name.index, name.width))


def hashes(nodes: Iterable[Node]) -> Mapping[Node, bytes]:
    """The hashes of complete subtrees, by as many statements as there are tiles to be read."""
    places = {node: tile_of(node) for node in nodes}
    upto: dict[Split, int] = {}
    for level, index, _start, end in places.values():
        upto[level, index] = max(end, upto.get((level, index), 0))
    found = full_tiles(upto)
    for (level, index), width in upto.items():
        if (level, index) not in found:
            found[level, index] = hashes_of_tile(level, index, width)
    return {
        node: root_of(found[level, index][start:end])
        for node, (level, index, start, end) in places.items()
    }


def full_tiles(wanted: Iterable[Split]) -> dict[Split, list[bytes]]:
    condition = reduce(
        or_, (Q(level=level, index=index) for level, index in wanted), Q(level__lt=0)
    )
    return {
        (it.level, it.index): [bytes(it.hashes)[i : i + 32] for i in range(0, 32 * WIDTH, 32)]
        for it in Tile.objects.filter(condition).defer("root")
    }


def proof(parts: list[Part]) -> list[bytes]:
    """The hash of each part."""
    known = hashes(needed(parts))
    return [hash_of(part, known) for part in parts]
