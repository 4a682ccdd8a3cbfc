"""Checking ClaimReview: each rule with a place that breaks it, and a review that breaks none."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given

from claims.formats.claimreview_in import outcomes, rules, rules_of_dates
from claims.formats.claimreview_in.checked import LEVELS, Finding
from claims.formats.claimreview_in.lint import faults_of
from tests.formats.test_claimreview_in import ANYTHING
from tests.reviews import GOOGLE, REVIEW, review

TODAY = date(2026, 1, 1)


def found(document: Any) -> list[Finding]:
    return faults_of(document, outcomes(), TODAY)[1]


def test_a_sound_review_breaks_no_rule() -> None:
    assert faults_of(REVIEW, outcomes(), TODAY) == (1, [])


# What breaks a rule: the changes, and the pointer and the rule of each finding.
BROKEN: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    ({"@type": "Claimreview"}, {("#/@type", "type")}),
    ({"@context": "https://example.org/"}, {("#/@context", "context")}),
    ({"claimReviewed": None}, {("#/claimReviewed", "claim-missing")}),
    ({"claimReviewed": ["One", "Two"]}, {("#/claimReviewed", "claim-not-text")}),
    ({"claimReviewed": "False: the bridge"}, {("#/claimReviewed", "rating-in-claim")}),
    ({"claimReviewed": "The bridge (MISLEADING)"}, {("#/claimReviewed", "rating-in-claim")}),
    ({"claimReviewed": "خبر كاذب: افتتح الجسر"}, {("#/claimReviewed", "rating-in-claim")}),
    ({"claimReviewed": "The &quot;bridge&quot;"}, {("#/claimReviewed", "markup-in-text")}),
    ({"author__name": "<b>Us</b>"}, {("#/author/name", "markup-in-text")}),
    ({"url": None}, {("#/url", "url-missing")}),
    ({"url": "/reviews/1"}, {("#/url", "url-not-absolute")}),
    ({"url": "https://others.example/1"}, {("#/url", "url-of-another-site")}),
    ({"url": "https://notcheckers.example/1"}, {("#/url", "url-of-another-site")}),
    ({"author": None}, {("#/author", "reviewer-missing")}),
    ({"author": "The checkers"}, {("#/author", "reviewer-not-thing")}),
    ({"author": {"@type": "Person"}}, {("#/author/name", "reviewer-unnamed")}),
    ({"author__url": None}, {("#/author/url", "reviewer-url-missing")}),
    ({"reviewRating": None}, {("#/reviewRating", "rating-missing")}),
    ({"reviewRating": "False"}, {("#/reviewRating", "rating-not-thing")}),
    (
        {"reviewRating__alternateName": None},
        {("#/reviewRating/alternateName", "rating-words-missing")},
    ),
    (
        {"reviewRating__alternateName": "It is not so. " * 10},
        {("#/reviewRating/alternateName", "rating-too-long")},
    ),
    (
        {"reviewRating__alternateName": "4"},
        {("#/reviewRating/alternateName", "rating-words-are-number")},
    ),
    (
        {"reviewRating__ratingValue": 1},
        {
            ("#/reviewRating/bestRating", "rating-range-incomplete"),
            ("#/reviewRating/worstRating", "rating-range-incomplete"),
        },
    ),
    ({"itemReviewed": None}, {("#/itemReviewed", "item-missing")}),
    ({"itemReviewed": "The bridge"}, {("#/itemReviewed", "item-not-thing")}),
    ({"itemReviewed__@type": "CreativeWork"}, {("#/itemReviewed/@type", "item-of-old-shape")}),
    ({"itemReviewed__@type": "Thing"}, {("#/itemReviewed/@type", "item-type")}),
    ({"itemReviewed__author": None}, {("#/itemReviewed/author", "claimant-missing")}),
    ({"itemReviewed__author": "Maryam"}, {("#/itemReviewed/author", "claimant-not-thing")}),
    (
        {"itemReviewed__author__name": "THE CHECKERS"},
        {("#/itemReviewed/author", "claimant-is-reviewer")},
    ),
    (
        {"itemReviewed__firstAppearance": "on television"},
        {("#/itemReviewed/firstAppearance", "appearance-not-url")},
    ),
    (
        {
            "itemReviewed__appearance": [
                {"url": "https://a.example/"},
                {"name": "x"},
                "on television",
            ]
        },
        {("#/itemReviewed/appearance/2", "appearance-not-url")},
    ),
    ({"datePublished": None}, {("#/datePublished", "date-missing")}),
    ({"datePublished": "May 20, 2019"}, {("#/datePublished", "date-not-iso")}),
    ({"datePublished": "0000-00-00"}, {("#/datePublished", "date-not-iso")}),
    ({"datePublished": 20190520}, {("#/datePublished", "date-not-iso")}),
    ({"datePublished": "2031-01-01"}, {("#/datePublished", "date-to-come")}),
    (
        {"itemReviewed__datePublished": "2019-06-01"},
        {("#/itemReviewed/datePublished", "claim-after-review")},
    ),
    ({"inLanguage": "klingon"}, {("#/inLanguage", "language")}),
]
SCALES: list[tuple[tuple[Any, Any, Any], set[tuple[str, str]]]] = [
    ((1, 5, 1), set()),
    ((3.5, 5, 1), set()),
    (("1", 5, 1), {("#/reviewRating/ratingValue", "rating-number-as-text")}),
    ((0, 5, 1), {("#/reviewRating/ratingValue", "rating-out-of-range")}),
    ((6, 5, 1), {("#/reviewRating/ratingValue", "rating-out-of-range")}),
    ((1, 1, 5), {("#/reviewRating/bestRating", "rating-range-reversed")}),
    ((1, 1, 1), {("#/reviewRating/bestRating", "rating-range-reversed")}),
    (("False", 5, 1), {("#/reviewRating/ratingValue", "rating-not-number")}),
]
for scale, said in SCALES:
    rating = dict(zip(("ratingValue", "bestRating", "worstRating"), scale, strict=True))
    BROKEN.append(({"reviewRating": {"@type": "Rating", "alternateName": "False"} | rating}, said))


@pytest.mark.parametrize(("changes", "expected"), BROKEN, ids=[str(it[0])[:60] for it in BROKEN])
def test_a_broken_rule_is_named_with_its_place(
    changes: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert {(it.pointer, it.rule) for it in found(review(**changes))} == expected


def test_every_rule_has_a_document_that_breaks_it() -> None:
    source = "".join(Path(it.__file__).read_text("utf-8") for it in (rules, rules_of_dates))
    told = set(re.findall(r'it\.finding\(\s*"([a-z-]+)"', source))
    broken = {rule for _changes, its in BROKEN for _pointer, rule in its}
    assert told == broken


def test_a_review_that_stands_twice_is_named() -> None:
    count, [it] = faults_of([REVIEW, REVIEW], outcomes(), TODAY)
    assert count == 2
    assert (it.pointer, it.rule) == ("#/1", "repeated")
    assert "#/0" in str(it.why)


def test_several_reviews_of_one_page_are_no_repetition() -> None:
    assert found([REVIEW, review(claimReviewed="The bridge is 300 m long")]) == []


@pytest.mark.parametrize("document", [{}, [], {"@type": "Article"}, 5, "text", None, GOOGLE])
def test_a_document_without_a_review_says_so(document: Any) -> None:
    count, [it] = faults_of(document, outcomes(), TODAY)
    assert (count, it.pointer, it.rule, it.level) == (0, "#", "no-review", "required")


def test_pointers_name_the_properties_as_the_document_does() -> None:
    spelled = {f"schema:{name}" if name == "url" else name: it for name, it in REVIEW.items()}
    [it] = found({"@graph": [{"a/b": 1}, spelled | {"schema:url": "/1"}]})
    assert it.pointer == "#/@graph/1/schema:url"


def test_every_message_is_told_in_arabic_too() -> None:
    for changes, _expected in BROKEN:
        for it in found(review(**changes)):
            for words in (it.why, it.mend):
                assert str(words)
                with translation.override("ar"):
                    assert re.search("[\u0600-\u06ff]", str(words)), str(words)
            assert it.level in LEVELS


@given(ANYTHING)
def test_whatever_json_holds_it_is_judged(document: Any) -> None:
    count, its = faults_of(document, outcomes(), TODAY)
    assert count or its
    for it in its:
        assert it.pointer.startswith("#")
        assert str(it.why)
        assert str(it.mend)
