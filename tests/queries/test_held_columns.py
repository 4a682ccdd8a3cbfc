"""The columns that a process holds: what is renewed piece by piece is as if it were read anew."""

from uuid import UUID, uuid4

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from claims.queries.statistics.columns import owners_of
from claims.queries.statistics.reading import Piece, Whole

TYPE = "<u2"
COUNTS = st.lists(st.integers(0, 300), min_size=1, max_size=6)


def empty() -> Whole:
    return Whole(uuid4(), [], [], np.empty(0, TYPE))


def packed(counts: list[int]) -> bytes:
    return np.array(counts, TYPE).tobytes()


@given(
    before=st.lists(COUNTS, max_size=5),
    changes=st.lists(
        st.tuples(st.sampled_from(["put", "cut", "add"]), st.integers(0, 5), COUNTS), max_size=4
    ),
)
def test_whose_verdicts_they_are_is_known_after_each_counting(
    before: list[list[int]], changes: list[tuple[str, int, list[int]]]
) -> None:
    its: list[tuple[Piece, list[int]]] = [((i, uuid4()), it) for i, it in enumerate(before)]
    held = empty().renewed(uuid4(), [(piece, packed(it)) for piece, it in its], TYPE)
    held.owners.append(owners_of(held.data))
    for what, place, counts in changes:
        known = {piece for piece, _counts in its}
        written: tuple[Piece, list[int]] = ((len(its) + 10 * place, uuid4()), counts)
        if what == "add":
            its.insert(place, written)
        else:
            its[place : place + 1] = [written] if what == "put" else []
        edition: UUID = uuid4()
        found = [(piece, None if piece in known else packed(it)) for piece, it in its]
        held = held.renewed(edition, found, TYPE)
        due = [many for _piece, its_counts in its for many in its_counts]
        assert held.edition == edition
        assert held.data.tolist() == due
        assert held.owners[0].tolist() == [
            place for place, many in enumerate(due) for _ in range(many)
        ]
