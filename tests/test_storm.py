"""One minute of `tests.storm`; ten are run by hand."""

import pytest

from tests.live import live_server
from tests.sink import sink
from tests.storm import ROUND, Storm, storm_told


@pytest.mark.timeout(900)
def test_whatever_is_killed_everybody_ends_with_every_change_once_and_in_order() -> None:
    with live_server(WEBHOOK_ALLOW_PRIVATE="1") as server, sink() as called:
        storm = Storm(server, seconds=60)
        storm.run(called, server.folder)
    assert storm.faults == []
    assert all(storm.killed[what] for what in ROUND), storm_told(storm, called)
    assert len(storm.accepted) > 20, storm_told(storm, called)
