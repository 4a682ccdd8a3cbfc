from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management import CommandError

from claims.actions import erasing
from claims.errors import Refusal
from claims.management.owner import as_owner
from claims.management.record import RecordCommand


class Command(RecordCommand):
    help = (
        "Force out what a law forces out, as the owner of the tables. Hash and length of a text "
        "stay, and who wrote it and when; it cannot be undone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        person = what.add_parser(
            "person",
            help="name, e-mail address and username: of a member, whose account goes too where no "
            "other membership needs it; of a user with all memberships; of who was invited; also "
            "from invitations and contests under the same address",
        )
        person.add_argument("id", type=UUID)
        texts = {
            "snapshot": "its text",
            "rationale": "of this verdict, and the draft that it was",
            "draft": "what it says, and said before edits; and rationale and quotes of its verdict",
            "note": "on a claim, of a desk",
            "contest": "what was written from outside, and the address for the answer",
            "contact": "the address for the answer, of this contest",
            "answer": "why the organization decided so about this contest",
        }
        for name, said in texts.items():
            what.add_parser(name, help=said).add_argument("id", type=UUID)
        places = {
            "quote": ("in the evidence of this verdict, and the draft that it was", "the evidence"),
            "reasons": ("why this draft was returned", "its steps"),
        }
        for name, (said, where) in places.items():
            place = what.add_parser(name, help=said)
            place.add_argument("id", type=UUID)
            place.add_argument("number", type=int, help=f"its place in {where}, from 0")
        change = what.add_parser("change", help="what it remembers: document and before")
        change.add_argument("number", type=int, help="in the log")

    def handle(self, *args: Any, what: str, **which: Any) -> None:
        asked = {name: which[name] for name in ("id", "number") if name in which}
        try:
            with as_owner():
                if what == "person":
                    erased = [f"erased: {it}" for it in erasing.erase_person(asked["id"])]
                else:
                    find = getattr(erasing, what)
                    erased = [f"erased: {erasing.erase_text(find(*asked.values()))} texts"]
        except Refusal as refused:
            raise CommandError(f"{refused.title}: {refused.detail}") from None
        for line in erased:
            self.stdout.write(line)
