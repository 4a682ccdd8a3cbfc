"""Which database this process uses: the one it was told, or the embedded one."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from config.embedded import CannotStart, Cluster

CHECKOUT = Path(__file__).resolve().parent.parent


def data_directory() -> Path:
    """The data folder: ISNAD_DATA_DIR, or .isnad in the checkout."""
    return Path(os.environ.get("ISNAD_DATA_DIR") or CHECKOUT / ".isnad").absolute()


@contextmanager
def database_environment(
    progress: Callable[[str], None] | None = None,
) -> Iterator[Cluster | None]:
    """Have DATABASE_URL in the environment, whatever it takes; the environment is put back after.

    With DATABASE_URL set already: does nothing and gives None. Else the embedded cluster of the
    data folder is attached and given; DATABASE_URL, DATABASE_OWNER_URL, ISNAD_DATA_DIR and, where
    there is none, SECRET_KEY and EMAIL_URL are set: mails are files in that folder then.
    Raises CannotStart.
    """
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    directory = data_directory()
    with Cluster(directory).attached(progress) as cluster:
        given = {
            "DATABASE_URL": cluster.web_url,
            "DATABASE_OWNER_URL": cluster.owner_url,
            "ISNAD_DATA_DIR": str(directory),
            "SECRET_KEY": os.environ.get("SECRET_KEY") or _secret_key(directory),
            "EMAIL_URL": os.environ.get("EMAIL_URL") or f"filemail:///{quote(f'{directory}/mail')}",
        }
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        try:
            yield cluster
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def _secret_key(directory: Path) -> str:
    """The key of the embedded trial: made once, readable by its owner alone."""
    path = directory / "secret_key"
    try:
        if not path.exists():
            unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
            # A link, not a rename: of two processes at once the first one's key stands.
            with suppress(FileExistsError):
                os.link(unfinished, path)
            unfinished.unlink()
        return path.read_text()
    except OSError as error:
        raise CannotStart(
            f"The secret key {path} cannot be read or written ({error.strerror}). Correct its "
            "owner or its rights, or give the key in SECRET_KEY."
        ) from error
