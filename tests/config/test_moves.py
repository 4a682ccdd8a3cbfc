from pathlib import Path

import pytest

from config.moves import PAGE, main


def test_the_page_is_what_the_table_says() -> None:
    assert main([]) == 0


def test_a_stale_page_is_told_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "moves.md"
    page.write_text(PAGE.read_text("utf-8").replace("open --> confirmed: confirm\n", ""), "utf-8")
    assert main([], page) == 1
    assert "python -m config.moves --write" in capsys.readouterr().err
    assert main(["--write"], page) == 0
    assert page.read_text("utf-8") == PAGE.read_text("utf-8")
