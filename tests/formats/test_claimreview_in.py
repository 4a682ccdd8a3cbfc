"""Reading reviews: every shape to one record, and what real documents have wrong."""

import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.formats.claimreview_in import (
    BadMapping,
    BadTable,
    Citation,
    Note,
    Reason,
    Record,
    Review,
    Source,
    Unusable,
    mapping,
    outcomes,
)
from claims.formats.claimreview_in.documents import records
from claims.formats.claimreview_in.outcomes import BEFORE, SITE, TABLE, Outcomes, form
from claims.formats.claimreview_in.tables import TableMapping, mapped
from claims.vocabulary import Outcome, SpeakerType
from tests.reviews import GOOGLE, REVIEW, review

LIMIT = 100_000


def read(body: bytes | str, columns: TableMapping | None = None, **more: Any) -> list[Record]:
    body = body.encode() if isinstance(body, str) else body
    limits = {"line_limit": LIMIT, "document_limit": LIMIT} | more
    source = Source(outcomes=outcomes(), mapping=columns, **limits)
    return [record for part in source.read(io.BytesIO(body)) for record in part.records]


def one(document: Any) -> Review:
    [record] = read(json.dumps(document))
    assert isinstance(record, Review), record
    return record


def refused(document: Any) -> Reason:
    [record] = read(document if isinstance(document, (bytes, str)) else json.dumps(document))
    assert isinstance(record, Unusable), record
    return record.reason


# Shapes


def test_a_review_is_read_whole() -> None:
    it = one(REVIEW)
    assert it.place == "1#"
    assert (it.site, it.publisher) == ("checkers.example", "The checkers")
    assert it.url == "https://www.checkers.example/reviews/1"
    assert it.claim == "The bridge was opened on 3 May 2019"
    assert (it.label, it.outcome, it.is_known) == ("False", Outcome.DISPUTED, True)
    assert (it.date_published, it.claimed_on, it.language) == ("2019-05-20", "2019-05-03", "en")
    assert it.claimant is not None
    assert it.claimant.name == "Maryam Haddad"
    assert it.claimant.type is SpeakerType.PERSON
    assert it.claimant.title == "Minister of works"
    assert it.claimant.same_as == ("https://www.wikidata.org/wiki/Q1",)
    assert it.appearances == ("https://news.example/bridge", "https://social.example/p/1")
    assert it.citations == (Citation("https://ministry.example/report"),)
    assert it.review_language == "en"
    assert it.rationale == it.title == "The bridge was opened a day earlier"
    assert it.notes == ()


def test_a_claim_of_googles_api_is_read_with_each_of_its_reviews() -> None:
    twice = GOOGLE | {"claimReview": GOOGLE["claimReview"] * 2}
    first, second = read(json.dumps(twice))
    assert isinstance(first, Review)
    assert isinstance(second, Review)
    assert [first.place, second.place] == ["1#/claimReview/0", "1#/claimReview/1"]
    assert (first.site, first.publisher) == ("muhaqqiqun.example", "المدققون")
    assert (first.claimed_on, first.date_published) == ("2025-04-28", "2025-04-29")
    assert (first.label, first.outcome) == ("مضلّل", Outcome.DISPUTED)
    assert first.claimant is not None
    assert first.claimant.type is SpeakerType.ORGANIZATION


PAGE = """<!doctype html><html><head><title>A review</title>
<script type="application/ld+json">{"@type": "WebSite", "name": "The checkers"}</script>
<script>var it = {"@type": "ClaimReview"};</script>
<script type='application/ld+json; charset=utf-8'>
%s
</script></head><body>The bridge</body></html>"""

SHAPES: dict[str, Any] = {
    "one": (json.dumps(REVIEW), ["1#"]),
    "indented": (json.dumps(REVIEW, indent=2), ["#"]),
    "list": (json.dumps([REVIEW]), ["#/0"]),
    "graph": (
        json.dumps({"@graph": [{"@type": "WebPage"}, REVIEW, {"@type": "Person"}]}),
        ["1#/@graph/1"],
    ),
    "feed": (
        json.dumps(
            {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": REVIEW}]}
        ),
        ["1#/dataFeedElement/0/item"],
    ),
    "feed of lists": (
        json.dumps({"dataFeedElement": [{"item": [REVIEW, REVIEW]}]}),
        ["1#/dataFeedElement/0/item/0", "1#/dataFeedElement/0/item/1"],
    ),
    "lines": (f"{json.dumps(REVIEW)}\n\n{json.dumps(REVIEW)}\n", ["1#", "3#"]),
    "page": (PAGE % json.dumps(REVIEW), ["2#"]),
    "search": (
        json.dumps({"claims": [GOOGLE], "nextPageToken": "x"}),
        ["1#/claims/0/claimReview/0"],
    ),
    "mark": ("\ufeff" + json.dumps(REVIEW), ["1#"]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_of_any_shape_all_reviews_are_found_and_where_they_stand(shape: str) -> None:
    body, places = SHAPES[shape]
    found = read(body)
    assert [it.place for it in found] == places
    assert all(isinstance(it, Review) for it in found)


def test_what_stands_in_a_list_or_a_feed_is_told_even_where_it_is_no_review() -> None:
    found = read(json.dumps([REVIEW, {"@type": "Article"}, 5, "text", None]))
    assert [type(it) for it in found] == [Review, Unusable, Unusable, Unusable, Unusable]
    reasons = [it.reason for it in found if isinstance(it, Unusable)]
    assert reasons == [Reason.NO_REVIEW, *[Reason.NOT_A_RECORD] * 3]


def test_names_of_schema_org_are_known_with_their_prefix_and_no_context_is_heeded() -> None:
    spelled = {
        f"http://schema.org/{name}": value
        for name, value in REVIEW.items()
        if not name.startswith("@")
    }
    spelled |= {"@type": "schema:ClaimReview", "@context": "http://192.0.2.1/context.jsonld"}
    assert one(spelled).claim == REVIEW["claimReviewed"]


def test_what_an_id_names_is_found_in_the_same_document() -> None:
    organization = {"@id": "#us", "@type": "Organization", "name": "The checkers"}
    [it] = read(json.dumps({"@graph": [review(author={"@id": "#us"}), organization]}))
    assert isinstance(it, Review)
    assert it.publisher == "The checkers"


# What real documents have wrong

ODD: dict[str, tuple[dict[str, Any], str, Any]] = {
    "an author that is a text": ({"author": "The checkers"}, "publisher", "The checkers"),
    "no author": ({"author": None}, "publisher", "checkers.example"),
    "an author in quotation marks": (
        {"author__name": '"The checkers"'},
        "publisher",
        "The checkers",
    ),
    "a claimant that is a text": (
        {"itemReviewed__author": "Maryam Haddad"},
        "claimant.name",
        "Maryam Haddad",
    ),
    "no claimant": ({"itemReviewed__author": None}, "claimant", None),
    "a claimant called N/A": ({"itemReviewed__author__name": "N/A"}, "claimant", None),
    "no item": ({"itemReviewed": None}, "claimed_on", None),
    "an item that is a text": ({"itemReviewed": "the bridge"}, "claimant", None),
    "an item in a list": ({"itemReviewed": [REVIEW["itemReviewed"]]}, "claimed_on", "2019-05-03"),
    "entities": (
        {"claimReviewed": "The &quot;bridge&quot; &amp;amp; the road"},
        "claim",
        'The "bridge" & the road',
    ),
    "tags": ({"claimReviewed": "<p>The <b>bridge</b></p>"}, "claim", "The bridge"),
    "white space": ({"claimReviewed": " The\n  bridge\t"}, "claim", "The bridge"),
    "a rating that is a text": ({"reviewRating": "False"}, "label", "False"),
    "words for a number": ({"reviewRating": {"ratingValue": "False"}}, "label", "False"),
    "a rating called by name": ({"reviewRating": {"name": "False"}}, "label", "False"),
    "an instant": ({"datePublished": "2019-05-20T23:30:00+03:00"}, "date_published", "2019-05-20"),
    "one figure for a month": ({"datePublished": "2019-5-2"}, "date_published", "2019-05-02"),
    "prose": ({"datePublished": "May 20, 2019 at 5 pm"}, "date_published", "2019-05-20"),
    "prose in Arabic": (
        {"datePublished": "٢٠ مايو/أيار ٢٠١٩", "inLanguage": "ar"},
        "date_published",
        "2019-05-20",
    ),
    "a month": ({"datePublished": "May 2019"}, "date_published", "2019-05"),
    "no date": ({"datePublished": None}, "date_published", None),
    "an underscore in a language": ({"inLanguage": "en_GB"}, "language", "en-GB"),
    "a language that is a thing": (
        {"inLanguage": {"@type": "Language", "@value": "en"}},
        "language",
        "en",
    ),
    "no language": ({"inLanguage": None}, "language", "und"),
    "no language of the review": ({"inLanguage": None}, "review_language", None),
    "a language of the claim's own": ({"itemReviewed__inLanguage": "tr"}, "language", "tr"),
    "the review's language beside it": (
        {"itemReviewed__inLanguage": "tr"},
        "review_language",
        "en",
    ),
    "other names of a claimant": (
        {"itemReviewed__author__alternateName": ["M. H.", "Maryam Haddad", "مريم حداد"]},
        "claimant.other_names",
        ("M. H.", "مريم حداد"),
    ),
    "a rating that says what it means": (
        {"reviewRating": {"alternateName": "Half true", "name": "disputed"}},
        "outcome",
        "disputed",
    ),
    "the label beside it": (
        {"reviewRating": {"alternateName": "Half true", "name": "disputed"}},
        "label",
        "Half true",
    ),
    "a rating that is what it means": (
        {"reviewRating": {"alternateName": "disputed", "name": "disputed"}},
        "label",
        None,
    ),
    "a rating with a name that is no word of ours": (
        {"reviewRating": {"alternateName": "False", "name": {"a": ["verified"]}}},
        "outcome",
        "disputed",
    ),
    "a review on the site of whoever made the markup": (
        {
            "url": "https://isnad.example/claims/1/",
            "sdPublisher": {"url": "https://isnad.example/"},
        },
        "site",
        "checkers.example",
    ),
    "markup made elsewhere": (
        {"sdPublisher": {"name": "Tools", "url": "https://tools.example/"}},
        "site",
        "checkers.example",
    ),
    "a review on the site of whoever made the markup, by nobody": (
        {
            "url": "https://isnad.example/claims/1/",
            "sdPublisher": {"url": "https://isnad.example/"},
            "author": {"name": "A desk"},
        },
        "site",
        "isnad.example",
    ),
    "an address without scheme": (
        {"url": "www.checkers.example/1"},
        "url",
        "https://www.checkers.example/1",
    ),
    "a space in an address": (
        {"url": "https://checkers.example/a b"},
        "url",
        "https://checkers.example/a%20b",
    ),
    "an appearance that is an address": (
        {"itemReviewed__appearance": "https://social.example/p/2"},
        "appearances",
        ("https://news.example/bridge", "https://social.example/p/2"),
    ),
    "a claimant of a type in a list": (
        {"itemReviewed__author__@type": ["Thing", "Organization"]},
        "claimant.type",
        SpeakerType.ORGANIZATION,
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_it_is_read_in_spite_of(what: str) -> None:
    changes, path, expected = ODD[what]
    value: Any = one(review(**changes))
    for name in path.split("."):
        value = getattr(value, name)
    assert value == expected


def test_a_creative_work_of_old_is_the_place_of_the_claim() -> None:
    it = one(
        review(
            itemReviewed={
                "@type": "CreativeWork",
                "url": "https://news.example/1",
                "datePublished": "2019-05-03",
                "author": {"@type": "Organization", "name": "News"},
            }
        )
    )
    assert it.appearances == ("https://news.example/1",)
    assert (it.claimed_on, it.claimant and it.claimant.name) == ("2019-05-03", "News")


def test_what_is_cited_is_kept_with_all_that_is_told_of_it() -> None:
    report = {"@type": "Report", "url": "https://a.example/", "name": "A report"}
    copy = {
        "url": "https://b.example/",
        "archivedAt": "https://archive.example/b",
        "isBasedOn": {"url": "https://a.example/"},
        "hasPart": [{"@type": "WebPage"}, {"@type": "Quotation", "text": "on 2 May"}],
    }
    later = {"url": "https://c.example/", "isBasedOn": "https://d.example/"}
    it = one(review(citation=[report, report, copy, later, "https://d.example/"]))
    assert it.citations == (
        Citation("https://a.example/", title="A report"),
        Citation(
            "https://b.example/",
            archive_url="https://archive.example/b",
            quote="on 2 May",
            derived_from="https://a.example/",
        ),
        Citation("https://c.example/"),  # of what stands before it alone
        Citation("https://d.example/"),
    )


def test_the_last_line_of_an_export_is_no_record() -> None:
    end = {"end": True, "count": 1, "as_of": 5}
    body = f"{json.dumps(REVIEW)}\n{json.dumps(end)}\n"
    assert len(read(body)) == 1
    assert read(json.dumps(end)) == []
    assert len(read(body + json.dumps(end | {"more": 1}))) == 2


REASONS: dict[Reason, list[Any]] = {
    Reason.NO_CLAIM: [review(claimReviewed=None, itemReviewed=None), review(claimReviewed=" ",
                      itemReviewed=None), GOOGLE | {"text": None, "claimant": "x"}],
    Reason.NO_URL: [review(url=None)],
    Reason.BAD_URL: [
        review(url=url)
        for url in ("nowhere", "javascript:alert(1)", "ftp://a.example/", "https://", "https://[::1]/",
                    "https://user:word@a.example/", "https://localhost/")
    ],
    Reason.NO_RATING: [
        review(reviewRating=None),
        review(reviewRating={"@type": "Rating"}),
        review(reviewRating={"ratingValue": 3}),
        review(reviewRating={"ratingValue": 9, "bestRating": 5, "worstRating": 1}),
    ],
    Reason.TOO_LONG: [review(claimReviewed="x" * 10_001), review(reviewBody="x" * 50_001)],
    Reason.NOT_JSON: [b'{"@type": "ClaimReview",', b"nothing", b'{"a": "\\u0000"}', b'{"a": NaN}'],
    Reason.NOT_UTF8: [b"\xff\xfa{}", b'{"a": "\xe9"}', json.dumps({"a": "جسر"},
                      ensure_ascii=False).encode("windows-1256")],
    Reason.TOO_DEEP: [b"[" * 60 + b"]" * 60],
    Reason.NOT_A_RECORD: [b"5", b'"text"', b"null"],
    Reason.NO_REVIEW: [{"@type": "Article"}, [], GOOGLE | {"claimReview": []},
                       b"<html><p>A page</p></html>"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "document"),
    [(reason, document) for reason, its in REASONS.items() for document in its],
)
def test_a_record_that_cannot_be_imported_says_why(reason: Reason, document: Any) -> None:
    if document == []:
        assert [it.reason for it in read(b"[]") if isinstance(it, Unusable)] == [reason]
        return
    assert refused(document) is reason


NOTES: dict[Note, dict[str, Any]] = {
    Note.DATE: {"datePublished": "0000-00-00"},
    Note.CLAIM_DATE: {"itemReviewed__datePublished": "some day"},
    Note.CLAIMANT: {"itemReviewed__author__name": "x" * 301},
    Note.REVIEWER: {"itemReviewed__author__name": "THE CHECKERS"},
    Note.TITLE: {"headline": "x" * 1_001},
    Note.LINK: {"itemReviewed__appearance": ["nowhere"]},
    Note.QUOTE: {
        "citation": [
            {"url": "https://a.example/", "hasPart": {"@type": "Quotation", "text": "x" * 10_001}}
        ]
    },
    Note.LABEL: {"reviewRating__alternateName": "False. " + "It was opened earlier. " * 5},
    Note.LANGUAGE: {"inLanguage": "klingon"},
    Note.LETTERS: {"claimReviewed": "افتتح الجسر", "inLanguage": "en"},
}


@pytest.mark.parametrize("note", Note)
def test_what_is_left_out_of_a_record_is_told(note: Note) -> None:
    assert one(review(**NOTES[note])).notes == (note,)


def test_a_rating_that_is_a_whole_text_is_kept_as_rationale() -> None:
    it = one(review(**NOTES[Note.LABEL]))
    assert it.label is None
    assert it.rationale.startswith("False. It was opened earlier.")
    assert (it.outcome, it.is_known) == (Outcome.DISPUTED, True)


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (1, "disputed"),
        ("1", "disputed"),
        ("5", "verified"),
        (5.0, "verified"),
        ("3", "inconclusive"),
    ],
)
def test_without_words_the_ends_of_the_scale_decide(value: Any, outcome: str) -> None:
    rating = {"ratingValue": value, "bestRating": "5", "worstRating": 1}
    it = one(review(reviewRating=rating))
    assert (it.outcome, it.label) == (outcome, None)


# Pages


@pytest.mark.parametrize(
    "wrapped",
    ["<!--%s-->", "//<![CDATA[\n%s\n//]]>", "/*<![CDATA[*/%s/*]]>*/", "%s;", "\n\n%s\n"],
)
def test_what_pages_wrap_around_their_markup_is_taken_off(wrapped: str) -> None:
    [it] = read(PAGE % (wrapped % json.dumps(REVIEW)))
    assert isinstance(it, Review)


def test_line_breaks_within_texts_and_commas_too_many_are_mended_in_pages() -> None:
    broken = json.dumps(REVIEW).replace("was opened", "was\nopened").replace("}}", "},}")
    [it] = read(PAGE % broken)
    assert isinstance(it, Review)
    assert it.claim == REVIEW["claimReviewed"]


def test_a_block_that_is_no_json_is_told_beside_the_others() -> None:
    page = PAGE % json.dumps(REVIEW) + '<script type="application/ld+json">{"a": </script>'
    good, bad = read(page)
    assert isinstance(good, Review)
    assert bad == Unusable("3#", Reason.NOT_JSON)


@pytest.mark.parametrize("charset", ["windows-1256", "utf-16", "utf-8"])
def test_a_page_in_another_encoding_is_read(charset: str) -> None:
    page = PAGE % json.dumps(review(claimReviewed="افتتح الجسر"), ensure_ascii=False)
    page = page.replace("<head>", f'<head><meta charset="{charset}">')
    [it] = read(page.encode(charset))
    assert isinstance(it, Review)
    assert it.claim == "افتتح الجسر"


def test_entities_of_a_documents_own_do_not_grow() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    [it] = read(bomb + PAGE % json.dumps(review(claimReviewed="The &b; bridge")))
    assert isinstance(it, Review)
    assert it.claim == "The &b; bridge"


# Lines and limits


def test_a_line_that_is_no_record_does_not_stop_the_others() -> None:
    good = json.dumps(REVIEW).encode()
    lines = [good, b"{", b"x" * (LIMIT + 50), b'{"a": "\xff"}', good]
    found = read(b"\n".join(lines))
    assert [it.place for it in found] == ["1#", "2", "3", "4", "5#"]
    assert [it.reason for it in found if isinstance(it, Unusable)] == [
        Reason.NOT_JSON, Reason.TOO_LARGE, Reason.NOT_UTF8,
    ]  # fmt: skip


def test_a_first_line_that_is_broken_does_not_stop_the_others() -> None:
    good = json.dumps(REVIEW)
    assert [type(it) for it in read(f"{{\n{good}\n{good}\n")] == [Unusable, Review, Review]


def test_a_document_beyond_the_limit_is_refused() -> None:
    for body in (
        json.dumps(review(reviewBody="x" * LIMIT), indent=1),
        PAGE % json.dumps(REVIEW) + " " * LIMIT,
    ):
        assert refused(body) is Reason.TOO_LARGE


@pytest.mark.parametrize("at_once", [7, 1_000, 1 << 20])
def test_a_list_beyond_the_limit_is_read_record_by_record(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("claims.formats.importing.elements.AT_ONCE", at_once)
    arabic = review(claimReviewed="افتتح الجسر", headline=r"\u0627\"]}")
    for document, pointer in (
        ([REVIEW, arabic, 5, {"a": 1}, GOOGLE], "#"),
        ({"@type": "DataFeed", "dataFeedElement": [REVIEW, arabic, 5, {"a": 1}, GOOGLE], "x": [1]},
         "#/dataFeedElement"),
    ):  # fmt: skip
        for indent in (None, 2):
            body = json.dumps(document, indent=indent, ensure_ascii=False)
            whole, parts = read(body), read(body, document_limit=1_500)
            assert len(whole) == 5
            assert [it.place.partition("#")[2] for it in parts] == [
                it.place.partition("#")[2] for it in whole
            ]
            assert [type(it) for it in parts] == [type(it) for it in whole]
            assert parts[0].place.endswith(f"{pointer}/0")


def test_a_list_beyond_the_limit_that_breaks_off_says_where() -> None:
    body = json.dumps([REVIEW] * 3, indent=1)
    cut = read(body[:-40], document_limit=1_500)
    assert [type(it) for it in cut] == [Review, Review, Unusable]
    assert cut[2] == Unusable("#/2", Reason.NOT_JSON)
    long = json.dumps([REVIEW, review(reviewBody="x" * LIMIT), REVIEW], indent=1)
    _first, second, third = read(long, document_limit=1_500)
    assert second == Unusable("#/1", Reason.TOO_LARGE)
    assert isinstance(third, Review)


def test_sizes_of_parts_are_those_of_the_file() -> None:
    body = f"{json.dumps(REVIEW)}\n{json.dumps(GOOGLE)}\n".encode()
    source = Source(outcomes=outcomes(), line_limit=LIMIT, document_limit=LIMIT)
    assert sum(part.size for part in source.read(io.BytesIO(body))) == len(body)


def test_an_empty_file_holds_nothing() -> None:
    assert read(b"") == []
    assert read(b"\n \n") == []


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False)
    | st.text(max_size=9)
    | st.sampled_from(["ClaimReview", "https://a.example/", "2019-05-03", "False", "&amp;", "<p>"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([*REVIEW, *GOOGLE, "@id", "@graph", "name", "url", "ratingValue", "item"]),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(ANYTHING)
def test_whatever_json_holds_each_record_is_a_review_or_says_why_not(document: Any) -> None:
    for it in records(document, outcomes()):
        assert isinstance(it, (Review, Unusable))


@given(st.dictionaries(st.sampled_from([*REVIEW]), ANYTHING, max_size=4))
def test_whatever_a_review_says_of_itself_it_is_read_or_refused(changes: dict[str, Any]) -> None:
    [*found] = records(REVIEW | changes, outcomes())
    assert found
    for it in found:
        if isinstance(it, Review):
            assert it.claim.strip() == it.claim != ""
            assert it.rationale
            assert len(it.label or "") <= 80


@given(st.binary(max_size=300))
def test_whatever_bytes_a_file_holds_they_are_read_or_refused(body: bytes) -> None:
    for it in [*read(body), *read(b"<" + body), *read(body, mapping("multifc"))]:
        assert isinstance(it, (Review, Unusable))


# Tables

ROW = {
    "id": "1", "publisher": "The checkers", "url": "https://checkers.example/1",
    "claimReviewed": "The bridge was opened", "speaker": "Maryam Haddad", "rating": "half-true",
    "date_raw": "stated on May 3, 2019 in a speech:", "headline": "Was it?", "text_excerpt": "Yes.",
}  # fmt: skip


def test_a_row_is_read_by_a_mapping() -> None:
    [it] = read(json.dumps(ROW), mapping("politifact"))
    assert isinstance(it, Review)
    assert (it.place, it.site, it.claimed_on) == ("1", "checkers.example", "2019-05-03")
    assert (it.label, it.outcome, it.rationale) == ("half-true", Outcome.INCONCLUSIVE, "Yes.")
    assert it.language == "en"


def csv_of(*rows: list[str]) -> bytes:
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


CSV = mapped({
    "format": "csv",
    "columns": {"claim": ["claim", "title"], "url": "url", "label": "label"},
    "constants": {"publisher": "The checkers", "language": "ar"},
})  # fmt: skip


def test_a_table_in_csv_is_read_with_whatever_stands_in_its_cells() -> None:
    good = ["افتتح الجسر", "https://checkers.example/1", '"مضلل ""جدا"""']
    body = b"\xef\xbb\xbf" + csv_of(
        ["claim", "url", "label"], good, ["", "https://checkers.example/2", "x"],
        ['"two\nlines"', "https://checkers.example/3", "False"], ["short"],
    ) + b"\xff,https://checkers.example/4,False\r\n"  # fmt: skip
    found = read(body, CSV)
    assert [it.place for it in found] == ["1", "2", "3", "4", "5"]
    first, no_claim, third, short, bad = found
    assert isinstance(first, Review)
    assert (first.claim, first.label, first.publisher) == (
        "افتتح الجسر",
        'مضلل "جدا"',
        "The checkers",
    )
    assert isinstance(third, Review)
    assert third.claim == "two lines"
    assert [it.reason for it in (no_claim, short, bad) if isinstance(it, Unusable)] == [
        Reason.NO_CLAIM, Reason.NO_URL, Reason.NOT_UTF8,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["claimskg", "multifc", "politifact", "snopes"])
def test_every_mapping_of_the_project_can_be_used(name: str) -> None:
    assert {"claim", "url", "label"} <= mapping(name).columns.keys()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "claim and url"),
        ({"columns": {"claim": "a", "url": "b", "verdict": "c"}}, "verdict"),
        ({"columns": {"claim": "a", "url": 5}}, "claim and url"),
        ({"columns": {"claim": "a", "url": "b"}, "format": "xlsx"}, "ndjson, csv"),
        ({"columns": {"claim": "a", "url": "b"}, "constants": {"language": 5}}, "texts"),
        ({"columns": [], "x": 1}, "no x"),
        ({"columns": []}, "columns"),
        ({"columns": {"claim": "a", "url": "b"}, "empty": "None"}, "empty"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(table: dict[str, Any], says: str) -> None:
    with pytest.raises(BadMapping, match=says):
        mapped(table)


def test_a_mapping_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(BadMapping, match="multifc"):
        mapping("nowhere")


# What ratings mean

SAMPLES = {
    "en": {"verified": "Mostly True", "disputed": "PANTS ON FIRE!", "inconclusive": "half-true"},
    "ar": {"verified": "صحيح", "disputed": "مُضَلِّل", "inconclusive": "صحيح جزئيًا"},
    "fr": {"verified": "Plutôt vrai", "disputed": "C’est faux", "inconclusive": "A nuancer"},
    "es": {"verified": "Mayormente cierto", "disputed": "Engañoso", "inconclusive": "Mixto"},
    "pt": {"verified": "Verdadeiro", "disputed": "É #FAKE", "inconclusive": "Impreciso"},
    "de": {"verified": "Größtenteils richtig", "disputed": "Irreführend",
           "inconclusive": "Teilweise falsch"},
    "tr": {"verified": "Doğru", "disputed": "YANLIŞ", "inconclusive": "Kısmen doğru"},
    "id": {"verified": "Benar", "disputed": "Menyesatkan", "inconclusive": "Sebagian benar"},
}  # fmt: skip


@pytest.mark.parametrize("language", SAMPLES)
def test_ratings_are_known_in(language: str) -> None:
    found = {outcome: outcomes().of(label) for outcome, label in SAMPLES[language].items()}
    assert found == {outcome: Outcome(outcome) for outcome in SAMPLES[language]}


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        ("Verdict: true/false", "inconclusive"),
        ("Determination:\u00a0False", "disputed"),
        ("Truth! & Fiction!", "inconclusive"),
        ("Fiction! & Satire!", "disputed"),
        ("CONCLUSION: False. There is no such bridge.", "disputed"),
        ("خبر كاذب - حتى الآن", "disputed"),
        ("not_true", "disputed"),
        ("True, but not of this bridge", None),
        ("It is not false", None),
        ("", None),
        ("!!!", None),
    ],
)
def test_a_rating_is_known_in_whatever_stands_around_it(label: str, outcome: str | None) -> None:
    assert outcomes().of(label) == outcome


def test_no_rating_means_two_things() -> None:
    """One spelling in two languages has one outcome, whichever is looked at first."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    means: dict[str, str] = {}
    for section in table.keys() - {BEFORE, SITE}:
        for outcome, labels in table[section].items():
            for label in labels:
                assert means.setdefault(form(label), outcome) == outcome, label


def test_a_table_of_ones_own_goes_before(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[own]\nverified = ["false"]\n[site."checkers.example"]\ndisputed = ["3 stars"]\n', "utf-8"
    )
    table = outcomes(str(own))
    assert table.of("False") == Outcome.VERIFIED
    assert table.of("3 stars", "checkers.example") == Outcome.DISPUTED
    assert table.of("3 stars", "others.example") is None
    assert outcomes().of("False") == Outcome.DISPUTED


@pytest.mark.parametrize(
    "table",
    [
        {"en": []},
        {"en": {"maybe": ["x"]}},
        {"en": {"verified": "x"}},
        {"en": {"verified": ["x"], "disputed": ["X!"]}},
        {"en": {"verified": ["!"]}},
        {"en": {"withdrawn": ["x"]}},
        {"site": {"a.example": 5}},
    ],
)
def test_a_table_that_cannot_be_used_is_refused(table: Any) -> None:
    with pytest.raises(BadTable):
        Outcomes().add(table, source="a table")
