"""The commands of README.md and other pages, run word for word against a server of their own.

Usage: python -m tests.readme [--write] [PAGE]

Blocks marked `sh` are run, all in one shell. A block marked `json` or `text` right after one is
what it printed; a command without such a block prints nothing. Ids, instants and versions differ
from run to run: in both they are replaced by a number each, so that the same one in two places
stays the same. Exit 1 when an answer differs. --write puts the answers of this run into the page.
"""

import difflib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.live import live_server

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
TOLD = (
    "annotations",
    "bulk",
    "claimreview-in",
    "conflicts",
    "contests",
    "dates",
    "desk",
    "exports",
    "following",
    "google-fact-check",
    "matching",
    "notices",
    "people",
    "scales",
    "search",
    "statistics",
    "suggestions",
    "webhooks",
)
PAGES = [ROOT / "README.md", *(DOCS / f"{it}.md" for it in TOLD)]
ADDRESS, FOLDER = "http://127.0.0.1:8000", ".isnad/"
SECONDS = 240
END_OF_STEP = "--- end of step {} ---\n"

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARYING = re.compile(
    r"(?P<id>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"
    r"|(?P<instant>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
    r'|(?P<version>"[0-9a-f]{32}(?:-unnumbered)?(?:~[0-9a-f]{8})?")'
    r'|(?P<number>(?<="number": )(?:null|\d+))'
)


@dataclass
class Step:
    """A command and its answer. span: where the answer stands in the page, if it has a place."""

    command: str
    answer: str = ""
    span: tuple[int, int] | None = None


def main(arguments: list[str]) -> int:
    named = [Path(it).resolve() for it in arguments if it != "--write"]
    return max([held(file, write="--write" in arguments) for file in named or PAGES])


def held(file: Path, *, write: bool = False) -> int:
    """0 when every command of a page prints what the page says."""
    page = file.read_text("utf-8")
    steps = steps_of(page)
    printed = run(steps)
    wrong = differences(steps, printed)
    if wrong and write:
        file.write_text(with_answers(page, steps, printed), "utf-8")
        wrong = differences(steps_of(file.read_text("utf-8")), printed)
    sys.stderr.write(wrong)
    return 1 if wrong else 0


def steps_of(page: str) -> list[Step]:
    steps: list[Step] = []
    after_command = False
    for block in FENCED.finditer(page):
        kind, text = block.groups()
        if kind == "sh":
            steps.append(Step(text))
        elif kind in {"json", "text"} and after_command:
            steps[-1].answer, steps[-1].span = text, block.span(2)
        after_command = kind == "sh"
    return steps


def run(steps: list[Step]) -> list[str]:
    """What each command prints, errors included, in one shell and against one new server."""
    with live_server(WEBHOOK_ALLOW_PRIVATE="true", WEB_CONCURRENCY="1") as server:
        address = f"http://127.0.0.1:{server.port}"
        commands = "".join(
            f"{step.command}echo '{END_OF_STEP.format(i)[:-1]}'\n" for i, step in enumerate(steps)
        )
        script = server.folder / "readme.sh"
        script.write_text(
            commands.replace(ADDRESS, address).replace(FOLDER, f"{server.folder}/"), "utf-8"
        )
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            ["sh", str(script)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=kept | {"LC_ALL": "C.UTF-8"},
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
    printed, said = [], done.stdout.replace(address, ADDRESS)
    for i in range(len(steps)):
        one, _end, said = said.partition(END_OF_STEP.format(i))
        printed.append(one)
    return printed


def differences(steps: list[Step], printed: list[str]) -> str:
    """What differs, as a diff for each command; empty when nothing does."""
    told = numbered([step.answer for step in steps])
    found = numbered(printed)
    return "".join(
        f"\n$ {step.command}{''.join(difflib.unified_diff(*pair, 'the page', 'printed', n=1))}"
        for step, *pair in zip(steps, lines(told), lines(found), strict=True)
        if pair[0] != pair[1]
    )


def lines(texts: list[str]) -> list[list[str]]:
    return [text.splitlines(keepends=True) for text in texts]


def numbered(texts: list[str]) -> list[str]:
    """The texts with `<id 1>` for the first id of them all, and so on."""
    numbers: dict[str, dict[str, int]] = {}

    def number(found: re.Match[str]) -> str:
        kind = str(found.lastgroup)
        if kind == "number":  # given a moment after the write: it may be there already
            return "<number>"
        known = numbers.setdefault(kind, {})
        same = re.sub('-unnumbered|~[0-9a-f]{8}(?=")', "", found[0])
        return f"<{kind} {known.setdefault(same, len(known) + 1)}>"

    return [VARYING.sub(number, text) for text in texts]


def with_answers(page: str, steps: list[Step], printed: list[str]) -> str:
    for step, answer in reversed(list(zip(steps, printed, strict=True))):
        if step.span is not None:
            start, end = step.span
            page = page[:start] + answer + page[end:]
    return page


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
