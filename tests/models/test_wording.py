"""What is searched in always equals what the record says."""

import random

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from claims.models import Speaker
from tests import make
from tests.api.test_as_of import History
from tests.api.threads import at_once
from tests.conftest import Api
from tests.models.rows import check_now, run

DIFFERENT = """
    SELECT c.id FROM claims_claim c LEFT JOIN claims_wording w ON w.id = c.id
    WHERE w.words IS DISTINCT FROM claims_words_of_claim_v1(c.id)
        OR w.created_at IS DISTINCT FROM c.created_at
    UNION ALL
    SELECT a.id FROM claims_article a LEFT JOIN claims_wording w ON w.id = a.id
    WHERE w.words IS DISTINCT FROM claims_words_of_article_v1(a.id)
        OR w.created_at IS DISTINCT FROM a.created_at
    UNION ALL
    SELECT s.id FROM claims_speaker s LEFT JOIN claims_naming n ON n.speaker_id = s.id
    WHERE n.words IS DISTINCT FROM claims_words_of_speaker_v1(s.name, s.names, s.other_names)"""


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("seed", range(3))
def test_it_equals_the_record_whatever_happens(seed: int) -> None:
    history = History(random.Random(seed))
    for _ in range(4):
        history.run(steps=10)
        check_now()
        assert run(DIFFERENT) == []


@pytest.mark.usefixtures("committed")
def test_it_equals_the_record_when_much_happens_at_once() -> None:
    desks = [make.desk() for _ in range(4)]
    with transaction.atomic():
        claim, appearance = make.marked_fact()
        claims = [claim, *(make.fact() for _ in range(3))]
        held = appearance.snapshot
    keys = [Api(make.key(desk.checker)) for desk in desks]
    passage = {"snapshot": str(held.pk), "exact": "Iraq declared victory again"}
    article = f"/articles/{appearance.article_id}/"
    headline = {"headline": "Another headline"}
    calls = [
        *(
            lambda api=api, claim=claim, number=number: api.post(
                f"/claims/{claim.pk}/dispute/", {"rationale": f"By number {number}"}
            )
            for number, api in enumerate(keys)
            for claim in claims
        ),
        *(
            lambda claim=claim: keys[0].post(f"/claims/{claim.pk}/appearances/", passage)
            for claim in claims
        ),
        *(
            lambda: keys[1].patch(article, headline, If_Match=keys[1].etag(article))
            for _ in range(2)
        ),
    ]
    random.Random(1).shuffle(calls)
    answers = at_once(calls)
    assert sum(answer.status_code in {200, 201} for answer in answers) > len(calls) // 2
    assert run(DIFFERENT) == []


@pytest.mark.usefixtures("committed")
def test_a_new_name_costs_one_row_however_much_was_said() -> None:
    with transaction.atomic():
        speaker = make.speaker()
        for _ in range(3):
            make.statement(speaker=speaker.pk)
    count = "SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = %s"
    with transaction.atomic():
        Speaker.objects.filter(pk=speaker.pk).update(name="Somebody else")
        assert run(count, ["claims_naming"]) == [(1,)]
        assert run(count, ["claims_wording"]) == [(0,)]
    assert run(DIFFERENT) == []


@pytest.mark.usefixtures("committed")
def test_a_stretch_begins_when_the_last_one_is_full() -> None:
    begin = "SELECT claims_begin_stretch_v1()"
    run(begin)
    assert run("SELECT count(*) FROM claims_stretch") == [(0,)]
    with transaction.atomic():
        run("""
            INSERT INTO claims_claim (kind, text, language, subject, property, value, value_type)
            SELECT 'fact', 'x', 'en', 'x', 'x', 'x', 'text' FROM generate_series(1, 2048)""")
    for _ in range(2):
        run(begin)
    [(number, is_coming)] = run("SELECT number, begins_at > now() FROM claims_stretch")
    assert (number, is_coming) == (1, True)
    with transaction.atomic():
        now = make.fact()
        later = "INSERT INTO claims_claim (id, created_at, kind, text, language, subject, property,"
        later += " value, value_type) VALUES (%s, now() + interval '9 s', 'fact', 'x', 'en', 'x',"
        later += " 'x', 'x', 'text')"
        other = uuid7()
        run(later, [other])
    tagged = "SELECT words @@ %s::tsquery FROM claims_wording WHERE id = %s"
    assert run(tagged, ["'@c0:0'", now.pk]) == run(tagged, ["'@c0:1'", other]) == [(True,)]
