"""The main job on a real article: file it, mark its claims, judge them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Api
from tests.log import numbered

SHARED = Path(os.environ.get("ISNAD_SHARED", Path(__file__).parents[3] / "shared")) / "seeds"
GOLD = SHARED / "sputnik-2020-03-14.gold.json"

pytestmark = pytest.mark.skipif(
    not GOLD.exists(), reason="the article is not ours to copy: ISNAD_SHARED says where it is"
)

DISPUTED = "iraq-liberation-declared"
SPEAKER_TYPES = {"Person": "person", "Organization": "organization"}


@pytest.fixture
def gold() -> Any:
    return json.loads(GOLD.read_text("utf-8"))


def file_sources(checker: Any, gold: Any) -> tuple[Any, dict[str, str]]:
    """The article, and the ids of the speakers by their names in the gold file."""
    speakers = {
        entry["id"]: checker.made(
            "/speakers/",
            {
                "type": SPEAKER_TYPES[entry["type"]],
                "name": entry["name"]["en"],
                "names": entry["name"],
                "other_names": entry.get("also_called", []),
            },
        )["id"]
        for entry in gold["speakers"]
    }
    publisher = checker.made("/publishers/", {"name": "Sputnik Arabic"})
    article = checker.made(
        "/articles/",
        {
            "publisher": publisher["id"],
            "headline": gold["article"]["headline"],
            "language": "ar",
            "date_published": gold["article"]["date_published"],
            "text": (SHARED / gold["article"]["file"]).read_bytes().decode(),
        },
    )
    return article, speakers


def file_article(checker: Any, gold: Any) -> tuple[Any, dict[str, str], dict[str, Any]]:
    """As file_sources, and the claims by their names there."""
    article, speakers = file_sources(checker, gold)
    claims = {
        entry["id"]: checker.made("/claims/", claim_body(entry, article, speakers))
        for entry in gold["claims"]
    }
    return article, speakers, claims


def claim_body(entry: Any, article: Any, speakers: dict[str, str]) -> dict[str, Any]:
    body = {
        "kind": entry["kind"],
        "text": entry["exact"],
        "language": "ar",
        "speaker": entry["speaker"] and speakers[entry["speaker"]],
        "appearance": {
            "snapshot": article["snapshot"]["id"],
            "exact": entry["exact"],
            "relayed_by": [speakers[name] for name in entry["relayed_by"]],
        },
    }
    if entry["kind"] == "statement":
        return body | {"speech": entry["speech"]}
    fact = entry["fact"]
    kept = {name: fact[name] for name in ("subject", "property", "value", "value_type")}
    more = {k: v for k, v in fact["qualifiers"].items() if k in {"unit", "approximate"}}
    return body | {"fact": kept | more}


def gold_places(told: Any) -> Any:
    """What the gold file and an appearance both say of where a passage is."""
    return {name: told[name] for name in ("exact", "start", "end", "prefix", "suffix")}


def disputing(gold: Any) -> dict[str, Any]:
    """The body that disputes the date of the liberation."""
    [against] = [it for it in gold["evidence_against"] if it["claim"] == DISPUTED]
    return {
        "rationale": against["says"],
        "label": "Wrong date",
        "evidence": [{"url": url, "stance": "refutes"} for url in against["sources"]],
    }


def test_a_checker_files_the_whole_article_and_every_claim_stands_at_its_gold_offsets(
    checker: Api, gold: Any
) -> None:
    article, speakers, claims = file_article(checker, gold)
    assert article["snapshot"]["sha256"] == gold["article"]["sha256"]
    assert len(claims) == 17
    for entry in gold["claims"]:
        appearance = claims[entry["id"]]["appearance"]
        assert gold_places(appearance) == gold_places(entry)
        assert appearance["anchor"] == "exact"
        assert [link["id"] for link in appearance["relayed_by"]] == [
            speakers[name] for name in entry["relayed_by"]
        ]


def test_dispute_verify_and_withdraw_move_a_claim_through_its_statuses(
    checker: Api, gold: Any
) -> None:
    _article, _speakers, claims = file_article(checker, gold)
    claim = f"/claims/{claims[DISPUTED]['id']}/"
    verdict = checker.made(f"{claim}dispute/", disputing(gold))
    assert verdict["outcome"] == "disputed"
    assert len(verdict["evidence"]) == 3
    [listed] = checker.read("/claims/?status=disputed&language=ar")["results"]
    assert listed["id"] == claims[DISPUTED]["id"]
    assert listed["verdicts"] == [verdict]

    for move, status in (("verify", "verified"), ("withdraw", "unverified")):
        checker.made(
            f"{claim}{move}/", {"rationale": "Looked at again."}, if_match=checker.etag(claim)
        )
        assert checker.read(claim)["status"] == status
    numbered()
    types = [change["type"] for change in checker.read(f"{claim}history/")["results"]]
    assert types == [
        "claim.created",
        "appearance.added",
        "verdict.issued",
        "verdict.issued",
        "verdict.withdrawn",
    ]
