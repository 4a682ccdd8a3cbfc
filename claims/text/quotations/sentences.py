"""The sentences of a text that are the article's own, with their quotations.

A text as captured from a page has lines that are none of the article's: the agency, headlines of
other articles, captions, buttons. They are short and end without a stop where the others end with
one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from claims.text.characters import IGNORED
from claims.text.quotations.marks import MARKS, Quote, quotes_of
from claims.text.quotations.tokens import is_arabic, plain, plains, tokens_of

MOST_ITEMS = 400
"""Items of a sentence; a longer one is taken for several, which bounds the work on each."""

_LONGEST_HEADLINE = 160
_LONGEST_BUTTON = 40
_STOPS = frozenset(".!?؟…۔")
_ENDS = _STOPS | {":", "؛", ";", "،", ","}
_ABBREVIATIONS = plains(
    "mr mrs ms dr prof gen col lt sgt capt gov sen rep st no vs inc ltd co jr sr u.s u.k u.n "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)


_BUTTONS = """
مناقشة
اقرأ أيضا
إقرأ أيضا
اقرأ المزيد
شاهد أيضا
طالع أيضا
المزيد
للمزيد
تابعونا
تابعنا
شارك
مشاركة
التعليقات
أضف تعليق
اترك تعليقا
الأكثر قراءة
مواضيع ذات صلة
أخبار ذات صلة
اشترك
حقوق النشر
جميع الحقوق
إعلان
صور
read more
read also
see also
related
share
comments
leave a comment
subscribe
sign up
advertisement
follow us
most read
copyright
all rights reserved
watch
click here
more on this story
loading
print
email
"""
BUTTONS = frozenset(tuple(map(plain, line.split())) for line in _BUTTONS.strip().splitlines())
"""How buttons and captions of a page begin."""


class Item(NamedTuple):
    """A token of a sentence, or a whole quotation."""

    start: int
    end: int
    plain: str
    is_word: bool
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """items: words, marks and quotations. arabic: its script. first: of its paragraph."""

    start: int
    end: int
    items: list[Item]
    arabic: bool
    paragraph: int


def sentences_of(text: str) -> Iterator[Sentence]:
    """In order; what is no sentence of the article's own is left out."""
    lines = list(_lines(text))
    size = sum(end - start for start, end in lines)
    complete = sum(end - start for start, end in lines if _is_complete(text, start, end))
    # Of a text most of whose lines end with no stop nothing can be told by stops.
    by_stops = len(lines) > 1 and 2 * complete >= size
    for number, (start, end) in enumerate(lines):
        if not _is_furniture(text, start, end, by_stops=by_stops):
            yield from _sentences(text, start, end, number)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.splitlines(keepends=True):
        start, end = at, at + len(line)
        at = end
        while start < end and (text[start].isspace() or text[start] in IGNORED):
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] in IGNORED):
            end -= 1
        if start < end:
            yield start, end


def _is_complete(text: str, start: int, end: int) -> bool:
    last = text[end - 1]
    if last in MARKS or last in ")]":
        last = text[end - 2] if end - 2 >= start and text[end - 2] in _STOPS else last
        return last in _STOPS or last in MARKS
    return last in _STOPS


def _is_furniture(text: str, start: int, end: int, *, by_stops: bool) -> bool:
    size = end - start
    if size > _LONGEST_HEADLINE:
        return False
    complete = _is_complete(text, start, end)
    if _begins_as_button(text, start, end, whole=complete and size >= _LONGEST_BUTTON):
        return True
    if complete:
        return False
    # A line that leads to a quotation on the next one is the article's.
    return by_stops and text[end - 1] not in ":،,؛;"


def _begins_as_button(text: str, start: int, end: int, *, whole: bool) -> bool:
    """whole: a sentence may begin with such words too, unless a colon follows them."""
    first = list(islice(tokens_of(text, start, end), 6))
    for size in range(1, 5):
        if tuple(token.plain for token in first[:size]) in BUTTONS:
            follows = first[size].plain if size < len(first) else ""
            if not whole or follows == ":":
                return True
    return False


def _sentences(text: str, start: int, end: int, paragraph: int) -> Iterator[Sentence]:
    items: list[Item] = []
    for item in _items(text, start, end):
        items.append(item)
        if _ends_sentence(text, items, end) or len(items) >= MOST_ITEMS:
            yield _sentence(text, items, paragraph)
            items = []
    if items:
        yield _sentence(text, items, paragraph)


def _sentence(text: str, items: list[Item], paragraph: int) -> Sentence:
    letters = [item.plain[0] for item in items if item.is_word and item.plain[0].isalpha()]
    letters += [
        text[item.quote.start] for item in items if item.quote and text[item.quote.start].isalpha()
    ]
    arabic = 2 * sum(map(is_arabic, letters)) > len(letters)
    return Sentence(items[0].start, items[-1].end, items, arabic, paragraph)


def _items(text: str, start: int, end: int) -> Iterator[Item]:
    at = start
    for quote in quotes_of(text, start, end):
        yield from (Item(*token) for token in tokens_of(text, at, quote.opened))
        yield Item(quote.opened, quote.closed, "«»", is_word=False, quote=quote)
        at = quote.closed
    yield from (Item(*token) for token in tokens_of(text, at, end))


def _ends_sentence(text: str, items: list[Item], end: int) -> bool:
    last = items[-1]
    following = text[last.end : last.end + 1]
    if last.quote is not None:
        # `… has opened." The next …`: the stop is within the marks.
        inside = text[last.quote.end - 1]
        if inside not in _STOPS or not following.isspace():
            return False
        after = text[last.end : last.end + 12].lstrip()
        return last.quote.balanced and (after[:1].isupper() or not _goes_on(after))
    if last.plain not in _STOPS:
        return False
    if following in _STOPS or (len(items) > 1 and items[-2].plain in _STOPS):
        # An ellipsis: the sentence goes on, unless there is nothing more.
        return last.end >= end
    if not following or following.isspace() or following in MARKS:
        before = items[-2].plain if len(items) > 1 else ""
        is_short = len(before) == 1 and before.isascii() and before.isalpha()
        return not (last.plain == "." and (before in _ABBREVIATIONS or is_short))
    return is_arabic(following) and len(items) > 1 and items[-2].is_word


def _goes_on(after: str) -> bool:
    """Whether what stands after a quotation's full stop is the same sentence still."""
    return bool(after) and (after[0] in _ENDS or after[0].islower() or is_arabic(after[0]))
