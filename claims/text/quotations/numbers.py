"""Numbers of a text that are written in digits, with the words that scale them."""

import re
from dataclasses import dataclass

from claims.text.quotations.tokens import Token, plain

_SCALES = {
    plain(word): zeros
    for zeros, words in {
        3: "ألف آلاف ألفا thousand",
        6: "مليون مليونا ملايين million",
        9: "مليار مليارا مليارات بليون billion",
        12: "تريليون تريليونا تريليونات trillion",
    }.items()
    for word in words.split()
}
_IN_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){1,9}(?:\.\d{1,9})?")
_PLAIN = re.compile(r"\d{1,30}(?:\.\d{1,9})?|\d{1,30},\d{1,2}")


@dataclass(frozen=True, slots=True)
class Number:
    """value: in decimal digits; None where the digits can be read in two ways.
    percent: whether it is a share of a hundred."""

    start: int
    end: int
    value: str | None
    percent: bool = False


def numbers_in(tokens: list[Token]) -> list[Number]:
    """The numbers of a run of tokens, in order."""
    numbers: list[Number] = []
    for at, token in enumerate(tokens):
        digits = token.plain
        if not digits[:1].isdigit() or not digits[-1:].isdigit() or not digits.isascii():
            continue
        value = _value(digits)
        end = token.end
        rest = [it.plain for it in tokens[at + 1 : at + 4]]
        if value is not None and rest and (zeros := _SCALES.get(rest[0])):
            value, end = _scaled(value, zeros), tokens[at + 1].end
            rest = rest[1:]
        percent = bool(rest) and (
            rest[0] in ("%", "percent", "بالمايه", "بالميه")
            or rest[:2] in (["في", "المايه"], ["في", "الميه"], ["per", "cent"])
        )
        numbers.append(Number(token.start, end, value, percent))
    return numbers


def _value(digits: str) -> str | None:
    if _IN_THOUSANDS.fullmatch(digits):
        return _trimmed(digits.replace(",", ""))
    if _PLAIN.fullmatch(digits):
        return None if "," in digits else _trimmed(digits)
    return None


def _trimmed(digits: str) -> str:
    whole, dot, part = digits.partition(".")
    return (whole.lstrip("0") or "0") + dot + part


def _scaled(value: str, zeros: int) -> str:
    whole, _, part = value.partition(".")
    moved = part.ljust(zeros, "0")
    rest = moved[zeros:].rstrip("0")
    return ((whole + moved[:zeros]).lstrip("0") or "0") + (f".{rest}" if rest else "")
