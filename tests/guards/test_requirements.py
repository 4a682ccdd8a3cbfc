"""What is installed is what the two files say, to the last dependency."""

import re
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = ("requirements.txt", "requirements-dev.txt", "requirements-parquet.txt")
LINE = re.compile(r"(?P<name>[\w.-]+)(\[[\w,-]+\])?==(?P<version>\S+) +# \S.*")
MEASURED_BESIDE = {"asyncpg", "fastapi"}
COME_WITH_THE_VENV = {"pip", "setuptools", "wheel"}


def normal(name: str) -> str:
    """Source: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lines() -> list[str]:
    text = "\n".join((ROOT / name).read_text("utf-8") for name in FILES)
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_every_line_pins_one_version_and_says_why_it_is_needed() -> None:
    assert [line for line in lines() if not LINE.fullmatch(line)] == []
    assert len({normal(line.partition("==")[0]) for line in lines()}) == len(lines())


def test_what_is_installed_is_what_is_pinned() -> None:
    pinned = {normal(it["name"]): it["version"] for it in map(LINE.match, lines()) if it}
    installed = {normal(it.metadata["Name"]): it.version for it in distributions()}
    for name in COME_WITH_THE_VENV - pinned.keys():
        installed.pop(name, None)
    if MEASURED_BESIDE & installed.keys():  # `make bench` has put them there, with what they need
        installed = {name: version for name, version in installed.items() if name in pinned}
    assert installed == pinned, "pin what is new, or remove .venv where something is left over"
