"""An encoder that is plugged in: a toy one, for which a stork and a laqlaq are one bird."""

import io
import os
from collections.abc import Sequence
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from claims.queries.matching import matching_claims
from claims.sql.grants import grant
from config.embedded.configuration import OWNER, SUPERUSER
from tests.api.test_matching import claim

MEANINGS = [{"stork", "storks", "اللقالق"}, {"nest", "تعشش"}, {"minaret", "المئذنة"}, {"oil"}]


def toy(texts: list[str]) -> Sequence[Sequence[float]]:
    return [
        [0.01, *(float(bool(meaning & set(text.lower().split()))) for meaning in MEANINGS)]
        for text in texts
    ]


@pytest.fixture(autouse=True)
def plugged_in(settings: object) -> None:
    settings.MATCH_ENCODER = f"{__name__}.toy"  # type: ignore[attr-defined]


@pytest.fixture
def with_pgvector(committed: str) -> None:
    """As a superuser makes it there; of the embedded PostgreSQL we know one."""
    url = urlsplit(os.environ["DATABASE_OWNER_URL"])
    url = url._replace(netloc=url.netloc.replace(OWNER, SUPERUSER, 1), path=f"/{committed}")
    try:
        with psycopg.connect(url.geturl(), autocommit=True) as superuser:
            superuser.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.Error as wrong:
        pytest.skip(f"no pgvector here: {wrong}")


def encoded() -> str:
    out = io.StringIO()
    call_command("encode_claims", stdout=out)
    return out.getvalue()


def test_claims_that_mean_the_same_in_other_words_are_found(with_pgvector: None) -> None:
    meant = claim("Storks nest on the minaret")
    claim("Prices of oil")
    text = "اللقالق تعشش على المئذنة"
    assert matching_claims(text, limit=5) == []  # no words in common, and no vectors yet
    assert "2 vectors" in encoded()
    [first] = [it for it in matching_claims(text, limit=5) if it.id == meant.pk]
    assert first == matching_claims(text, limit=5)[0]
    assert "0 vectors" in encoded()
    new = claim("A stork built its nest here")
    assert new.pk in {it.id for it in matching_claims("stork nest", limit=5)}
    assert "1 vectors" in encoded()


def test_granting_rights_again_leaves_the_vectors_readable(with_pgvector: None) -> None:
    claim("Storks nest on the minaret")
    encoded()
    grant(connections["owner"], connection.settings_dict["USER"])
    assert matching_claims("اللقالق", limit=5)


def test_without_vectors_everything_works(db: None) -> None:
    made = claim("Storks nest on the minaret")
    [found] = matching_claims("Storks nest", limit=5)
    assert found.id == made.pk


def test_without_an_encoder_there_is_nothing_to_encode(db: None, settings: object) -> None:
    settings.MATCH_ENCODER = ""  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="MATCH_ENCODER"):
        encoded()


def test_where_pgvector_is_missing_it_is_said_what_to_do(committed: str) -> None:
    with pytest.raises(CommandError, match="CREATE EXTENSION vector"):
        encoded()
