"""What `stats/` answers, put together of what is reckoned; its shape is in stats_shape.py."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from claims.api.pagination import refused
from claims.models import Draft, Member, Organization, Publisher, Speaker
from claims.queries.statistics import reading
from claims.queries.statistics.agreement import agreed
from claims.queries.statistics.columns import NO_DAY, NOBODY, OUTCOMES, STATUSES
from claims.queries.statistics.drafts import Cell, counted
from claims.queries.statistics.periods import instant, microseconds, spelled, steps
from claims.queries.statistics.reckoning import (
    OF_CLAIM,
    WIDEST,
    WORDS,
    Groups,
    Reckoning,
    Rows,
    places,
    tally,
)
from claims.queries.statistics.spreads import AGES, DAY, Spread, ages, by_bucket, spreads
from claims.vocabulary import DraftState

MOST_STEPS = 4_000  # of a series: ten years of days
MOST_CELLS = 200_000  # steps, times groups


class Figures:
    """What is answered, put together.

    organization: whose checkers are told, as columns name it. of_drafts: those that are counted,
    where they are asked for.
    """

    def __init__(
        self,
        reckoning: Reckoning,
        state: reading.State,
        asked: Any,
        organization: int | None,
        of_drafts: QuerySet[Draft] | None,
    ) -> None:
        self.reckoning, self.state, self.asked = reckoning, state, asked
        self.organization, self.of_drafts = organization, of_drafts
        self.chosen: dict[str, Groups] = {}  # by figure
        self._rows: dict[str, Rows] = {}

    def rows(self, figure: str) -> Rows:
        """What is counted, not told apart."""
        if figure not in self._rows:
            made: dict[str, Callable[[], Rows]] = {
                "claims": lambda: self.reckoning.claims(()),
                "verdicts": lambda: self.of_verdicts(()),
                "times": lambda: self.of_times(()),
            }
            self._rows[figure] = made[figure]()
        return self._rows[figure]

    def of_verdicts(self, by: Sequence[str]) -> Rows:
        checkers = "checker" in self.asked.by
        return self.reckoning.verdicts(by, own=checkers, organization=self.organization)

    def of_times(self, by: Sequence[str]) -> Rows:
        checkers = "checker" in self.asked.by
        return self.reckoning.first_verdicts(by, own=checkers, organization=self.organization)

    @cached_property
    def steps(self) -> list[dict[str, Any]]:
        """Of series, without figures. Raises BadParameter."""
        figures = [it for it in ("claims", "verdicts", "times") if it in self.asked.figures]
        ats = [at for it in figures if len(at := self.rows(it).at)]
        firsts, lasts = [int(at.min()) for at in ats], [int(at.max()) for at in ats]
        if self.of_drafts is not None:
            ends = self.of_drafts.aggregate(first=Min("created_at"), last=Max("created_at"))
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

    @property
    def head(self) -> dict[str, Any]:
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

    # Counts

    def claims(self) -> dict[str, Any]:
        reckoning, by = self.reckoning, self.asked.by
        told = self.counts(
            "claims",
            ("claims", "statuses", STATUSES),
            reckoning.claims(by) if by else None,
            each_once={*by} <= {*OF_CLAIM},
        )
        if by:
            self.add_denominators(told)
        return told

    def add_denominators(self, told: dict[str, Any]) -> None:
        by, groups = self.asked.by, told["groups"]
        for group in groups:
            group["of"] = told["claims"]
        if by == ("speaker",) and not self.reckoning.is_judged:
            for group in groups:
                group["of"] = group["claims"]
        elif "speaker" in by and groups:
            of_each = self.reckoning.of_speakers()
            for group, keys in zip(groups, self.chosen["claims"].keys, strict=True):
                group["of"] = int(of_each[keys[by.index("speaker")]])

    def verdicts(self) -> dict[str, Any]:
        by = self.asked.by
        told = self.counts(
            "verdicts",
            ("verdicts", "outcomes", OUTCOMES),
            self.of_verdicts(by) if by else None,
            each_once=True,
        )
        for group in told["groups"] or ():
            group["of"] = told["verdicts"]
        return told

    def counts(
        self,
        figure: str,
        words: tuple[str, str, Sequence[str]],
        apart: Rows | None,
        *,
        each_once: bool,
    ) -> dict[str, Any]:
        """each_once: whether what is told apart is in one group each."""
        name, inner, values = words

        def told(numbers: Sequence[int]) -> dict[str, Any]:
            return {name: sum(numbers), inner: dict(zip(values, numbers, strict=True))}

        groups = None
        if apart is not None:
            groups = self.reckoning.groups(apart, self.asked.by, len(values), self.asked.most)
            self.chosen[figure] = groups
        if groups is not None and each_once:
            whole = told(groups.whole)
        else:
            whole = told(tally(self.rows(figure).inner, len(values)))
        whole |= {"groups": None, "rest": None, "series": None}
        if groups is not None:
            labels = self.labels(groups.keys)
            whole["groups"] = [
                {"group": label, **told(numbers)}
                for label, numbers in zip(labels, groups.counts.tolist(), strict=True)
            ]
            whole["rest"] = {"groups": groups.more, "rows": groups.rest}
        if self.asked.every is not None:
            whole["series"] = self.series(self.rows(figure), told, len(values), apart, groups)
        return whole

    def series(
        self, rows: Rows, told: Any, width: int, apart: Rows | None, groups: Groups | None
    ) -> list[dict[str, Any]]:
        steps, size = self.steps, len(self.steps)
        place = by_bucket(rows.at, self.bounds)
        cells = np.bincount(place * width + rows.inner, minlength=size * width)
        of_groups: Any = [None] * size
        if apart is not None and groups is not None:
            count = len(groups.raw)
            if size * count > MOST_CELLS:
                raise refused(
                    "most",
                    _("Send a lower one: %(groups)d groups in %(steps)d steps are too many.")
                    % {"groups": count, "steps": size},
                )
            which = places_of(apart, groups.raw)
            kept = places(which >= 0)
            bucket = by_bucket(apart.only(kept).at, self.bounds)
            table = np.bincount(bucket * count + which[kept], minlength=size * count)
            of_groups = table.reshape(size, count).tolist()
        return [
            {**step, **told(numbers), "groups": its}
            for step, numbers, its in zip(
                steps, cells.reshape(size, width).tolist(), of_groups, strict=True
            )
        ]

    # Times

    def times(self) -> dict[str, Any]:
        by, rows = self.asked.by, self.rows("times")
        [whole] = self.lasted_each(rows, None, 1)
        whole |= {"groups": None, "rest": None, "series": None}
        if by:
            apart = self.of_times(by)
            nothing = apart._replace(inner=np.zeros_like(apart.inner))
            groups = self.reckoning.groups(nothing, by, 1, self.asked.most)
            which = places_of(apart, groups.raw)
            kept = places(which >= 0)
            its = self.lasted_each(apart.only(kept), which[kept], len(groups.raw))
            labels = self.labels(groups.keys)
            whole["groups"] = [
                {"group": label, **told} for label, told in zip(labels, its, strict=True)
            ]
            whole["rest"] = {"groups": groups.more, "rows": groups.rest}
        if self.asked.every is not None:
            steps = self.steps
            its = self.lasted_each(rows, by_bucket(rows.at, self.bounds), len(steps))
            whole["series"] = [{**step, **told} for step, told in zip(steps, its, strict=True)]
        return whole

    def lasted_each(self, rows: Rows, place: Any, size: int) -> list[dict[str, Any]]:
        """place: in which of so many groups each is; None where there is one."""
        columns = self.reckoning.columns
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
            lasted(filing, appearance, int(without))
            for filing, appearance, without in zip(
                spreads(from_filing, place, size),
                spreads(from_appearance, of_dated, size),
                undated,
                strict=True,
            )
        ]

    # Backlog

    def backlog(self) -> dict[str, Any]:
        waiting, oldest, which = self.reckoning.backlog(self.state.as_of)
        whole: dict[str, Any] = {
            "claims": len(waiting),
            "oldest_filed_at": None if oldest is None else spelled(instant(oldest)),
            "ages": told_ages(ages(waiting)),
            "groups": None,
            "rest": None,
        }
        if by := self.asked.by:
            apart = self.reckoning.claims(by, which)
            waits = self.state.as_of - apart.at
            bounds = np.array(AGES, dtype=np.int64) * DAY
            age = np.clip(by_bucket(waits, bounds), 0, None)
            groups = self.reckoning.groups(
                apart._replace(inner=age.astype(np.uint8)), by, len(AGES), self.asked.most
            )
            whole["groups"] = [
                {
                    "group": label,
                    "claims": int(numbers.sum()),
                    "ages": told_ages([int(it) for it in numbers]),
                }
                for label, numbers in zip(self.labels(groups.keys), groups.counts, strict=True)
            ]
            whole["rest"] = {"groups": groups.more, "rows": groups.rest}
        return whole

    # Drafts

    def drafts(self) -> dict[str, Any]:
        asked, by = self.asked, self.asked.by
        assert self.of_drafts is not None
        found = counted(self.of_drafts, by, asked.every, asked.zone)
        of_key: dict[Any, Counter[Cell]] = defaultdict(Counter)
        of_day: dict[Any, Counter[Cell]] = defaultdict(Counter)
        for cell, many in found.items():
            of_key[cell.key][cell] += many
            of_day[cell.day and cell.day.isoformat()][cell] += many
        whole = told_drafts(found) | {"groups": None, "rest": None, "series": None}
        keys = sorted(of_key, key=lambda key: (-of_key[key].total(), tuple(map(str, key))))
        chosen, rest = keys[: asked.most], keys[asked.most :]
        if by:
            named = [self.by_id(name, {key[i] for key in chosen}) for i, name in enumerate(by)]
            whole["groups"] = [
                {
                    "group": {n: its.get(it) for n, its, it in zip(by, named, key, strict=True)},
                    "of": found.total(),
                    **told_drafts(of_key[key]),
                }
                for key in chosen
            ]
            rows = sum(of_key[key].total() for key in rest)
            whole["rest"] = {"groups": len(rest), "rows": rows}
        if asked.every is not None:
            whole["series"] = [{**step, **told_drafts(of_day[step["day"]])} for step in self.steps]
        return whole

    @staticmethod
    def by_id(kind: str, values: set[Any]) -> Mapping[Any, Any]:
        """What the answer calls what has these ids, or what is these words."""
        if kind not in MODELS:
            return {it: it for it in values}
        rows = MODELS[kind]._default_manager.filter(pk__in=values - {None})
        return {pk: {"id": str(pk), "name": name} for pk, name in rows.values_list("pk", "name")}

    # Agreement

    def agreement(self) -> dict[str, Any]:
        found = agreed(self.reckoning.columns, self.reckoning.filed, self.asked.most)
        named = self.named("organization", {it for pair in found.pairs for it in pair[:2]})
        return {
            **found.of_all._asdict(),
            "organizations": found.organizations,
            "pairs": [
                {
                    "organizations": [named[pair.one], named[pair.other]],
                    **pair.agreement._asdict(),
                    "table": pair.table,
                }
                for pair in found.pairs
            ],
            "more": found.more,
        }

    # Names

    def labels(self, keys: Sequence[tuple[int, ...]]) -> list[dict[str, Any]]:
        by = self.asked.by
        named = [self.named(name, {key[i] for key in keys}) for i, name in enumerate(by)]
        return [
            {name: its.get(number) for name, its, number in zip(by, named, key, strict=True)}
            for key in keys
        ]

    @staticmethod
    def named(kind: str, numbers: Iterable[int]) -> Mapping[int, Any]:
        """What the answer calls what columns number so."""
        if kind in WORDS:
            return dict(enumerate(WORDS[kind]))
        numbers = {it for it in numbers if it != NOBODY}
        if kind == "language":
            return reading.names_of(kind, numbers)
        rows = reading.named(MODELS[kind], kind, numbers)
        return {number: {"id": pk, "name": name} for number, pk, name in rows}


MODELS: Mapping[str, Any] = {
    "speaker": Speaker,
    "publisher": Publisher,
    "organization": Organization,
    "checker": Member,
}


def told(figures: Figures) -> dict[str, Any]:
    """The answer. Raises BadParameter."""
    document = figures.head
    for name in ("claims", "verdicts", "times", "backlog", "agreement", "drafts"):
        document[name] = getattr(figures, name)() if name in figures.asked.figures else None
    return document


def told_drafts(cells: Counter[Cell]) -> dict[str, Any]:
    """How many, what they are now, and what share of them was confirmed, and returned."""
    states = dict.fromkeys(DraftState.values, 0)
    for cell, many in cells.items():
        states[cell.state] += many
    total = cells.total()
    returned = sum(many for cell, many in cells.items() if cell.returned)
    return {
        "drafts": total,
        "states": states,
        "ever_returned": returned,
        "share_confirmed": states[DraftState.CONFIRMED] / total if total else None,
        "share_returned": returned / total if total else None,
    }


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


def lasted(from_filing: Spread, from_appearance: Spread, undated: int) -> dict[str, Any]:
    return {
        "from_filing": told_spread(from_filing),
        "from_appearance": told_spread(from_appearance),
        "undated": undated,
    }


def told_spread(its: Spread) -> dict[str, Any]:
    return {
        "cases": its.cases,
        "median": None if its.median is None else its.median / 1_000_000,
        "p90": None if its.p90 is None else its.p90 / 1_000_000,
    }


def told_ages(counts: Sequence[int]) -> list[dict[str, Any]]:
    ends = [*AGES[1:], None]
    return [
        {"from_days": begin, "to_days": end, "claims": count}
        for begin, end, count in zip(AGES, ends, counts, strict=True)
    ]
