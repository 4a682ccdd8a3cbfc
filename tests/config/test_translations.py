"""`python -m config.translations` finds what is missing, and mends what a program can."""

from pathlib import Path

import pytest

from config import translations

MODULE = """
from django.utils.translation import gettext_lazy as _

class Refusal:
    title = _("There is nothing here")
    detail = _("There are %(count)d of "
               "them.")
"""
TEMPLATE = '{% load i18n %}<h1>{% translate "Problem types" %}</h1>{# a comment, it\'s ignored #}'
ARABIC = {
    "There is nothing here": "لا شيء هنا",
    "There are %(count)d of them.": "عددها %(count)d.",
    "Problem types": "أنواع المشكلات",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small project, completely translated."""
    (tmp_path / "errors.py").write_text(MODULE, "utf-8")
    (tmp_path / "page.html").write_text(TEMPLATE, "utf-8")
    folder_of(tmp_path).mkdir(parents=True)
    po(tmp_path).write_text(
        "".join(f'msgid "{english}"\nmsgstr "{ARABIC[english]}"\n\n' for english in ARABIC), "utf-8"
    )
    assert translations.main(["--write"], tmp_path) == 0
    return tmp_path


def folder_of(source: Path) -> Path:
    return source / "locale" / "ar" / "LC_MESSAGES"


def po(source: Path) -> Path:
    return folder_of(source) / "django.po"


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def complaints(source: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert translations.main([*arguments], source) == 1
    return capsys.readouterr().err


def test_messages_of_modules_and_templates_are_found(source: Path) -> None:
    assert translations.messages(source) == sorted(ARABIC)


def test_what_is_complete_passes_and_stays_as_it_is(source: Path) -> None:
    before = [path.read_bytes() for path in sorted(folder_of(source).iterdir())]

    assert translations.main([], source) == 0
    assert translations.main(["--write"], source) == 0

    assert [path.read_bytes() for path in sorted(folder_of(source).iterdir())] == before


def test_a_new_message_is_missed_and_then_taken_in_empty(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(source / "errors.py", "nothing here", "something here")

    said = complaints(source, capsys)
    assert "not in django.po: There is something here" in said
    assert "used no more: There is nothing here" in said

    said = complaints(source, capsys, "--write")
    assert "not translated: There is something here" in said
    assert "used no more" not in said


def test_a_fuzzy_message_is_refused(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replace(po(source), 'msgid "Problem types"', '#, fuzzy\nmsgid "Problem types"')
    assert "fuzzy: Problem types" in complaints(source, capsys)


def test_an_obsolete_message_is_refused_and_dropped(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with po(source).open("a", encoding="utf-8") as file:
        file.write('\n#~ msgid "Gone"\n#~ msgstr "ذهب"\n')
    assert "used no more: Gone" in complaints(source, capsys)
    assert translations.main(["--write"], source) == 0
    assert "Gone" not in po(source).read_text("utf-8")


def test_placeholders_are_those_of_the_original(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(po(source), "عددها %(count)d", "عددها %(number)d")
    assert "other placeholders" in complaints(source, capsys)


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_compiled_file_that_is_not_of_these_words_is_refused(
    source: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    if damage == "missing":
        (folder_of(source) / "django.mo").unlink()
    else:
        replace(po(source), "لا شيء هنا", "ليس هنا شيء")
    assert "django.mo is not what" in complaints(source, capsys)


def test_a_language_can_be_begun_from_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "errors.py").write_text(MODULE, "utf-8")
    folder_of(tmp_path).mkdir(parents=True)
    assert "not translated: There is nothing here" in complaints(tmp_path, capsys, "--write")


def test_the_messages_of_this_project_are_translated() -> None:
    assert translations.main([]) == 0
