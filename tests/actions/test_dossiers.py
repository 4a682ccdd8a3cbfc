import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from claims.actions.articles import capture_snapshot
from claims.actions.dossiers import Summary, import_dossier
from claims.actions.verdicts import issue_verdict
from claims.errors import Invalid, Refusal
from claims.formats import dossier
from claims.models import (
    ApiKey,
    Appearance,
    Article,
    Assertion,
    Claim,
    DossierEntry,
    Member,
    Snapshot,
    Speaker,
    Verdict,
)
from claims.vocabulary import Outcome, Role
from tests import make
from tests.dossiers import TEXT, changed, rows, small
from tests.waiting import PATIENCE, until


def import_(document: dict[str, Any], by: Member) -> Summary:
    return import_dossier(dossier.read(document), by=by)


def claim_of(key: str) -> Claim:
    return Claim.objects.get(pk=DossierEntry.objects.get(kind="claim", key=key).subject_id)


def pointers(refusal: Refusal) -> list[str | None]:
    return [fault.pointer for fault in refusal.faults]


# What an import files


def test_everything_in_a_dossier_is_filed_and_joined(desk: make.Desk) -> None:
    summary = import_(small(), desk.checker)
    assert summary == Summary(
        added={"publisher": 1, "speaker": 2, "article": 1, "claim": 2, "verdict": 2}
    )
    statement, fact = claim_of("we-struck"), claim_of("strike-date")
    assert statement.speaker == Speaker.objects.get(name="A spokesman")
    assert Assertion.objects.get().fact == fact
    appearance = statement.appearances.get()
    assert TEXT[appearance.start : appearance.end] == appearance.exact
    assert [relay.speaker.name for relay in appearance.relays.all()] == ["Agency"]
    assert fact.status == "verified"


def test_everything_is_filed_by_the_member_who_imports(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    assert {claim.created_by for claim in Claim.objects.all()} == {desk.checker}
    assert {verdict.issued_by for verdict in Verdict.objects.all()} == {desk.checker}


def test_the_verdicts_of_a_dossier_follow_each_other_in_their_order(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    first, second = claim_of("strike-date").verdicts.order_by("issued_at", "id")
    assert (first.outcome, second.outcome) == ("disputed", "verified")
    assert second.supersedes == first


def test_a_passage_is_marked_in_the_text_that_the_dossier_gives_not_in_a_newer_one(
    desk: make.Desk,
) -> None:
    url = "https://example.org/report"
    article = make.article(url=url)
    newer = make.snapshot("Something else altogether.", of=article)
    with_url = changed("articles/0/url", url)
    with_url["articles"][0]["snapshot"]["captured_at"] = "2021-05-04T12:00:00Z"
    import_(with_url, desk.checker)
    given = article.snapshots.exclude(pk=newer.pk).get()
    assert {it.snapshot_id for it in Appearance.objects.all()} == {given.pk}


def test_an_article_that_is_recorded_at_its_url_already_is_taken_as_it_is_with_its_text(
    desk: make.Desk,
) -> None:
    url = "https://example.org/report"
    article = make.article(url=url, headline="As recorded first")
    held = make.snapshot(TEXT, of=article)
    summary = import_(changed("articles/0/url", url), desk.checker)
    assert summary.known == {"article": 1}
    assert Article.objects.get().headline == "As recorded first"
    assert Snapshot.objects.get() == held


def test_an_article_without_text_can_carry_claims_but_no_passages(desk: make.Desk) -> None:
    without = changed("articles/0/snapshot", None)
    with pytest.raises(Invalid) as refused:
        import_(without, desk.checker)
    assert pointers(refused.value) == ["#/claims/1/appearances/0/exact"]
    for claim in without["claims"]:
        claim["appearances"] = [{"article": "report"}]
    import_(without, desk.checker)
    assert set(Appearance.objects.values_list("snapshot", "exact")) == {(None, None)}


def test_the_passages_of_a_withheld_text_are_taken_as_filed(desk: make.Desk) -> None:
    withheld = {"withheld": True, "sha256": "ab" * 32, "length": 90}
    import_(changed("articles/0/snapshot", withheld), desk.checker)
    assert not Appearance.objects.filter(checked=True).exists()


def test_a_dossier_may_name_what_an_earlier_one_of_its_namespace_brought(desk: make.Desk) -> None:
    import_(small(claims=[]), desk.checker)
    later = small(publishers=[], speakers=[], articles=[])
    assert import_(later, desk.checker).added == {"claim": 2, "verdict": 2}
    assert Appearance.objects.count() == 2


def test_the_same_keys_in_another_namespace_are_other_things(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    assert not import_(small(namespace="elsewhere"), desk.checker).known
    assert Claim.objects.count() == 4


# Repeating it


def test_importing_again_adds_nothing_and_changes_nothing(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    before = rows(), [claim.version for claim in Claim.objects.order_by("id")]
    again = import_(small(), desk.checker)
    assert (rows(), [claim.version for claim in Claim.objects.order_by("id")]) == before
    assert again == Summary(
        known={"publisher": 1, "speaker": 2, "article": 1, "claim": 2, "verdict": 2}
    )


def test_the_order_of_fields_is_no_change(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    document = small()
    document["claims"] = [dict(reversed(claim.items())) for claim in document["claims"]]
    assert import_(document, desk.checker).changed == []


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("publishers/0/name", "Another", "publisher agency"),
        ("speakers/0/name", "Another", "speaker spokesman"),
        ("articles/0/headline", "Another", "article report"),
        ("articles/0/snapshot/text", TEXT + " More.", "article report"),
        ("claims/0/text", "Another", "claim we-struck"),
        ("claims/1/verdicts/0/rationale", "Another", "verdict strike-date/0"),
    ],
)
def test_an_entry_with_other_words_is_told_and_the_record_keeps_the_first(
    desk: make.Desk, place: str, value: str, told: str
) -> None:
    import_(small(), desk.checker)
    before = rows()
    assert import_(changed(place, value), desk.checker).changed == [told]
    assert rows() == before
    assert not Article.objects.exclude(headline="Bridge struck").exists()
    assert not Claim.objects.filter(text="Another").exists()


def test_what_is_new_in_a_dossier_that_was_imported_before_is_added(desk: make.Desk) -> None:
    document = small()
    import_(small(claims=document["claims"][1:]), desk.checker)
    summary = import_(document, desk.checker)
    assert summary.added == {"claim": 1}
    assert summary.changed == []


def test_another_organization_adds_its_own_verdicts_only(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    before = rows()
    other = make.desk()
    middle = rows()
    summary = import_(small(), other.checker)
    assert summary.added == {"verdict": 2}
    assert summary.changed == []
    grown = {name for name, count in rows().items() if count != middle[name]}
    expected = {"Verdict", "Evidence", "Content", "Change", "DossierEntry", "Unnumbered", "Listing"}
    assert grown == expected | {"Correction"}  # of what it said at first
    assert rows()["Verdict"] == before["Verdict"] + 2
    assert set(claim_of("strike-date").verdicts.values_list("organization", flat=True)) == {
        desk.organization.pk,
        other.organization.pk,
    }


def test_a_verdict_that_a_colleague_gave_by_hand_is_not_overwritten(desk: make.Desk) -> None:
    document = small()
    del document["claims"][1]["verdicts"]
    import_(document, desk.checker)
    make.verdict(claim_of("strike-date"), desk.editor, Outcome.INCONCLUSIVE)
    summary = import_(small(), desk.checker)
    assert summary.left_out == ["verdict strike-date/0", "verdict strike-date/1"]
    assert claim_of("strike-date").verdicts.get().issued_by == desk.editor
    assert import_(small(), desk.checker).left_out == summary.left_out


def test_a_verdict_that_came_by_hand_after_an_import_stands(desk: make.Desk) -> None:
    document = small()
    new = document["claims"][1]["verdicts"].pop()
    import_(document, desk.checker)
    make.verdict(claim_of("strike-date"), desk.editor, Outcome.INCONCLUSIVE)
    document["claims"][1]["verdicts"].append(new)
    assert import_(document, desk.checker).left_out == ["verdict strike-date/1"]
    assert claim_of("strike-date").status == "inconclusive"


def test_a_new_verdict_follows_the_one_that_was_imported_before(desk: make.Desk) -> None:
    document = small()
    new = document["claims"][1]["verdicts"].pop()
    import_(document, desk.checker)
    document["claims"][1]["verdicts"].append(new)
    assert import_(document, desk.checker).added == {"verdict": 1}
    assert claim_of("strike-date").status == "verified"


def test_two_imports_at_once_file_everything_once(committed: str) -> None:
    desk = make.desk()

    def run(_number: int) -> Summary:
        try:
            return import_(small(), desk.checker)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        summaries = list(threads.map(run, range(2)))
    assert sorted(sum(summary.added.values()) for summary in summaries) == [0, 8]
    assert Claim.objects.count() == 2


def test_a_verdict_at_once_with_an_import_of_the_same_matter_locks_nobody_out(
    committed: str,
) -> None:
    desk, other = make.desk(), make.desk(name="Another desk")
    document = small()
    verdicts = document["claims"][1].pop("verdicts")
    import_(document, desk.checker)
    document["claims"][1]["verdicts"] = verdicts
    fact = document["claims"][1]["fact"] | {"value": "2021-05-04"}
    document["claims"].append(
        {"key": "another-date", "kind": "fact", "text": "On 4 May.", "language": "en", "fact": fact}
    )
    judged = claim_of("strike-date")

    def run() -> Summary:
        try:
            return import_(document, desk.checker)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Claim.objects.select_for_update(no_key=True).get(pk=judged.pk)
            importing = threads.submit(run)
            until(somebody_waits)
            issue_verdict(
                claim_id=judged.pk, outcome=Outcome.VERIFIED, rationale="Seen.", by=other.checker
            )
        assert importing.result(PATIENCE).added == {"claim": 1, "verdict": 2}
    assert judged.verdicts.count() == 3


def somebody_waits() -> bool:
    """For a lock of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks "
            "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def test_what_an_article_brings_later_does_not_move_what_was_imported(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    capture_snapshot(article_id=Article.objects.get().pk, text="Rewritten.", by=desk.editor)
    assert import_(small(), desk.checker).added == {}


def test_a_repeated_import_asks_the_database_little(desk: make.Desk) -> None:
    import_(small(), desk.checker)
    with CaptureQueriesContext(connection) as queries:
        import_(small(), desk.checker)
    # Savepoint and release, lock, entries, and the version of the claim for each verdict.
    assert len(queries) <= 6, [query["sql"] for query in queries]


# All or nothing


@pytest.mark.parametrize(
    ("place", "value", "pointer"),
    [
        ("articles/0/publisher", "nobody", "#/articles/0/publisher"),
        ("claims/0/speaker", "nobody", "#/claims/0/speaker"),
        ("claims/0/asserts", ["strike-date", "nothing"], "#/claims/0/asserts/1"),
        ("claims/0/asserts", ["we-struck"], "#/claims/0/asserts/0"),
        ("claims/0/appearances/0/article", "nothing", "#/claims/0/appearances/0/article"),
        (
            "claims/0/appearances/0/relayed_by",
            ["agency", "nobody"],
            "#/claims/0/appearances/0/relayed_by/1",
        ),
        ("claims/0/appearances/0/exact", "We spared it", "#/claims/0/appearances/0/exact"),
        ("claims/0/appearances/0/exact", "e", "#/claims/0/appearances/0/exact"),
        (
            "claims/1/appearances/0",
            {"article": "report", "start": 1, "end": 10_000},
            "#/claims/1/appearances/0/start",
        ),
        ("claims/1/verdicts/0/outcome", "withdrawn", "#/claims/1/verdicts/0"),
    ],
)
def test_a_refusal_points_into_the_dossier_and_leaves_nothing(
    desk: make.Desk, place: str, value: Any, pointer: str
) -> None:
    before = rows()
    with pytest.raises(Refusal) as refused:
        import_(changed(place, value), desk.checker)
    assert pointers(refused.value) == [pointer]
    assert rows() == before


def test_a_passage_beyond_the_end_of_a_withheld_text_is_refused(desk: make.Desk) -> None:
    document = changed("articles/0/snapshot", {"withheld": True, "sha256": "ab" * 32, "length": 10})
    document["claims"][1]["appearances"][0] |= {"start": 5, "end": 15}
    with pytest.raises(Refusal) as refused:
        import_(document, desk.checker)
    assert pointers(refused.value) == ["#/claims/1/appearances/0/end"]


def test_every_entry_is_told_to_whoever_shows_progress(desk: make.Desk) -> None:
    ticks: list[str] = []
    import_dossier(dossier.read(small()), by=desk.checker, tick=ticks.append)
    assert ticks == ["publisher", "speaker", "speaker", "article", "claim", "claim"]


# The shape of a dossier


@pytest.mark.parametrize(
    ("place", "value", "pointer"),
    [
        ("isnad_dossier", 2, "#/isnad_dossier"),
        ("isnad_dossier", "1", "#/isnad_dossier"),
        ("isnad_dossier", True, "#/isnad_dossier"),
        ("isnad_dossier", [], "#/isnad_dossier"),
        ("surprise", 1, "#/surprise"),
        ("claims", {}, "#/claims"),
        ("claims/0", "text", "#/claims/0"),
        ("claims/0/surprise", 1, "#/claims/0/surprise"),
        ("claims/0/appearance", None, "#/claims/0/appearance"),
        ("claims/0/key", " we-struck", "#/claims/0/key"),
        ("claims/0/key", "we-struck\n", "#/claims/0/key"),
        ("claims/0/key", "We-Struck", "#/claims/0/key"),
        ("claims/0/key", "a" * 101, "#/claims/0/key"),
        ("claims/0/key", 7, "#/claims/0/key"),
        ("claims/0/key", "strike-date", "#/claims/1/key"),
        ("claims/0/speech", None, "#/claims/0/speech"),
        ("claims/0/appearances/0/start", -1, "#/claims/0/appearances/0/start"),
        (
            "claims/0/appearances/0",
            {"article": "report", "end": 5},
            "#/claims/0/appearances/0/exact",
        ),
        (
            "claims/0/appearances/0",
            {"article": "report", "prefix": "said"},
            "#/claims/0/appearances/0/exact",
        ),
        (
            "claims/0/appearances/0",
            {"article": "report", "start": 5, "end": 5},
            "#/claims/0/appearances/0/end",
        ),
        ("claims/1/fact/value", "2021-02-30", "#/claims/1/fact/value"),
        ("claims/1/verdicts/0/evidence/0/url", "x", "#/claims/1/verdicts/0/evidence/0/url"),
        ("speakers/1/key", "spokesman", "#/speakers/1/key"),
        ("articles/0/snapshot", {"withheld": True}, "#/articles/0/snapshot/sha256"),
    ],
)
def test_a_fault_of_shape_is_pointed_at(place: str, value: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        dossier.read(changed(place, value))
    assert pointers(refused.value) == [pointer]


@pytest.mark.parametrize("document", [None, [], "dossier", 1])
def test_a_dossier_is_an_object(document: object) -> None:
    with pytest.raises(Invalid) as refused:
        dossier.read(document)
    assert pointers(refused.value) == ["#"]


def test_all_faults_of_shape_are_told_at_once() -> None:
    document = changed("claims/0/text", "")
    document["claims"][1]["language"] = "xx-nowhere"
    with pytest.raises(Invalid) as refused:
        dossier.read(document)
    assert pointers(refused.value) == ["#/claims/0/text", "#/claims/1/language"]


# The command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.json"
    path.write_bytes(orjson.dumps(small()))
    return path


def run(*files: Path, member: object, **options: Any) -> None:
    call_command("import_dossier", *map(str, files), member=str(member), **options)


def test_the_command_says_what_it_added_and_what_was_there(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(file, member=desk.checker.pk)
    assert capsys.readouterr().out == (
        "small.json: added 1 publishers, 2 speakers, 1 articles, 2 claims, 2 verdicts.\n"
    )
    file.write_bytes(orjson.dumps(changed("claims/0/text", "Another")))
    run(file, member=desk.checker.pk)
    assert capsys.readouterr().out == (
        "small.json: added nothing; 8 entries were there already; "
        "differ from what was imported before: claim we-struck.\n"
    )


def test_the_command_tells_of_verdicts_that_it_left_out(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without = small()
    del without["claims"][1]["verdicts"]
    import_(without, desk.checker)
    make.verdict(claim_of("strike-date"), desk.editor)
    run(file, member=desk.checker.pk)
    assert "left out, as judged otherwise: verdict strike-date/0" in capsys.readouterr().out


def test_the_command_can_be_quiet(
    desk: make.Desk, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(file, member=desk.checker.pk, verbosity=0)
    assert capsys.readouterr() == ("", "")
    assert Claim.objects.count() == 2


def test_the_command_needs_a_file(desk: make.Desk) -> None:
    with pytest.raises(CommandError, match="FILE"):
        run(member=desk.checker.pk)


def test_a_missing_file_is_named(desk: make.Desk, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nothing\.json: No such file"):
        run(tmp_path / "nothing.json", member=desk.checker.pk)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"isnad_dossier": 1,', "line 1, column"),
        (b'{"claims": [], "claims": []}', "claims"),
        (b"\xff", "UTF-8"),
        (b"{}", "#/namespace: "),
    ],
)
def test_what_is_wrong_with_a_file_is_told(
    desk: make.Desk, tmp_path: Path, body: bytes, told: str
) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(body)
    with pytest.raises(CommandError, match="nothing imported") as refused:
        run(file, member=desk.checker.pk)
    assert str(file) in str(refused.value)
    assert told in str(refused.value)


def test_a_file_that_cannot_be_filed_is_told_with_the_place(desk: make.Desk, file: Path) -> None:
    file.write_bytes(orjson.dumps(changed("claims/0/speaker", "nobody")))
    with pytest.raises(CommandError, match="#/claims/0/speaker: No speaker has the key nobody"):
        run(file, member=desk.checker.pk)
    assert not Claim.objects.exists()


def test_files_before_a_refused_one_stay_imported(
    desk: make.Desk, file: Path, tmp_path: Path
) -> None:
    refused = tmp_path / "refused.json"
    refused.write_bytes(orjson.dumps(small(namespace="other", speakers=[])))
    with pytest.raises(CommandError, match=r"refused\.json: nothing imported"):
        run(file, refused, member=desk.checker.pk)
    assert Claim.objects.count() == 2


@pytest.mark.parametrize("member", [uuid4(), "nobody"])
def test_an_unknown_member_is_refused(db: None, file: Path, member: object) -> None:
    with pytest.raises(CommandError, match="there is no checker with this id"):
        run(file, member=member)


def test_a_reader_may_not_import(desk: make.Desk, file: Path) -> None:
    with pytest.raises(CommandError, match="there is no checker with this id"):
        run(file, member=desk.reader.pk)


# The demo


@pytest.fixture
def data(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return Path(settings.DATA_DIR)


def load_demo() -> str:
    return str(call_command("load_demo", verbosity=0))


def test_the_demo_is_made_once(db: None, data: Path) -> None:
    key = load_demo()
    before = rows()
    assert load_demo() == key
    assert rows() == before


def test_the_demo_key_is_a_checkers_and_only_its_owner_can_read_it(db: None, data: Path) -> None:
    key = load_demo()
    kept = data / "demo_key"
    assert kept.read_text() == key + "\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    row = ApiKey.objects.get(digest=ApiKey.digest_of(key))
    assert row.member.role == Role.CHECKER
    assert set(row.scopes) == {"read", "write"}


def test_a_demo_key_that_was_lost_or_revoked_is_made_anew(db: None, data: Path) -> None:
    lost = load_demo()
    (data / "demo_key").unlink()
    other = load_demo()
    assert other != lost
    ApiKey.objects.update(revoked_at="2020-01-01T00:00:00Z")
    assert load_demo() not in (lost, other)


def test_the_demo_starts_when_its_checker_has_left(db: None, data: Path) -> None:
    load_demo()
    Member.objects.filter(role=Role.CHECKER).update(ended_at="2020-01-01T00:00:00Z")
    key = load_demo()
    assert ApiKey.objects.get(digest=ApiKey.digest_of(key)).member.ended_at is None


def test_the_demo_starts_when_its_claims_were_judged_by_hand(db: None, data: Path) -> None:
    load_demo()
    checker = Member.objects.get(role=Role.CHECKER)
    claim = claim_of("training-suspended")
    make.verdict(claim, checker, Outcome.VERIFIED)
    load_demo()
    claim.refresh_from_db()
    assert claim.status == "verified"


def test_a_verdict_on_other_words_than_the_recorded_ones_is_left_out(desk: make.Desk) -> None:
    claim = {
        "key": "open",
        "kind": "fact",
        "text": "The bridge is open",
        "language": "en",
        "fact": {"subject": "bridge", "property": "state", "value": "open", "value_type": "text"},
    }
    head = {"isnad_dossier": 1, "namespace": "words", "title": {"en": "The bridge"}}
    import_dossier(dossier.read({**head, "claims": [claim]}), by=desk.checker)
    other = {
        **claim,
        "text": "The bridge is not open",
        "verdicts": [{"outcome": "verified", "rationale": "We looked: it is closed."}],
    }
    summary = import_dossier(dossier.read({**head, "claims": [other]}), by=desk.checker)
    assert summary.left_out == ["verdict open/0"]
    assert summary.changed == ["claim open"]
    assert Claim.objects.get(text="The bridge is open").status == "unverified"
