"""Annotations read: whatever JSON holds, each is one, or says why it is none."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from claims.formats.annotations_in import Annotation, read, records
from claims.formats.annotations_in.checked import check
from claims.formats.annotations_in.reading import PASSED_OVER, of_record
from claims.formats.importing import Unusable, Worded

ID = "01a21aad-9bdc-7371-bda8-3cea46423964"
NAMES = ["type", "id", "body", "bodyValue", "target", "source", "selector", "state", "exact"]
NAMES += ["prefix", "suffix", "start", "end", "purpose", "motivation", "value", "language"]
NAMES += ["format", "textDirection", "refinedBy", "items", "first", "rows", "uri", "text", "tags"]
VALUES = ["Annotation", "TextualBody", "TextQuoteSelector", "TextPositionSelector", "TimeState"]
VALUES += ["SpecificResource", "describing", "identifying", "classifying", "assessing", "tagging"]
VALUES += ["Choice", "direct", "ltr", "text/html", "https://a.example/", f"/api/v1/claims/{ID}/"]
VALUES += [f"/api/v1/speakers/{ID}/", "\x00", "", " "]

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False)
    | st.text(max_size=9) | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=14,
)  # fmt: skip


@given(ANYTHING)
def test_whatever_json_holds_each_record_is_an_annotation_or_says_why_not(document: Any) -> None:
    found = records(document)
    assert found
    for it in found:
        assert isinstance(it, (Annotation, Unusable))


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_an_annotation_says_is_kept_or_refused_where_it_stands(node: Any) -> None:
    marks = read(node)
    check(marks)
    for it in marks.wrong:
        assert isinstance(it.word, Worded)
        assert it.pointer.startswith("#/")
        assert it.mend
    if not marks.wrong:
        assert marks.source
        assert all(
            isinstance(it, str | None)
            for it in (marks.text, marks.exact, marks.prefix, marks.suffix, marks.language)
        )
        assert node.keys().isdisjoint({"tags", "rows", "uri"} - PASSED_OVER)


def test_addresses_are_ours_by_their_paths() -> None:
    for site in ("", "https://isnad.example.org", "http://127.0.0.1:8000"):
        name, pk, kind, inner = of_record(f"{site}/api/v1/claims/{ID}/verdicts/{ID}/")
        assert (name, str(pk), kind, str(inner)) == ("claims", ID, "verdicts", ID)
    for other in (None, 5, "", "/api/v1/claims/", f"/api/v1/claims/{ID}", f"/api/v1/claims/{ID}/x"):
        assert of_record(other) == (None, None, None, None)
