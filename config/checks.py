"""Everything that is checked beside the tests; `make check` and CI run it.

Each check is a command that anybody can run by hand; all are run, and all failures told.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
PYTHON = sys.executable
ROOT = Path(__file__).resolve().parent.parent

CHECKS: dict[str, list[str]] = {
    "form of the code": [str(BIN / "ruff"), "format", "--check", "."],
    "lint": [str(BIN / "ruff"), "check", "."],
    "types": [str(BIN / "mypy")],
    "import layers": [str(BIN / "lint-imports")],
    "Django's own checks": [PYTHON, "manage.py", "check", "--fail-level", "WARNING"],
    "migrations complete": [
        PYTHON, "manage.py", "makemigrations", "--check", "--dry-run",
    ],
    "dossier schema current": [PYTHON, "manage.py", "dossier_schema", "--check"],
    "translations current": [PYTHON, "-m", "config.translations"],
    "table of moves drawn": [PYTHON, "-m", "config.moves"],
    "OpenAPI valid": [
        PYTHON, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull,
    ],
}  # fmt: skip


def main() -> None:
    from config.environment import database_environment

    failed = []
    with database_environment():
        for name, command in CHECKS.items():
            began = time.monotonic()
            done = run(command)
            verdict = "ok" if done.returncode == 0 else "FAILED"
            say(f"{name:24} {verdict:7} {time.monotonic() - began:5.1f} s")
            if done.returncode:
                failed.append(name)
                say(done.stdout + done.stderr)
    if failed:
        sys.exit("Failed: " + ", ".join(failed))


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (the commands above)
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
