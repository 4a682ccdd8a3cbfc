"""When the sequencer counts for statistics: by a clock of the test, whatever its work takes."""

import random
from itertools import pairwise

import pytest

from claims.management.commands import sequencer
from claims.management.commands.sequencer import Statistics

MINUTE = 60.0
PART = 20_000  # Changes that one counting takes, as claims.actions.counting has it


class World:
    """Changes that come, are numbered and are counted; each takes its time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 1_000.0
        self.numbered = self.counted = 0
        self.begun: list[tuple[float, int]] = []  # when so many were numbered
        self.cost = self.chance.choice([0.01, 0.5, 5.0])

    def monotonic(self) -> float:
        return self.now

    def count_changes(self) -> bool:
        self.now += self.chance.uniform(0, self.cost)
        self.counted = min(self.numbered, self.counted + PART)
        return self.counted < self.numbered

    def age(self) -> float:
        """For how long the oldest has waited that is numbered and not counted."""
        waiting = [at for at, number in self.begun if number > self.counted]
        return self.now - min(waiting, default=self.now)


@pytest.mark.parametrize("seed", range(20))
def test_figures_are_never_a_minute_late(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    world = World(seed)
    monkeypatch.setattr(sequencer.time, "monotonic", world.monotonic)
    monkeypatch.setattr(sequencer, "count_changes", world.count_changes)
    its, busy = Statistics(), True
    for _ in range(3_000):
        if world.chance.random() < 0.01:
            busy = not busy  # a load of many thousands, or somebody now and then
        numbered = world.chance.randrange(900, 1_001) if busy else world.chance.choice([0, 0, 1])
        world.now += world.chance.uniform(0.05, 0.6) if busy else 0.2
        world.numbered += numbered
        if numbered:
            world.begun.append((world.now, world.numbered))
        its.count(numbered, behind=busy and numbered == 1_000, hurry=False)
        assert world.age() < MINUTE
        world.begun = [it for it in world.begun if it[1] > world.counted]


def test_what_is_quickly_counted_is_counted_every_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, counted = World(1), []
    world.cost = 0.01
    monkeypatch.setattr(sequencer.time, "monotonic", world.monotonic)
    monkeypatch.setattr(
        sequencer, "count_changes", lambda: counted.append(world.now) or world.count_changes()
    )
    its = Statistics()
    for _ in range(300):
        world.now += 0.2
        world.numbered += 1
        its.count(1, behind=False, hurry=False)
    pauses = [later - one for one, later in pairwise(counted)]
    assert max(pauses) < 2.5
    assert min(pauses) >= 2
