"""docs/moves.md: who may do what to claims, drafts and contests, drawn from the table that decides.

Usage: python -m config.moves [--write]

Without --write: exit 1 when the page is not what the table says now.
"""

import sys
from pathlib import Path

from django.conf import settings

from claims.moves import MOVES, NOTHING, STANDS, WORDS, By, Move, Of, Rule, Situation, refused
from claims.vocabulary import ReviewPolicy, Role

PAGE = Path(__file__).resolve().parent.parent / "docs" / "moves.md"
BEGINS, ENDS = "<!-- from here on written by config/moves.py -->", "<!-- until here -->"

WHO = {
    By.AUTHOR: "its author",
    By.KEEPER: "its author; an editor for one who has left, or is a reader by now",
    By.ANOTHER: "another member",
    By.SECOND: "another member than the verdict's author, where there is a review policy",
    None: "",
}
STATE = {NOTHING: "no standing verdict", STANDS: "the verdict stands"}
TITLES = {
    Of.CLAIM: "## A claim, to each organization",
    Of.DRAFT: "## A draft",
    Of.CONTEST: "## A contest of a verdict",
}


def main(arguments: list[str], page: Path = PAGE) -> int:
    """The exit status; what is wrong goes to standard error."""
    before, _begins, rest = page.read_text("utf-8").partition(BEGINS)
    _old, _ends, after = rest.partition(ENDS)
    whole = f"{before}{BEGINS}\n\n{drawn()}\n{ENDS}{after}"
    if "--write" in arguments:
        page.write_text(whole, "utf-8")
    elif page.read_text("utf-8") != whole:
        sys.stderr.write("docs/moves.md is stale, run: python -m config.moves --write\n")
        return 1
    return 0


def drawn() -> str:
    parts = []
    for of, title in TITLES.items():
        moves = [move for move in MOVES if move.of is of]
        parts += [title, "", *diagram(moves), "", *table(moves), ""]
    parts += ["## Rules", "", "| rule | |", "|---|---|"]
    parts += [f"| `{rule.value}` | {WORDS[rule]} |" for rule in Rule]
    return "\n".join([*parts, ""])


def diagram(moves: list[Move]) -> list[str]:
    first = moves[0].origin[0] if moves[0].of is Of.CLAIM else "open"
    lines = ["```mermaid", "stateDiagram-v2"]
    if moves[0].of is not Of.CONTEST:
        lines.append(f"    [*] --> {first}")
    for move in moves:
        lines += [
            f"    {'[*]' if it == STANDS else it} --> {move.target or it}: {move.name}"
            for it in move.origin
        ]
    return [*lines, "```"]


def table(moves: list[Move]) -> list[str]:
    lines = [
        "| move | from | to | least role, by review policy | who | needs |",
        "|---|---|---|---|---|---|",
    ]
    for move in moves:
        origin = ", ".join(STATE.get(it, it) for it in move.origin)
        target = "as it was" if move.target is None else STATE.get(move.target, move.target)
        who, needs = WHO[move.by], ", ".join(move.needs)
        lines.append(f"| `{move.name}` | {origin} | {target} | {roles(move)} | {who} | {needs} |")
    return lines


def roles(move: Move) -> str:
    """The least role that may, and under which review policies it is another one: as is decided."""
    if move.role is None:
        return "none"
    usual, *others = ((policy, least_role(move, policy)) for policy in ReviewPolicy)
    differ = [f"`{policy}`: {role}" for policy, role in others if role != usual[1]]
    return "; ".join([usual[1], *differ])


def least_role(move: Move, policy: ReviewPolicy) -> str:
    for role in Role:
        it = Situation(
            role=role,
            state=move.origin[0],
            policy=policy,
            is_author=move.by in {By.AUTHOR, By.KEEPER},
        )
        if refused(move.of, move.name, it) is None:
            return role.value
    return "nobody"


if __name__ == "__main__":
    settings.configure(USE_I18N=False)  # the page is in English
    sys.exit(main(sys.argv[1:]))
