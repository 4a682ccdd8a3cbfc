"""The record as it was: a random history, replayed against what was read at the time."""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import transaction

from claims.actions.articles import capture_snapshot, edit_article
from claims.actions.claims import add_appearance, edit_claim
from claims.actions.desks import edit_member, edit_organization
from claims.actions.publishers import edit_publisher
from claims.actions.speakers import edit_speaker
from claims.api import pagination
from claims.models import (
    Appearance,
    Article,
    Change,
    Claim,
    LogEntry,
    Member,
    Organization,
    Publisher,
    Speaker,
    Verdict,
)
from claims.queries.etags import etag
from claims.vocabulary import Outcome
from tests import make
from tests.api import test_recording as recording
from tests.api.test_recording import Row
from tests.api.walking import walk
from tests.conftest import Api, places, problem
from tests.log import numbered

STEPS = 90
Documents = dict[str, dict[str, Any]]


@dataclass
class Then:
    """What was read after an action: its last number, when it was recorded, and all claims."""

    number: int
    at: datetime
    claims: Documents


@dataclass
class Told:
    """What the history of a claim should tell of one thing that happened to it."""

    type: str
    by: Member
    document: Row
    before: Row | None
    status: str
    language: str


@dataclass
class Passage:
    """An appearance as whoever filed it knows it. anchors: how often it was looked for since."""

    claim: UUID
    pk: UUID
    position: int
    anchors: int = 0

    @property
    def path(self) -> str:
        return f"/claims/{self.claim}/appearances/{self.pk}/"


@dataclass
class History:
    """What happens by chance, and what everybody could read after each step of it.

    happened: by claim, what each step did to it. It is kept by those who do it: nothing of it is
    read off the log.
    """

    chance: random.Random
    thens: list[Then] = field(default_factory=list)
    judged: set[Any] = field(default_factory=set)
    happened: dict[str, list[list[Told]]] = field(default_factory=lambda: defaultdict(list))
    step: list[tuple[UUID, str, Member, Callable[[], Row]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desks = [make.desk(), make.desk()]
        self.publishers = [make.publisher(name=f"Outlet {n}") for n in range(2)]
        self.speakers = [make.speaker(name=f"Speaker {n}") for n in range(3)]
        self.articles = [
            make.article(publisher=outlet.pk, date_published=day)
            for outlet, day in zip(self.publishers, ["2020-03-14", "2019"], strict=True)
        ]
        self.snapshots = [make.snapshot(of=article) for article in self.articles]
        self.newest = {it.article_id: it.pk for it in self.snapshots}
        self.passages: dict[UUID, list[Passage]] = defaultdict(list)  # by article
        self.claims: list[UUID] = []
        self.number = 0

    def run(self, steps: int, after_each: Callable[[], None] = lambda: None) -> None:
        actions: list[Callable[[], object]] = [
            *(self.file, self.file, self.judge, self.judge, self.judge, self.judge),
            *(self.edit, self.appear, self.capture, self.withdraw, self.rename, self.move),
        ]
        for step in range(steps + 1):
            (self.chance.choice(actions) if step else self.file)()
            if numbered():
                after_each()

    def remember(self) -> None:
        numbered()
        last = LogEntry.objects.select_related("change").order_by("-number")[0]
        read = Api().read("/claims/?page_size=200")["results"]
        claims = {claim["id"]: claim for claim in read}
        steps: dict[str, list[Told]] = defaultdict(list)
        for pk, kind, by, document in self.step:
            now = claims[str(pk)]
            before = None
            if kind == "claim.edited":
                before = recording.claim(self.thens[-1].claims[str(pk)])
            told = Told(kind, by, document(), before, now["status"], now["language"])
            steps[str(pk)].append(told)
        for pk, step in steps.items():
            self.happened[pk].append(step)
        self.step = []
        self.thens.append(Then(last.number, last.change.recorded_at, claims))

    # What everybody reads right afterwards is what should be told of it

    def tell(self, claim: UUID, kind: str, by: Member) -> None:
        path = f"/claims/{claim}/"
        self.step.append((claim, kind, by, lambda: recording.claim(Api().read(path))))

    def tell_verdict(self, verdict: Verdict) -> None:
        withdrawn = verdict.outcome == Outcome.WITHDRAWN
        kind = "verdict.withdrawn" if withdrawn else "verdict.issued"
        path = f"/claims/{verdict.claim_id}/verdicts/{verdict.pk}/"
        assert verdict.issued_by is not None
        self.step.append(
            (verdict.claim_id, kind, verdict.issued_by, lambda: recording.verdict(Api().read(path)))
        )

    def tell_passage(self, appearance: Appearance, by: Member) -> None:
        position = sum(
            it.claim == appearance.claim_id for found in self.passages.values() for it in found
        )
        passage = Passage(appearance.claim_id, appearance.pk, position)
        self.passages[appearance.article_id].append(passage)

        def document() -> Row:
            return recording.appearance(Api().read(passage.path)) | {"position": position}

        self.step.append((passage.claim, "appearance.added", by, document))
        if appearance.snapshot_id != self.newest[appearance.article_id]:
            self.tell_anchor(passage, by)

    def tell_anchor(self, passage: Passage, by: Member) -> None:
        position = passage.anchors
        passage.anchors += 1

        def document() -> Row:
            read = Api().read(passage.path)
            told = {"appearance": read["id"], "position": position, "state": read["anchor"]}
            return told | read["current"]

        self.step.append((passage.claim, "appearance.reanchored", by, document))

    # What happens

    def pick(self, rows: list[Any]) -> Any:
        return self.chance.choice(rows)

    def file(self) -> None:
        self.number += 1
        where: dict[str, Any] = {}
        if self.chance.random() < 0.8:
            words = self.pick(["Iraq declared victory again", "كامل أراضيه"])
            where["appearance"] = {
                "snapshot": self.pick(self.snapshots).pk,
                "exact": words,
                "relayed_by": [self.pick(self.speakers).pk],
            }
        language = self.pick(["ar", "ar-IQ", "en"])
        more = {"text": f"Claim {self.number}", "language": language, "by": self.desks[0].checker}
        if self.chance.random() < 0.5:
            claim = make.fact(
                speaker=self.pick([None, self.pick(self.speakers).pk]), **more, **where
            )
        else:
            asserts = Claim.objects.filter(kind="fact").order_by("pk").values_list("pk", flat=True)
            speaker = self.pick(self.speakers).pk
            claim = make.statement(speaker=speaker, asserts=asserts[:2], **more, **where)
        self.claims.append(claim.pk)
        self.tell(claim.pk, "claim.created", self.desks[0].checker)
        if where:
            self.tell_passage(claim.appearances.get(), self.desks[0].checker)

    def claim(self) -> Claim:
        return Claim.objects.get(pk=self.pick(self.claims))

    def judge(self) -> None:
        claim, desk = self.claim(), self.pick(self.desks)
        outcome = self.pick([Outcome.VERIFIED, Outcome.DISPUTED, Outcome.INCONCLUSIVE])
        pieces = [{"url": "https://example.org/", "stance": "context", "quote": "Not so."}]
        evidence = self.pick([[], pieces])
        by = self.pick([desk.checker, desk.editor])
        self.tell_verdict(make.verdict(claim, by, outcome, evidence=evidence))
        self.judged.add(claim.pk)

    def withdraw(self) -> None:
        claim, desk = self.claim(), self.pick(self.desks)
        if claim.verdicts.standing().filter(organization=desk.organization).exists():
            self.tell_verdict(make.verdict(claim, desk.checker, Outcome.WITHDRAWN))

    def edit(self) -> None:
        claim = self.claim()
        if claim.pk not in self.judged:
            self.number += 1
            changes = {"text": f"Words {self.number}", "language": self.pick(["ar", "en"])}
            edit_claim(claim_id=claim.pk, changes=changes, **self.reader(Claim, claim.pk))
            self.tell(claim.pk, "claim.edited", self.desks[0].admin)

    def appear(self) -> None:
        marked = {"snapshot": self.pick(self.snapshots).pk, "exact": "Iraq declared victory."}
        by = self.desks[1].checker
        appearance = add_appearance(
            claim_id=self.claim().pk,
            appearance=marked,  # type: ignore[arg-type]
            by=by,
        )
        self.tell_passage(appearance, by)

    def capture(self) -> None:
        self.number += 1
        article = self.pick(self.articles)
        text = self.pick([make.TEXT, "Iraq declared victory."]) + f" {self.number}"
        by = self.desks[0].checker
        self.newest[article.pk] = capture_snapshot(article_id=article.pk, text=text, by=by).pk
        for passage in self.passages[article.pk]:
            self.tell_anchor(passage, by)

    def rename(self) -> None:
        self.number += 1
        name = f"Name {self.number}"
        desk = self.pick(self.desks)
        kind = self.chance.randrange(4)
        if kind == 0:
            pk = self.pick(self.speakers).pk
            edit_speaker(speaker_id=pk, changes={"name": name}, **self.reader(Speaker, pk))
        elif kind == 1:
            pk = self.pick(self.publishers).pk
            edit_publisher(publisher_id=pk, changes={"name": name}, **self.reader(Publisher, pk))
        elif kind == 2:
            pk = desk.organization.pk
            edit_organization(
                organization_id=pk, changes={"name": name}, **self.reader(Organization, pk, desk)
            )
        else:
            pk = desk.checker.pk
            edit_member(member_id=pk, changes={"name": name}, **self.reader(Member, pk, desk))

    def move(self) -> None:
        """An article gets another publisher, headline and date."""
        self.number += 1
        article = self.pick(self.articles)
        changes = {
            "publisher": self.pick(self.publishers).pk,
            "headline": f"Headline {self.number}",
            "date_published": self.pick(["2018", "2020-03-14", "2020-05", None]),
        }
        edit_article(article_id=article.pk, changes=changes, **self.reader(Article, article.pk))

    def reader(self, model: Any, pk: UUID, desk: make.Desk | None = None) -> dict[str, Any]:
        """Somebody who has read the row as it is."""
        tag = etag(model, pk)
        assert tag is not None
        return {"by": (desk or self.desks[0]).admin, "if_match": frozenset({tag})}


@pytest.fixture(scope="module", params=[1, 2])
def history(request: pytest.FixtureRequest, throughout: None) -> Iterator[History]:
    with transaction.atomic():
        made = History(random.Random(request.param))
        made.run(STEPS, made.remember)
        yield made
        transaction.set_rollback(True)


pytestmark = pytest.mark.usefixtures("db")


def listed(query: dict[str, Any]) -> list[dict[str, Any]]:
    asked = urlencode({"page_size": 200} | query)
    return list(Api().read(f"/claims/?{asked}")["results"])


def test_a_list_as_of_a_number_is_what_was_read_then(history: History) -> None:
    assert len(history.thens) > 45
    for then in history.thens:
        found = {claim["id"]: claim for claim in listed({"as_of": then.number})}
        assert found == then.claims, then.number


def test_a_list_as_of_an_instant_is_what_was_read_after_all_that_was_recorded_by_then(
    history: History,
) -> None:
    for then in history.thens[::3]:
        found = {claim["id"]: claim for claim in listed({"as_of": then.at.isoformat()})}
        assert found == then.claims, then.number


def test_so_is_each_claim_by_itself(history: History) -> None:
    api = Api()
    for then in history.thens[::14]:
        for pk, claim in then.claims.items():
            path = f"/claims/{pk}/?as_of={then.number}"
            response = api.get(path)
            assert response.json() == claim
            assert api.get(path, if_none_match=response["ETag"]).status_code == 304


def test_the_history_of_every_claim_is_what_happened_to_it(history: History) -> None:
    assert history.happened.keys() == history.thens[-1].claims.keys()
    numbers: list[int] = []
    for pk, steps in history.happened.items():
        changes = [it for page in walk(Api(), f"/claims/{pk}/history/?page_size=7") for it in page]
        found = iter(changes)
        for step in steps:
            happened = list(itertools.islice(found, len(step)))
            if {told.type for told in step} == {"appearance.reanchored"}:
                # A claim that appears twice in an article: one capture told of both.
                step.sort(key=lambda told: told.document["appearance"])
                happened.sort(key=lambda change: change["document"]["appearance"])
            for told, change in zip(step, happened, strict=True):
                is_as_told(change, told, pk)
        assert list(found) == []
        numbers += [change["number"] for change in changes]
    # And together they are all that happened to claims, each once.
    of_claims = Change.objects.filter(claim__isnull=False)
    assert sorted(numbers) == sorted(of_claims.values_list("log_entry__number", flat=True))


def is_as_told(change: Any, told: Told, claim: str) -> None:
    assert change["type"] == told.type
    document = dict(change["document"])
    if told.type == "appearance.reanchored":  # of which the API tells no id
        assert change["subject"] == document.pop("id")
    else:
        assert change["subject"] == document["id"]
    assert document == told.document
    assert change["before"] == told.before
    assert change["claim"] == claim
    assert change["recorded_by"]["id"] == str(told.by.pk)
    assert (change["status"], change["language"]) == (told.status, told.language)
    assert change["outcome"] == told.document.get("outcome")


def test_a_random_history_has_all_that_can_happen_to_a_claim(history: History) -> None:
    told = {told.type for steps in history.happened.values() for step in steps for told in step}
    assert told == {
        *("claim.created", "claim.edited", "appearance.added", "appearance.reanchored"),
        *("verdict.issued", "verdict.withdrawn"),
    }


def test_as_of_the_head_is_the_record_of_today(history: History) -> None:
    last = history.thens[-1]
    assert listed({"as_of": last.number}) == listed({})


def test_before_it_was_filed_a_claim_is_not_there(history: History) -> None:
    newest = max(claim["number"] for claim in history.thens[-1].claims.values())
    pk = next(k for k, claim in history.thens[-1].claims.items() if claim["number"] == newest)
    problem(Api().get(f"/claims/{pk}/?as_of={newest - 1}"), "not-found", 404)
    assert Api().read(f"/claims/{pk}/?as_of={newest}")["number"] == newest


# Filters, asked of what was read then in plain Python. The claims of today answer for what a
# document does not tell of its other appearances: only those filters that it tells of are tried.
FILTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "kind": lambda claim: claim["kind"],
    "status": lambda claim: claim["status"],
    "speaker": lambda claim: claim["speaker"] and claim["speaker"]["id"],
    "subject": lambda claim: claim["fact"] and claim["fact"]["subject"],
    "has_verdict": lambda claim: str(claim["status"] != "unverified").lower(),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_was_so_then(history: History, name: str) -> None:
    told = FILTERS[name]
    for then in history.thens[5::17]:
        values = {told(claim) for claim in then.claims.values()} - {None}
        for value in values:
            wanted = {pk for pk, claim in then.claims.items() if told(claim) == value}
            found = listed({"as_of": then.number, name: value})
            assert {claim["id"] for claim in found} == wanted, (then.number, name, value)


def test_a_language_finds_its_regions(history: History) -> None:
    for then in history.thens[5::17]:
        found = {claim["id"] for claim in listed({"as_of": then.number, "language": "ar"})}
        wanted = {pk for pk, it in then.claims.items() if it["language"].partition("-")[0] == "ar"}
        assert found == wanted


def test_organization_and_outcome_are_of_one_and_the_same_standing_verdict(
    history: History,
) -> None:
    for then in history.thens[5::17]:
        for desk in history.desks:
            organization = str(desk.organization.pk)
            for outcome in ("verified", "disputed", "inconclusive"):
                query = {"organization": organization, "outcome": outcome}
                found = {it["id"] for it in listed({"as_of": then.number, **query})}
                wanted = {
                    pk
                    for pk, claim in then.claims.items()
                    for verdict in claim["verdicts"]
                    if verdict["organization"]["id"] == organization
                    and verdict["outcome"] == outcome
                }
                assert found == wanted


@pytest.mark.parametrize("name", ["publisher", "article", "published_after", "published_before"])
def test_filters_of_appearances_give_today_what_they_give_without_as_of(
    history: History, name: str
) -> None:
    """These look at all appearances; today both ways of reading can be compared."""
    values = {
        "publisher": [str(outlet.pk) for outlet in history.publishers],
        "article": [str(article.pk) for article in history.articles],
        "published_after": ["2018-06-01", "2020-01-01"],
        "published_before": ["2018-12-31", "2020-03-31"],
    }[name]
    last = history.thens[-1].number
    for value in values:
        assert listed({name: value, "as_of": last}) == listed({name: value})


@pytest.mark.parametrize("ordering", ["created_at", "-created_at"])
def test_pages_lead_to_both_ends(
    history: History, ordering: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a page looks at so few claims that it finds none."""
    then = history.thens[-5]
    every = [it["id"] for it in listed({"as_of": then.number, "ordering": ordering})]
    monkeypatch.setattr(pagination, "SIFTED", 4)
    monkeypatch.setattr(pagination, "BATCH", 2)
    query = {"as_of": then.number, "ordering": ordering, "page_size": 2, "language": "ar"}
    wanted = [pk for pk in every if then.claims[pk]["language"][:2] == "ar"]
    assert len(wanted) > 3
    api = Api()
    path = f"/claims/?{urlencode(query)}"
    assert [it["id"] for page in walk(api, path) for it in page] == wanted
    page = api.read(path)
    while page["next"]:
        page = api.read(page["next"].removeprefix("http://testserver/api/v1"))
    back = [page["results"]]
    while page["previous"]:
        page = api.read(page["previous"].removeprefix("http://testserver/api/v1"))
        back.append(page["results"])
    assert [it["id"] for found in reversed(back) for it in found] == wanted


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("as_of=x", "as_of"),
        ("as_of=-1", "as_of"),
        ("as_of=0", "as_of"),
        ("as_of=99999999", "as_of"),
        ("as_of=2020-13-45", "as_of"),
        ("as_of=2020-01-01T00:00:00", "as_of"),
        ("as_of=" + "1" * 40, "as_of"),
        ("as_of=1&ordering=-changed_at", "ordering"),
        ("as_of=1&status=no", "status"),
        ("as_of=1&x=y", "x"),
        ("as_of=1&as_of=2", "as_of"),
    ],
)
def test_what_cannot_be_read_is_refused(history: History, query: str, wrong: str) -> None:
    refused = Api().get(f"/claims/?{query}")
    assert places(problem(refused, "bad-parameter", 400)) == {wrong}


def test_before_everything_there_was_nothing(history: History) -> None:
    assert listed({"as_of": "1999-12-31"}) == []


def test_what_has_no_number_yet_is_not_in_the_log(db: None) -> None:
    claim = make.fact()
    numbered()
    make.verdict(claim, make.desk().checker)
    assert listed({"as_of": "2999-01-01"})[0]["status"] == "unverified"
    assert Change.objects.filter(log_entry__isnull=True).exists()
    numbered()
    assert listed({"as_of": "2999-01-01"})[0]["status"] == "disputed"
