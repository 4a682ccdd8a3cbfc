from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests import make
from tests.api import bodies
from tests.api.bodies import World

NOT_RECORD = {"claims_ratecount", "claims_idempotencykey"}


def rows_in_all_tables() -> dict[str, int]:
    tables = sorted(
        model._meta.db_table
        for model in apps.get_app_config("claims").get_models(include_auto_created=True)
        if model._meta.db_table not in NOT_RECORD
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{t}', count(*) FROM {t}" for t in tables))
        return dict(cursor.fetchall())


@pytest.fixture(scope="module")
def world(throughout: None) -> World:
    """Made once for all tests of a module: for such as store nothing."""
    return bodies.world()


@pytest.fixture
def nothing_stored(world: World, db: None) -> Iterator[None]:
    before = rows_in_all_tables()
    yield
    assert rows_in_all_tables() == before


@pytest.fixture
def article(db: None) -> Any:
    """With a text that has a passage twice."""
    held = make.article(url="https://example.org/1")
    make.snapshot(of=held)
    return held
