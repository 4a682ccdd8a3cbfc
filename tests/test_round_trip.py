"""What goes out as ClaimReview comes back: into an empty database, the same but for what is told.

Records are made over HTTP, exported, and imported into a database in which nothing is. The
documents before and after are compared whole, but for what docs/claimreview.md says is LOST or
comes back otherwise (CHANGED), so whatever else would get lost is found.
"""

import copy
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_django
from django.test import override_settings
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from claims.api.reviews import of_claims
from claims.models import Claim, Verdict
from config.environment import CHECKOUT
from tests import make
from tests.api.test_exports import exported
from tests.conftest import Api
from tests.database import empty
from tests.dossiers import rows
from tests.log import numbered

SITE = "https://isnad.example"

Json = dict[str, Any]

# Paths in the document of a claim (claims.api.reviews). What is lost, with whatever is below it:
LOST = {
    "id", "kind", "fact", "speech", "created_at", "changed_at",
    "speaker.id", "speaker.names",
    "verdicts.id", "verdicts.claim", "verdicts.organization.id", "verdicts.supersedes",
    "verdicts.rating", "verdicts.valid_until", "verdicts.recheck_on", "verdicts.issued_by",
    "verdicts.issued_at", "verdicts.number", "verdicts.confirmed_by",
    "verdicts.evidence.id", "verdicts.evidence.stance",
}  # fmt: skip

# EDTF, and what comes back of it; None: nothing.
DATES = {
    None: None,
    "2017": "2017",
    "2017-12": "2017-12",
    "2017-12-10": "2017-12-10",
    "2017-12-XX": "2017-12",
    "2017-XX-XX": "2017",
    "2017-12-10T09:30:00Z": "2017-12-10",
    "2017-12-10T23:30:00+03": "2017-12-10",
    "2017-12-10T23:30:00+03:00": "2017-12-10",
    "2017~": None,
    "2017-12-10?": None,
    "2017-21": None,
    "201X": None,
    "2017-05/2017-06": None,
    "Y20170": None,
}


def other_names(claim: Json) -> list[str]:
    speaker = claim["speaker"]
    names = dict.fromkeys([*speaker["names"].values(), *speaker["other_names"]])
    return [it for it in names if it != speaker["name"]]


def addresses(claim: Json) -> list[str]:
    return sorted({it["article"]["url"] for it in claim["appearances"]} - {None})


def url(claim: Json, verdict: Json) -> str:
    here = f"{SITE}/claims/{claim['id']}/#verdict-{verdict['id']}"
    return str(verdict["url"] or here)


def date_published(_claim: Json, verdict: Json) -> str | None:
    if verdict["date_published"] is None and verdict["url"] is None:
        return str(verdict["issued_at"])[:10]
    return DATES[verdict["date_published"]]


def label(_claim: Json, verdict: Json) -> str | None:
    """Of a verdict whose organization calls it what we do, none."""
    return None if verdict["label"] == verdict["outcome"] else verdict["label"]


# What comes back otherwise, from the claim, or from one of its verdicts.
CHANGED: dict[str, Callable[..., Any]] = {
    "stated_on": lambda claim: DATES[claim["stated_on"]],
    "appearances": addresses,
    "speaker.other_names": other_names,
    "speaker.roles": lambda _claim: [],  # a title at most, which is compared by itself
    "verdicts.url": url,
    "verdicts.date_published": date_published,
    "verdicts.label": label,
}


def comes_back(claim: Json) -> Json:
    """A document as it is after the way out and in, without what is lost."""
    claim = spaced(claim)
    back = without(claim)
    for path, of in CHANGED.items():
        *thing, name = path.split(".")
        if thing == ["verdicts"]:
            for it, verdict in zip(back["verdicts"], claim["verdicts"], strict=True):
                it[name] = of(claim, verdict)
        elif thing == ["speaker"]:
            if back["speaker"] is not None:
                back["speaker"][name] = of(claim)
        else:
            back[name] = of(claim)
    return back


def came_back(claim: Json) -> Json:
    back = without(claim)
    back["appearances"] = addresses(claim)
    if back["speaker"] is not None:
        back["speaker"]["roles"] = []
    for it in back["verdicts"]:
        # A desk without a site of its own comes back as one of each site: see `Recorded`.
        it["organization"]["name"] = re.sub(r" \(.*\)$", "", it["organization"]["name"])
    return back


def spaced(value: Any, name: str | None = None) -> Any:
    """With one space for any white space; of longer texts lines stay, but those that are blank."""
    match value:
        case str() if name in {"rationale", "quote"}:
            return "\n".join(filter(None, (" ".join(it.split()) for it in value.split("\n"))))
        case str():
            return " ".join(value.split())
        case list():
            return [spaced(it) for it in value]
        case dict():
            return {key: spaced(it, key) for key, it in value.items()}
        case _:
            return value


def without(claim: Json) -> Json:
    told = copy.deepcopy(claim)
    for path in LOST:
        *things, name = path.split(".")
        for it in found_at(told, things):
            del it[name]
    return told


def found_at(claim: Json, path: list[str]) -> list[Any]:
    """What stands at a path: of lists in each of their things; nothing where that is null."""
    found: list[Any] = [claim]
    for name in path:
        inside = [it[name] for it in found if it is not None]
        found = [one for it in inside for one in (it if isinstance(it, list) else [it])]
    return [it for it in found if it is not None]


# What is recorded


LETTERS = st.sampled_from(
    [*"abcXYZ ابتثجحخدذرزة ىي 0123 ٣٤ .,:;!?'\"«»()<>&=+@#%/\\-_é漢🙂", "\u0651"]
)
NO_MARKUP = re.compile(r"</?[a-z]", re.IGNORECASE)


def words(*more: str, most: int = 30) -> st.SearchStrategy[str]:
    """Texts without entities and tags, which are told to come back as what they mean."""
    letters = LETTERS | st.sampled_from(more) if more else LETTERS
    texts = st.text(letters, min_size=1, max_size=most).map(lambda it: f"W {it}.")
    return texts.filter(lambda it: html.unescape(it) == it and not NO_MARKUP.search(it))


NAME, TEXT = words(), words(*"\n\t\u00a0 ", most=60)
DATE = st.sampled_from(list(DATES))
LANGUAGE = st.sampled_from(["ar", "en", "und", "fr-CA", "zh-Hant"])
OUTCOME = st.sampled_from(["verified", "disputed", "inconclusive"])
LABEL = st.none() | NAME | st.sampled_from(["False", "True", "Half true", "مضلّل", "verified"])

ROLE = st.fixed_dictionaries({"title": NAME, "since": DATE, "until": st.none()})
SPEAKER = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["person", "organization"]),
        "name": NAME,
        "names": st.dictionaries(st.sampled_from(["ar", "en", "fr"]), NAME, max_size=2),
        "other_names": st.lists(NAME, max_size=2, unique=True),
        "same_as": st.booleans(),
        "roles": st.lists(ROLE, max_size=2),
    }
)
EVIDENCE = st.fixed_dictionaries(
    {
        "stance": st.sampled_from(["supports", "refutes", "context"]),
        "title": st.none() | NAME,
        "quote": st.none() | words(),
        "archive_url": st.sampled_from([None, "https://archive.example/1"]),
        "copied": st.booleans(),
    }
)
VERDICT = st.fixed_dictionaries(
    {
        "outcome": OUTCOME,
        "label": LABEL,
        "rationale": TEXT,
        "is_elsewhere": st.booleans(),
        "title": st.none() | NAME,
        "language": st.none() | LANGUAGE,
        "date_published": DATE,
        "evidence": st.lists(EVIDENCE, max_size=3),
        "again": st.sampled_from([None, None, None, "correct", "withdraw"]),
    }
)
CLAIM = st.fixed_dictionaries(
    {
        "is_fact": st.booleans(),
        "text": TEXT,
        "language": LANGUAGE,
        "stated_on": DATE,
        "speaker": st.integers(0, 2),
        "speech": st.sampled_from(["direct", "indirect"]),
        "articles": st.lists(st.integers(0, 2), max_size=3, unique=True),
        "verdicts": st.dictionaries(st.integers(0, 2), VERDICT, max_size=3),
    }
)
ARTICLE = st.fixed_dictionaries(
    {"has_url": st.booleans(), "headline": st.none() | NAME, "date_published": DATE}
)
RECORD = st.fixed_dictionaries(
    {
        "speakers": st.lists(SPEAKER, min_size=3, max_size=3),
        "articles": st.lists(ARTICLE, min_size=3, max_size=3),
        "claims": st.lists(CLAIM, min_size=1, max_size=6),
    }
)


SCALE = [{"labels": {"en": "verified"}, "outcome": "verified", "worst": 1, "best": 5, "value": 5}]


class Recorded:
    """A record that is filed over HTTP. Its desks have sites, but for the last one."""

    def __init__(self, told: Json) -> None:
        self.desks = [make.desk(f"Desk {i}", url=site(i) if i < 2 else None) for i in range(3)]
        self.members = [Api(make.key(desk.checker)) for desk in self.desks]
        for desk in self.desks if told.get("scaled") else ():
            at = f"/organizations/{desk.organization.pk}/scale/"
            Api(make.key(desk.editor)).send("PUT", at, {"ratings": SCALE})
        self.clerk = self.members[0]
        self.speakers = [self.speaker(i, it) for i, it in enumerate(told["speakers"])]
        self.publisher = self.clerk.made("/publishers/", {"name": "An outlet"})["id"]
        self.articles = [self.article(i, it) for i, it in enumerate(told["articles"])]
        for i, it in enumerate(told["claims"]):
            self.claim(i, it)
        numbered()

    def speaker(self, i: int, told: Json) -> str:
        same_as = [f"https://www.wikidata.org/wiki/Q{i}"] if told["same_as"] else []
        roles = [{"titles": {}} | it for it in told["roles"]]
        body = told | {"name": f"{told['name']} {i}", "same_as": same_as, "roles": roles}
        return str(self.clerk.made("/speakers/", body)["id"])

    def article(self, i: int, told: Json) -> str:
        url = f"https://news.example/{i}" if told["has_url"] or not told["headline"] else None
        more = {name: told[name] for name in ("headline", "date_published")}
        body = {"publisher": self.publisher, "language": "ar", "url": url, **more}
        return str(self.clerk.made("/articles/", body)["id"])

    def claim(self, i: int, told: Json) -> None:
        said = {"text": f"{told['text']} {i}", "language": told["language"]}
        said["stated_on"] = told["stated_on"]
        if told["is_fact"]:
            said |= {"kind": "fact", "fact": make.FACT}
        else:
            speaker = self.speakers[told["speaker"]]
            said |= {"kind": "statement", "speech": told["speech"], "speaker": speaker}
        claim = self.clerk.made("/claims/", said)["id"]
        for article in told["articles"]:
            sent = {"article": self.articles[article]}
            self.clerk.made(f"/claims/{claim}/appearances/", sent)
        for desk, verdict in told["verdicts"].items():
            self.verdict(claim, desk, verdict)

    def verdict(self, claim: str, desk: int, told: Json) -> None:
        again, is_elsewhere = told["again"], told["is_elsewhere"]
        names = ("outcome", "label", "rationale", "title", "language", "date_published")
        body = {name: told[name] for name in names}
        body |= {name: told.get("until") for name in ("valid_until", "recheck_on")}
        body["url"] = f"{site(desk)}reviews/{claim}" if is_elsewhere else None
        body["evidence"] = [self.evidence(i, it) for i, it in enumerate(told["evidence"])]
        path, member = f"/claims/{claim}/verdicts/", self.members[desk]
        member.made(path, body)
        if again == "correct":
            more = {"rationale": f"Again: {told['rationale']}"}
            member.made(path, body | more, If_Match=member.etag(f"/claims/{claim}/"))
        elif again == "withdraw":
            body = {"rationale": "We were wrong."}
            tag = member.etag(f"/claims/{claim}/")
            member.made(f"/claims/{claim}/withdraw/", body, If_Match=tag)
        elif again == "confirm":
            draft = member.made("/drafts/", body | {"claim": claim})["id"]
            second = Api(make.key(self.desks[desk].editor))
            tag = second.etag(f"/drafts/{draft}/")
            second.post(f"/drafts/{draft}/confirm/", If_Match=tag)

    def evidence(self, i: int, told: Json) -> Json:
        copied = i - 1 if told["copied"] and i else None
        names = ("stance", "title", "quote", "archive_url")
        more = {name: told[name] for name in names}
        return {"url": f"https://evidence.example/{i}", "derived_from": copied, **more}


def site(desk: int) -> str:
    return f"https://desk{desk}.example/"


def documents() -> list[Json]:
    """All claims on which a verdict stands, and these by their organizations."""
    ids = Verdict.objects.standing().values("claim")
    found = Claim.objects.filter(pk__in=ids).values_list("pk", flat=True)
    claims = [orjson.loads(it) for it in of_claims().documents(list(found))]
    for claim in claims:
        claim["verdicts"].sort(key=lambda it: it["organization"]["name"])
    return claims


def by_text(claims: list[Json]) -> dict[str, Json]:
    found = {it["text"]: it for it in claims}
    assert len(found) == len(claims)
    return found


MEDIA = {"ndjson": "application/x-ndjson", "jsonld": "application/ld+json"}


def through(told: Json, form: str, worker: str) -> tuple[list[Json], list[Json]]:
    """The claims of a record, and those that there are once its export is imported."""
    with empty(worker):
        Recorded(told)
        before = documents()
        out = exported(f"format={form}", path="/api/v1/exports/claimreview/").body
    with empty(worker):
        checker = Api(make.key(make.desk("Those who import").checker))
        counts = imported(checker, out, MEDIA[form])
        count = sum(len(it["verdicts"]) for it in before)
        # A feed that holds no review is refused as one; lines are, of which there is none.
        refused = int(form == "jsonld" and not count)
        assert counts == {"imported": count, "there": 0, "refused": refused}
        after, record = documents(), rows()
        again = imported(checker, out, MEDIA[form])
        assert again == {"imported": 0, "there": count, "refused": refused}
        assert rows() == record
    return before, after


def imported(checker: Api, body: bytes, media_type: str) -> dict[str, int]:
    response = checker.post("/imports/claimreview/", body, content_type=media_type)
    assert response.status_code == 200, response.content.decode()
    summary = response.json()
    assert summary["left_out"] == {}
    assert summary["unknown"] == []
    return {name: summary[name] for name in ("imported", "there", "refused")}


@pytest.fixture(scope="module")
def empties(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    more = (10_000, 10_000)
    with (
        django_db_blocker.unblock(),
        override_settings(PUBLIC_URL=SITE, EXPORTS_PER_MINUTE=more),
    ):
        yield


@given(told=RECORD, form=st.sampled_from(list(MEDIA)))
@settings(max_examples=6, deadline=None, phases=[Phase.generate])  # to shrink takes minutes
def test_claims_speakers_and_verdicts_come_back(
    empties: None, worker_id: str, told: Json, form: str
) -> None:
    before, after = through(told, form, worker_id)
    expected = by_text([comes_back(it) for it in before])
    found = by_text([came_back(it) for it in after])
    assert found.keys() == expected.keys()
    for text, claim in found.items():
        assert claim == expected[text]
    titles = {it["title"] for claim in spaced(before) for it in roles(claim)}
    for claim in after:
        assert len(roles(claim)) < 2
        assert {it["title"] for it in roles(claim)} <= titles


def roles(claim: Json) -> list[Json]:
    return found_at(claim, ["speaker", "roles"])


EVERYTHING: Json = {
    "speakers": [
        {
            "type": "person",
            "name": "Maryam Haddad",
            "names": {"ar": "مريم حداد"},
            "other_names": ["M. H."],
            "same_as": True,
            "roles": [{"title": "Minister", "since": "2015", "until": None}],
        }
    ],
    "articles": [{"has_url": True, "headline": "The bridge", "date_published": "2017"}],
    "scaled": True,
    "claims": [
        {
            "is_fact": is_fact,
            "text": "The bridge is open",
            "language": "en",
            "stated_on": "2017~",
            "speaker": 0,
            "speech": "direct",
            "articles": [0],
            "verdicts": {
                0: {
                    "outcome": "verified",
                    "label": "verified",
                    "rationale": "We were there.",
                    "until": "2040-01-01",
                    "is_elsewhere": False,
                    "title": None,
                    "language": None,
                    "date_published": None,
                    "evidence": [
                        {
                            "stance": "supports",
                            "title": None,
                            "quote": None,
                            "archive_url": None,
                            "copied": False,
                        }
                    ],
                    "again": "correct" if is_fact else "confirm",
                }
            },
        }
        for is_fact in (True, False)
    ],
}


def test_whatever_is_said_not_to_come_back_does_not(empties: None, worker_id: str) -> None:
    before, after = through(EVERYTHING, "ndjson", worker_id)
    pairs = [(it, by_text(after)[it["text"]]) for it in before]
    for path in [*LOST, *CHANGED]:
        steps = path.split(".")
        assert any(found_at(one, steps) != found_at(other, steps) for one, other in pairs), path


def test_what_does_not_come_back_is_written_down() -> None:
    page = Path(CHECKOUT, "docs", "claimreview.md").read_text()
    _head, _title, section = page.partition("\n## What comes back\n")
    cells = re.findall(r"^\| (`[^|]*) \|", section.partition("\n## ")[0], re.MULTILINE)
    told = [name for cell in cells for name in re.findall(r"`([^`]*)`", cell)]
    assert sorted(told) == sorted([*LOST, *CHANGED])
