"""`q`: the words that are searched for in a list, beside its filters.

By date, pages go on to the end and are exact. By relevance, the newest that match are ranked. Both
ways of answering (the edge, and Django) ask the one statement that is made here.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson
from django.http import QueryDict
from django.utils.translation import gettext as _

from claims.api.composed import Composer, body
from claims.api.filtering import filtered
from claims.api.pagination import Key, Pages, keys, refused
from claims.formats.composing import Given, Statement
from claims.formats.highlights import Highlights, Word
from claims.queries import search as found
from claims.text.lexicon import Lexicons
from claims.text.searching import LONGEST, MOST_WORDS, Search, Unsearchable, search

if TYPE_CHECKING:
    from claims.api.resource import Resource

Q, FOLD = "q", "fold"
PARAMETERS = (Q, FOLD)
ORDERINGS = ("-created_at", "created_at", f"-{found.RELEVANCE}")

PAGE = """
    SELECT who.caller, p.key, p.at, p.document, t.tag,
           c.ids[cardinality(c.ids)], c.instants[cardinality(c.ids)], cardinality(c.ids),
           c.stopped_at, q.terms::text, q.names_left_out
    {who} CROSS JOIN ({tag}) AS t(tag)
    {found}
    LEFT JOIN LATERAL ({page}) AS p ON true ORDER BY p.place"""

STEMS = Statement(found.STEMS, (Given("languages"), Given("words")))
lexicons = Lexicons()


def why(reason: str) -> str:
    return {
        "too long": _("Send at most %d characters.") % LONGEST,
        "too many words": _("Send at most %d words.") % MOST_WORDS,
        "quote left open": _("A quotation mark is left open: close it, or leave it out."),
        "nothing": _("There is no word in it to search for."),
        "only without": _("Say a word that is to be there, beside those that are not."),
        "lonely or": _("OR stands between two words that are to be there."),
    }[reason]


def asked_in(query: QueryDict) -> Search | None:
    """What is searched for; None where nothing is. Raises BadParameter."""
    fold = query.get(FOLD)
    if fold not in (None, "none"):
        raise refused(FOLD, _("Send none, or leave it out."))
    if Q not in query:
        if fold is not None:
            raise refused(FOLD, _("It says how q is read: send q with it."))
        return None
    try:
        return search(str(query[Q]), fold=fold is None)
    except Unsearchable as unsearchable:
        raise refused(Q, why(unsearchable.reason)) from None


class Searching:
    """One page of what is searched for in a list.

    asked: the values of its filters.
    """

    def __init__(
        self, view: "type[Resource]", pages: Pages, search: Search, asked: Mapping[str, Any]
    ) -> None:
        self.view, self.pages, self.search = view, pages, search
        self.asked = {name: it for name, it in asked.items() if it not in (None, "")}
        self.tags, self.told_by_tags = found.tags(view.model, self.asked)

    @property
    def ranked(self) -> bool:
        return self.pages.column == found.RELEVANCE

    @property
    def descending(self) -> bool:
        """Which way the rows are found."""
        return self.ranked or self.pages.reads_down

    @property
    def most(self) -> int:
        """How many rows are found for the page, at most."""
        if self.ranked:
            return found.RANKED
        return self.pages.size + 1 if self.told_by_tags else found.SIFTED

    @property
    def shape(self) -> tuple[Any, ...]:
        """All that its statement depends on, but for values."""
        filters = sorted(
            (name, it if isinstance(it, bool) else "") for name, it in self.asked.items()
        )
        return (Q, *filters, *self.pages.shape, self.told_by_tags)

    def statement(self, composer: Composer, who: Statement, tag: str) -> Statement:
        pages = self.pages
        told = {n: it if isinstance(it, bool) else Given(n) for n, it in self.asked.items()}
        rows = found.among_found(filtered(self.view, told))
        if self.ranked:
            rows = found.by_relevance(rows)
        beyond = None if pages.beyond is None else (Given("at"), Given("after"))
        down = pages.reads_down
        read = keys(rows, pages.column, descending=down, beyond=beyond, most=pages.size + 1)
        page = composer.by_page(read, descending=down, size=pages.size)
        looked = found.found_sql(self.view.model, descending=self.descending, most=self.most)
        sql = PAGE.format(who=who.sql, tag=tag, found=looked, page=page.sql)
        return Statement(sql, (*who.parameters, *map(Given, found.GIVEN), *page.parameters))

    @cached_property
    def given(self) -> dict[str, Any]:
        """The values of its statement."""
        pages, asked = self.pages, self.asked
        after, before = asked.get("created_after"), asked.get("created_before")
        start: tuple[Any, Any]
        if self.descending:
            start, until = (before, found.HIGHEST), after or found.EARLIEST
            nowhere = found.LATEST
        else:
            start, until = (after, found.LOWEST), before or found.LATEST
            nowhere = found.EARLIEST
        if pages.beyond is not None and not self.ranked:
            start = pages.beyond
        elif start[0] is None:
            start = (nowhere, found.LOWEST)
        given = {
            **asked,
            found.SEARCH: found.as_json(self.search),
            found.LANGUAGE: asked.get("language"),
            found.TAGS: self.tags,
            found.FROM_AT: start[0],
            found.FROM_ID: start[1],
            found.UNTIL_AT: until,
        }
        if pages.beyond is not None:
            given["at"], given["after"] = pages.beyond
        return given


class Found:
    """What its statement has found, as rows of text; and the body that tells it."""

    def __init__(self, searching: Searching, rows: list[tuple[Any, ...]]) -> None:
        self.searching, self.pages = searching, searching.pages
        self.rows = [row for row in rows if row[1] is not None]
        self.last_id, self.last_at, looked, self.stopped_at, terms, left_out = rows[0][5:11]
        self.looked = int(looked or 0)
        self.names_left_out = left_out in (True, "t")
        self.documents = [row[3] for row in self.rows[: self.pages.size]]
        parsed = [orjson.loads(it) for it in self.documents]
        self.highlights = Highlights(searching.search, terms or "", parsed, lexicons)
        self.stems: dict[Word, frozenset[str]] = {}

    def unknown(self) -> list[Word]:
        """The words whose stems have to be asked for, before all can be told."""
        return self.highlights.unknown()

    def know(self, rows: list[tuple[str, str, Any]]) -> None:
        """rows: language, word, stems as a list or as PostgreSQL spells an array."""
        for language, word, its in rows:
            if isinstance(its, str):
                its = [it for it in its.strip("{}").replace('"', "").split(",") if it]
            self.stems[language, word] = frozenset(its or ())

    def body(self) -> bytes:
        pages = self.pages
        documents = self.documents[::-1] if pages.backwards else self.documents
        told: dict[str, Any] = {
            "ranked": None,
            "speakers_left_out": self.names_left_out,
            "highlights": self.highlights.told(self.stems),
        }
        if self.searching.ranked:
            told["ranked"] = {
                "newest": self.looked,
                "complete": self.looked < found.RANKED and self.stopped_at is None,
            }
        return body(
            [it if isinstance(it, bytes) else it.encode() for it in documents],
            **self.links(),
            search=told,
        )

    def links(self) -> dict[str, str | None]:
        shown = self.rows[: self.pages.size]
        read = [self.key(row[1], row[2]) for row in shown]
        if len(self.rows) > len(shown):
            return self.pages.links(read, more=True)
        if self.searching.ranked:
            return self.pages.links(read, more=False)
        # Where looking ended before the end of the list, the next page goes on from there.
        if self.stopped_at is not None:
            read.append(self.key(str(found.LOWEST), self.stopped_at))
        elif self.looked == self.searching.most:
            read.append(self.key(self.last_id, self.last_at))
        else:
            return self.pages.links(read, more=False)
        return self.pages.links(read, more=True)

    def key(self, pk: Any, at: Any) -> Key:
        if self.searching.ranked:
            return Key(pk, int(at))
        return Key(pk, at if isinstance(at, datetime) else datetime.fromisoformat(at))
