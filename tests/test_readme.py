import pytest

from tests import readme


@pytest.mark.timeout(300)
def test_the_commands_of_the_readme_give_the_answers_that_it_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert readme.main([]) == 0, capsys.readouterr().err
