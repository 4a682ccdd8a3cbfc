"""What is written into the cluster's configuration files."""

from pathlib import Path

from .account import Account

SUPERUSER = "postgres"  # of the launcher alone
OWNER = "isnad_owner"
WEB = "isnad_web"
DATABASE = "isnad"
PORT = 5432  # no TCP port: only part of the socket's file name

OUR_FILE = "isnad.conf"
IDENTITY_MAP = "isnad"

# Asked for in this order until the machine grants one.
SHARED_BUFFERS = ("256MB", "128MB", "32MB", "8MB")


def server_settings(*, socket_directory: Path, shared_buffers: str) -> str:
    settings = {
        # The setting is a list of names; a name in double quotes may hold anything.
        "unix_socket_directories": '"{}"'.format(str(socket_directory).replace('"', '""')),
        "unix_socket_permissions": "0700",
        "listen_addresses": "",
        "port": str(PORT),
        "max_connections": "200",
        "shared_buffers": shared_buffers,
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "max_wal_size": "2GB",
        "jit": "off",
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # One file for each day of the week, each begun anew when its day comes round again.
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_line_prefix": "%m [%p] %q%u@%d ",
    }
    return "# Written by Isnad at every start.\n" + "".join(
        f"{name} = {_quoted(value)}\n" for name, value in settings.items()
    )


def who_may_connect() -> str:
    # "all" does not stand for replication, by which replicas and backups are made.
    return (
        "# Written by Isnad at every start.\n"
        f"local all all peer map={IDENTITY_MAP}\n"
        f"local replication {SUPERUSER} peer map={IDENTITY_MAP}\n"
    )


def identities(account: Account) -> str:
    """The two users of the machine that may log in: the database's own, and root.

    Our processes run as one of them, and root may become any user anyway.
    """
    names = dict.fromkeys((account.name, "root"))
    return "# Written by Isnad at every start.\n" + "".join(
        '{} "{}" {}\n'.format(IDENTITY_MAP, name.replace('"', '""'), role)
        for name in names
        for role in (SUPERUSER, OWNER, WEB)
    )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
    return f"'{escaped}'"
