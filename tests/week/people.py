"""Two desks are opened, and their people come in: invited, signed in, or by a key."""

import subprocess
import sys

from tests.live import ROOT
from tests.week.browser import Browser
from tests.week.ledger import Desk, Happened, Member
from tests.week.state import Week

PASSWORD = "seven reed boats upstream"


def open_desk(week: Week, name: str, admin: str) -> Desk:
    """By the operator, as nobody else can; everybody else comes in over HTTP."""
    command = [sys.executable, "manage.py", "create_desk", name, "--admin", admin]
    printed = subprocess.run(
        command,
        cwd=ROOT,
        env=week.server.inherited,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    told = dict(line.split(": ") for line in printed.splitlines())
    desk = Desk(told["Organization"], name)
    week.desks.append(desk)
    member = comes_in(week, Member(told["Admin"], admin, "admin", desk), told["API key"])
    [key] = week.of(member).every("/api-keys/")
    week.reckoned.tell(
        Happened("organization.created", desk.id, desk.id, None),
        Happened("member.added", member.id, desk.id, None),
        Happened("api_key.created", key["id"], desk.id, None),
    )
    return desk


def comes_in(week: Week, member: Member, key: str | None = None) -> Member:
    week.people.append(member)
    if member.id not in week.browsers:
        week.browsers[member.id] = Browser(week.server, key)
    return member


def invite(week: Week, admin: Member, name: str, role: str) -> Member:
    """Asked in by link, and come in by it with a password."""
    desk, path = admin.desk, f"/organizations/{admin.desk.id}/invitations/"
    asked = week.of(admin).made(path, {"role": role, "name": name})
    browser = Browser(week.server)
    body = {"token": asked["token"], "username": name.lower(), "password": PASSWORD}
    session = browser.made("/invitations/accept/", body)
    member_id = session["member"]["id"]
    week.browsers[member_id] = browser
    member = comes_in(week, Member(member_id, name, role, desk))
    week.reckoned.tell(Happened("invitation.created", asked["id"], desk.id, admin.id))
    week.reckoned.tell(
        Happened("member.added", member.id, desk.id, admin.id),
        Happened("invitation.accepted", asked["id"], desk.id, member.id),
    )
    again = Browser(week.server).post("/invitations/accept/", body | {"username": "another"})
    week.refused(again, "invitation-is-over", member)  # a link is good once
    return member


def takes_a_key(week: Week, member: Member) -> None:
    """Who was signed in goes on as a program."""
    body = {"label": "a program", "scopes": ["read", "write"]}
    made = week.of(member).made("/api-keys/", body)
    week.browsers[member.id] = Browser(week.server, made["key"])
    week.reckoned.tell(Happened("api_key.created", made["id"], member.desk.id, member.id))


def signs_in_again(week: Week, member: Member) -> None:
    browser = week.of(member)
    assert browser.send("DELETE", "/session/").status == 204
    assert browser.get("/drafts/").status == 401
    again = week.browsers[member.id] = Browser(week.server)
    body = {"username": member.name.lower(), "password": PASSWORD}
    assert again.made("/session/", body)["member"]["id"] == member.id


def open_both_desks(week: Week) -> None:
    """Two desks with five people each."""
    for number, (desk, names) in enumerate(
        (
            ("Desk of the marshes", ("Ali", "Basma", "Chnar", "Dilan", "Evin")),
            ("Desk of the mountains", ("Farah", "Ghanim", "Huda", "Ilham", "Jamal")),
        )
    ):
        admin, *others = names
        open_desk(week, desk, admin)
        [boss] = [it for it in week.people if it.name == admin]
        for name, role in zip(others, ("editor", "checker", "checker", "reader"), strict=True):
            invite(week, boss, name, role)
        takes_a_key(week, week.people[5 * number + 2])
    signs_in_again(week, week.people[3])
    filer = week.people[2]
    for name in ("The paper of the week", "The evening paper"):
        made = week.of(filer).made("/publishers/", {"name": name})
        week.publishers.append(made["id"])
        week.tell(filer, "publisher.created", made["id"])
