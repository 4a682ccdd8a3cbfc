"""The dossiers of seeds/: sound, sourced, and true to what they were read from."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from claims.actions.dossiers import import_dossier
from claims.formats import dossier, strict_json
from claims.formats.fields import standard_language
from claims.models import Appearance, Article, Claim, DossierEntry, Evidence, Snapshot, Verdict
from claims.text import locate
from tests import make
from tests.conftest import Api
from tests.dossiers import ROOT, SEEDS, SHARED, rows, seed

SPUTNIK, LIBERATION, PAUSE = (
    "sputnik-2020-03-14.json",
    "iraq-liberation-2017-12-09.json",
    "coalition-pause-2020-01-05.json",
)
GOLD = SHARED / "sputnik-2020-03-14.gold.json"
LONGEST_PASSAGE = 120

each_seed = pytest.mark.parametrize("file", SEEDS, ids=lambda file: file.stem)
needs_gold = pytest.mark.skipif(
    not GOLD.exists(), reason="the article is not ours to copy: ISNAD_SHARED says where it is"
)


def document(file: Path) -> dict[str, Any]:
    return dossier.read(strict_json.loads(file.read_bytes()))


@pytest.fixture
def gold() -> Any:
    return json.loads(GOLD.read_text("utf-8"))


@pytest.fixture
def text(gold: Any) -> str:
    return (SHARED / gold["article"]["file"]).read_bytes().decode()


@pytest.fixture
def all_imported(desk: make.Desk) -> make.Desk:
    for file in SEEDS:
        import_dossier(document(file), by=desk.checker)
    return desk


def claim_of(key: str) -> Claim:
    return Claim.objects.get(pk=DossierEntry.objects.get(kind="claim", key=key).subject_id)


# Each by itself


def test_there_are_three_dossiers_in_one_namespace_with_titles_in_both_languages() -> None:
    assert {file.name for file in SEEDS} == {SPUTNIK, LIBERATION, PAUSE}
    assert {seed(file.name)["namespace"] for file in SEEDS} == {"isnad-seeds"}
    assert all(seed(file.name)["title"].keys() == {"ar", "en"} for file in SEEDS)


@each_seed
def test_every_seed_is_readable_text(file: Path) -> None:
    as_written = json.dumps(seed(file.name), ensure_ascii=False, indent=2) + "\n"
    assert file.read_text("utf-8") == as_written


@each_seed
def test_every_seed_can_be_imported_alone(file: Path, desk: make.Desk) -> None:
    summary = import_dossier(document(file), by=desk.checker)
    assert not summary.known
    assert summary.added["claim"] == len(seed(file.name)["claims"])


@each_seed
def test_importing_a_seed_twice_adds_nothing(file: Path, desk: make.Desk) -> None:
    import_dossier(document(file), by=desk.checker)
    before = rows()
    summary = import_dossier(document(file), by=desk.checker)
    assert (summary.added, summary.changed, summary.left_out) == ({}, [], [])
    assert rows() == before


@each_seed
def test_passages_are_short_and_no_text_of_others_is_kept(file: Path) -> None:
    whole = seed(file.name)
    for article in whole["articles"]:
        assert "text" not in (article.get("snapshot") or {})
    for claim in whole["claims"]:
        for appearance in claim.get("appearances", ()):
            assert len(appearance.get("exact", "")) <= LONGEST_PASSAGE
            assert claim["text"] != appearance.get("exact")
        for verdict in claim.get("verdicts", ()):
            assert not any("quote" in piece for piece in verdict["evidence"])


def test_claims_are_told_in_arabic_and_in_english() -> None:
    languages = {claim["language"] for file in SEEDS for claim in seed(file.name)["claims"]}
    assert languages == {standard_language("ar"), standard_language("en")}


# All together


@pytest.mark.parametrize("order", [SEEDS, SEEDS[::-1]], ids=["in order", "reversed"])
def test_the_seeds_share_entries_word_for_word(order: list[Path], desk: make.Desk) -> None:
    known = {}
    for file in order:
        summary = import_dossier(document(file), by=desk.checker)
        assert (summary.changed, summary.left_out) == ([], [])
        for kind, count in summary.known.items():
            known[kind] = known.get(kind, 0) + count
    assert known == {"speaker": 2}


def test_the_seeds_disagree_on_two_dates(all_imported: make.Desk) -> None:
    for subject, prop, values in (
        ("liberation of Iraq from ISIS", "declared on", {"2017-12-10", "2017-12-09"}),
        ("coalition pause of training in Iraq", "announced on", {"2020-01-06", "2020-01-05"}),
    ):
        facts = Claim.objects.filter(subject=subject, property=prop)
        assert set(facts.values_list("value", flat=True)) == values
        assert set(facts.values_list("status", flat=True)) == {"disputed", "verified"}


def test_both_announcements_are_indirect_statements_that_assert_the_verified_date(
    all_imported: make.Desk,
) -> None:
    for statement, speaker, fact in (
        (
            "abadi-announces-liberation",
            "Haider al-Abadi",
            "iraq-liberation-announced-2017-12-09",
        ),
        (
            "task-force-pauses-training",
            "Combined Joint Task Force",
            "training-pause-announced-2020-01-05",
        ),
    ):
        claim = claim_of(statement)
        assert (claim.speech, claim.speaker and claim.speaker.name) == ("indirect", speaker)
        assert [it.pk for it in claim.asserts.all()] == [claim_of(fact).pk]


def test_the_disputed_claims_of_the_article_are_found_over_http(
    all_imported: make.Desk, anyone: Api
) -> None:
    found = anyone.read("/claims/?status=disputed&language=ar")["results"]
    assert {claim["id"] for claim in found} == {
        str(claim_of("iraq-liberation-declared").pk),
        str(claim_of("training-suspended").pk),
    }
    for claim in found:
        [verdict] = claim["verdicts"]
        assert verdict["label"] == "Wrong date"
        assert {piece["stance"] for piece in verdict["evidence"]} == {"refutes"}


def test_verdicts_are_the_importing_organizations(all_imported: make.Desk) -> None:
    assert set(Verdict.objects.values_list("organization", flat=True)) == {
        all_imported.organization.pk
    }


# Against the gold reading of the article


@needs_gold
def test_the_snapshot_is_that_of_the_gold_text(text: str, all_imported: make.Desk) -> None:
    snapshot = Snapshot.objects.get()
    assert snapshot.withheld
    assert bytes(snapshot.sha256) == hashlib.sha256(text.encode()).digest()
    assert snapshot.length == len(text)


@needs_gold
def test_every_passage_is_what_the_gold_text_says_at_its_offsets(gold: Any, text: str) -> None:
    whole = {entry["id"]: entry for entry in gold["claims"]}
    for claim in seed(SPUTNIK)["claims"]:
        [appearance] = claim["appearances"]
        start, end = appearance["start"], appearance["end"]
        assert text[start:end] == appearance["exact"]
        read = whole[claim["key"]]
        assert read["start"] <= start < end <= read["end"]
        if len(read["exact"]) <= LONGEST_PASSAGE:
            assert appearance["exact"] == read["exact"]


@needs_gold
def test_the_passages_are_found_in_the_text_when_it_is_there(
    text: str, all_imported: make.Desk
) -> None:
    for appearance in Appearance.objects.filter(exact__isnull=False):
        found = locate(text, exact=appearance.exact)
        assert (found.start, found.end) == (appearance.start, appearance.end)


@needs_gold
def test_every_claim_says_what_the_gold_reading_says(gold: Any) -> None:
    claims = {claim["key"]: claim for claim in seed(SPUTNIK)["claims"]}
    assert claims.keys() == {entry["id"] for entry in gold["claims"]}
    # Where the format says more than the gold file, or says it for people.
    values = {"coalition-destroyed-tunnels": "2020-02-21~/2020-02-29~"}
    subjects = {"coalition-founded": "Global Coalition against Daesh"}
    for entry in gold["claims"]:
        claim = claims[entry["id"]]
        for name in ("kind", "speech", "speaker"):
            assert claim.get(name) == entry.get(name)
        assert claim["appearances"][0]["relayed_by"] == entry["relayed_by"]
        if read := entry.get("fact"):
            expected = {name: read[name] for name in ("property", "value_type")}
            expected["subject"] = subjects.get(entry["id"], read["subject"])
            expected["value"] = values.get(entry["id"], read["value"])
            more = read["qualifiers"].items()
            expected |= {name: it for name, it in more if name in {"unit", "approximate"}}
            assert claim["fact"] == expected


@needs_gold
def test_every_speaker_is_named_as_in_the_gold_reading(gold: Any) -> None:
    speakers = {speaker["key"]: speaker for speaker in seed(SPUTNIK)["speakers"]}
    assert speakers.keys() == {entry["id"] for entry in gold["speakers"]}
    for entry in gold["speakers"]:
        speaker = speakers[entry["id"]]
        assert speaker["type"] == entry["type"].lower()
        assert speaker["names"] == entry["name"]
        assert speaker.get("other_names") == entry.get("also_called")
        assert [role["titles"] for role in speaker.get("roles", ())] == [
            role for role in [entry.get("role")] if role
        ]


@needs_gold
def test_every_address_in_the_seeds_comes_from_the_gold_file(
    gold: Any, all_imported: make.Desk
) -> None:
    known = {url for entry in gold["evidence_against"] for url in entry["sources"]}
    assert set(Evidence.objects.values_list("url", flat=True)) == known
    urls = set(Article.objects.exclude(url=None).values_list("url", flat=True))
    assert urls < known
    headlines = set(Article.objects.exclude(headline=None).values_list("headline", flat=True))
    assert headlines == {gold["article"]["headline"]}


def test_the_readme_names_every_dossier() -> None:
    readme = (ROOT / "seeds" / "README.md").read_text("utf-8")
    assert all(file.name in readme for file in SEEDS)
