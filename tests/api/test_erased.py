"""What a law forced out of the log is missing from the past, and breaks nothing."""

import pytest
from django.db import transaction

from claims.actions.claims import edit_claim
from claims.models import Change, Claim
from claims.queries.etags import etag
from tests import make
from tests.conftest import Api, problem
from tests.log import numbered
from tests.models.rows import run


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("erased", ["article.created", "publisher.created", "claim.created"])
def test_what_a_law_forced_out_is_missing_from_the_past_and_nothing_else(erased: str) -> None:
    with transaction.atomic():
        desk = make.desk()
        claim, appearance = make.marked_fact()
        kept = make.fact()
        tag = etag(Claim, claim.pk)
        assert tag is not None
        edit_claim(
            claim_id=claim.pk,
            changes={"text": "Other words"},
            by=desk.checker,
            if_match=frozenset({tag}),
        )
    numbered()
    for change in Change.objects.filter(type=erased).exclude(subject_id=kept.pk):
        erase = "UPDATE claims_content SET text = NULL, erased_at = now() WHERE id = %s"
        run(erase, [change.document_id], using="owner")
    found = {it["id"]: it for it in Api().read("/claims/?as_of=2999-01-01")["results"]}
    assert str(kept.pk) in found
    if erased == "claim.created":
        assert str(claim.pk) not in found
        problem(Api().get(f"/claims/{claim.pk}/?as_of=2999-01-01"), "not-found", 404)
    else:
        assert (found[str(claim.pk)]["article"], found[str(claim.pk)]["text"]) == (
            None,
            "Other words",
        )
    for query in ("published_after=2001-01-01", f"publisher={appearance.article.publisher_id}"):
        assert Api().get(f"/claims/?as_of=2999-01-01&{query}").status_code == 200
