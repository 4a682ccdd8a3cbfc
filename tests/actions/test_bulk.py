"""Filing many claims at once makes the rows that filing each by itself makes."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from claims.actions import bulk
from claims.actions.articles import capture_snapshot
from claims.actions.bulk import Asked, Became, file_claims
from claims.actions.claims import create_claim
from claims.actions.store import Store
from claims.errors import Refusal
from claims.formats.claim_lines import Reader
from claims.management import loading
from claims.management.loading import said_in
from claims.management.verification import faults
from claims.models import (
    Anchor,
    Appearance,
    Assertion,
    Change,
    Claim,
    Member,
    Placement,
    RateCount,
    Relay,
    Uncounted,
    Unnumbered,
)
from tests import make
from tests.dossiers import rows
from tests.log import numbered

SENTENCES = [
    "أعلن العراق تحرير كامل أراضيه من قبضة تنظيم داعش في 10 ديسمبر/كانون الأول 2017.",
    "قال المتحدث باسم العمليات المشتركة، اللواء تحسين الخفاجي: «لن نسمح بعودتهم».",
    "وأضاف: «نعم».",
    "The spokesman said: “We struck the bridge on 3 May 2021.”",
    "The agency could not confirm it. 👩‍👩‍👧‍👦",
    "وأضاف: «نعم».",
    "It was the third strike in a week;\tthe second was on 1 May.",
]
TEXT = "\n".join(SENTENCES)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")
EDITED = "\n".join(SENTENCES[:3] + SENTENCES[4:])


def asked_for(line: dict[str, Any]) -> Asked:
    """As the loader reads it."""
    said = said_in(orjson.dumps(line), Reader())
    assert isinstance(said, bytes)
    return loading.asked_for(said)


def fact(**more: Any) -> dict[str, Any]:
    return {"kind": "fact", "text": "حُرِّر العراق", "language": "ar", "fact": make.FACT} | more


# The same rows


class Record:
    """What there is to be named by claims: texts of every kind, and some things that are not."""

    @transaction.atomic
    def __init__(self) -> None:
        self.desk = make.desk()
        self.speakers = [str(make.speaker(name=f"Speaker {i}").pk) for i in range(4)]
        plain, edited, withheld, late, without = (make.article() for _ in range(5))
        self.articles = [str(it.pk) for it in (plain, edited, withheld, late, without)]
        snapshots = [
            make.snapshot(TEXT, of=plain),
            make.snapshot(TEXT, of=edited),
            make.snapshot(EDITED, of=edited),
            make.snapshot(TEXT, of=withheld, withheld=True),
            make.snapshot(TEXT, of=late),
            make.snapshot(EDITED, of=late, withheld=True),
        ]
        self.texts = [TEXT, TEXT, EDITED, TEXT, TEXT, EDITED]
        self.snapshots = [str(it.pk) for it in snapshots]
        self.facts = [str(make.fact().pk)]
        self.statement = str(make.statement().pk)


class Lines:
    """Lines of every kind, sound ones and others, the same for the same seed."""

    def __init__(self, record: Record, seed: int) -> None:
        self.record = record
        self.chance = random.Random(seed)
        self.ids: list[str] = []
        self.facts = list(record.facts)

    def made(self, count: int) -> list[dict[str, Any]]:
        return [self.line() for _ in range(count)]

    def sometimes(self, share: float) -> bool:
        return self.chance.random() < share

    def line(self) -> dict[str, Any]:
        pk = str(UUID(int=self.chance.getrandbits(128), version=4))
        kind = self.chance.choice(["fact", "statement"])
        line: dict[str, Any] = {
            "id": pk,
            "kind": kind,
            "language": self.chance.choice(["ar", "en-gb"]),
        }
        line["text"] = " ".join(self.chance.sample(SENTENCES, 2))
        if kind == "statement" or self.sometimes(0.5):
            line["speaker"] = self.speaker()
        if self.sometimes(0.3):
            line["stated_on"] = self.chance.choice(["2017-12-10", "2020~", None])
        if kind == "fact":
            line["fact"] = self.fact()
        else:
            line["speech"] = self.chance.choice(["direct", "indirect"])
            line["asserts"] = self.asserts()
        if self.sometimes(0.8):
            line["appearance"] = self.appearance()
        if kind == "fact":
            self.facts.append(pk)
        self.ids.append(pk)
        if self.sometimes(0.05):  # one that was there before
            line["id"] = self.chance.choice(self.ids)
        return line

    def speaker(self) -> str:
        return str(uuid7()) if self.sometimes(0.03) else self.chance.choice(self.record.speakers)

    def asserts(self) -> list[str]:
        wrong = [self.record.statement, str(uuid7())] if self.sometimes(0.1) else []
        return wrong + self.chance.sample(
            self.facts, min(len(self.facts), self.chance.choice([0, 1, 2]))
        )

    def fact(self) -> dict[str, Any]:
        named: dict[str, Any] = {"subject": "الجسر", "property": "declared on"}
        quantity = named | {"value_type": "quantity", "unit": "year"}
        return self.chance.choice(
            [
                named | {"value": "2017-12-10", "value_type": "date"},
                named | {"value": "العراق", "value_type": "entity"},
                named | {"value": " as it was ", "value_type": "text"},
                quantity | {"value": "3", "approximate": True},
                quantity | {"lower": "-2.5", "upper": "1400000", "approximate": False},
            ]
        )

    def appearance(self) -> dict[str, Any]:
        chain = self.chance.sample(self.record.speakers, self.chance.choice([0, 0, 1, 2, 3]))
        marked: dict[str, Any] = {"relayed_by": chain}
        if self.sometimes(0.03):
            marked["relayed_by"] = [*chain, str(uuid7())]
        if self.sometimes(0.1):
            return marked | {"article": self.chance.choice([*self.record.articles, str(uuid7())])}
        number = self.chance.randrange(len(self.record.snapshots))
        marked["snapshot"] = self.record.snapshots[number]
        if self.sometimes(0.03):
            marked["article"] = self.chance.choice(self.record.articles)
        if self.sometimes(0.02):
            marked["snapshot"] = str(uuid7())
        return marked | self.passage(self.record.texts[number])

    def passage(self, text: str) -> dict[str, Any]:
        start = self.chance.randrange(len(text) - 30)
        end = start + self.chance.randint(5, 30)
        nim = SENTENCES[2]
        second = text.rfind(nim)
        return self.chance.choice(
            [
                {"start": start, "end": end},
                {"exact": text[start:end], "start": start},
                {"exact": text[start:end], "start": start, "end": end + 1},
                {"exact": text[start:end], "end": end},
                {"exact": text[start:end]},
                {"exact": self.chance.choice(SENTENCES)},
                {"exact": nim, "prefix": text[second - 10 : second], "suffix": ""},
                {"exact": nim},
                {"exact": "قال  المتحدث"},
                {"exact": "what nobody said"},
            ]
        )


def filed_one_by_one(lines: list[dict[str, Any]], by: Member) -> list[Any]:
    """By the action behind POST claims/; an id of the line's own means the claim that it became."""
    became: dict[UUID, UUID] = {}
    fates: list[Any] = []
    for line in lines:
        said = Reader().read(orjson.dumps(line))
        if (pk := said.pop("id")) in became:
            fates.append(Became.THERE)
            continue
        said["asserts"] = [became.get(it, it) for it in said.get("asserts", ())]
        try:
            with transaction.atomic():
                claim = create_claim(**said, by=by)
        except Refusal as refusal:
            fates.append(told(refusal))
        else:
            became[pk] = claim.pk
            fates.append(Became.FILED)
    return fates


def filed_at_once(lines: list[dict[str, Any]], by: Member, batch: int) -> list[Any]:
    fates: list[Any] = []
    for first in range(0, len(lines), batch):
        asked = [asked_for(line) for line in lines[first : first + batch]]
        fates += file_claims(asked, by=by)
    return [told(it) if isinstance(it, Refusal) else it for it in fates]


def told(refusal: Refusal) -> dict[str, Any]:
    problem = {"slug": refusal.slug, "detail": str(refusal.detail)} | refusal.more
    return problem | {"errors": [fault.document() for fault in refusal.faults]}


def everything() -> dict[str, list[str]]:
    """All rows of all tables, but for instants, salts, and the names of ids.

    Those are named by the order of the Changes, which so has to be the same.
    """
    with connection.cursor() as cursor:  # what is made when a transaction ends
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    names: dict[str, str] = {}
    waiting = Unnumbered.objects.order_by("position").select_related("change__document")
    for position, it in enumerate(waiting):
        names[str(it.change_id)] = f"change {position}"
        names.setdefault(str(it.change.subject_id), f"subject of {position}")
        names[str(it.change.document_id)] = f"document {position}"
    tables: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("claims").get_models():
            if model is RateCount:
                continue
            if model is Uncounted:  # the sums matter, whichever rows they are in
                tables[model.__name__] = uncounted(cursor)
                continue
            cursor.execute(f"SELECT to_jsonb(t) FROM {model._meta.db_table} t")
            found = [
                orjson.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()
            ]
            tables[model.__name__] = sorted(normalised(row, model.__name__, names) for row in found)
    return tables


def uncounted(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT it.term, sum(it.count) FROM claims_uncounted, unnest(terms, counts) "
        "AS it(term, count) GROUP BY it.term"
    )
    return sorted(f"{term}: {count}" for term, count in cursor.fetchall())


def normalised(row: dict[str, Any], table: str, names: dict[str, str]) -> str:
    if table in {"Relay", "Assertion"}:
        row["id"] = "its own"
    if table == "Unnumbered":
        row["position"] = "after the one before"
    if table == "Content" and row["salt"]:
        row["salt"], row["sha256"] = len(row["salt"]), "of salt and text"
    text = orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()
    for pk, name in names.items():
        text = text.replace(pk, name)
    if table == "Wording":  # PostgreSQL sorts words, of which some hold ids
        words = sorted(re.findall(r"'(?:[^']|'')*'\S*", text))
        text = f"{names.get(row['id'])}: {' '.join(words)}"
    return INSTANT.sub("an instant", text)


@pytest.mark.parametrize("seed", range(6))
def test_the_same_lines_make_the_same_rows_as_one_by_one(db: None, seed: int) -> None:
    record = Record()
    lines = Lines(record, seed).made(60)
    with transaction.atomic():
        one_by_one = filed_one_by_one(lines, record.desk.checker)
        expected = everything()
        transaction.set_rollback(True)
    batch = random.Random(seed).choice([1, 7, 25, 60])
    at_once = filed_at_once(lines, record.desk.checker, batch)
    assert at_once == one_by_one
    found = everything()
    assert found.keys() == expected.keys()
    for table, its_rows in found.items():
        assert its_rows == expected[table], table


def test_the_lines_of_that_test_are_of_every_kind(db: None) -> None:
    record = Record()
    fates = [
        it
        for seed in range(6)
        for it in filed_at_once(Lines(record, seed).made(60), record.desk.checker, 60)
    ]
    assert {Became.FILED, Became.THERE} <= {it for it in fates if isinstance(it, Became)}
    refused = [it for it in fates if isinstance(it, dict)]
    assert {it["slug"] for it in refused} == {"invalid", "passage-not-found", "passage-ambiguous"}
    assert fates.count(Became.FILED) > 150
    for model in (Assertion, Relay, Anchor):
        assert model._default_manager.count() > 20
    assert set(Anchor.objects.values_list("state", flat=True)) == {
        "exact",
        "moved",
        "lost",
        "unchecked",
    }
    assert Appearance.objects.filter(checked=False, exact__isnull=False).exists()
    assert Appearance.objects.filter(snapshot=None).exists()


def test_what_was_filed_at_once_is_what_the_log_says(committed: str) -> None:
    record = Record()
    filed_at_once(Lines(record, 1).made(60), record.desk.checker, 25)
    numbered()
    assert list(faults(kept=None, tick=lambda done: None)) == []
    placed = set(Placement.objects.values_list("claim_id", "article_id"))
    assert placed == set(Appearance.objects.values_list("claim_id", "article_id"))


# How it goes about it


def test_many_claims_take_as_many_statements_as_ten_and_a_copy_for_each_slice(
    desk: make.Desk,
) -> None:
    held = make.snapshot()
    counts = []
    for count in (10, bulk.FIRST_SLICE + bulk.SLICE):
        marked = {"snapshot": str(held.pk), "start": 0, "end": 10}
        asked = [asked_for(fact(appearance=marked)) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            assert file_claims(asked, by=desk.checker) == [Became.FILED] * count
        copies = sum(
            it["sql"].startswith(("COPY", "SET CONSTRAINTS")) and "claims_extent" not in it["sql"]
            for it in queries
        )
        counts.append((len(queries) - copies, copies))
    (few, copies), many = counts
    assert many == (few, 2 * copies)
    assert few <= 15


def test_everything_about_a_claim_happens_at_one_instant(desk: make.Desk) -> None:
    held = make.snapshot()
    marked = {"snapshot": str(held.pk), "start": 0, "end": 10}
    file_claims([asked_for(fact(appearance=marked))], by=desk.checker)
    claim = Claim.objects.get()
    instants = {claim.created_at, claim.changed_at, claim.appearances.get().created_at}
    instants |= set(claim.changes.values_list("recorded_at", flat=True))
    assert instants == {claim.placements.get().claim_created_at}


def test_nothing_is_asked_for_nothing(desk: make.Desk) -> None:
    assert file_claims([], by=desk.checker) == []


def test_an_id_that_is_recorded_is_left_as_it_is_whatever_the_line_says(desk: make.Desk) -> None:
    pk = str(uuid7())
    file_claims([asked_for(fact(id=pk))], by=desk.checker)
    before = rows()
    again = fact(id=pk, text="Other words", speaker=str(uuid7()))
    assert file_claims([asked_for(again)], by=desk.checker) == [Became.THERE]
    assert rows() == before
    assert Claim.objects.get(pk=pk).text == "حُرِّر العراق"


def test_the_id_of_a_refused_line_is_free_for_a_later_one(desk: make.Desk) -> None:
    pk = str(uuid7())
    lines = [fact(id=pk, speaker=str(uuid7())), fact(id=pk), fact(id=pk)]
    refused, filed, there = file_claims([asked_for(it) for it in lines], by=desk.checker)
    assert isinstance(refused, Refusal)
    assert (filed, there) == (Became.FILED, Became.THERE)


def test_a_fact_is_asserted_after_its_line_not_before(desk: make.Desk) -> None:
    pk, speaker = str(uuid7()), str(make.speaker().pk)
    says = {"kind": "statement", "text": "So", "language": "en", "speech": "direct"}
    says |= {"speaker": speaker, "asserts": [pk]}
    before, _fact, after = file_claims(
        [asked_for(it) for it in (says, fact(id=pk), says)], by=desk.checker
    )
    assert isinstance(before, Refusal)
    assert [fault.pointer for fault in before.faults] == ["#/asserts/0"]
    assert after is Became.FILED


def test_of_what_only_the_database_refuses_the_rest_is_filed(desk: make.Desk) -> None:
    sound = [asked_for(fact(id=str(uuid7()))) for _ in range(5)]
    odd = Asked(sound[0].said | {"text": " "}, [], str(uuid7()))
    fates = file_claims([*sound[:3], odd, *sound[3:]], by=desk.checker)
    assert [it for it in fates if it is not Became.FILED] == [fates[3]]
    assert isinstance(fates[3], Refusal)
    assert told(fates[3])["constraint"] == "claim_has_text"
    assert Claim.objects.count() == 5


def test_what_is_too_long_for_its_column_is_refused_as_out_of_range(desk: make.Desk) -> None:
    long = asked_for(fact())
    long.said["language"] = "x" * 36
    [fate] = file_claims([long], by=desk.checker)
    assert isinstance(fate, Refusal)
    assert fate.slug == "invalid"


def test_texts_are_stored_as_they_are(desk: make.Desk) -> None:
    odd = ["\\", "\\N", "a\tb", "a\nb", "a\r\nb", "\\t", "‏العراق‎", "\x07"]
    asked = [asked_for(fact(text=f"x{it}x")) for it in odd]
    assert set(file_claims(asked, by=desk.checker)) == {Became.FILED}
    assert sorted(Claim.objects.values_list("text", flat=True)) == sorted(f"x{it}x" for it in odd)


@given(st.lists(st.integers(1, 9), max_size=20), st.integers(1, 20))
def test_items_are_taken_together_as_long_as_there_is_room(sizes: list[int], most: int) -> None:
    names = [f"{i} {size}" for i, size in enumerate(sizes)]

    def size_of(name: str) -> int:
        return int(name.split()[1])

    some = list(bulk.batches(names, size_of, most))
    assert [name for batch in some for name in batch] == names
    for batch, following in pairwise([*some, []]):
        assert len(batch) == 1 or sum(map(size_of, batch)) <= most
        if following:
            assert sum(map(size_of, [*batch, following[0]])) > most


def test_a_batch_is_stored_whole_or_not_at_all(
    desk: make.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows()
    copy = Store.copy

    def failing(store: Store, model: Any, its_rows: Any) -> None:
        if model is Change:
            raise RuntimeError("the power fails")
        copy(store, model, its_rows)

    monkeypatch.setattr(Store, "copy", failing)
    with pytest.raises(RuntimeError):
        file_claims([asked_for(fact())], by=desk.checker)
    assert rows() == before


def test_the_same_lines_at_once_by_two_are_filed_once(committed: str) -> None:
    record = Record()
    asked = [asked_for(it) for it in Lines(record, 2).made(60)]

    def run(order: int) -> list[Any]:
        try:
            return file_claims(asked[::order], by=record.desk.checker)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        fates = [it for found in threads.map(run, (1, 1)) for it in found]
    alone = sum(it is Became.FILED for it in fates)
    assert Claim.objects.exclude(created_by=None).count() == alone
    assert alone > 20


def test_a_text_captured_meanwhile_is_told_of_every_passage(committed: str) -> None:
    """The articles are locked: a passage is marked before the new text is captured, or after."""
    desk, article = make.desk(), make.article()
    with transaction.atomic():
        held = make.snapshot(TEXT, of=article)
    marked = {"snapshot": str(held.pk), "start": 0, "end": 20}
    asked = [asked_for(fact(appearance=marked)) for _ in range(100)]

    def capture() -> None:
        try:
            with transaction.atomic():
                capture_snapshot(article_id=article.pk, text=EDITED, by=None)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        capturing = thread.submit(capture)
        file_claims(asked, by=desk.checker)
        capturing.result()
    assert Anchor.objects.count() == 100
