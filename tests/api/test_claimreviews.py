"""Importing reviews of other organizations, and checking markup, over HTTP."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from claims.actions.desks import external_organization
from claims.actions.verdicts import issue_verdict
from claims.management.verification import faults
from claims.models import (
    Article,
    Change,
    Claim,
    ImportedClaim,
    Member,
    Organization,
    Publisher,
    Speaker,
    Verdict,
)
from claims.vocabulary import Outcome
from tests import make
from tests.conftest import Api, problem
from tests.dossiers import rows
from tests.log import numbered
from tests.reviews import GOOGLE, REVIEW, review

PATH = "/imports/claimreview/"
CHECK = "/imports/claimreview/check/"


def imported(api: Api, document: Any, path: str = PATH, **headers: str) -> Any:
    response = api.post(path, document, **headers)
    assert response.status_code == 200, response.content.decode()
    summary = response.json()
    assert summary["records"] == summary["imported"] + summary["there"] + summary["refused"]
    assert len(summary["refusals"]) == summary["refused"]
    return summary


def counts(summary: Any) -> tuple[int, int, int]:
    return summary["imported"], summary["there"], summary["refused"]


# What becomes of a review


def test_a_review_becomes_a_claim_with_a_verdict_of_an_external_organization(
    checker: Api, desk: make.Desk
) -> None:
    summary = imported(checker, REVIEW)
    assert summary == {
        "records": 1,
        "imported": 1,
        "there": 0,
        "refused": 0,
        "made": {
            "article": 2, "claim": 1, "organization": 1, "publisher": 2, "speaker": 1, "verdict": 1,
        },
        "refusals": [],
        "left_out": {},
        "unknown": [],
    }  # fmt: skip
    [claim] = checker.read("/claims/")["results"]
    assert claim["kind"] == "statement"
    assert claim["speech"] == "indirect"
    assert claim["text"] == REVIEW["claimReviewed"]
    assert claim["stated_on"] == "2019-05-03"
    assert claim["status"] == "disputed"
    assert claim["speaker"]["name"] == "Maryam Haddad"
    assert claim["article"]["url"] == "https://news.example/bridge"
    assert claim["article"]["publisher"]["name"] == "news.example"
    [verdict] = claim["verdicts"]
    assert verdict["organization"]["name"] == "The checkers"
    assert verdict["label"] == "False"
    assert verdict["url"] == REVIEW["url"]
    assert verdict["title"] == verdict["rationale"] == REVIEW["headline"]
    assert verdict["date_published"] == "2019-05-20"
    assert verdict["issued_by"]["name"] == desk.checker.name
    [evidence] = verdict["evidence"]
    assert (evidence["url"], evidence["stance"]) == ("https://ministry.example/report", "context")

    organization = checker.read(f"/organizations/{verdict['organization']['id']}/")
    assert organization["external_site"] == "checkers.example"
    assert organization["url"] == "https://checkers.example/"
    speaker = checker.read(f"/speakers/{claim['speaker']['id']}/")
    assert speaker["same_as"] == ["https://www.wikidata.org/wiki/Q1"]
    assert [role["title"] for role in speaker["roles"]] == ["Minister of works"]


def test_what_was_imported_is_found_by_every_filter_and_by_its_words(checker: Api) -> None:
    imported(checker, REVIEW)
    [claim] = checker.read("/claims/")["results"]
    organization = claim["verdicts"][0]["organization"]["id"]
    for query in (
        f"organization={organization}",
        f"organization={organization}&outcome=disputed",
        f"organization={organization}&ordering=-changed_at",
        "status=disputed",
        "has_verdict=true",
        f"speaker={claim['speaker']['id']}",
        "q=bridge",
        "q=day+earlier",
        f"q=bridge&organization={organization}",
    ):
        found = checker.read(f"/claims/?{query}")["results"]
        assert [it["id"] for it in found] == [claim["id"]], query
    answer = checker.post("/claims/match/", {"text": REVIEW["claimReviewed"]}).json()
    assert answer["results"][0]["matches"][0]["claim"]["id"] == claim["id"]


def test_the_record_holds_together_and_tells_of_all_of_it(committed: str) -> None:
    desk = make.desk()
    checker = Api(make.key(desk.checker))
    imported(checker, [REVIEW, GOOGLE, review(reviewRating__alternateName="Half true")])
    numbered()
    assert list(faults(kept=None, tick=lambda _: None)) == []
    told = Change.objects.filter(type="verdict.issued")
    assert {it.recorded_by_id for it in told} == {desk.checker.pk}
    external = set(Organization.objects.exclude(external_site=None).values_list("pk", flat=True))
    assert {it.organization_id for it in told} == external
    [claim] = checker.read("/claims/?language=en")["results"]
    as_of = checker.read(f"/claims/{claim['id']}/?as_of={Change.objects.count()}")
    assert as_of["verdicts"] == claim["verdicts"]
    history = checker.read(f"/claims/{claim['id']}/history/")["results"]
    assert (
        sorted(it["type"] for it in history if it["type"].startswith("verdict"))
        == ["verdict.issued"] * 2
    )


def test_importing_again_changes_nothing(checker: Api, rival: Api) -> None:
    documents = [REVIEW, GOOGLE, review(reviewRating=None)]
    assert counts(imported(checker, documents)) == (2, 0, 1)
    before = rows()
    assert counts(imported(rival, documents)) == (0, 2, 1)
    assert counts(imported(checker, REVIEW)) == (0, 1, 0)
    assert rows() == before


def test_doubled_records_are_one(checker: Api) -> None:
    assert counts(imported(checker, [REVIEW, REVIEW, GOOGLE, GOOGLE])) == (2, 2, 0)
    assert Verdict.objects.count() == 2


def test_with_an_idempotency_key_the_summary_is_told_again(checker: Api) -> None:
    first = imported(checker, REVIEW, Idempotency_Key="one")
    assert imported(checker, REVIEW, Idempotency_Key="one") == first
    assert first["imported"] == 1


def test_each_refused_record_is_told_with_place_and_reason(checker: Api) -> None:
    summary = imported(checker, [REVIEW, 5, review(url="nowhere"), review(claimReviewed=None,
                       itemReviewed=None)])  # fmt: skip
    assert [(it["place"], it["reason"], it["url"]) for it in summary["refusals"]] == [
        ("#/1", "not-a-record", None),
        ("#/2", "bad-url", None),
        ("#/3", "no-claim", REVIEW["url"]),
    ]
    assert all(it["detail"] for it in summary["refusals"])


# Chains


def chain(claim: dict[str, Any]) -> list[tuple[str, str | None]]:
    found = Verdict.objects.filter(claim=claim["id"]).order_by("issued_at", "id")
    return [(it.label, it.date_published) for it in found]  # type: ignore[misc]


def test_a_review_that_is_published_again_with_another_rating_supersedes(checker: Api) -> None:
    imported(checker, REVIEW)
    again = review(reviewRating__alternateName="True", datePublished="2019-06-01")
    assert counts(imported(checker, again)) == (1, 0, 0)
    [claim] = checker.read("/claims/")["results"]
    assert claim["status"] == "verified"
    assert [it["label"] for it in claim["verdicts"]] == ["True"]
    assert chain(claim) == [("False", "2019-05-20"), ("True", "2019-06-01")]
    # Both are there now, so neither comes back.
    assert counts(imported(checker, [REVIEW, again])) == (0, 2, 0)


def test_of_one_import_reviews_are_filed_in_the_order_of_their_publication(checker: Api) -> None:
    later = review(reviewRating__alternateName="True", datePublished="2019-06-01")
    assert counts(imported(checker, [later, REVIEW])) == (2, 0, 0)
    [claim] = checker.read("/claims/")["results"]
    assert chain(claim) == [("False", "2019-05-20"), ("True", "2019-06-01")]


def test_an_earlier_review_does_not_supersede_a_later_one(checker: Api) -> None:
    imported(checker, review(datePublished="2019-06-01"))
    for _time in range(2):
        summary = imported(checker, REVIEW)
        assert [it["reason"] for it in summary["refusals"]] == ["older"]


def test_two_organizations_that_disagree_make_a_claim_contested(checker: Api) -> None:
    other = review(
        url="https://others.example/1",
        author={"@type": "Organization", "name": "Others"},
        reviewRating__alternateName="Correct",
    )
    summary = imported(checker, [REVIEW, other])
    assert summary["made"]["claim"] == 1
    [claim] = checker.read("/claims/")["results"]
    assert claim["status"] == "contested"
    assert {it["organization"]["name"] for it in claim["verdicts"]} == {"The checkers", "Others"}


def test_a_desk_judges_an_imported_claim_beside_who_it_was_imported_from(checker: Api) -> None:
    imported(checker, REVIEW)
    [claim] = checker.read("/claims/")["results"]
    checker.made(f"/claims/{claim['id']}/verify/", {"rationale": "We were there."})
    assert checker.read(f"/claims/{claim['id']}/")["status"] == "contested"
    again = review(reviewRating__alternateName="True", datePublished="2019-06-01")
    imported(checker, again)
    assert checker.read(f"/claims/{claim['id']}/")["status"] == "verified"


# Who is met again


def test_a_claim_is_met_again_however_it_is_written_and_another_speaker_is_another_claim(
    checker: Api,
) -> None:
    imported(checker, REVIEW)
    for changes, new in (
        ({"claimReviewed": "the  Bridge was opened on 3 May 2019"}, 0),
        ({"itemReviewed__author__name": "MARYAM HADDAD"}, 0),
        ({"itemReviewed__author": None}, 1),
        ({"itemReviewed__author": {"@type": "Person", "name": "Another"}}, 1),
    ):
        summary = imported(checker, review(**changes, url="https://others.example/1"))
        assert summary["made"].get("claim", 0) == new, changes
    assert Claim.objects.count() == ImportedClaim.objects.count() == 3


def test_a_speaker_is_met_again_by_name_or_by_address_elsewhere(checker: Api) -> None:
    filed = make.speaker(name="Maryam Haddad")
    known = make.speaker(name="M. H.", same_as=["https://www.wikidata.org/wiki/Q7"])
    namesake = "https://www.wikidata.org/wiki/Q8"
    for author, expected in (
        ({"name": "maryam haddad"}, filed),
        ({"name": "Maryam Haddad", "sameAs": "https://social.example/maryam"}, filed),
        ({"name": "Minister Haddad", "sameAs": "https://www.wikidata.org/wiki/Q7"}, known),
        ({"name": "M. H.", "sameAs": namesake}, None),
    ):
        document = review(itemReviewed__author=author, claimReviewed=f"Said by {author}")
        imported(checker, document)
        claim = Claim.objects.get(text=f"Said by {author}")
        if expected is None:
            assert claim.speaker_id not in {filed.pk, known.pk}
        else:
            assert claim.speaker_id == expected.pk
    assert Speaker.objects.count() == 3


def test_an_article_and_its_publisher_are_met_again(checker: Api) -> None:
    outlet = make.publisher(name="News.Example")
    there = make.article(publisher=outlet.pk, url="https://news.example/bridge")
    imported(checker, REVIEW)
    [claim] = checker.read("/claims/")["results"]
    assert claim["article"]["id"] == str(there.pk)
    imported(checker, review(claimReviewed="Another", itemReviewed__firstAppearance=
             {"url": "https://www.news.example/2"}))  # fmt: skip
    assert Article.objects.get(url="https://www.news.example/2").publisher_id == outlet.pk
    assert Publisher.objects.count() == 2


def test_where_a_claim_appears_besides_is_added(checker: Api) -> None:
    imported(checker, REVIEW)
    elsewhere = review(itemReviewed__appearance=["https://social.example/p/2"])
    for expected in ((1, 0, 0), (0, 1, 0)):
        assert counts(imported(checker, elsewhere)) == expected
    [claim] = checker.read("/claims/")["results"]
    found = checker.read(f"/claims/{claim['id']}/appearances/?ordering=created_at")["results"]
    assert len(found) == 3
    assert Verdict.objects.count() == 1


def test_one_site_is_one_organization_whatever_it_calls_itself(checker: Api) -> None:
    imported(checker, REVIEW)
    imported(checker, review(author__name="Checkers' site", claimReviewed="Another"))
    [organization] = Organization.objects.exclude(external_site=None)
    assert organization.name == "The checkers"


# Who may say what


def test_nobody_who_imports_speaks_under_the_name_of_a_desk(checker: Api, desk: make.Desk) -> None:
    imported(checker, review(author__name=desk.organization.name.upper()))
    external = Organization.objects.get(external_site="checkers.example")
    assert external.name == f"{desk.organization.name.upper()} (checkers.example)"


def test_a_member_files_for_no_other_desk(desk: make.Desk) -> None:
    claim, rivals = make.fact(), make.desk()
    with pytest.raises(IntegrityError, match="issued by a member"), transaction.atomic():
        issue_verdict(
            claim_id=claim.pk,
            by=desk.checker,
            external=rivals.organization.pk,
            outcome=Outcome.DISPUTED,
            rationale="So they say.",
        )


def test_an_external_organization_has_no_members_and_is_edited_by_nobody(
    desk: make.Desk, as_member: Callable[[Member], Api]
) -> None:
    admin = as_member(desk.admin)
    outsider = external_organization(site="a.example", name="Outsiders", by=desk.checker)
    path = f"/organizations/{outsider.pk}/"
    response = admin.post(f"{path}members/", {"name": "Me", "role": "admin"})
    assert response.status_code == 404
    response = admin.patch(path, {"name": "Mine"}, If_Match=admin.etag(path))
    assert response.status_code == 403
    assert not Member.objects.filter(organization=outsider).exists()


def test_a_verdict_of_an_external_organization_can_be_withdrawn_by_who_files(
    desk: make.Desk,
) -> None:
    outsider = external_organization(site="a.example", name="Outsiders", by=desk.checker)
    claim = make.fact()
    for outcome in (Outcome.VERIFIED, Outcome.WITHDRAWN):
        issue_verdict(
            claim_id=claim.pk,
            by=desk.checker,
            external=outsider.pk,
            outcome=outcome,
            rationale="As published.",
        )
    claim.refresh_from_db()
    assert claim.status == "unverified"


# Bodies


def test_lines_pages_and_tables_are_taken(checker: Api) -> None:
    lines = "\n".join([json.dumps(REVIEW), "{", json.dumps(GOOGLE)]).encode()
    summary = imported(checker, lines, content_type="application/x-ndjson")
    assert [it["place"] for it in summary["refusals"]] == ["2"]
    assert counts(summary) == (2, 0, 1)
    page = f'<script type="application/ld+json">{json.dumps(REVIEW)}</script>'.encode()
    assert counts(imported(checker, page, content_type="text/html")) == (0, 1, 0)
    table = b"claim,claim_url,label\r\nThe road,https://checkers.example/2,Mixture\r\n"
    path = f"{PATH}?mapping=multifc"
    assert counts(imported(checker, table, path, content_type="text/csv")) == (1, 0, 0)
    assert counts(imported(checker, REVIEW, content_type="application/ld+json")) == (0, 1, 0)
    row = {"claim": "The road", "claim_url": "https://checkers.example/2", "label": "Mixture"}
    assert counts(imported(checker, [row], path)) == (0, 1, 0)


def test_ratings_that_no_table_knows_are_inconclusive_and_listed(checker: Api) -> None:
    odd = review(reviewRating__alternateName="Three camels")
    summary = imported(checker, odd)
    assert summary["unknown"] == [{"site": "checkers.example", "label": "Three camels", "count": 1}]
    [claim] = checker.read("/claims/")["results"]
    assert claim["status"] == "inconclusive"
    assert claim["verdicts"][0]["label"] == "Three camels"


def test_once_a_table_knows_a_rating_importing_again_says_so(
    checker: Api, settings: Any, tmp_path: Path
) -> None:
    odd = review(reviewRating__alternateName="Three camels")
    imported(checker, odd)
    own = tmp_path / "own.toml"
    own.write_text('[own]\ndisputed = ["three camels"]\n')
    settings.CLAIMREVIEW_OUTCOMES = str(own)
    assert counts(imported(checker, odd)) == (1, 0, 0)
    assert counts(imported(checker, odd)) == (0, 1, 0)
    [claim] = checker.read("/claims/")["results"]
    assert claim["status"] == "disputed"


def test_scripts_in_any_text_are_kept_as_text(checker: Api) -> None:
    script = "<script>alert(1)</script>"
    imported(checker, review(claimReviewed=script, headline=script,
             itemReviewed__author__name=script, reviewRating__alternateName=script))  # fmt: skip
    [claim] = checker.read("/claims/")["results"]
    assert claim["text"] == claim["speaker"]["name"] == claim["verdicts"][0]["label"] == script
    for path in ("/claims/", f"/claims/{claim['id']}/"):
        page = checker.get(path, accept="text/html").content.decode()
        assert script not in page


@pytest.mark.parametrize(
    ("body", "content_type", "slug", "status"),
    [
        (b"", "application/json", "not-json", 400),
        (b"{", "application/json", "not-json", 400),
        (b'{"a": NaN}', "application/ld+json", "not-json", 400),
        (b"", "text/html", "not-json", 400),
        (b"x", "text/plain", "unsupported-media-type", 415),
        (b"a,b\r\n1,2\r\n", "text/csv", "bad-parameter", 400),
        (b"x" * 8_000_001, "text/html", "too-large", 413),
        (b"{}\n" * 1_001, "application/x-ndjson", "too-large", 413),
    ],
)
def test_a_body_that_cannot_be_read_at_all_is_refused(
    checker: Api, body: bytes, content_type: str, slug: str, status: int
) -> None:
    problem(checker.post(PATH, body, content_type=content_type), slug, status)


MEDIA_TYPES = (
    "application/json", "application/ld+json", "application/x-ndjson", "text/html", "text/csv",
)  # fmt: skip


@pytest.mark.parametrize("content_type", MEDIA_TYPES)
def test_a_body_that_is_packed_is_refused_without_unpacking_it(
    checker: Api, content_type: str
) -> None:
    body = gzip.compress(b" " * 10_000_000)
    for coding in ("gzip", "br", "identity, gzip"):
        response = checker.post(PATH, body, content_type=content_type, Content_Encoding=coding)
        problem(response, "unsupported-media-type", 415)


JUNK = {
    "packed": gzip.compress(json.dumps(REVIEW).encode()),
    "zeros": b"\0" * 1_000,
    "UTF-16 that is not said to be": json.dumps([REVIEW]).encode("utf-16-le"),
    "half of UTF-16": json.dumps([REVIEW]).encode("utf-16")[:101],
    "windows-1256": json.dumps(GOOGLE, ensure_ascii=False).encode("windows-1256"),
    "invalid UTF-8": b'{"claimReviewed": "\xc3\x28 \xed\xa0\x80"}',
    "half characters": rb'{"@type": "ClaimReview", "claimReviewed": "\ud800"}',
    "a zero in a text": rb'{"@type": "ClaimReview", "claimReviewed": "\u0000"}',
    "depth": b"[" * 100_000,
    "depth in a page": b'<script type="application/ld+json">' + b'{"a":' * 100_000,
    "tags": b"<" * 100_000,
    "comments": b"<!--" * 100_000,
    "scripts": b"<script" * 100_000,
    "entities": b"<p>" + b"&amp;" * 100_000,
    "a document type": b'<!DOCTYPE a [<!ENTITY b "&c;&c;">]>' * 1_000,
    "a charset that takes the square": b"<meta charset=punycode>\xff" + b"a" * 100_000 + b"-aaa",
    "a charset that unpacks": b"<meta charset=bz2>\xff",
}


@pytest.mark.parametrize("content_type", MEDIA_TYPES)
@pytest.mark.parametrize("junk", JUNK)
def test_whatever_is_sent_is_refused_with_a_reason(
    checker: Api, junk: str, content_type: str
) -> None:
    response = checker.post(f"{PATH}?mapping=multifc" if content_type == "text/csv" else PATH,
                            JUNK[junk], content_type=content_type)  # fmt: skip
    if response.status_code == 200:
        summary = response.json()
        assert summary["records"] == summary["refused"] == len(summary["refusals"])
        assert all(it["reason"] and it["detail"] for it in summary["refusals"])
    else:
        problem(response, "not-json", 400)
    assert not Verdict.objects.exists()


DATES = [
    "0000-00-00", "9999-99-99", "2019-02-30", "0001-01-01", "-1", "2019-05-03T99:99:99Z",
    "1441/5/11", "99999999999999999999", "1" * 20_000, 20190503, 1.5, 1e308, -(2**63), True, [], {},
    [[]], {"a": 1}, "yesterday", "الخميس", "<script>",
]  # fmt: skip


def test_whatever_stands_in_the_place_of_dates_and_numbers_the_review_is_imported(
    checker: Api,
) -> None:
    reviews = [
        review(
            claimReviewed=f"Claim {i}",
            datePublished=it,
            itemReviewed__datePublished=it,
            reviewRating={"alternateName": "False", "ratingValue": it, "bestRating": it},
        )
        for i, it in enumerate(DATES)
    ]
    summary = imported(checker, reviews)
    assert counts(summary) == (len(DATES), 0, 0)
    # What is a text or a number and no date is told.
    assert summary["left_out"]["date-unreadable"] >= 12
    known = {it["stated_on"] for it in checker.read("/claims/?page_size=100")["results"]}
    assert known <= {None, "2019-05-03", "0001-01-01", "1441-05-11"}


@pytest.mark.parametrize("charset", ["windows-1256", "iso-8859-6"])
def test_a_page_is_read_in_the_encoding_that_is_told_beside_it(checker: Api, charset: str) -> None:
    told = json.dumps(review(claimReviewed="افتتح الجسر"), ensure_ascii=False)
    page = f'<script type="application/ld+json">{told}</script>'.encode(charset)
    imported(checker, page, content_type=f"text/html; charset={charset}")
    assert Claim.objects.get().text == "افتتح الجسر"


@pytest.mark.parametrize("name", ["nothing", "../../../etc/passwd", "/etc/passwd", "multifc.toml"])
def test_a_mapping_is_one_of_the_projects_own(checker: Api, name: str) -> None:
    response = checker.post(f"{PATH}?mapping={name}", REVIEW)
    problem(response, "bad-parameter", 400)
    assert "multifc" in response.content.decode()


# Checking


def test_markup_is_checked_by_whoever_has_no_account(anyone: Api) -> None:
    response = anyone.post(CHECK, review(url="/1", claimReviewed="False: the bridge"))
    assert response.status_code == 200
    answer = response.json()
    assert (answer["reviews"], answer["complete"]) == (1, True)
    assert [(it["pointer"], it["rule"], it["level"]) for it in answer["findings"]] == [
        ("#/claimReviewed", "rating-in-claim", "required"),
        ("#/url", "url-not-absolute", "required"),
    ]
    assert all(it["why"] and it["mend"] for it in answer["findings"])


def test_what_is_wrong_is_told_in_arabic_too(anyone: Api) -> None:
    response = anyone.post(CHECK, review(url="/1"), Accept_Language="ar")
    [finding] = response.json()["findings"]
    assert "عنوان" in finding["why"]


def test_checking_stores_nothing(checker: Api) -> None:
    before = rows()
    assert checker.post(CHECK, REVIEW).json() == {"reviews": 1, "findings": [], "complete": True}
    assert rows() == before


def test_only_json_is_checked(anyone: Api) -> None:
    response = anyone.post(CHECK, b"<html>", content_type="text/html")
    problem(response, "unsupported-media-type", 415)
