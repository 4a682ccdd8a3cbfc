"""Claims and verdicts as schema.org has them: each property is from the record, or left out."""

import json
import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft6Validator, FormatChecker

from claims.formats import claimreview
from claims.formats.claimreview import schema_date
from tests.schema_org import PROPERTIES, expanded, faults

SITE = "https://isnad.example.org"
SHARED = Path(os.environ.get("ISNAD_SHARED") or Path(__file__).parents[3] / "shared")
DUKE = SHARED / "claimreview" / "claim-review-schema.json"

CLAIM = "0190b4c8-5d1e-7a35-8c2b-3f1d9e7a6b54"
VERDICT = "0190b4c8-6f20-7c11-9d4e-8a2b5c6d7e8f"
EARLIER = "0190b4c8-6e10-7c11-9d4e-8a2b5c6d7e8f"


def speaker(**more: Any) -> dict[str, Any]:
    return {
        "id": "s",
        "type": "person",
        "name": "Jane Doe",
        "names": {},
        "other_names": [],
        "same_as": [],
        "roles": [],
    } | more


def role(title: str, since: str | None = None, until: str | None = None) -> dict[str, Any]:
    return {"title": title, "titles": {}, "since": since, "until": until}


def place(name: str, date_published: str | None = None, **more: Any) -> dict[str, Any]:
    publisher = {"id": "p", "name": "An outlet", "url": None}
    article = {
        "id": name,
        "headline": name,
        "url": f"https://example.org/{name}",
        "language": "en",
        "date_published": date_published,
        "publisher": publisher,
    }
    return {"article": article | more}


def verdict(**more: Any) -> dict[str, Any]:
    return {
        "id": VERDICT,
        "organization": {"id": "o", "name": "A desk", "url": "https://desk.example.org/"},
        "outcome": "disputed",
        "label": "Wrong date",
        "rating": None,
        "rationale": "The report dates it to 2 May 2019.",
        "evidence": [],
        "supersedes": None,
        "url": None,
        "title": None,
        "language": None,
        "date_published": None,
        "valid_until": None,
        "recheck_on": None,
        "issued_at": "2019-08-20T23:30:00.000000Z",
    } | more


def piece(url: str, **more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("title", "quote", "archive_url", "derived_from"))
    return {"url": url, "stance": "refutes"} | nothing | more


def claim(*verdicts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": CLAIM,
        "text": "The bridge was opened on 3 May 2019",
        "language": "en",
        "speaker": None,
        "stated_on": None,
        "appearances": [],
        "verdicts": list(verdicts) or [verdict()],
        "changed_at": "2019-08-21T00:00:00.000000Z",
    } | more


def told(**of_claim: Any) -> dict[str, Any]:
    [document] = claimreview.documents(claim(**of_claim), site=SITE)
    return document


def judged(**of_verdict: Any) -> dict[str, Any]:
    [document] = claimreview.documents(claim(verdict(**of_verdict)), site=SITE)
    return document


def test_a_verdict_is_a_claim_review_of_what_is_recorded_and_of_no_more() -> None:
    assert told() == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "@id": f"{SITE}/api/v1/claims/{CLAIM}/verdicts/{VERDICT}/",
        "url": f"{SITE}/claims/{CLAIM}/#verdict-{VERDICT}",
        "claimReviewed": "The bridge was opened on 3 May 2019",
        "reviewRating": {"@type": "Rating", "alternateName": "Wrong date", "name": "disputed"},
        "itemReviewed": {
            "@type": "Claim",
            "@id": f"{SITE}/api/v1/claims/{CLAIM}/",
            "url": f"{SITE}/claims/{CLAIM}/",
            "inLanguage": "en",
        },
        "author": {
            "@type": "Organization",
            "name": "A desk",
            "url": "https://desk.example.org/",
        },
        "datePublished": "2019-08-20",
        "reviewBody": "The report dates it to 2 May 2019.",
        "sdDatePublished": "2019-08-20",
        "sdPublisher": {"@type": "Organization", "url": f"{SITE}/"},
    }


def whole() -> dict[str, Any]:
    """A claim of which everything is recorded."""
    evidence = [
        piece("https://example.org/a", title="A report", archive_url="https://example.net/a"),
        piece("https://example.org/b", derived_from=0, quote="on 2 May"),
    ]
    earlier = {
        "id": EARLIER,
        "outcome": "verified",
        "label": None,
        "rating": None,
        "url": None,
        "date_published": None,
        "issued_at": "2019-08-19T08:00:00.000000Z",
    }
    return claim(
        verdict(
            evidence=evidence,
            supersedes=earlier,
            url="https://desk.example.org/bridge",
            title="When was the bridge opened?",
            language="en",
            date_published="2019-08-20",
        ),
        speaker=speaker(
            names={"ar": "جين دو", "en": "Jane Doe"},
            other_names=["J. Doe"],
            same_as=["https://www.wikidata.org/wiki/Q42"],
            roles=[role("Minister", "2018")],
        ),
        stated_on="2019-05-04",
        appearances=[place("first", "2019-05-04"), place("second", "2019-05-06")],
    )


def test_everything_that_is_recorded_has_its_place() -> None:
    [document] = claimreview.documents(whole(), site=SITE)
    assert document["url"] == "https://desk.example.org/bridge"
    assert document["headline"] == "When was the bridge opened?"
    assert document["inLanguage"] == "en"
    reviewed = document["itemReviewed"]
    assert reviewed["author"] == {
        "@type": "Person",
        "name": "Jane Doe",
        "alternateName": ["جين دو", "J. Doe"],
        "jobTitle": "Minister",
        "sameAs": ["https://www.wikidata.org/wiki/Q42"],
    }
    assert reviewed["datePublished"] == "2019-05-04"
    assert reviewed["firstAppearance"] == {
        "@type": "CreativeWork",
        "url": "https://example.org/first",
        "headline": "first",
        "inLanguage": "en",
        "datePublished": "2019-05-04",
        "publisher": {"@type": "Organization", "name": "An outlet"},
    }
    assert [it["headline"] for it in reviewed["appearance"]] == ["second"]
    assert document["citation"] == [
        {
            "@type": "CreativeWork",
            "url": "https://example.org/a",
            "name": "A report",
            "archivedAt": "https://example.net/a",
        },
        {
            "@type": "CreativeWork",
            "url": "https://example.org/b",
            "isBasedOn": "https://example.org/a",
            "hasPart": {"@type": "Quotation", "text": "on 2 May"},
        },
    ]
    assert document["correction"] == {
        "@type": "CorrectionComment",
        "datePublished": "2019-08-20",
        "about": {
            "@type": "Review",
            "@id": f"{SITE}/api/v1/claims/{CLAIM}/verdicts/{EARLIER}/",
            "datePublished": "2019-08-19",
            "reviewRating": {"@type": "Rating", "alternateName": "verified", "name": "verified"},
        },
    }


def test_a_processor_of_json_ld_understands_every_property() -> None:
    found = whole()
    documents = claimreview.documents(found, site=SITE)
    feed = claimreview.data_feed(
        [(found, it) for it in found["verdicts"]],
        site=SITE,
        address=f"{SITE}/feeds/claimreview.json",
        name="Verdicts",
        modified="2019-08-21T00:00:00.000000Z",
    )
    assert faults(documents) == []
    assert faults(feed) == []
    assert faults(told()) == []
    [review] = expanded(documents)
    assert review["@id"].endswith(f"/verdicts/{VERDICT}/")


def test_the_processor_does_find_what_schema_org_has_no_word_for() -> None:
    wrong = told() | {"stance": "refutes", "jobTitle": "Minister"}
    assert sorted(faults(wrong)) == [
        "ClaimReview.jobTitle",
        "ClaimReview.stance",
        "ClaimReview.stance is not understood",
    ]


KNOWN_TO_DUKE = {"@context", "@type", "datePublished", "url", "author", "claimReviewed"}
KNOWN_TO_DUKE |= {"reviewRating", "itemReviewed"}


@pytest.mark.skipif(not DUKE.exists(), reason="the schema is not ours to copy: see ISNAD_SHARED")
def test_it_is_what_the_schema_of_the_reporters_lab_asks_for() -> None:
    schema = json.loads(DUKE.read_text())
    del schema["definitions"]["claimReview"]["$id"]  # from which its own references lead nowhere
    validator = Draft6Validator(schema, format_checker=FormatChecker())
    for document in (*claimreview.documents(whole(), site=SITE), told(), judged(label=None)):
        # It allows no more than what it knows, which is less than schema.org has.
        assert document.keys() - KNOWN_TO_DUKE <= PROPERTIES["ClaimReview"] | {"@id"}
        known = {name: it for name, it in document.items() if name in KNOWN_TO_DUKE}
        known["reviewRating"] = {**document["reviewRating"]}
        assert known["reviewRating"].pop("name") in {"disputed", "verified"}
        assert [*validator.iter_errors(known)] == []


# Ratings


def test_without_a_label_the_outcome_is_the_rating() -> None:
    for outcome in ("verified", "disputed", "inconclusive"):
        rating = judged(label=None, outcome=outcome)["reviewRating"]
        assert rating == {"@type": "Rating", "alternateName": outcome, "name": outcome}


def test_a_rating_has_its_three_numbers_or_none_of_them() -> None:
    numbers = {"worst": 1, "best": 5, "value": 1}
    rated = judged(rating={"labels": {"en": "Wrong date"}, **numbers})
    assert rated["reviewRating"] == {
        "@type": "Rating",
        "alternateName": "Wrong date",
        "name": "disputed",
        "ratingValue": 1,
        "bestRating": 5,
        "worstRating": 1,
    }
    assert faults(rated) == []
    bare = judged(rating={"labels": {"en": "Wrong date"}, **dict.fromkeys(numbers)})
    assert bare["reviewRating"].keys() == {"@type", "alternateName", "name"}


def test_until_when_a_review_holds_is_when_it_expires() -> None:
    review = judged(valid_until="2019-12-31", recheck_on="2019-11-30")
    assert review["expires"] == "2019-12-31"
    assert faults(review) == []
    assert "expires" not in judged(recheck_on="2019-11-30")


# Dates


@pytest.mark.parametrize(
    ("edtf", "said"),
    [
        ("2017-12-10", "2017-12-10"),
        ("2017-12", "2017-12"),
        ("2017", "2017"),
        ("2017-12-XX", "2017-12"),
        ("2017-XX", "2017"),
        ("2017-XX-XX", "2017"),
        ("2020-01-03T01:45:00", "2020-01-03T01:45:00"),
        ("2020-01-03T01:45:00Z", "2020-01-03T01:45:00Z"),
        ("2020-01-03T01:45:00+03:00", "2020-01-03T01:45:00+03:00"),
        ("2020-01-03T01:45:00+03", "2020-01-03T01:45:00+03:00"),
        ("2017~", None),
        ("2017-12-10?", None),
        ("2017-12-10%", None),
        ("2017-21", None),
        ("2017-24", None),
        ("201X", None),
        ("20XX", None),
        ("-0043", None),
        ("Y17000", None),
        ("2014/2017", None),
        ("2014/..", None),
        ("../2017", None),
        (None, None),
    ],
)
def test_a_date_is_told_where_schema_org_can_say_the_same(
    edtf: str | None, said: str | None
) -> None:
    assert schema_date(edtf) == said
    assert told(stated_on=edtf)["itemReviewed"].get("datePublished") == said


def test_a_review_that_stands_elsewhere_is_not_dated_by_when_it_was_recorded() -> None:
    url = "https://desk.example.org/bridge"
    assert "datePublished" not in judged(url=url)
    assert judged(url=url)["sdDatePublished"] == "2019-08-20"
    assert judged(url=url, date_published="2019-08-01")["datePublished"] == "2019-08-01"
    assert "datePublished" not in judged(date_published="2019~")


# Speakers

MINISTER, MAYOR = role("Minister", "2018", "2020-06"), role("Mayor", "2020-07")


@pytest.mark.parametrize(
    ("roles", "stated_on", "title"),
    [
        ([], "2019", None),
        ([role("Poet")], "2019", "Poet"),
        ([MINISTER, MAYOR], "2019-05-04", "Minister"),
        ([MINISTER, MAYOR], "2021", "Mayor"),
        ([MINISTER, MAYOR], "2020", "Mayor"),  # either: what began last
        ([MINISTER, MAYOR], "2017", None),
        ([MINISTER, MAYOR], None, "Mayor"),
        ([MINISTER], None, None),
        ([role("Poet"), MINISTER], "2019", "Minister"),
        ([MINISTER], "../2019", "Minister"),
    ],
)
def test_a_speaker_has_the_title_of_when_the_claim_was_made(
    roles: list[dict[str, Any]], stated_on: str | None, title: str | None
) -> None:
    reviewed = told(speaker=speaker(roles=roles), stated_on=stated_on)["itemReviewed"]
    assert reviewed["author"].get("jobTitle") == title


def test_a_title_is_told_in_the_language_of_the_review_where_it_is_known() -> None:
    titled = role("Minister") | {"titles": {"ar": "وزيرة", "en": "Minister"}}
    for language, title in (("ar", "وزيرة"), ("en", "Minister"), ("fr", "Minister")):
        found = claim(verdict(language=language), speaker=speaker(roles=[titled]), language="en")
        [document] = claimreview.documents(found, site=SITE)
        assert document["itemReviewed"]["author"]["jobTitle"] == title


def test_an_organization_that_says_things_has_no_job() -> None:
    ministry = speaker(type="organization", roles=[role("Ministry")])
    assert told(speaker=ministry)["itemReviewed"]["author"] == {
        "@type": "Organization",
        "name": "Jane Doe",
    }


# Where it appears


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        ({"a": None}, "a"),
        ({"a": "2019-05-04", "b": "2019-05-03"}, "b"),
        ({"a": "2019-05", "b": "2019-06-01"}, "a"),
        ({"a": "2019-05-03", "b": "2019-05"}, None),  # b may be older
        ({"a": "2019-05-03", "b": "2019-05-03"}, None),
        ({"a": "2019-05-03", "b": None}, None),
        ({"a": None, "b": None}, None),
        ({}, None),
    ],
)
def test_the_first_appearance_is_told_where_it_is_certain(
    dates: dict[str, str | None], first: str | None
) -> None:
    reviewed = told(appearances=[place(*it) for it in dates.items()])["itemReviewed"]
    assert reviewed.get("firstAppearance", {}).get("headline") == first
    others = [it["headline"] for it in reviewed.get("appearance", ())]
    assert others == [name for name in dates if name != first]


def test_of_very_many_appearances_none_is_said_to_be_the_first() -> None:
    many = [place(str(i), f"{1900 + i}") for i in range(claimreview.MOST_APPEARANCES + 1)]
    reviewed = told(appearances=many)["itemReviewed"]
    assert "firstAppearance" not in reviewed
    assert "firstAppearance" in told(appearances=many[:-1])["itemReviewed"]


def test_an_article_with_two_passages_is_one_appearance() -> None:
    reviewed = told(appearances=[place("a"), place("a")])["itemReviewed"]
    assert reviewed["firstAppearance"]["headline"] == "a"
    assert "appearance" not in reviewed


# Corrections


def test_what_took_the_place_of_a_withdrawal_has_no_rating_before() -> None:
    earlier = {
        "id": EARLIER,
        "outcome": "withdrawn",
        "label": "Taken back",
        "url": None,
        "date_published": None,
        "issued_at": "2019-08-19T08:00:00.000000Z",
    }
    assert "reviewRating" not in judged(supersedes=earlier)["correction"]["about"]


# Within pages


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_ends_the_script_element_that_it_stands_in(text: str) -> None:
    written = claimreview.in_page(orjson.dumps([text, f"</script><!--{text}"]))
    assert not set(written) & set("<>&\u2028\u2029")
    assert orjson.loads(written) == [text, f"</script><!--{text}"]
