"""Reading dates that are told against the day of publication, and periods."""

from __future__ import annotations

from dataclasses import replace

from claims.text.dates import words as w
from claims.text.dates.between import Between
from claims.text.dates.civil import Civil, Usual
from claims.text.dates.dated import Dated
from claims.text.dates.outcomes import MonthNamed, near_days
from claims.text.dates.periods import (
    Away,
    Lately,
    Near,
    NthWeekday,
    PartOf,
    Portion,
    Season,
    Unit,
    Unplaced,
    Weekday,
    WeekOf,
)
from claims.text.dates.reading import HOLIDAYS, NEAR_DAYS, PLAIN_YEARS, PORTIONS, WEEKEND, Read


class Told(Dated):
    """Yesterday, last week, three years ago, the end of the year."""

    # Told against publication

    def near(self, at: int) -> Read | None:
        """Today, yesterday and the like, and the weekday that is said of them."""
        found = self._phrase(at, NEAR_DAYS)
        if found is None:
            return None
        days, end = found
        if self.word(at) == "اليوم":
            if self.word(end) in w.DAY_OF_WHAT or self.word(end) in w.BEFORE_NOW:
                return None
            if self.word(end) in w.NEXT_IN_STORY:
                return Read(Away(((1, "day"),), 1, only_to_come=True), end + 1)
            against, behind = self.against_behind(end)
            if against is not None:
                return Read(Unit("day", against), behind)
        marked = end + (self.word(end) in ("(", ",", "،", "-"))
        weekday, behind = self.weekday(marked)
        if weekday and (marked == end or self.word(end) != "(" or self.word(behind) == ")"):
            behind += self.word(end) == "("
            if self.day(behind)[0] and self._dated(behind, weekday) is not None:
                return Read(Near(days), end)
            if self.against_behind(behind)[0] is None:
                return Read(Near(days, weekday), behind)
        return Read(Near(days), end)

    def weekday_alone(self, at: int) -> Read | None:
        """A weekday, what is said of it, the week it is of."""
        place, against = at, None
        word = self.word(at)
        this = word in w.THIS or word in w.AGAINST_BEFORE
        if this:
            against = w.AGAINST_BEFORE.get(word, 0)
            place += 1
        weekday, end = self.weekday(place)
        if not weekday:
            return None
        start = at if this else end - 1
        if against is not None:
            return Read(Weekday(weekday, against), end, start)
        against, behind = self.against_behind(end)
        if against is not None:
            return Read(Weekday(weekday, against), behind, start)
        of = end + (self.word(end) in w.OF)
        unit, behind = self.unit(of, "week")
        if unit is not None:
            return Read(replace(unit, weekday=weekday), behind, start)
        nth, behind = self.ordinal(end)
        if 1 <= nth <= 5 and behind == end + 1 and not self.word(end).isascii():
            month = self._of_month(behind)
            if month is not None:
                return Read(NthWeekday(nth, weekday, month.saying), month.end, start)
            if self.closes(behind):
                return Read(NthWeekday(nth, weekday, Unit("month", 0)), behind, start)
        day_at = end + (self.word(end) in ("في", "the"))
        day, behind = self.day(day_at)
        if day and self.closes(behind) and not self._goes_on(behind) and self._near(day, weekday):
            return Read(Civil(day=day, weekday=weekday), behind, start)
        return Read(Weekday(weekday), end, start)

    def _near(self, day: int, weekday: int) -> bool:
        """Whether a month near has this day on this weekday; else it counts other things."""
        return self.published is None or bool(near_days(self.published, day, weekday))

    def _of_month(self, at: int) -> Read | None:
        """Behind `of` or `in`: a month, named or told against publication."""
        place = at + (self.word(at) in w.OF or self.word(at) in ("في", "in"))
        unit, end = self.unit(place, "month")
        if unit is not None:
            return Read(unit, end)
        found = self.month_alone(place)
        if found is not None:
            return found
        said = place + (self.word(place) in w.OF_MONTH)
        month, end, _alone = self.month(said)
        if month is None:
            return None
        civil, end = self.tail(Civil(month=month), end)
        return Read(civil, end)

    def _of_year(self, at: int) -> Read | None:
        place = at + (self.word(at) in w.OF or self.word(at) in ("في", "in"))
        unit, end = self.unit(place, "year")
        if unit is not None:
            return self._or_year(unit, end)
        year, end, hijri, _said = self.year(place)
        return Read(Civil(year=year, hijri_year=hijri), end) if year else None

    def unit_alone(self, at: int) -> Read | None:
        """The last week, this month; a weekday or a few of them may follow the week."""
        weekend = self._phrase(at, WEEKEND)
        if weekend is not None:
            first_day, end = weekend
            against, end = self.against_behind(end)
            return Read(Unit("weekend", against or 0, first_weekend_day=first_day), end)
        if self.word(at) in w.AGAINST_BEFORE and self.word(at + 1) == "weekend":
            return Read(Unit("weekend", w.AGAINST_BEFORE[self.word(at)]), at + 2)
        unit, end = self.unit(at)
        if unit is None:
            return None
        if unit.unit == "week":
            ranged = self._weekdays_of(unit, end)
            if ranged is not None:
                return ranged
            weekday, behind = self.weekday(end)
            if weekday:
                return Read(replace(unit, weekday=weekday), behind)
        return self._or_year(unit, end)

    def _or_year(self, unit: Unit, at: int) -> Read:
        """ "Last year, 2016" is 2016, whatever the day of publication."""
        year, end = self.plain_year(at) if unit.unit == "year" else (0, at)
        return Read(Civil(year=year), end) if year else Read(unit, at)

    def _weekdays_of(self, unit: Unit, at: int) -> Read | None:
        if self.word(at) not in w.BETWEEN and self.word(at) not in w.FROM:
            return None
        first, end = self.weekday(at + 1)
        if not first:
            return None
        joined, behind = self.and_word(end)
        last = w.WEEKDAYS.get(joined, 0)
        if not last and self.word(end) in w.TO:
            last, behind = self.weekday(end + 1)
        if not last:
            return None
        return Read(Between(replace(unit, weekday=first), replace(unit, weekday=last)), behind)

    def nth(self, at: int) -> Read | None:
        """The first Friday of July, the third quarter of 2020, the second week of this month."""
        word = self.word(at)
        place = at + (word == "the")
        word = self.word(place)
        if word in w.NTHS:
            weekday, end = self.weekday(place + 1)
            if not weekday:
                weekday = w.BARE_WEEKDAYS.get(self.word(place + 1), 0)
                end = place + 2
            month = self._of_month(end) if weekday else None
            return (
                Read(NthWeekday(w.NTHS[word], weekday, month.saying), month.end) if month else None
            )
        if word.isascii():
            nth, end = self.ordinal(place)
            part = self.word(end)
            weekday = w.WEEKDAYS.get(part, 0)
            if nth and weekday:
                month = self._of_month(end + 1)
                return Read(NthWeekday(nth, weekday, month.saying), month.end) if month else None
        else:
            part = word
            nth, end = self.ordinal(place + 1)
            end -= 1
        if not nth or not (part in w.QUARTERS or w.UNITS.get(part) == "week"):
            return None
        months = w.QUARTERS.get(part, 0)
        of = self._of_year(end + 1)
        if of is None and not months:
            of = self._of_month(end + 1)
        return Read(PartOf(nth, months, of.saying), of.end) if of else None

    def week_of(self, at: int) -> Read | None:
        """The week of 30 November."""
        place = at + 1 + (self.word(at + 1) in w.OF)
        found = self._day_and_month(place, None) or self._figures(place, None)
        if found is None or not isinstance(found.saying, Civil) or found.saying.day is None:
            return None
        return Read(WeekOf(found.saying), found.end)

    def holiday(self, at: int) -> Read | None:
        """A holiday by its name, with a year or against publication."""
        found = self._phrase(at, HOLIDAYS)
        if found is None:
            return None
        holiday, end = found
        if not (holiday.days or holiday.nth):
            _civil, end = self.tail(Civil(), end)
            return Read(Unplaced(), end)
        month = holiday.nth[0] if holiday.nth else holiday.days[0][0]
        named = Civil(month=MonthNamed(month, str(month), holiday.hijri))
        civil, end = self.tail(named, end)
        if holiday.nth:
            return Read(NthWeekday(holiday.nth[2], holiday.nth[1], civil), end)
        told = [
            replace(civil, day=day, month=MonthNamed(month, str(month), holiday.hijri))
            for month, day in holiday.days
        ]
        return Read(told[0] if len(told) == 1 else Usual(told[0], told[1], "day"), end)

    def season(self, at: int) -> Read | None:
        word, place, against = self.word(at), at, None
        if word in w.THIS or word in w.AGAINST_BEFORE:
            against = w.AGAINST_BEFORE.get(word, 0)
            place += 1
        season = w.SEASONS.get(self.word(place))
        if season is None:
            return None
        end = place + 1
        if against is not None:
            return Read(Season(season, None, against), end)
        year, behind, hijri, _said = self.year(end)
        if year and not hijri:
            return Read(Season(season, year), behind)
        against, behind = self.against_behind(end)
        if against is not None and self.word(place)[:2] == "ال":
            return Read(Season(season, None, against), behind)
        return None

    def portion(self, at: int) -> Read | None:
        """Early, mid, late in a month, year, week or decade."""
        found = self._phrase(at, PORTIONS)
        if found is None:
            return None
        portion, place = found
        weekly = self.unit(place, "week", "month", "year", "decade", "century")
        of: Read | None = self._or_year(weekly[0], weekly[1]) if weekly[0] else None
        if of is None:
            of = self._of_month(place) or self._introduced_year(place) or self._current(place)
        if of is None:
            of = self.decade(place) or self.century(place) or self.season(place)
        if of is None:
            return None
        return Read(Portion(portion, of.saying), of.end)

    def _current(self, at: int) -> Read | None:
        """A bare "the year" behind "the end of": the current one."""
        place = at + (self.word(at) == "the")
        unit = w.DEFINITE_UNITS.get(self.word(place), "")
        english = self.word(place).isascii()
        if unit not in ("week", "month", "year") or (english and place == at):
            return None
        behind = self.word(place + 1)
        if not self.closes(place + 1) or behind in w.OF or self.number(place + 1):
            return None
        return Read(Unit(unit, 0), place + 1)

    def _introduced_year(self, at: int) -> Read | None:
        place = at + (self.word(at) in w.OF)
        introduced = self.word(place) in w.OF_YEAR
        if not introduced and self.number(place) not in PLAIN_YEARS:
            return None
        year, end, hijri, _said = self.year(place)
        if not year or not (introduced or self.closes(end)):
            return None
        return Read(Civil(year=year, hijri_year=hijri), end)

    def amount(self, at: int) -> tuple[int | None, str, int, bool]:
        """So many of a unit: how many (None: a few), the unit ("" if none), the token behind."""
        place = at
        about = self.word(place) in w.ABOUT
        place += about
        if self.word(place) == "a" and self.word(place + 1) in w.FEW:
            place += 1
        word = self.word(place)
        if word in w.DUALS:
            return 2, w.DUALS[word], place + 1, about
        if word in w.FEW:
            unit = w.UNITS.get(self.word(place + 1), "")
            return None, unit, place + 2, about
        number, end = self.count(place)
        if number:
            unit = w.UNITS.get(self.word(end), "")
            return number, unit, end + 1, about
        nothing = 0, "", at, False
        unit = w.UNITS.get(word, "")
        if unit and word.isascii():
            return nothing
        if unit and word in w.DEFINITE_UNITS:
            return nothing
        return (1 if word in w.SINGULAR else None, unit, place + 1, about) if unit else nothing

    def amounts(self, at: int) -> tuple[tuple[tuple[int | None, str], ...], int, bool]:
        """One to three amounts joined by `and` or a comma."""
        number, unit, end, about = self.amount(at)
        if not unit:
            return (), at, False
        found = [(number, unit)]
        for _ in range(2):
            place = end
            if self.word(place) in w.AND or self.word(place) in w.SEPARATORS:
                more, unit, behind, _about = self.amount(place + 1)
            else:
                break
            if not unit:
                break
            found.append((more, unit))
            end = behind
        return tuple(found), end, about

    def away(self, at: int) -> Read | None:
        """Three days ago, in two weeks, and the Arabic `before` and `after` so much time."""
        word = self.word(at)
        if word in w.BEFORE_NOW or word in w.AFTER_NOW:
            found, end, about = self.amounts(at + 1)
            if not found or self.number(end) or self.word(end) in w.THOUSANDS:
                return None  # "before the year 2020"
            if self.word(end) in w.OF and self.word(end + 1) in w.NEAR_HEADS - w.NOW:
                near = self.near(end + 1)
                if near is not None and isinstance(near.saying, Near):
                    sign = 1 if word in w.AFTER_NOW else -1
                    return Read(Away(found, sign, about, base=near.saying.days), near.end)
            if self.word(end) in ("من", "علي", "عن") and self.word(end + 1) not in w.NOW:
                return None  # "three years after the war": told from something else
            if self.word(end) in w.AGAINST:
                return None
            if self.word(end) in w.OF and self.word(end + 1) in w.NOW:
                end += 2
            if word in w.AFTER_NOW:
                return Read(Away(found, 1, about, only_to_come=True), end)
            if word == "منذ" and not (found[0][0] == 1 or found[0][0] is None or end > at + 1):
                return None
            return Read(Away(found, -1, about), end)
        if word == "in" and self.word(at + 1) != "the":
            found, end, about = self.amounts(at + 1)
            if found and self.word(end) in w.CLOSING | {"time", "from"}:
                return Read(Away(found, 1, about, only_to_come=True), end)
            return None
        found, end, about = self.amounts(at)
        if not found:
            return None
        if self.word(end) in w.AGO:
            return Read(Away(found, -1, about), end + 1)
        if self.word(end) in ("from", "من") and self.word(end + 1) in w.NEAR_HEADS:
            near = self.near(end + 1)
            if near is not None and isinstance(near.saying, Near):
                return Read(Away(found, 1, about, base=near.saying.days), near.end)
        if self.word(end) in ("from", "من") and self.word(end + 1) in w.NOW:
            return Read(Away(found, 1 if self.word(end) == "from" else 0, about), end + 2)
        return None

    def lately(self, at: int) -> Read | None:
        """The last three years, the coming days, with the number before or behind in Arabic."""
        place = at + (self.word(at) == "the")
        word = self.word(place)
        if word in w.AGAINST_BEFORE or word in w.LASTS:
            number, unit, end, _about = self.amount(place + 1)
            plain = word in w.LASTS or word != "this"
            if unit and plain and (number != 1 or self.word(place + 1).isdigit()):
                before = -1 if word in w.LASTS else w.AGAINST_BEFORE[word]
                return Read(Lately(number, unit, before), end)
            unit = w.UNITS.get(self.word(place + 1), "")
            if unit and word == "past" and not self.word(place + 1).endswith("s"):
                return Read(Lately(1, unit, -1), place + 2)
            if unit and word != "this" and self.word(place + 1).endswith("s"):
                return Read(Lately(None, unit, w.AGAINST_BEFORE.get(word, -1)), place + 2)
            return None
        if word in w.DUALS:
            against, end = self.against_behind(place + 1)
            return Read(Lately(2, w.DUALS[word], against), end) if against else None
        number, end = self.count(place)
        if number:
            unit = w.UNITS.get(self.word(end), "")
            against, end = self.against_behind(end + 1)
            return Read(Lately(number, unit, against), end) if unit and against else None
        unit = w.UNITS.get(word, "")
        if not unit or word in w.DEFINITE_UNITS or word.isascii():
            return None
        if self.word(place + 1) in w.FEW_AFTER:
            against, end = self.against_behind(place + 2)
            return Read(Lately(None, unit, against), end) if against else None
        number, end = self._definite_count(place + 1)
        against, behind = self.against_behind(end)
        if self.word(end) in w.RECENT:
            against, behind = -1, end + 1
        if not against:
            return None
        return Read(Lately(number or None, unit, against), behind)

    def _definite_count(self, at: int) -> tuple[int, int]:
        """ "The three" as Arabic says it behind what is counted, or in figures."""
        number = self.number(at, 999)
        if number:
            return number, at + 1
        word = self.word(at)
        if word[:2] == "ال" and word[2:] in w.CARDINALS:
            return w.CARDINALS[word[2:]], at + 1
        if word[:2] == "ال" and word[2:] in w.TENS:
            return 10 * w.TENS[word[2:]], at + 1
        return 0, at

    # Days of a month that is not named

    def day_alone(self, at: int) -> Read | None:
        """A day of the month without its month: only where words and the clause's end say so."""
        place = at
        introduced = self.word(at) in w.DAY and bool(self.number(at + 1, 31))
        place += introduced
        day, end = self.day(place)
        if not day or day > 31 or not self.closes(end) or self._goes_on(end):
            return None
        before = self.word(at - 1)
        in_words = not self.number(place)
        joined = self._joined[-1:] == "ل" and in_words
        if introduced:
            return Read(Civil(day=day), end) if self.word(end) not in w.OF else None
        if self.word(end) in w.OF or self.word(end) in ("و", "او"):
            return None
        if in_words:
            compound = end - place > 1 or day >= 20
            fits = compound and (joined or before in ("في", "الي"))
        else:
            fits = before == "في" and self.word(end) in w.CLOSING and self.word(end) not in "([،,"
        return Read(Civil(day=day), end) if fits else None
