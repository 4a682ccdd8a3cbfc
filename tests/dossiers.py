"""Dossiers to test with."""

import copy
import json
import os
from pathlib import Path
from typing import Any

from django.apps import apps

from claims.models import RateCount

ROOT = Path(__file__).parents[1]
SEEDS = sorted((ROOT / "seeds").glob("*.json"))
SHARED = Path(os.environ.get("ISNAD_SHARED", ROOT.parent / "shared")) / "seeds"

TEXT = "The spokesman said: «We struck the bridge on 3 May 2021.» The agency could not confirm it."

SMALL: dict[str, Any] = {
    "isnad_dossier": 1,
    "namespace": "tests",
    "title": {"en": "A strike", "ar": "غارة"},
    "publishers": [{"key": "agency", "name": "Agency"}],
    "speakers": [
        {"key": "spokesman", "type": "person", "name": "A spokesman", "names": {"ar": "ناطق"}},
        {"key": "agency", "type": "organization", "name": "Agency"},
    ],
    "articles": [
        {
            "key": "report",
            "publisher": "agency",
            "headline": "Bridge struck",
            "language": "en",
            "date_published": "2021-05-04",
            "snapshot": {"text": TEXT},
        }
    ],
    "claims": [
        {
            "key": "we-struck",
            "kind": "statement",
            "text": "We struck the bridge on 3 May 2021.",
            "language": "en",
            "speaker": "spokesman",
            "speech": "direct",
            "asserts": ["strike-date"],
            "appearances": [
                {
                    "article": "report",
                    "exact": "We struck the bridge on 3 May 2021.",
                    "relayed_by": ["agency"],
                }
            ],
        },
        {
            "key": "strike-date",
            "kind": "fact",
            "text": "The bridge was struck on 3 May 2021.",
            "language": "en",
            "fact": {
                "subject": "strike on the bridge",
                "property": "date",
                "value": "2021-05-03",
                "value_type": "date",
            },
            "appearances": [{"article": "report", "exact": "3 May 2021"}],
            "verdicts": [
                {
                    "outcome": "disputed",
                    "rationale": "It stood on 4 May.",
                    "evidence": [{"url": "https://example.org/photo", "stance": "refutes"}],
                },
                {"outcome": "verified", "rationale": "The photo was older."},
            ],
        },
    ],
}


def small(**changes: Any) -> dict[str, Any]:
    """A dossier of two claims that can be imported, or what becomes of it by the changes."""
    return copy.deepcopy(SMALL) | changes


def changed(pointer: str, value: Any) -> dict[str, Any]:
    """The small dossier with another value at a place, given as "claims/0/text"."""
    whole = small()
    *path, last = [int(step) if step.isdigit() else step for step in pointer.split("/")]
    at: Any = whole
    for step in path:
        at = at[step]
    at[last] = value
    return whole


def seed(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "seeds" / name).read_text("utf-8"))
    return read


def rows() -> dict[str, int]:
    """How many rows every table of ours has, but for the count of requests."""
    return {
        model.__name__: model._default_manager.count()
        for model in apps.get_app_config("claims").get_models()
        if model is not RateCount
    }
