"""Who said what is imported, and where: met again in the record, or new."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Model
from uuid_utils.compat import uuid7

from claims.actions.bulk import copied
from claims.actions.recording import Happening, change_of
from claims.actions.rows import Columns, made
from claims.actions.store import Store
from claims.formats.claimreview_in import Claimant, Review
from claims.formats.claimreview_in.values import site_of
from claims.models import Article, Change, Content, Member, Publisher, Speaker
from claims.queries import reviews as queries
from claims.text.sameness import same
from claims.vocabulary import ChangeType

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('reviews of others', 2))"

HOLD = "SELECT FROM claims_claim WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def hold(claims: Collection[UUID]) -> None:
    """Lock these, in the order in which whoever holds many of them does."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [list(claims)])


def alone() -> None:
    """Until the transaction ends: two imports would both find that something is missing."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE)


class Batch:
    """Rows that are to be copied in one transaction, and what they tell of.

    made: how many there are of each kind of thing.
    """

    def __init__(self, by: Member, at: datetime, store: Store) -> None:
        self.by = by
        self.at = at
        self.store = store
        self.made: Counter[str] = Counter()
        self.rows: dict[type[Model], list[Columns]] = defaultdict(list)

    def write(self, models: Iterable[type[Model]]) -> None:
        for model in models:
            rows = self.rows.pop(model, None)
            if rows:
                self.store.copy(model, copied(model, rows))

    def tell(self, it: Happening) -> None:
        told, change = change_of(it)
        self.rows[Content] += told
        self.rows[Change].append(change | {"id": uuid7(), "recorded_at": self.at})


class Speakers:
    """Who said it: of the record, or new.

    A claimant is who shares one of its addresses elsewhere (`same_as`); else the first recorded who
    has its name, however it is written, and of whom nothing contradicts it: another address on the
    same site.
    """

    def __init__(self, filed: Batch, reviews: Sequence[Review]) -> None:
        self.filed = filed
        asked = {it.claimant for it in reviews if it.claimant is not None}
        self.named: dict[str, list[tuple[UUID, set[str]]]] = defaultdict(list)
        self.there: dict[str, UUID] = {}
        self.found: dict[Claimant, UUID] = {}
        if asked:
            addresses = [url for it in asked for url in it.same_as]
            for pk, name, same_as in queries.speakers([it.name for it in asked], addresses):
                self.know(pk, name, same_as)

    def know(self, pk: UUID, name: str, same_as: Sequence[str]) -> None:
        self.named[same(name)].append((pk, set(same_as)))
        for url in same_as:
            self.there.setdefault(url, pk)

    def of(self, claimant: Claimant | None) -> UUID | None:
        if claimant is None:
            return None
        if claimant not in self.found:
            self.found[claimant] = self.met(claimant) or self.make(claimant)
        return self.found[claimant]

    def met(self, claimant: Claimant) -> UUID | None:
        for url in claimant.same_as:
            if url in self.there:
                return self.there[url]
        sites = {urlsplit(url).hostname for url in claimant.same_as}
        for pk, same_as in self.named[same(claimant.name)]:
            if sites.isdisjoint(urlsplit(url).hostname for url in same_as):
                return pk
        return None

    def make(self, claimant: Claimant) -> UUID:
        title = claimant.title
        role: dict[str, Any] = {"title": title, "titles": {}, "since": None, "until": None}
        columns: Columns = {
            "id": uuid7(),
            "version": 1,
            "type": claimant.type,
            "name": claimant.name,
            "names": {},
            "other_names": list(claimant.other_names),
            "same_as": list(claimant.same_as),
            "roles": [] if title is None else [role],
            "created_at": self.filed.at,
            "created_by_id": self.filed.by.pk,
        }
        speaker = made(Speaker, columns)
        told = {
            "names": "{}",
            "other_names": array(columns["other_names"]),
            "same_as": array(columns["same_as"]),
            "roles": orjson.dumps(columns["roles"]).decode(),
        }
        self.filed.rows[Speaker].append(columns | told)
        self.filed.made["speaker"] += 1
        self.filed.tell(
            Happening(type=ChangeType.SPEAKER_CREATED, subject=speaker, by=self.filed.by)
        )
        self.know(speaker.pk, claimant.name, claimant.same_as)
        return speaker.pk


def array(texts: Iterable[str]) -> str:
    """As PostgreSQL writes an array of texts."""
    quoted = (it.replace("\\", "\\\\").replace('"', '\\"') for it in texts)
    return "{" + ",".join(f'"{it}"' for it in quoted) + "}"


class Articles:
    """Where claims appear: articles that are known by their addresses alone, of their sites."""

    def __init__(self, filed: Batch, reviews: Sequence[Review]) -> None:
        self.filed = filed
        languages = {url: it.language for it in reversed(reviews) for url in it.appearances}
        self.found: dict[str, UUID] = {}
        if not languages:
            return
        self.found = queries.articles(languages)
        new = [url for url in languages if url not in self.found]
        publishers = self.publishers({str(site_of(url)) for url in new})
        for url in new:
            self.found[url] = self.make(url, languages[url], publishers[str(site_of(url))])

    def at(self, url: str) -> UUID:
        return self.found[url]

    def publishers(self, sites: Collection[str]) -> dict[str, UUID]:
        """An outlet that is only known by its site is called after it."""
        named = {same(name): pk for pk, name in reversed(queries.publishers(sites))}
        return {
            site: named[same(site)] if same(site) in named else self.make_publisher(site)
            for site in sorted(sites)
        }

    def make_publisher(self, site: str) -> UUID:
        columns = {
            "id": uuid7(),
            "version": 1,
            "name": site,
            "names": {},
            "url": None,
            "created_at": self.filed.at,
            "created_by_id": self.filed.by.pk,
        }
        publisher = made(Publisher, columns)
        self.filed.rows[Publisher].append(columns | {"names": "{}"})
        self.filed.made["publisher"] += 1
        self.filed.tell(
            Happening(type=ChangeType.PUBLISHER_CREATED, subject=publisher, by=self.filed.by)
        )
        return publisher.pk

    def make(self, url: str, language: str, publisher: UUID) -> UUID:
        columns = {
            "id": uuid7(),
            "version": 1,
            "publisher_id": publisher,
            "headline": None,
            "language": language,
            "url": url,
            "date_published": None,
            "published_from": None,
            "published_to": None,
            "created_at": self.filed.at,
            "created_by_id": self.filed.by.pk,
        }
        article = made(Article, columns)
        self.filed.rows[Article].append(columns)
        self.filed.made["article"] += 1
        self.filed.tell(
            Happening(
                type=ChangeType.ARTICLE_CREATED,
                subject=article,
                by=self.filed.by,
                article=article,
            )
        )
        return article.pk
