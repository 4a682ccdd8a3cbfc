"""Titles and details come in Arabic to who asks for it, else in English."""

from typing import Any

import pytest

from tests.conftest import Api, problem

NOWHERE = "/claims/00000000-0000-7000-8000-000000000000/"


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("ar", "لا شيء هنا يحق لك الاطلاع عليه", "لا يوجد شيء بهذا المعرِّف."),
        ("ar-IQ,en;q=0.5", "لا شيء هنا يحق لك الاطلاع عليه", "لا يوجد شيء بهذا المعرِّف."),
        ("en", "There is nothing here that you may see", "There is nothing with this id."),
        ("fr", "There is nothing here that you may see", "There is nothing with this id."),
    ],
)
def test_a_missing_document_is_told_in_the_language_asked_for(
    anyone: Api, language: str, title: str, detail: str
) -> None:
    answer = anyone.get(NOWHERE, Accept_Language=language)
    told = problem(answer, "not-found", 404)
    assert (told["title"], told["detail"]) == (title, detail)
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("ar", "يلزم مفتاح API صالح", "أرسل مفتاح API: Authorization: Bearer isnad_…"),
        ("en", "A valid API key is needed", "Send an API key: Authorization: Bearer isnad_…"),
    ],
)
def test_a_missing_key_is_told_in_the_language_asked_for(
    anyone: Api, language: str, title: str, detail: str
) -> None:
    told = problem(
        anyone.post("/publishers/", {"name": "x"}, Accept_Language=language),
        "not-authenticated",
        401,
    )
    assert (told["title"], told["detail"]) == (title, detail)


@pytest.mark.parametrize(
    ("language", "body", "detail"),
    [
        ("ar", {"name": " "}, "لا شيء هنا سوى مسافات وعلامات ومحارف لا تُرى."),
        ("en", {"name": " "}, "There is nothing but white space, marks and unseen characters."),
        # A message of Django REST framework's own.
        ("ar", {}, "هذا الحقل مطلوب."),
        ("en", {}, "This field is required."),
    ],
)
def test_a_wrong_field_is_told_in_the_language_asked_for(
    checker: Api, language: str, body: Any, detail: str
) -> None:
    told = problem(checker.post("/publishers/", body, Accept_Language=language), "invalid", 400)
    assert told["errors"] == [{"pointer": "#/name", "detail": detail}]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_unknown_path_is_told_in_the_language_asked_for(anyone: Api, language: str) -> None:
    told = problem(anyone.get("/nothing/", Accept_Language=language), "not-found", 404)
    assert ("لا يوجد مسار" in told["detail"]) == (language == "ar")


def test_the_page_of_a_problem_is_written_from_right_to_left_in_arabic(anyone: Api) -> None:
    page = anyone.get("/problems/not-found", Accept_Language="ar").content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert "لا شيء هنا يحق لك الاطلاع عليه" in page
