"""The databases of the test suite, as a pytest plugin that is loaded before Django's settings.

Migrations run once, as the owner, into a template; each test process works on a clone of it as
the web role. A test that commits gets a clone for itself (`committed`), so nothing ever needs to
be deleted from tables that refuse it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
import pytest_django
from psycopg import sql

from tests.live import NOT_FOR_TESTS, PATTERN, UNMEASURED, switch_off, temporary_folder

TEMPLATE = "ISNAD_TEST_TEMPLATE"
ALIASES = ("default", "owner")
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ

everything = ExitStack()


def start() -> None:
    """Start the embedded database, unless another is named, and make the template's name."""
    os.environ.setdefault("SECRET_KEY", "for tests only")
    os.environ.setdefault("ANONYMOUS_WRITES_PER_MINUTE", "60000")  # rates have tests of their own
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    folder = temporary_folder()
    everything.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ[PATTERN] = str(temporary_folder(folder))
    if "DATABASE_URL" not in os.environ:
        from config.embedded.configuration import SUPERUSER
        from config.environment import database_environment

        os.environ["ISNAD_DATA_DIR"] = str(folder)
        cluster = everything.enter_context(database_environment())
        assert cluster is not None
        switch_off(cluster.url(user=SUPERUSER), *NOT_FOR_TESTS)
    os.environ[TEMPLATE] = f"isnad_template_{os.getpid()}"


if not IS_WORKER:
    start()


def as_owner(statement: str, *names: str) -> None:
    """Run a statement about whole databases; `{}` stand for their names."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def drop(name: str) -> None:
    """Drop a database, whatever connections tests have left: each role may end its own alone."""
    for url in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        with psycopg.connect(os.environ[url], dbname=name, autocommit=True) as connection:
            connection.execute(
                """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                   WHERE datname = current_database() AND usename = current_user
                     AND pid <> pg_backend_pid()"""
            )
    as_owner("DROP DATABASE {}", name)  # waits some seconds for those that are about to end


def pytest_configure(config: pytest.Config) -> None:
    if not IS_WORKER and not config.option.collectonly:
        make_template()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not IS_WORKER:
        if not config.option.collectonly:
            as_owner("DROP DATABASE IF EXISTS {}", os.environ[TEMPLATE])
        everything.close()


def make_template() -> None:
    """In a process of its own: in this one, pytest-django keeps the database closed."""
    template = os.environ[TEMPLATE]
    as_owner("CREATE DATABASE {}", template)
    command = [sys.executable, "-m", "django", "prepare_database", "--verbosity=0"]
    subprocess.run(command, env=os.environ | UNMEASURED | addresses(template), check=True)


def addresses(name: str) -> dict[str, str]:
    """The environment in which a process works on the database of this name."""
    return {
        url: urlsplit(os.environ[url])._replace(path=f"/{name}").geturl()
        for url in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }


def connect_to(name: str) -> None:
    """Let both roles work on the database of this name from now on."""
    from django.db import connections

    for alias in ALIASES:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Let both roles work on another database meanwhile; what they have begun goes on after."""
    from django.db import connections

    before = {alias: connections[alias] for alias in ALIASES}
    for alias in ALIASES:  # a new connection takes the place of the one that is left alone
        del connections[alias]
    connected = connections["default"].settings_dict["NAME"]
    connect_to(name)
    try:
        yield
    finally:
        connect_to(connected)
        for alias, connection in before.items():
            connections[alias] = connection


def clone(name: str) -> None:
    as_owner("CREATE DATABASE {} TEMPLATE {}", name, os.environ[TEMPLATE])


@pytest.fixture(scope="session")
def django_db_setup(worker_id: str, django_db_blocker: object) -> Iterator[None]:
    name = f"{os.environ[TEMPLATE]}_{worker_id}"
    clone(name)
    connect_to(name)
    yield
    connect_to(name)
    drop(name)


@pytest.fixture
def committed(
    worker_id: str,
    django_db_setup: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> Iterator[str]:
    """A database for this test alone, in which what is written is committed; its name."""
    with django_db_blocker.unblock(), empty(worker_id) as own:
        yield own


@contextmanager
def empty(worker_id: str) -> Iterator[str]:
    """Work on a database in which nothing is yet, and what is written is committed; its name."""
    own = f"{os.environ[TEMPLATE]}_{worker_id}_own"
    clone(own)
    try:
        with connected_to(own):
            yield own
    finally:
        drop(own)


@pytest.fixture(scope="module")
def throughout(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """One transaction around a module, in which fixtures of the module make what its tests share.

    What a test writes itself is undone when it ends.
    """
    from django.db import connection, transaction

    with django_db_blocker.unblock(), transaction.atomic():
        with connection.cursor() as cursor:
            # It waits while a test works elsewhere.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield
        transaction.set_rollback(True)
