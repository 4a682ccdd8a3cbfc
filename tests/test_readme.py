from pathlib import Path

import pytest

from tests import readme


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", readme.PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_give_the_answers_that_it_shows(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert readme.held(page) == 0, capsys.readouterr().err
