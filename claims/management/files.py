"""What commands have in common that read a file for a member and show how far they are."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from rich.console import Console
from rich.progress import Progress

from claims.models import Member
from claims.vocabulary import Role

MOST = 5_000  # a transaction keeps the articles of its claims from others
REFUSED = 3  # the exit status when the file was read to its end, but not all of it is in the record


def checker(member: str) -> Member:
    try:
        by = Member.objects.select_related("organization").filter(pk=UUID(member)).first()
    except (ValueError, ValidationError):
        by = None
    if by is None or not by.may_act_as(Role.CHECKER):
        raise CommandError(f"--member {member}: there is no checker with this id.")
    return by


def batch(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise ArgumentTypeError(f"a number from 1 to {MOST:,}")
    return int(text)


@contextmanager
def opened(file: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The file and its size; that of standard input is unknown."""
    if file == "-":
        yield sys.stdin.buffer, None
        return
    with Path(file).open("rb") as source:
        yield source, Path(file).stat().st_size or None


def bar(*, hidden: bool) -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, disable=hidden or not console.is_terminal, transient=True)


@contextmanager
def told(refused: Path | None, console: Console) -> Iterator[Callable[[dict[str, Any]], None]]:
    """What is called with each refusal."""
    if refused is None:
        yield lambda document: console.out(orjson.dumps(document).decode(), highlight=False)
        return
    with refused.open("w", encoding="utf-8", buffering=1) as file:

        def write(document: dict[str, Any]) -> None:
            file.write(orjson.dumps(document).decode() + "\n")

        yield write
