"""Parts of documents, as callers select them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.formats.partial import BadSelection, selected, selection

REVIEW = {"url": "u", "publisher": {"name": "n", "site": "s"}}
DOCUMENT = {
    "claims": [{"text": "a", "claimReview": [REVIEW]}, {"text": "b"}],
    "nextPageToken": "t",
}
TEXTS = [{"text": "a"}, {"text": "b"}]


def claims(review: Any) -> Any:
    return {"claims": [{"text": "a", "claimReview": [review]}, {"text": "b"}]}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("nextPageToken", {"nextPageToken": "t"}),
        ("claims/text", {"claims": TEXTS}),
        ("claims(text),nextPageToken", {"claims": TEXTS, "nextPageToken": "t"}),
        ("claims(text,claimReview/publisher(site))", claims({"publisher": {"site": "s"}})),
        ("claims/*/url", claims({"url": "u"})),
        (
            "claims(text,claimReview(url)),claims/claimReview/publisher/name",
            claims({"url": "u", "publisher": {"name": "n"}}),
        ),
        ("claims/text,claims", {"claims": DOCUMENT["claims"]}),
        ("claims,claims/text", {"claims": DOCUMENT["claims"]}),
        ("*", DOCUMENT),
        ("nothing", {}),
    ],
)
def test_what_is_selected_is_told(asked: str, expected: Any) -> None:
    assert selected(DOCUMENT, selection(asked)) == expected


@pytest.mark.parametrize(
    "asked",
    [
        "", ",", "a,", "a(", "a()", "a)", "(a)", "a//b", "/a", "a/", "a b", "a(b)c", "a(b))", "é",
        "a" * 1_001, "a(" * 30 + "b" + ")" * 30, "/".join("a" * 21),
    ],
)  # fmt: skip
def test_what_selects_nothing_is_refused(asked: str) -> None:
    with pytest.raises(BadSelection):
        selection(asked)


@given(st.text(alphabet="ab*(),/", max_size=30))
def test_any_text_is_a_selection_or_refused(asked: str) -> None:
    try:
        found = selection(asked)
    except BadSelection:
        return
    assert found
    assert selected({"a": {"b": 1}, "b": [2]}, found) is not None


NAMES = st.sampled_from("abc")
PATHS = st.lists(NAMES, min_size=1, max_size=4)


@given(st.lists(PATHS, min_size=1, max_size=5))
def test_brackets_and_slashes_say_the_same(paths: list[list[str]]) -> None:
    slashes = ",".join("/".join(it) for it in paths)
    brackets = ",".join("(".join(it) + ")" * (len(it) - 1) for it in paths)
    assert selection(slashes) == selection(brackets)
