"""What `stats/` answers, put together of what is counted; its shape is in stats_shape.py."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import orjson
from django.db.models import Max, Min, Model, QuerySet
from django.utils.translation import gettext as _

from claims.api.pagination import refused
from claims.api.stats_told import told_ages, told_drafts, told_spread
from claims.models import Draft, Member, Organization, Publisher, Speaker
from claims.queries.statistics import reading
from claims.queries.statistics.agreement import agreed, agreed_by_step, judged
from claims.queries.statistics.cells import places, tally
from claims.queries.statistics.columns import NO_DAY, NOBODY, OUTCOMES, STATUSES
from claims.queries.statistics.counts import (
    OF_PLACEMENT,
    OF_VERDICT,
    WIDEST,
    WORDS,
    Counts,
    Groups,
    Rows,
)
from claims.queries.statistics.drafts import Cell, counted
from claims.queries.statistics.periods import instant, microseconds, spelled, steps
from claims.queries.statistics.spreads import AGES, DAY, ages, by_bucket, spreads
from claims.queries.statistics.waiting import turns

MOST_STEPS = 4_000  # of a series: ten years of days
MOST_CELLS = 200_000  # steps, times groups
SPEAKER = "speaker"
NOT_APART: dict[str, Any] = {"groups": None, "rest": None}

MODELS: Mapping[str, type[Model]] = {
    SPEAKER: Speaker,
    "publisher": Publisher,
    "organization": Organization,
    "checker": Member,
}

Told = dict[str, Any]


class Drafts(NamedTuple):
    """Those that are counted. whatever_was_found: filters of verdicts left out."""

    these: QuerySet[Draft]
    whatever_was_found: QuerySet[Draft]


class Figures:
    """What is answered, put together.

    organization: whose checkers are told, as columns name it. of_drafts: those that are counted,
    where they are asked for.

    What columns have as numbers is `unnamed` until `name` is told what it is called: where in the
    answer each name belongs, of which kind it is, and the number.
    """

    def __init__(
        self,
        counts: Counts,
        state: reading.State,
        asked: Any,
        organization: int | None,
        of_drafts: Drafts | None,
    ) -> None:
        self.counts, self.state, self.asked = counts, state, asked
        self.organization, self.of_drafts = organization, of_drafts
        self.unnamed: list[tuple[Any, Any, str, int]] = []
        self._rows: dict[str, Rows] = {}
        self._wide: dict[str, Rows] = {}

    @cached_property
    def document(self) -> Told:
        """Raises BadParameter."""
        return self.head | {
            name: getattr(self, name)() if name in self.asked.figures else None
            for name in ("claims", "verdicts", "times", "backlog", "agreement", "drafts")
        }

    @property
    def head(self) -> Told:
        state, asked = self.state, self.asked
        return {
            "number": state.number,
            "ahead": state.ahead,
            "as_of": spelled(instant(state.as_of)),
            "age": max(0, state.now - state.as_of) / 1_000_000,
            "period": {
                "since": asked.since and spelled(asked.since),
                "until": asked.until and spelled(asked.until),
                "time_zone": asked.zone.key,
                "every": asked.every,
            },
            "by": [*asked.by],
        }

    # What is counted

    def rows(self, figure: str) -> Rows:
        """Not told apart."""
        if figure not in self._rows:
            self._rows[figure] = self.apart(figure, ())
        return self._rows[figure]

    def apart(self, figure: str, by: Sequence[str], counts: Counts | None = None) -> Rows:
        """counts: those of what is asked for, where no others are given."""
        counts = self.counts if counts is None else counts
        own = "checker" in self.asked.by
        if figure == "claims":
            return counts.claims(by)
        if figure == "backlog":
            return counts.waiting(by)
        if figure == "verdicts":
            return counts.verdicts(by, own=own, organization=self.organization)
        of_each = own or self.counts.wanted.organization is not None
        of_each |= bool(by) and "organization" in self.asked.by
        return counts.first_verdicts(by, each=of_each, own=own, organization=self.organization)

    @cached_property
    def steps(self) -> list[Told]:
        """Of series, without figures. Raises BadParameter."""
        figures = [it for it in ("claims", "verdicts", "times") if it in self.asked.figures]
        rows = [self.rows(it) for it in figures]
        if SPEAKER in self.asked.by:
            rows += [wide for it in figures if (wide := self.of_speakers(it)) is not None]
        ats = [at for its in rows if len(at := its.at)]
        for figure, counts in (
            ("backlog", self.counts.whoever_judged),
            ("agreement", self.counts),
        ):
            if figure in self.asked.figures and len(at := counts.claims(()).at):
                ats.append(at)
        firsts, lasts = [int(at.min()) for at in ats], [int(at.max()) for at in ats]
        if self.of_drafts is not None:
            ends = self.of_drafts.these.aggregate(first=Min("created_at"), last=Max("created_at"))
            firsts += [microseconds(it) for it in (ends["first"],) if it is not None]
            lasts += [microseconds(it) for it in (ends["last"],) if it is not None]
        first = instant(min(firsts, default=self.state.as_of))
        last = instant(max(lasts, default=self.state.as_of))
        since = self.asked.since or first
        until = self.asked.until or max(instant(self.state.as_of), last + timedelta.resolution)
        its = steps(since, max(until, since), self.asked.every, self.asked.zone)
        found = list(islice(its, MOST_STEPS + 1))
        if len(found) > MOST_STEPS:
            raise refused(
                "every",
                _("Send `since` and `until` less far apart: a series has at most %d steps.")
                % MOST_STEPS,
            )
        self.bounds = np.array([it.microseconds for it in found], dtype=np.int64)
        return [{"day": it.day, "begins_at": it.begins_at} for it in found]

    # What figures have in common

    def grouped(self, groups: Groups | None, of: Iterable[int], told: Iterable[Told]) -> Told:
        """Each with of how many it is, and what is told of it; and how much is in the rest."""
        if groups is None:
            return NOT_APART
        its = zip(self.labels(groups.keys), of, told, strict=True)
        return {
            "groups": [{"group": label, "of": many, **one} for label, many, one in its],
            "rest": {"groups": groups.more, "rows": groups.rest},
        }

    def by_steps(self, told: Callable[[], Iterable[Told]]) -> Told:
        if self.asked.every is None:
            return {"series": None}
        return {"series": [{**it, **one} for it, one in zip(self.steps, told(), strict=True)]}

    def of(self, figure: str, groups: Groups | None, whole: int) -> list[int]:
        """Of how many each group is: of the whole; by speaker, of all of the same speaker,
        whatever was found."""
        if groups is None:
            return []
        if SPEAKER not in self.asked.by:
            return [whole] * len(groups.keys)
        if (wide := self.of_speakers(figure)) is None:
            return [int(it) for it in groups.totals]
        of_each = np.bincount(wide.key, minlength=wide.size)
        return [int(of_each[it]) for it in self.speakers_of(groups)]

    def of_speakers(self, figure: str) -> Rows | None:
        """All that is to be told beside what is counted of a speaker; None for just that."""
        wide = self.counts.whatever_was_found
        if wide is self.counts and self.asked.by == (SPEAKER,) and figure != "backlog":
            return None
        figure = "claims" if figure == "backlog" else figure  # those that do not wait, too
        if figure not in self._wide:
            self._wide[figure] = self.apart(figure, (SPEAKER,), wide)
        return self._wide[figure]

    def speakers_of(self, groups: Groups) -> list[int]:
        place = self.asked.by.index(SPEAKER)
        return [key[place] for key in groups.keys]

    # Counts

    def claims(self) -> Told:
        # A claim is once in each group that what hangs on it puts it in.
        once = not {*self.asked.by} & {*OF_PLACEMENT, *OF_VERDICT}
        return self.count("claims", "statuses", STATUSES, each_once=once)

    def verdicts(self) -> Told:
        once = not {*self.asked.by} & {*OF_PLACEMENT}
        return self.count("verdicts", "outcomes", OUTCOMES, each_once=once)

    def count(self, name: str, inner: str, values: Sequence[str], *, each_once: bool) -> Told:
        """each_once: whether what is told apart is in one group each."""

        def told(numbers: Sequence[int]) -> Told:
            return {name: sum(numbers), inner: dict(zip(values, numbers, strict=True))}

        width, by = len(values), self.asked.by
        apart = self.apart(name, by) if by else None
        groups = None if apart is None else self.counts.groups(apart, by, width, self.asked.most)
        if groups is not None and each_once:
            whole = told(groups.whole)
        else:
            whole = told(tally(self.rows(name).inner, width))
        of = self.of(name, groups, whole[name])
        each = map(told, [] if groups is None else groups.counts.tolist())

        def series() -> Iterable[Told]:
            rows, size = self.rows(name), len(self.steps)
            place = by_bucket(rows.at, self.bounds)
            cells = np.bincount(place * width + rows.inner, minlength=size * width)
            in_groups, of_groups = self.groups_by_step(name, apart, groups)
            its = zip(cells.reshape(size, width).tolist(), in_groups, of_groups, strict=True)
            return [{**told(numbers), "groups": many, "of": of} for numbers, many, of in its]

        return {**whole, **self.grouped(groups, of, each), **self.by_steps(series)}

    def groups_by_step(
        self, figure: str, apart: Rows | None, groups: Groups | None
    ) -> tuple[Any, Any]:
        """How many there are of each group in each step of a series; by speaker, of how many."""
        size = len(self.steps)
        if apart is None or groups is None:
            return [None] * size, [None] * size
        if size * len(groups.keys) > MOST_CELLS:
            raise refused(
                "most",
                _("Send a lower one: %(groups)d groups in %(steps)d steps are too many.")
                % {"groups": len(groups.keys), "steps": size},
            )
        counts = self.table(apart, groups.raw).tolist()
        if SPEAKER not in self.asked.by:
            return counts, [None] * size
        if (wide := self.of_speakers(figure)) is None:
            return counts, counts
        speakers, place = np.unique(self.speakers_of(groups), return_inverse=True)
        return counts, self.table(wide, speakers.astype(np.int64))[:, place].tolist()

    def table(self, rows: Rows, keys: Any) -> Any:
        """How many rows there are in each step of a series, of each of these keys."""
        size, count = len(self.steps), len(keys)
        which = places_of(rows, keys)
        kept = places(which >= 0)
        bucket = by_bucket(rows.only(kept).at, self.bounds)
        cells = np.bincount(bucket * count + which[kept], minlength=size * count)
        return cells.reshape(size, count)

    # Times

    def times(self) -> Told:
        by, rows = self.asked.by, self.rows("times")
        [whole] = self.lasted_each(rows, None, 1)
        groups, of, each = None, [], []
        if by:
            apart = self.apart("times", by)
            nothing = apart._replace(inner=np.zeros_like(apart.inner))
            groups = self.counts.groups(nothing, by, 1, self.asked.most)
            which = places_of(apart, groups.raw)
            kept = places(which >= 0)
            each = self.lasted_each(apart.only(kept), which[kept], len(groups.raw))
            # By organization there may be several first verdicts of a claim.
            several = {*by} & {"organization", "checker"}
            of = self.of("times", groups, len(apart.key) if several else len(rows.at))

        def series() -> Iterable[Told]:
            return self.lasted_each(rows, by_bucket(rows.at, self.bounds), len(self.steps))

        return {**whole, **self.grouped(groups, of, each), **self.by_steps(series)}

    def lasted_each(self, rows: Rows, place: Any, size: int) -> list[Told]:
        """place: in which of so many groups each is; None where there is one."""
        columns = self.counts.columns
        first_on = columns["first_on"][rows.claim]
        at = rows.at
        dated = places(first_on != NO_DAY)
        from_filing = at - columns["filed_at"][rows.claim]
        from_appearance = at[dated] - first_on[dated].astype(np.int64) * DAY
        if size == 1:
            place = np.zeros(len(at), dtype=np.uint8)
        of_dated = place[dated]
        undated = np.bincount(place, minlength=size) - np.bincount(of_dated, minlength=size)
        return [
            {
                "from_filing": told_spread(filing),
                "from_appearance": told_spread(appearance),
                "undated": int(without),
            }
            for filing, appearance, without in zip(
                spreads(from_filing, place, size),
                spreads(from_appearance, of_dated, size),
                undated,
                strict=True,
            )
        ]

    # Backlog

    def backlog(self) -> Told:
        by, filed_at = self.asked.by, self.rows("backlog").at
        whole: Told = {
            "claims": len(filed_at),
            "oldest_filed_at": spelled(instant(int(filed_at[0]))) if len(filed_at) else None,
            "ages": told_ages(ages(self.state.as_of - filed_at)),
        }
        groups = None
        if by:
            apart = self.apart("backlog", by)
            bounds = np.array(AGES, dtype=np.int64) * DAY
            age = np.clip(by_bucket(self.state.as_of - apart.at, bounds), 0, None)
            apart = apart._replace(inner=age.astype(np.uint8))
            groups = self.counts.groups(apart, by, len(AGES), self.asked.most)
        of = self.of("backlog", groups, len(filed_at))
        each = (
            {"claims": sum(numbers), "ages": told_ages(numbers)}
            for numbers in ([] if groups is None else groups.counts.tolist())
        )

        def series() -> Iterable[Told]:
            """How many waited at the end of each step, or of the period, or wait now."""
            counts = self.counts.whoever_judged
            its = turns(counts.columns, counts.filed, self.counts.wanted.organization)
            size, until = len(self.steps), self.counts.wanted.until
            kept = places(its.at < until) if until is not None else slice(None)
            place = np.clip(by_bucket(its.at[kept], self.bounds), 0, None)
            more = np.bincount(place, weights=its.by[kept], minlength=size)
            return [{"claims": int(many)} for many in np.cumsum(more)]

        return {**whole, **self.grouped(groups, of, each), **self.by_steps(series)}

    # Drafts

    def drafts(self) -> Told:
        asked, by = self.asked, self.asked.by
        assert self.of_drafts is not None
        found = counted(self.of_drafts.these, by, asked.every, asked.zone)
        of_key: dict[Any, Counter[Cell]] = defaultdict(Counter)
        of_day: dict[Any, Counter[Cell]] = defaultdict(Counter)
        for cell, many in found.items():
            of_key[cell.key][cell] += many
            of_day[cell.day and cell.day.isoformat()][cell] += many
        keys = sorted(of_key, key=lambda key: (-of_key[key].total(), tuple(map(str, key))))
        chosen, rest = keys[: asked.most], keys[asked.most :]
        of: dict[Any, int] = dict.fromkeys(chosen, found.total())
        if SPEAKER in by:
            wide = counted(self.of_drafts.whatever_was_found, (SPEAKER,), None, asked.zone)
            of_each: Counter[Any] = Counter()
            for cell, many in wide.items():
                of_each[cell.key[0]] += many
            of = {key: of_each[key[by.index(SPEAKER)]] for key in chosen}
        apart = NOT_APART
        if by:
            named = [self.by_id(name, {key[i] for key in chosen}) for i, name in enumerate(by)]
            labels = [
                {name: its.get(it) for name, its, it in zip(by, named, key, strict=True)}
                for key in chosen
            ]
            its = zip(labels, chosen, strict=True)
            apart = {
                "groups": [
                    {"group": label, "of": of[key], **told_drafts(of_key[key])}
                    for label, key in its
                ],
                "rest": {"groups": len(rest), "rows": sum(of_key[key].total() for key in rest)},
            }
        series = self.by_steps(lambda: [told_drafts(of_day[it["day"]]) for it in self.steps])
        return {**told_drafts(found), **apart, **series}

    @staticmethod
    def by_id(kind: str, values: set[Any]) -> Mapping[Any, Any]:
        """What the answer calls what has these ids, or what is these words."""
        if kind not in MODELS:
            return {it: it for it in values}
        rows = MODELS[kind]._default_manager.filter(pk__in=values - {None})
        return {pk: {"id": str(pk), "name": name} for pk, name in rows.values_list("pk", "name")}

    # Agreement

    def agreement(self) -> Told:
        columns = self.counts.columns
        its = judged(columns, self.counts.filed)
        found = agreed(its, self.asked.most)
        pairs = []
        for pair in found.pairs:
            organizations: list[Any] = [None, None]
            for place, number in enumerate(pair[:2]):
                self.unnamed.append((organizations, place, "organization", number))
            told = {"organizations": organizations, **pair.agreement._asdict()}
            pairs.append({**told, "table": pair.table})

        def series() -> Iterable[Told]:
            step = by_bucket(columns["filed_at"][its.claim], self.bounds)
            return [one._asdict() for one in agreed_by_step(its, step, len(self.steps))]

        return {
            **found.of_all._asdict(),
            "organizations": found.organizations,
            "pairs": pairs,
            "more": found.more,
            **self.by_steps(series),
        }

    # Names

    def labels(self, keys: Sequence[tuple[int, ...]]) -> list[Told]:
        """What each group is of; words at once, the rest when it is named."""
        labels: list[Told] = []
        for key in keys:
            label: Told = {}
            for kind, number in zip(self.asked.by, key, strict=True):
                label[kind] = WORDS[kind][number] if kind in WORDS else None
                if kind not in WORDS and number != NOBODY:
                    self.unnamed.append((label, kind, kind, number))
            labels.append(label)
        return labels

    @property
    def body(self) -> bytes:
        return orjson.dumps(self.document)

    @property
    def needed(self) -> Mapping[str, list[int]]:
        """Of each kind, the numbers whose names are needed. Raises BadParameter."""
        assert self.document
        found: dict[str, set[int]] = defaultdict(set)
        for _where, _place, kind, number in self.unnamed:
            found[kind].add(number)
        return {kind: [*numbers] for kind, numbers in found.items()}

    def name(self, kind: str, rows: Iterable[tuple[int, str, str | None]]) -> None:
        """rows: the number, what columns name so, and the name that it has now."""
        names: dict[int, Any] = {}
        for number, known_as, name in rows:
            names[number] = known_as if kind == "language" else {"id": known_as, "name": name}
        for where, place, its_kind, number in self.unnamed:
            if its_kind == kind:
                where[place] = names.get(number)


def places_of(rows: Rows, chosen: Any) -> Any:
    """Which of the chosen keys each row has; -1 for one that is not chosen."""
    if rows.size <= WIDEST:
        table = np.full(rows.size, -1, dtype=np.int32)
        table[chosen] = np.arange(len(chosen))
        return table[rows.key]
    if not len(chosen):
        return np.full(len(rows.key), -1, np.int32)
    order = np.argsort(chosen)
    place = np.clip(np.searchsorted(chosen[order], rows.key), 0, len(chosen) - 1)
    which = order[place]
    return np.where(chosen[which] == rows.key, which, -1)
