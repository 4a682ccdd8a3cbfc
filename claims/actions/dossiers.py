"""Importing a dossier: all of it or nothing, and nothing twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from claims.actions.articles import capture_snapshot, create_article
from claims.actions.bulk import Asked, file_claims
from claims.actions.claims import FACT_COLUMNS, Marked
from claims.actions.publishers import create_publisher
from claims.actions.recording import sha256_of
from claims.actions.speakers import create_speaker
from claims.actions.verdicts import issue_verdict
from claims.errors import Fault, Invalid, Refusal
from claims.formats.dossier import PASSAGE, digest_of
from claims.formats.state import plain
from claims.models import Claim, DossierEntry, Member, Snapshot, Verdict
from claims.queries.etags import etag
from claims.queries.references import articles_at

Tick = Callable[[str], None]


@dataclass(slots=True)
class Summary:
    """What became of the entries of a dossier, counted by kind.

    changed: entries that were imported before with other words; the record keeps the first.
    left_out: verdicts on claims that the organization has judged itself, which stands, or whose
        words in the record are not those of the entry.
    """

    added: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def count(self, kind: str, *, new: bool) -> None:
        counts = self.added if new else self.known
        counts[kind] = counts.get(kind, 0) + 1


@transaction.atomic
def import_dossier(dossier: dict[str, Any], *, by: Member, tick: Tick | None = None) -> Summary:
    """File what the dossier holds and is not filed yet.

    dossier: as read by `formats.dossier.read`. tick: called with the kind of each entry.
    Raises Invalid and whatever filing one by one raises, pointing into the dossier.
    """
    return Import(dossier, by, tick or (lambda kind: None)).run()


class Import:
    def __init__(self, dossier: dict[str, Any], by: Member, tick: Tick) -> None:
        self.dossier = dossier
        self.namespace: str = dossier["namespace"]
        self.by = by
        self.tick = tick
        self.summary = Summary()
        self.known: dict[tuple[str, str], DossierEntry] = {}
        self.hashes: dict[str, bytes] = {}
        self.snapshots: dict[str, Snapshot | None] = {}
        self.new: dict[str, UUID] = {}
        self.entries: list[DossierEntry] = []

    def run(self) -> Summary:
        self.one_at_a_time()
        entries = DossierEntry.objects.filter(namespace=self.namespace)
        own = entries.filter(organization=None) | entries.filter(organization=self.by.organization)
        self.known = {(entry.kind, entry.key): entry for entry in own}
        self.each("publisher", self.publisher)
        self.each("speaker", self.speaker)
        self.each("article", self.article)
        self.hold_claims_to_judge()
        self.file_new_claims()
        self.each("claim", self.claim)
        DossierEntry.objects.bulk_create(self.entries)
        return self.summary

    def each(self, kind: str, file: Callable[[dict[str, Any]], None]) -> None:
        for i, entry in self.in_order(kind):
            with pointing(f"#/{kind}s/{i}"):
                file(entry)
            self.tick(kind)

    def one_at_a_time(self) -> None:
        """Two imports of one namespace at once would both find nothing."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [self.namespace]
            )

    def in_order(self, kind: str) -> list[tuple[int, dict[str, Any]]]:
        """The entries with their places, facts before the statements that assert them."""
        entries = enumerate(self.dossier.get(f"{kind}s", ()))
        return sorted(entries, key=lambda entry: bool(entry[1].get("asserts")))

    def publisher(self, entry: dict[str, Any]) -> None:
        self.once("publisher", entry, lambda: create_publisher(**without_key(entry), by=self.by).pk)

    def speaker(self, entry: dict[str, Any]) -> None:
        self.once("speaker", entry, lambda: create_speaker(**without_key(entry), by=self.by).pk)

    def article(self, entry: dict[str, Any]) -> None:
        def file() -> UUID:
            asked = without_key(entry)
            snapshot = asked.pop("snapshot", None)
            asked["publisher"] = self.meant("publisher", entry["publisher"], "publisher")
            article = there or create_article(**asked, by=self.by)
            if snapshot is not None and not article.snapshots.filter(sha256=hash_of(snapshot)):
                with pointing("#/snapshot"):
                    capture_snapshot(article_id=article.pk, **snapshot, by=self.by)
            return article.pk

        there = articles_at(entry["url"]).first() if entry.get("url") else None
        self.once("article", entry, file, there=there is not None)
        if entry.get("snapshot") is not None:
            self.hashes[entry["key"]] = hash_of(entry["snapshot"])

    def hold_claims_to_judge(self) -> None:
        """Before new facts lock their matters, as claims come first for whoever judges."""
        held = [
            self.known["claim", entry["key"]].subject_id
            for entry in self.dossier.get("claims", ())
            if ("claim", entry["key"]) in self.known
            and any(
                ("verdict", f"{entry['key']}/{n}") not in self.known
                for n in range(len(entry.get("verdicts", ())))
            )
        ]
        if held:
            claims = Claim.objects.filter(pk__in=held).order_by("pk")
            list(claims.select_for_update(no_key=True).values_list("pk"))

    def file_new_claims(self) -> None:
        """All at once: a dossier may have a thousand."""
        new = [it for it in self.in_order("claim") if ("claim", it[1]["key"]) not in self.known]
        asked = []
        for i, entry in new:
            with pointing(f"#/claims/{i}"):
                asked.append(self.asked(entry))
        for (i, _entry), fate in zip(new, file_claims(asked, by=self.by), strict=True):
            if isinstance(fate, Refusal):
                with pointing(f"#/claims/{i}"):
                    raise fate

    def asked(self, entry: dict[str, Any]) -> Asked:
        """The claim of an entry, with ids in place of keys."""
        said = without_key(entry)
        said.pop("verdicts", None)
        if said.get("speaker") is not None:
            said["speaker"] = self.meant("speaker", entry["speaker"], "speaker")
        said["asserts"] = [
            self.meant("claim", key, f"asserts/{i}")
            for i, key in enumerate(entry.get("asserts", ()))
        ]
        appearances = []
        for i, appearance in enumerate(said.pop("appearances", [])):
            pointer = f"#/appearances/{i}"
            with pointing(pointer):
                appearances.append((pointer, plain(self.marked(appearance))))
        self.new[entry["key"]] = pk = uuid7()
        return Asked(plain(said), appearances, str(pk))

    def claim(self, entry: dict[str, Any]) -> None:
        """Note what the entry became, and issue its verdicts."""
        key, verdicts = entry["key"], entry.get("verdicts", [])
        claim_id = self.once("claim", {**entry, "verdicts": None}, lambda: self.new[key])
        issued = [("verdict", f"{entry['key']}/{n}") in self.known for n in range(len(verdicts))]
        if all(issued) or key in self.new or self.says(claim_id, entry):
            self.verdicts(claim_id, entry["key"], verdicts)
        else:  # a verdict on these words must not become one on others
            self.summary.left_out += [f"verdict {entry['key']}/{n}" for n in range(len(verdicts))]

    def says(self, claim_id: UUID, entry: dict[str, Any]) -> bool:
        """Whether the recorded claim, perhaps imported before and edited since, is the entry's."""
        claim = Claim.objects.get(pk=claim_id)
        fact = entry.get("fact") or {}
        speaker = entry.get("speaker")
        said = {
            "kind": entry["kind"],
            "text": entry["text"],
            "speech": entry.get("speech"),
            "speaker_id": speaker and self.meant("speaker", speaker, "speaker"),
            **{name: fact.get(name) for name in FACT_COLUMNS},
        }
        return all(getattr(claim, name) == value for name, value in said.items())

    def verdicts(self, claim_id: UUID, claim: str, verdicts: list[dict[str, Any]]) -> None:
        """Issue those that are new, unless the organization has judged the claim by other means."""
        last: UUID | None = None
        for i, verdict in enumerate(verdicts):
            key = f"{claim}/{i}"
            # The version is read first, so that no verdict can slip in after a look at the tip.
            tag = etag(Claim, claim_id)
            if ("verdict", key) not in self.known and self.tip(claim_id) != last:
                self.summary.left_out.append(f"verdict {key}")
                continue
            with pointing(f"#/verdicts/{i}"):
                last = self.verdict(claim_id, key, verdict, tag)

    def tip(self, claim_id: UUID) -> UUID | None:
        """The organization's last verdict on a claim, wherever it came from."""
        tips = Verdict.objects.tips().filter(claim=claim_id, organization=self.by.organization)
        return tips.values_list("pk", flat=True).first()

    def verdict(self, claim_id: UUID, key: str, verdict: dict[str, Any], tag: str | None) -> UUID:
        def issue() -> UUID:
            assert tag is not None
            issued = issue_verdict(
                claim_id=claim_id, **verdict, by=self.by, if_match=frozenset({tag})
            )
            return issued.pk

        return self.once("verdict", {**verdict, "key": key}, issue, own=True)

    def marked(self, appearance: dict[str, Any]) -> Marked:
        """The appearance with ids in place of keys."""
        article_id = self.meant("article", appearance["article"], "article")
        passage = {name: appearance[name] for name in PASSAGE if appearance.get(name) is not None}
        snapshot = self.snapshot(appearance["article"], article_id) if passage else None
        if passage and snapshot is None:
            raise Invalid.at("#/exact", _("The article has no snapshot that could hold a passage."))
        marked: Marked = {
            **passage,  # type: ignore[typeddict-item]
            "snapshot": snapshot and snapshot.pk,
            "article": article_id,
            "relayed_by": [
                self.meant("speaker", key, f"relayed_by/{i}")
                for i, key in enumerate(appearance.get("relayed_by", ()))
            ],
        }
        return marked

    def snapshot(self, article: str, article_id: UUID) -> Snapshot | None:
        """The text that the dossier gives of the article; else its newest, if any."""
        if article not in self.snapshots:
            snapshots = Snapshot.objects.filter(article_id=article_id)
            given = snapshots.filter(sha256=self.hashes.get(article, b"")).first()
            self.snapshots[article] = given or snapshots.order_by("captured_at", "id").last()
        return self.snapshots[article]

    def meant(self, kind: str, key: str, field: str) -> UUID:
        """The id behind a key of this dossier or of an earlier one in its namespace."""
        if kind == "claim" and key in self.new:
            return self.new[key]
        if (kind, key) not in self.known:
            raise Invalid.at(
                f"#/{field}", _("No %(kind)s has the key %(key)s.") % {"kind": kind, "key": key}
            )
        return self.known[kind, key].subject_id

    def once(
        self,
        kind: str,
        entry: dict[str, Any],
        file: Callable[[], UUID],
        *,
        own: bool = False,
        there: bool = False,
    ) -> UUID:
        """The id of what the entry became: now, or when it was imported before.

        own: whether it belongs to the organization. there: whether it is recorded by other means.
        """
        key, digest = entry["key"], digest_of(entry)
        before = self.known.get((kind, key))
        self.summary.count(kind, new=before is None and not there)
        if before is not None:
            if bytes(before.digest) != digest:
                self.summary.changed.append(f"{kind} {key}")
            return before.subject_id
        entry_of = DossierEntry(
            namespace=self.namespace,
            kind=kind,
            key=key,
            organization=self.by.organization if own else None,
            subject_id=file(),
            digest=digest,
        )
        self.entries.append(entry_of)
        self.known[kind, key] = entry_of
        return entry_of.subject_id


def hash_of(snapshot: dict[str, Any]) -> bytes:
    """The SHA-256 of a text as a dossier gives it: itself, or described."""
    text: str | None = snapshot.get("text")
    return sha256_of(text) if text is not None else bytes(snapshot["sha256"])


def without_key(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "key"}


@contextmanager
def pointing(pointer: str) -> Iterator[None]:
    """Let the faults of a refusal point into the dossier: `pointer` is where the entry stands."""
    try:
        yield
    except Refusal as refusal:
        if refusal.faults:
            refusal.faults = tuple(
                Fault(fault.detail, pointer=pointer + (fault.pointer or "#").removeprefix("#"))
                for fault in refusal.faults
            )
        else:
            refusal.faults = (Fault(refusal.detail, pointer=pointer),)
        raise
