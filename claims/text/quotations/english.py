"""Candidate claims of an English sentence, and of others in Latin script.

Three orders: `X said that …`, `"…", X said` or `said X`, and `according to X, …`. A name beside the
verb is read backwards or forwards to the next pause; titles and appositions belong to it.
"""

from __future__ import annotations

from claims.text.quotations.found import Candidate, Mention, Reason, Span
from claims.text.quotations.marks import Quote
from claims.text.quotations.sentences import Item, Sentence
from claims.text.quotations.tokens import plains, tokens_of
from claims.text.quotations.verbs import ENGLISH_VERBS, Gender, Verb
from claims.text.quotations.voices import Voices

FEWEST_QUOTED = 3
_WINDOW = 60
_COMMAS = frozenset({",", ";", "—", "–"})
_PRONOUNS: dict[str, Gender] = {"he": "m", "she": "m", "they": "", "it": "", "i": "", "we": ""}
_NOT_A_SUBJECT = plains(
    "to not never is are was were be been being as and or but than it's that's there's don't "
    "didn't doesn't would could should might must will can cannot can't won't let's which that "
    "what how why when where if would've could've having had have has"
)
_SKIPPED = plains(
    "also later then earlier again repeatedly previously publicly today yesterday reportedly has "
    "have had on monday tuesday wednesday thursday friday saturday sunday"
)
_WHEN = plains(
    "on in at during after before to late early last this yesterday today monday tuesday wednesday "
    "thursday friday saturday sunday by while as when from with about for of"
)
_CONNECTIVES = plains(
    "but and while although though because since after before when as yet so that however "
    "meanwhile still whether where who which if"
)
_DETERMINERS = plains("a an the his her their its some several many one two three")


def read(text: str, sentence: Sentence, voices: Voices, *, follows_quote: bool) -> list[Candidate]:
    return _Reading(text, sentence, voices, follows_quote=follows_quote).candidates()


class _Reading:
    def __init__(
        self, text: str, sentence: Sentence, voices: Voices, *, follows_quote: bool
    ) -> None:
        self.text = text
        self.items: list[Item] = sentence.items
        self.voices = voices
        self.follows_quote = follows_quote
        self.found: list[Candidate] = []
        self.speaker: Mention | None = None
        self.taken = 0

    def candidates(self) -> list[Candidate]:
        for at, item in enumerate(self.items):
            if at < self.taken or not item.is_word:
                continue
            if item.plain == "according" and self._plain(at + 1) == "to":
                self._according(at)
                continue
            verb = ENGLISH_VERBS.get(item.plain)
            if verb is not None and self._plain(at - 1) not in _NOT_A_SUBJECT - {"has", "have"}:
                self._reported(at, verb)
        self._other_quotes()
        return sorted(self.found, key=lambda it: it.start)

    def _plain(self, at: int) -> str:
        return self.items[at].plain if 0 <= at < len(self.items) else ""

    def _original(self, at: int) -> str:
        return self.text[self.items[at].start : self.items[at].end]

    # Verbs

    def _reported(self, at: int, verb: Verb) -> None:
        after = self._next(at)
        quoted_before = self._quote_before(at)
        name, inverted_end = self._name_before(at), None
        if name is None and self._may_invert(at, after):
            # `"…", said the minister.`
            inverted = self._name_after(after)
            if inverted is not None:
                name, inverted_end = inverted, inverted[1]
        going = self._going(at, inverted_end or after, verb)
        if going is None and quoted_before is None:
            if verb.needs == "strong" and not verb.participle:
                self._said_before(at, name, inverted_end)
            return
        speaker = self._speaker(name, at, verb)
        if quoted_before is not None:
            self._add(self.items[quoted_before].quote, "quoted_before_verb", at, speaker)
            self.taken = max(self.taken, inverted_end or at + 1)
        if going is not None:
            self._said_after(at, going, speaker, verb)

    def _next(self, at: int) -> int:
        at += 1
        while self._plain(at) in _SKIPPED:
            at += 1
        return at

    def _may_invert(self, at: int, after: int) -> bool:
        before = self._plain(at - 1)
        return (
            at > 0
            and ENGLISH_VERBS[self._plain(at)].says != "told"
            and (self.items[at - 1].quote is not None or before in _COMMAS or before in ("?", "!"))
        )

    def _quote_before(self, at: int) -> int | None:
        """The quotation that ends before the verb and its name, if it is not spoken for."""
        start = max(self.taken, at - 16)
        for index in range(at - 1, start - 1, -1):
            item = self.items[index]
            if item.quote is not None:
                spoken_for = any(it.start == item.quote.start for it in self.found)
                return index if self._is_saying(item.quote) and not spoken_for else None
            if item.plain in (".", ":", "that") or item.plain in ENGLISH_VERBS:
                return None
        return None

    def _is_saying(self, quote: Quote) -> bool:
        tokens = tokens_of(self.text, quote.start, quote.end)
        return sum(token.is_word for token in tokens) >= FEWEST_QUOTED

    def _going(self, at: int, after: int, verb: Verb) -> tuple[int, Quote | None] | None:
        """At which item what is said begins, and whether it is a quotation."""
        end = min(len(self.items), at + _WINDOW)
        if verb.says == "told":
            after = self._past_the_told(after, end)
        for index in range(after, min(end, after + 12)):
            item = self.items[index]
            word = item.plain
            if item.quote is not None:
                if not self._is_saying(item.quote):
                    break
                return index, item.quote
            if word == "that" and verb.needs != "quote":
                following = index + 1
                quote = self.items[following].quote if following < len(self.items) else None
                return following, quote if quote and self._is_saying(quote) else None
            if word == ":":
                following = index + 1
                if following >= len(self.items):
                    return None
                quote = self.items[following].quote
                return following, quote if quote and self._is_saying(quote) else None
            if word == "," and index == after and self._quote_at(index + 1):
                continue
            if word in (",", ";", "."):
                break
        starts = after < end and self.items[after].is_word
        if verb.needs == "strong" and starts and self._is_clause(after, end, verb):
            return after, None
        return None

    def _quote_at(self, at: int) -> bool:
        quote = self.items[at].quote if at < len(self.items) else None
        return quote is not None and self._is_saying(quote)

    def _past_the_told(self, after: int, end: int) -> int:
        """After `told reporters`, `told the council`."""
        at = after
        while at < min(end, after + 5):
            word = self._plain(at)
            if word == "that" or not self.items[at].is_word:
                return at
            at += 1
            if word in _DETERMINERS or self._original(at - 1)[:1].isupper():
                continue
            return at
        return at

    def _is_clause(self, start: int, end: int, verb: Verb) -> bool:
        """Whether at least three words follow, without a pause, that are no `to do so`."""
        first = self._plain(start)
        if first in _WHEN - {"this"} or first in ("so", "it", "no", "yes", "what", "nothing"):
            return first == "it" and self._words(start, end) >= 4
        return self._words(start, min(end, start + 6)) >= 3

    def _words(self, start: int, end: int) -> int:
        return sum(it.is_word or it.quote is not None for it in self.items[start:end])

    def _said_after(
        self, at: int, going: tuple[int, Quote | None], speaker: Mention | None, verb: Verb
    ) -> None:
        start, quote = going
        if quote is not None:
            self._add(quote, "quoted_after_verb", at, speaker)
            self.taken = start + 1
            return
        end = self._end_of_said(start)
        while end > start and not self._is_content(end - 1):
            end -= 1
        if self._words(start, end) < 2:
            return
        reason: Reason = "reported_by_participle" if verb.participle else "reported_after_verb"
        self._add_span(start, end, reason, at, speaker)

    def _end_of_said(self, start: int) -> int:
        for at in range(start + 1, len(self.items)):
            word, after = self._plain(at), self._plain(at + 1)
            if word in _COMMAS and (after == "according" or self._is_participle(at + 1)):
                return at
            if word == "according" and after == "to":
                return at
            if word in ("and", "but") and at - start > 2 and self._speaks(at + 1):
                return at
        return len(self.items)

    def _is_participle(self, at: int) -> bool:
        verb = ENGLISH_VERBS.get(self._plain(at))
        return verb is not None and verb.participle

    def _speaks(self, at: int) -> bool:
        """Whether another is had to speak there: `and the mayor said`, `and added that`."""
        for index in range(at, min(at + 5, len(self.items))):
            verb = ENGLISH_VERBS.get(self._plain(index))
            if verb is not None and not verb.participle:
                return self._plain(index + 1) == "that" or verb.needs == "strong"
            if not self.items[index].is_word:
                return False
        return False

    def _said_before(self, at: int, name: tuple[int, int] | None, inverted_end: int | None) -> None:
        """`The bridge is closed, the mayor said.`"""
        if name is None:
            return
        comma = name[0] - 1 if inverted_end is None else at - 1
        start = self.taken
        if self._plain(comma) != "," or comma - start < 4:
            return
        follows = self._plain(inverted_end or self._next(at))
        if follows not in (".", ",", ";", "") and follows not in _WHEN:
            return
        speaker = self._speaker(name, at, ENGLISH_VERBS[self._plain(at)])
        self._add_span(start, comma, "reported_before_verb", at, speaker)
        self.taken = max(self.taken, at + 1)

    # Names

    def _speaker(self, name: tuple[int, int] | None, at: int, verb: Verb) -> Mention | None:
        if name is None:
            self.speaker = self.speaker or self.voices.last()
            return self.speaker
        words = [self._plain(index) for index in range(*name)]
        if len(words) == 1 and words[0] in _PRONOUNS:
            self.speaker = self.voices.last(_PRONOUNS[words[0]])
            if self.speaker is not None:
                self.voices.spoke(self.speaker)
            return self.speaker
        # A capital without "the" before it: a person, whom he or she can mean.
        is_person = self._original(name[0])[:1].isupper() and words[0] not in _DETERMINERS
        self.speaker = self.voices.heard(
            self.items[name[0]].start, self.items[name[1] - 1].end, "m" if is_person else ""
        )
        return self.speaker

    def _name_before(self, at: int) -> tuple[int, int] | None:
        """The name that ends at the verb, with an apposition before a comma."""
        end = at
        while end > 0 and self._plain(end - 1) in _SKIPPED:
            end -= 1
        limit = max(self.taken, at - 30)
        start = self._back(end, limit)
        if start == end and self._plain(end - 1) == ",":
            # `The minister, Name, said`: the apposition and what it stands beside.
            middle = self._back(end - 1, limit)
            if middle < end - 1 and middle > limit and self._plain(middle - 1) == ",":
                first = self._back(middle - 1, limit)
                if first < middle - 1:
                    return first, end - 1
            return None
        return (start, end) if start < end and self._is_name(start, end) else None

    def _back(self, end: int, limit: int) -> int:
        start = end
        while start > limit:
            item = self.items[start - 1]
            if not item.is_word and item.plain not in ("-", "&", "."):
                break
            if item.plain == "." and not (start > 1 and len(self._plain(start - 2)) <= 4):
                break
            if item.plain in _CONNECTIVES or item.plain in ENGLISH_VERBS:
                break
            if item.quote is not None:
                break
            start -= 1
        while start < end and not self.items[start].is_word:
            start += 1
        return start

    def _is_name(self, start: int, end: int) -> bool:
        if end - start > 14:
            return False
        last = self._plain(end - 1)
        return last not in _NOT_A_SUBJECT and last not in _DETERMINERS | {"to", "of"}

    def _name_after(self, start: int) -> tuple[int, int] | None:
        end = start
        beside = False
        while end < min(len(self.items), start + 24):
            item = self.items[end]
            if item.plain == "," and not beside and end > start:
                following = self._original(end + 1) if end + 1 < len(self.items) else ""
                starts = self._plain(end + 1) in _DETERMINERS or following[:1].isupper()
                close = next(
                    (
                        index
                        for index in range(end + 1, min(len(self.items), end + 12))
                        if self._plain(index) in (",", ".", ";")
                    ),
                    None,
                )
                if not starts or close is None:
                    break
                return start, close
            if item.quote is not None or (not item.is_word and item.plain not in ("-", "&")):
                break
            if end > start and item.plain in _WHEN - {"of", "for", "from", "with", "in", "at"}:
                break
            if item.plain in _CONNECTIVES or item.plain in ENGLISH_VERBS:
                break
            end += 1
        return (start, end) if end > start else None

    # According to

    def _according(self, at: int) -> None:
        name = self._name_after(at + 2)
        if name is None:
            return
        if at <= self.taken + 1:
            # `According to the ministry, the bridge …`: to the first comma.
            name = (name[0], next((k for k in range(*name) if self._plain(k) == ","), name[1]))
            start, end = name[1] + 1, len(self.items)
            if self._plain(name[1]) != ",":
                return
            while end > start and not self._is_content(end - 1):
                end -= 1
        else:
            if self.found and self.found[-1].end <= self.items[at].start and self.taken:
                link = Mention(self.items[name[0]].start, self.items[name[1] - 1].end)
                self.found[-1].chain.append(link)
                return
            start, end = self.taken, at
            while end > start and not self._is_content(end - 1):
                end -= 1
        if self._words(start, end) < 4:
            return
        self.speaker = self.voices.heard(self.items[name[0]].start, self.items[name[1] - 1].end)
        quote = self.items[start].quote
        if quote is not None and end - start == 1 and self._is_saying(quote):
            self._add(quote, "quoted_before_verb", at, self.speaker)
        else:
            self._add_span(start, end, "attributed", at, self.speaker)
        self.taken = len(self.items) if start > at else name[1]

    # Results

    def _is_content(self, at: int) -> bool:
        item = self.items[at]
        return item.is_word or item.quote is not None or item.plain in (")", "]", "%")

    def _verb_span(self, at: int) -> Span:
        return Span(self.items[at].start, self.items[at].end)

    def _add(self, quote: Quote | None, reason: Reason, at: int, speaker: Mention | None) -> None:
        if quote is None:
            return
        end = quote.end
        while end > quote.start and self.text[end - 1] in ",;":
            end -= 1
        self._keep(Candidate(quote.start, end, "direct", reason, self._verb_span(at), speaker))

    def _add_span(
        self, start: int, end: int, reason: Reason, at: int, speaker: Mention | None
    ) -> None:
        a, b = self.items[start].start, self.items[end - 1].end
        self._keep(Candidate(a, b, "indirect", reason, self._verb_span(at), speaker))
        self.taken = max(self.taken, end)

    def _keep(self, candidate: Candidate) -> None:
        if candidate.end > candidate.start and not any(
            it.start < candidate.end and candidate.start < it.end for it in self.found
        ):
            self.found.append(candidate)

    def _other_quotes(self) -> None:
        """The second half of a quotation, or a sentence of quotation after one."""
        for at, item in enumerate(self.items):
            quote = item.quote
            if quote is None or not self._is_saying(quote):
                continue
            if not (self.speaker is not None and at > 0) and not (self.follows_quote and at == 0):
                continue
            words = sum(token.is_word for token in tokens_of(self.text, quote.start, quote.end))
            if words < 5 and at > 0:
                continue
            speaker = self.speaker or self.voices.last()
            self._keep(Candidate(quote.start, quote.end, "direct", "quoted_again", None, speaker))
