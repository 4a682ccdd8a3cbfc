"""The candidates that the database finds, against all claims looked at one by one."""

import random

import pytest

from claims.actions.indexing import count
from claims.queries.matching import MOST_CANDIDATES, candidates, chosen, frequencies_of
from claims.text.matching import Asked, Found, Reading
from tests.api.test_matching import claim
from tests.test_matching import WORDS


@pytest.mark.parametrize("seed", range(4))
def test_candidates_are_those_that_a_look_at_every_claim_finds(db: None, seed: int) -> None:
    rng = random.Random(seed)
    texts = [" ".join(rng.choices(WORDS, k=rng.randint(2, 12))) for _ in range(40)]
    claims = {claim(text).pk: text for text in texts}
    while count():
        pass
    asked = Asked(" ".join(rng.choices(WORDS, k=6)))
    frequencies = frequencies_of(asked.terms())
    weights = dict(zip(*chosen(asked, frequencies), strict=True))
    scores = {}
    for pk, text in claims.items():
        impacts = Found.by([Reading(text, "x")]).impacts  # "x" is the subject of all of them
        score = sum(weight * impacts.get(term, 0) for term, weight in weights.items())
        if score:
            scores[pk] = score
    expected = sorted(scores, key=lambda pk: (-scores[pk], pk))[:MOST_CANDIDATES]
    assert candidates(asked, frequencies) == expected


def test_frequencies_are_of_claims(db: None) -> None:
    for text in ("storks nest", "storks fly", "a stork"):
        claim(text)
    while count():
        pass
    found = frequencies_of(["stork", "nest", "minaret"])
    assert (found.total, found.of("stork"), found.of("nest"), found.of("minaret")) == (3, 3, 1, 0)
