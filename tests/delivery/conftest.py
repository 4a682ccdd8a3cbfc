from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from claims.delivery.worker import Worker
from claims.models import Member
from tests import make
from tests.conftest import Api
from tests.log import numbered
from tests.sink import Sink, sink


class Clock:
    """Shows what it is told to; it starts with the time that it is."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def private(settings: Any) -> None:
    """Sinks are on this machine; what is refused by default has tests of its own."""
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def receiver() -> Iterator[Sink]:
    with sink() as held:
        yield held


@pytest.fixture
def editor(desk: make.Desk) -> Api:
    return Api(make.key(desk.editor))


@pytest.fixture
def subscribed(editor: Api) -> Callable[..., dict[str, Any]]:
    """Make a webhook over the API; without types: for claims and verdicts alone."""

    def subscribe(to: Sink | str, **more: Any) -> dict[str, Any]:
        url = to if isinstance(to, str) else to.url
        types = ["claim.created", "verdict.issued", "verdict.withdrawn"]
        numbered()
        return dict(editor.made("/webhooks/", {"url": url, "types": types} | more))

    return subscribe


@pytest.fixture
def deliver(clock: Clock) -> Callable[[], int]:
    """Number what there is and deliver what is due; how many attempts that took."""

    def run() -> int:
        numbered()
        worker = Worker(clock=clock, random=lambda: 0.5)
        made = worker.once()
        worker.finish()
        return made

    return run


def verdicts_on(claim: Any, by: Member, how_many: int) -> None:
    for i in range(how_many):
        make.verdict(claim, by, rationale=f"Finding {i}")
