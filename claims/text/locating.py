"""Finding the one passage that is meant, or saying why there is none."""

from itertools import chain

from claims.text.characters import is_blank
from claims.text.folding import Fold
from claims.text.occurrences import Spans, longest
from claims.text.passages import (
    MOST_CANDIDATES,
    Passage,
    PassageAmbiguous,
    PassageNotFound,
    Searchable,
    passage_at,
)


def locate(
    text: str | Searchable,
    *,
    exact: str | None = None,
    prefix: str = "",
    suffix: str = "",
    start: int | None = None,
    end: int | None = None,
) -> Passage:
    """The one passage of `text` that is meant.

    By `exact`: found whatever surrounds it when it occurs once; of several occurrences, the one
    that `prefix` precedes and `suffix` follows, compared verbatim, else loosely.
    By `exact` with `start` or `end`: they must agree verbatim.
    By `start` and `end` alone: what stands there.

    Raises PassageNotFound or PassageAmbiguous, both PassageRefused.
    """
    searchable = Searchable.of(text)
    if exact is None:
        if start is None or end is None:
            raise PassageNotFound("say which passage is meant: by exact, or by start and end")
        passage = passage_at(searchable.text, start, end)
        _refuse_blank(passage.exact, f"the text from {start} to {end}")
        return passage
    _refuse_blank(exact, "exact")
    if start is not None or end is not None:
        return _at_offsets(searchable, exact, start, end)

    if spans := searchable.verbatim(exact):
        return _the_one(searchable, exact, prefix, suffix, spans, verbatim=True)
    for spans in searchable.loosely(exact):
        if spans:
            return _the_one(searchable, exact, prefix, suffix, spans, verbatim=False)
    raise _not_found(searchable, exact)


def _refuse_blank(text: str, name: str) -> None:
    if not text:
        raise PassageNotFound(f"{name} is empty: give the words of the passage")
    if is_blank(text):
        raise PassageNotFound(f"{name} holds only white space or marks: give words of the passage")


def _at_offsets(searchable: Searchable, exact: str, start: int | None, end: int | None) -> Passage:
    """The passage at the given offsets, one of which may be missing, if it is `exact` verbatim."""
    text = searchable.text
    if start is None:
        assert end is not None
        start = end - len(exact)
    elif end is None:
        end = start + len(exact)
    if 0 <= start < end and text[start:end] == exact:
        return searchable.passage(start, end)

    spans = searchable.verbatim(exact)
    where = f"exact is not at {start} to {end}"
    count = "offsets count Unicode code points, the end is exclusive"
    if spans:
        nearest = searchable.passage(*spans.nearest(start, 1)[0])
        there = "it is" if spans.total == 1 else f"of its {spans.total:,} places the nearest is"
        raise PassageNotFound(
            f"{where}: {there} at {nearest.start} to {nearest.end}; {count}", nearest
        )
    for spans in searchable.loosely(exact):
        if spans:
            nearest = searchable.passage(*spans.first(1)[0])
            raise PassageNotFound(
                f"{where}: {nearest.start} to {nearest.end} differs from it in white space, marks "
                "or typography alone; leave start and end out, or send exact as the text has it",
                nearest,
            )
    raise _not_found(searchable, exact)


def _the_one(
    searchable: Searchable, exact: str, prefix: str, suffix: str, spans: Spans, *, verbatim: bool
) -> Passage:
    """Of the places found, verbatim or loosely, the only one or the one whose surroundings fit."""
    if place := spans.only:
        return searchable.passage(*place)
    if not prefix and not suffix:
        raise _ambiguous(searchable, spans, "give what stands before or after it as prefix, suffix")
    fittings = searchable.loosely(exact, prefix, suffix)
    if verbatim:
        fittings = chain(
            [searchable.verbatim(exact, prefix, suffix)],
            (fitting.only_verbatim(searchable.text, exact) for fitting in fittings),
        )
    for fitting in fittings:
        if place := fitting.only:
            return searchable.passage(*place)
        if fitting:
            raise _ambiguous(searchable, fitting, "prefix and suffix fit them all: give more")
    raise _ambiguous(searchable, spans, "prefix and suffix fit none of them")


def _ambiguous(searchable: Searchable, spans: Spans, advice: str) -> PassageAmbiguous:
    return PassageAmbiguous(
        f"the passage is in the text {spans.total:,} times; {advice}",
        [searchable.passage(*span) for span in spans.first(MOST_CANDIDATES)],
        spans.total,
    )


def _not_found(searchable: Searchable, exact: str) -> PassageNotFound:
    """Says how far the text goes along with `exact`, from its beginning or towards its end.

    Places that share less than a third of the passage, or fewer than eight characters, say
    nothing. Looks at the form without white space: the loosest misses the least.
    """
    fold, wanted = searchable.without_spaces, Fold.of(exact).without_spaces()
    size = len(wanted.text)
    begin = longest(size, lambda n: wanted.text[:n] in fold.text)
    finish = longest(size, lambda n: wanted.text[size - n :] in fold.text)
    if max(begin, finish) < max(8, size // 3):
        return PassageNotFound("the passage is not in the text, nor anything much like it")
    if begin >= finish:
        at = fold.text.find(wanted.text[:begin])
        start, end = fold.original(at, at + begin)
        told, side = "beginning", "after"
        there = _shown(searchable.text[end : end + 24].lstrip())
        here = _shown(exact[wanted.original(0, begin)[1] :].lstrip()[:24])
    else:
        at = fold.text.find(wanted.text[size - finish :])
        start, end = fold.original(at, at + finish)
        told, side = "end", "before"
        there = _shown(searchable.text[max(0, start - 24) : start].rstrip())
        here = _shown(exact[: wanted.original(size - finish, size)[0]].rstrip()[-24:])
    return PassageNotFound(
        f"the passage is not in the text; only its {told} is, at {start} to {end}: "
        f"{side} that the text has “{there}”, exact has “{here}”",
        searchable.passage(start, end),
    )


def _shown(text: str) -> str:
    """A piece of text on one line and without what cannot be seen, for a reason."""
    return "".join(c if c.isprintable() else " " for c in text).strip()
