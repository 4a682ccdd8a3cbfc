"""FastAPI, async SQLAlchemy and pydantic: mapped classes, eager loading, response models."""

import os
from collections.abc import Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase, aliased, joinedload, relationship
from sqlalchemy.orm import selectinload as load

from tests.benchmarks.peers.listing import ALL, SIZE, TYPES, next_link

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
    pool_size=4,
    max_overflow=0,
    connect_args={"server_settings": {"jit": "off"}, "prepared_statement_cache_size": 1000},
)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Mapped(DeferredReflection, Base):
    """Its columns are those of the table; asked once, when the application starts."""

    __abstract__ = True


def columns(*names: str) -> dict[str, list[str]]:
    return {"include_properties": list(names)}


def to(name: str, condition: str, **options: Any) -> Any:
    """A relationship for reading alone."""
    return relationship(name, primaryjoin=condition, viewonly=True, **options)


class Speaker(Mapped):
    __tablename__ = "claims_speaker"
    __mapper_args__ = columns("id", "name")


class Publisher(Mapped):
    __tablename__ = "claims_publisher"
    __mapper_args__ = columns("id", "name")


class Organization(Mapped):
    __tablename__ = "claims_organization"
    __mapper_args__ = columns("id", "name")


class Member(Mapped):
    __tablename__ = "claims_member"
    __mapper_args__ = columns("id", "name")


class Content(Mapped):
    __tablename__ = "claims_content"
    __mapper_args__ = columns("id", "text", "salt", "sha256")


class Article(Mapped):
    __tablename__ = "claims_article"
    __mapper_args__ = columns("id", "headline", "url", "date_published", "publisher_id")
    publisher = to("Publisher", "foreign(Article.publisher_id) == Publisher.id")


class Relay(Mapped):
    __tablename__ = "claims_relay"
    speaker = to("Speaker", "foreign(Relay.speaker_id) == Speaker.id")


class Anchor(Mapped):
    __tablename__ = "claims_anchor"


class Appearance(Mapped):
    __tablename__ = "claims_appearance"
    article = to("Article", "foreign(Appearance.article_id) == Article.id")
    relays = to(
        "Relay",
        "foreign(Relay.appearance_id) == Appearance.id",
        order_by="Relay.position",
        uselist=True,
    )
    anchors = to(
        "Anchor",
        "foreign(Anchor.appearance_id) == Appearance.id",
        order_by="Anchor.position",
        uselist=True,
    )

    @property
    def snapshot(self) -> UUID | None:
        return self.snapshot_id

    @property
    def anchor(self) -> str:
        if self.anchors:
            return self.anchors[-1].state
        return "exact" if self.checked else "unchecked"

    @property
    def current(self) -> dict[str, Any] | None:
        at = self.anchors[-1] if self.anchors else self
        if at.snapshot_id is None:
            return None
        return {"snapshot": at.snapshot_id, "start": at.start, "end": at.end}

    @property
    def relayed_by(self) -> list[Speaker]:
        return [relay.speaker for relay in self.relays]


class Assertion(Mapped):
    __tablename__ = "claims_assertion"


class Evidence(Mapped):
    __tablename__ = "claims_evidence"
    content = to("Content", "foreign(Evidence.quote_id) == Content.id")

    @property
    def quote(self) -> str | None:
        return self.content and self.content.text


class LogEntry(Mapped):
    __tablename__ = "claims_logentry"
    __mapper_args__ = columns("number", "change_id")


class Change(Mapped):
    __tablename__ = "claims_change"
    entry = to("LogEntry", "foreign(LogEntry.change_id) == Change.id", uselist=False)
    organization = to("Organization", "foreign(Change.organization_id) == Organization.id")
    recorded_by = to("Member", "foreign(Change.recorded_by_id) == Member.id")
    after = to("Content", "foreign(Change.document_id) == Content.id")
    earlier = to("Content", "foreign(Change.before_id) == Content.id")
    verdict = to("Verdict", "foreign(Change.subject_id) == Verdict.id")

    @property
    def number(self) -> int:
        return self.entry.number

    @property
    def subject(self) -> UUID:
        return self.subject_id

    @property
    def claim(self) -> UUID:
        return self.claim_id

    @property
    def document(self) -> Any:
        if self.after.text is None:
            return None
        document = orjson.loads(self.after.text)
        if self.verdict is not None:
            document["rationale"] = self.verdict.rationale
            for piece, told in zip(self.verdict.evidence, document["evidence"], strict=True):
                told["quote"] = piece.quote
        return document

    @property
    def before(self) -> Any:
        return self.earlier and self.earlier.text and orjson.loads(self.earlier.text)

    @property
    def salts(self) -> dict[str, str]:
        return {pointer: text.salt.hex() for pointer, text in self.texts() if text.salt}

    @property
    def erased(self) -> dict[str, str]:
        return {pointer: text.sha256.hex() for pointer, text in self.texts() if text.text is None}

    def texts(self) -> Iterator[tuple[str, Content]]:
        yield "/document", self.after
        if self.earlier is not None:
            yield "/before", self.earlier
        if self.after.text is not None and self.verdict is not None:
            yield "/document/rationale", self.verdict.content
            for i, piece in enumerate(self.verdict.evidence):
                if piece.content is not None:
                    yield f"/document/evidence/{i}/quote", piece.content


class Verdict(Mapped):
    __tablename__ = "claims_verdict"
    organization = to("Organization", "foreign(Verdict.organization_id) == Organization.id")
    issued_by = to("Member", "foreign(Verdict.issued_by_id) == Member.id")
    content = to("Content", "foreign(Verdict.rationale_id) == Content.id")
    evidence = to(
        "Evidence",
        "foreign(Evidence.verdict_id) == Verdict.id",
        order_by="Evidence.position",
        uselist=True,
    )
    change = to(
        "Change",
        "and_(foreign(Change.subject_id) == Verdict.id,"
        " Change.type.in_(['verdict.issued', 'verdict.withdrawn']))",
        uselist=False,
    )

    @property
    def claim(self) -> UUID:
        return self.claim_id

    @property
    def supersedes(self) -> UUID | None:
        return self.supersedes_id

    @property
    def rationale(self) -> str | None:
        return self.content.text

    @property
    def number(self) -> int | None:
        return self.change and self.change.entry and self.change.entry.number


class Claim(Mapped):
    __tablename__ = "claims_claim"
    speaker = to("Speaker", "foreign(Claim.speaker_id) == Speaker.id")
    appearance = to(
        "Appearance",
        "and_(foreign(Appearance.claim_id) == Claim.id, Appearance.position == 0)",
        uselist=False,
    )
    assertions = to(
        "Assertion",
        "foreign(Assertion.statement_id) == Claim.id",
        order_by="Assertion.id",
        uselist=True,
    )
    verdicts = to(
        "Verdict",
        "foreign(Verdict.claim_id) == Claim.id",
        order_by="Verdict.issued_at, Verdict.id",
        uselist=True,
    )
    creation = to(
        "Change",
        "and_(foreign(Change.subject_id) == Claim.id, Change.type == 'claim.created')",
        uselist=False,
    )

    @property
    def fact(self) -> "Claim | None":
        return self if self.kind == "fact" else None

    @property
    def asserts(self) -> list[UUID]:
        return [assertion.fact_id for assertion in self.assertions]

    @property
    def article(self) -> Article | None:
        return self.appearance and self.appearance.article

    @property
    def number(self) -> int | None:
        return self.creation and self.creation.entry and self.creation.entry.number


class Placement(Mapped):
    __tablename__ = "claims_placement"


class Listing(Mapped):
    """Its status and last change, under all, each publisher, each organization that judges it."""

    __tablename__ = "claims_listing"


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NamedOut(Out):
    id: UUID
    name: str


class FactOut(Out):
    subject: str
    property: str
    value: str | None
    value_type: str
    unit: str | None
    approximate: bool | None
    lower: str | None
    upper: str | None


class ArticleOut(Out):
    id: UUID
    headline: str | None
    url: str | None
    date_published: str | None
    publisher: NamedOut


class CurrentOut(Out):
    snapshot: UUID
    start: int | None
    end: int | None


class AppearanceOut(Out):
    id: UUID
    snapshot: UUID | None
    exact: str | None
    prefix: str | None
    suffix: str | None
    start: int | None
    end: int | None
    anchor: str
    current: CurrentOut | None
    relayed_by: list[NamedOut]


class EvidenceOut(Out):
    id: UUID
    url: str
    stance: str
    title: str | None
    quote: str | None
    archive_url: str | None
    derived_from: int | None


class VerdictOut(Out):
    id: UUID
    claim: UUID
    organization: NamedOut
    outcome: str
    label: str | None
    rationale: str | None
    evidence: list[EvidenceOut]
    supersedes: UUID | None
    url: str | None
    title: str | None
    language: str | None
    date_published: str | None
    issued_by: NamedOut | None
    issued_at: datetime
    number: int | None


class ClaimOut(Out):
    id: UUID
    kind: str
    text: str
    language: str
    status: str
    speaker: NamedOut | None
    fact: FactOut | None
    speech: str | None
    asserts: list[UUID]
    stated_on: str | None
    article: ArticleOut | None
    appearance: AppearanceOut | None
    verdicts: list[VerdictOut]
    created_at: datetime
    changed_at: datetime
    number: int | None


class ChangeOut(Out):
    number: int
    id: UUID
    type: str
    subject: UUID
    claim: UUID | None
    organization: NamedOut | None
    status: str | None
    language: str | None
    outcome: str | None
    document: dict[str, Any] | None
    before: dict[str, Any] | None
    salts: dict[str, str]
    erased: dict[str, str]
    recorded_by: NamedOut | None
    recorded_at: datetime


Document = TypeVar("Document")


class Page(Out, Generic[Document]):
    next: str | None
    previous: str | None = None
    results: list[Document]


@cache
def of_claims() -> Select:
    """Claims with all that their documents show."""
    superseding = aliased(Verdict)
    stands = and_(
        Verdict.outcome != "withdrawn", ~exists().where(superseding.supersedes_id == Verdict.id)
    )
    appearance, verdict = joinedload(Claim.appearance), load(Claim.verdicts.and_(stands))
    return select(Claim).options(
        joinedload(Claim.speaker),
        joinedload(Claim.creation).joinedload(Change.entry),
        appearance.joinedload(Appearance.article).joinedload(Article.publisher),
        appearance.options(
            load(Appearance.relays).joinedload(Relay.speaker), load(Appearance.anchors)
        ),
        load(Claim.assertions),
        verdict.options(*of_verdict(), joinedload(Verdict.change).joinedload(Change.entry)),
    )


@cache
def of_verdict() -> list[Any]:
    return [
        joinedload(Verdict.organization),
        joinedload(Verdict.issued_by),
        joinedload(Verdict.content),
        load(Verdict.evidence).joinedload(Evidence.content),
    ]


EXACT = ("kind", "subject", "property")


def filtered(query: Mapping[str, str]) -> tuple[Select, Any]:
    """The claims that a query asks for, in its order; and the column of that order."""
    asked = {name: TYPES.get(name, str)(value) for name, value in query.items() if value}
    rows, filed = of_claims(), (Claim.created_at, Claim.id)
    ordering = asked.get("ordering", "-created_at")
    by_change = ordering.removeprefix("-") == "changed_at"
    placed = {
        name: condition
        for name, condition in {
            "article": lambda row: row.article_id == asked["article"],
            "publisher": lambda row: row.publisher_id == asked["publisher"],
            "published_after": lambda row: row.published_from >= asked["published_after"],
            "published_before": lambda row: row.published_to <= asked["published_before"],
        }.items()
        if name in asked
    }
    if {"published_after", "published_before"} <= set(placed):
        placed["range"] = lambda row: row.published_from <= asked["published_before"]
    judged = {
        name: condition
        for name, condition in {
            "organization": lambda row: row.organization_id == asked["organization"],
            "outcome": lambda row: row.outcome == asked["outcome"],
        }.items()
        if name in asked
    }
    under: Any = literal(ALL, literal_execute=True)  # as partial indexes have it
    if by_change or "changed_after" in asked:
        if "publisher" in placed:
            under = asked["publisher"]
        elif judged.keys() == {"organization"}:
            under = asked["organization"]
    # In the order of changes, the listings under them say it all.
    if by_change and placed.keys() == {"publisher"}:
        placed = {}
    elif by_change and not placed and judged.keys() == {"organization"}:
        judged = {}
    if placed:
        filed = (Placement.claim_created_at, Placement.claim_id)
        rows = rows.join(Placement, Placement.claim_id == Claim.id)
        rows = rows.where(*(condition(Placement) for condition in placed.values()))
        if "article" not in placed:
            earlier = aliased(Placement)
            rows = rows.where(
                ~exists().where(
                    earlier.claim_id == Claim.id,
                    earlier.article_id < Placement.article_id,
                    *(condition(earlier) for condition in placed.values()),
                )
            )
    if judged:
        found = aliased(Verdict)
        if not placed:
            filed = (found.claim_created_at, found.claim_id)
        rows = rows.join(found, found.claim_id == Claim.id).where(*tip(found, judged))
        if "outcome" not in judged:
            rows = rows.where(found.outcome != "withdrawn")
        if "organization" not in judged:
            earlier = aliased(Verdict)
            rows = rows.where(
                ~exists().where(
                    earlier.claim_id == Claim.id, earlier.id < found.id, *tip(earlier, judged)
                )
            )
    if "publisher" in placed and "organization" in judged:
        rows = rows.where(*in_common_times(asked["publisher"], asked["organization"]))
    state: Any = Claim
    of_state = "status" in asked or "has_verdict" in asked
    if by_change or "changed_after" in asked or (of_state and not placed and not judged):
        rows = rows.join(Listing, Listing.claim_id == Claim.id).where(Listing.under == under)
        state = Listing
        if not placed and not judged:
            filed = (Listing.claim_created_at, Listing.claim_id)
    if "status" in asked:
        rows = rows.where(state.status == asked["status"])
    if "has_verdict" in asked:
        unverified = state.status == literal("unverified", literal_execute=True)
        rows = rows.where(~unverified if asked["has_verdict"] == "true" else unverified)
    if "changed_after" in asked:
        rows = rows.where(state.changed_at >= asked["changed_after"])
    rows = rows.where(*(getattr(Claim, name) == asked[name] for name in EXACT if name in asked))
    if "speaker" in asked:
        rows = rows.where(Claim.speaker_id == asked["speaker"])
    if "language" in asked:
        language = asked["language"]
        rows = rows.where(or_(Claim.language == language, Claim.language.like(f"{language}-%")))
    if "created_after" in asked:
        rows = rows.where(filed[0] >= asked["created_after"])
    if "created_before" in asked:
        rows = rows.where(filed[0] <= asked["created_before"])
    order = (Listing.changed_at, Listing.claim_id) if by_change else filed
    descending = ordering.startswith("-")
    if "cursor" in asked:
        at, pk = asked["cursor"].split(",")
        last = tuple_(datetime.fromisoformat(at), UUID(pk))
        rows = rows.where(tuple_(*order) < last if descending else tuple_(*order) > last)
    rows = rows.order_by(*(column.desc() if descending else column for column in order))
    return rows.limit(SIZE + 1), "changed_at" if by_change else "created_at"


def in_common_times(publisher: UUID, organization: UUID) -> list[Any]:
    """Nothing, without a look at any claim, where the one fell silent before the other began."""

    def end(which: Any, table: type[Placement] | type[Verdict], its: Any) -> Any:
        return select(which(table.claim_created_at)).where(its).scalar_subquery()

    placed = Placement, Placement.publisher_id == publisher
    judged = Verdict, Verdict.organization_id == organization
    return [
        end(func.min, *judged) <= end(func.max, *placed),
        end(func.min, *placed) <= end(func.max, *judged),
    ]


def tip(row: Any, judged: Mapping[str, Any]) -> list[Any]:
    later = aliased(Verdict)
    superseded = exists().where(later.supersedes_id == row.id)
    return [~superseded, *(condition(row) for condition in judged.values())]


@asynccontextmanager
async def mapped(_app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Mapped.prepare)
    yield
    await engine.dispose()


app = FastAPI(lifespan=mapped)


@app.get("/api/v1/claims/", response_model=Page[ClaimOut])
async def claims(request: Request) -> Any:
    query = request.query_params
    statement, order = filtered(query)
    async with Session() as session:
        rows = (await session.scalars(statement)).all()
    following = None
    if len(rows) > SIZE:
        following = next_link(query, getattr(rows[SIZE - 1], order), rows[SIZE - 1].id)
    return {"next": following, "results": rows[:SIZE]}


@app.get("/api/v1/claims/{pk}/", response_model=ClaimOut)
async def claim(pk: UUID) -> Any:
    async with Session() as session:
        found = await session.scalar(of_claims().where(Claim.id == pk))
    if found is None:
        raise HTTPException(404)
    return found


@app.get("/api/v1/claims/{pk}/history/", response_model=Page[ChangeOut])
async def history(pk: UUID, after: int = 0) -> Any:
    statement = (
        select(Change)
        .join(LogEntry, LogEntry.change_id == Change.id)
        .where(Change.claim_id == pk, LogEntry.number > after)
        .order_by(LogEntry.number)
        .limit(SIZE + 1)
        .options(
            joinedload(Change.entry),
            joinedload(Change.organization),
            joinedload(Change.recorded_by),
            joinedload(Change.after),
            joinedload(Change.earlier),
            joinedload(Change.verdict).options(*of_verdict()),
        )
    )
    async with Session() as session:
        rows = (await session.scalars(statement)).all()
    following = None
    if len(rows) > SIZE:
        following = f"/api/v1/claims/{pk}/history/?after={rows[SIZE - 1].number}"
    return {"next": following, "results": rows[:SIZE]}
