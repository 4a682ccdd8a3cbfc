"""How the reporting words of an Arabic sentence go on, and where what is said ends."""

from __future__ import annotations

from dataclasses import dataclass

from claims.text.quotations import arabic_words as words
from claims.text.quotations.marks import Quote
from claims.text.quotations.sentences import Item
from claims.text.quotations.tokens import plain, tokens_of
from claims.text.quotations.verbs import ARABIC_VERBS, Verb

FEWEST_QUOTED = 3
"""Words; what is shorter is a name or a label."""

MOST_EVENTS = 60
"""Reporting words of a sentence; what has more is no sentence."""

WINDOW = 60
"""Items after a reporting word within which what is said begins."""


@dataclass(slots=True)
class Event:
    """A reporting word: at which item, and what it is."""

    at: int
    kind: str  # verb, participle, relay, according
    verb: Verb
    joined: bool
    word: str


@dataclass(slots=True)
class Going:
    """How an event goes on: where what is said begins, and where the words before it end."""

    start: int
    before: int
    quote: Quote | None = None


class Clauses:
    """A sentence with its reporting words. items: its words, marks and quotations."""

    def __init__(self, text: str, items: list[Item]) -> None:
        self.text = text
        self.items = items
        self.events = self._events()
        # From the last to the first: each reaches as far as the next that leads to something.
        self.goings: dict[int, Going | None] = {}
        self.limits: dict[int, int] = {}
        for index in range(len(self.events) - 1, -1, -1):
            event = self.events[index]
            self.limits[event.at] = limit = self._limit(index)
            self.goings[event.at] = self._going(event, limit)

    def _events(self) -> list[Event]:
        found = []
        for at, item in enumerate(self.items):
            if item.is_word and (event := self._event(at, item.plain)) is not None:
                found.append(event)
        return found[:MOST_EVENTS]

    def _event(self, at: int, word: str) -> Event | None:
        joined = False
        for candidate in (
            word,
            word[1:] if word[:1] in (words.WAW, words.FA) and len(word) > 3 else "",
        ):
            if not candidate:
                continue
            joined = candidate != word
            if candidate in words.RELAYS:
                return Event(at, "relay", words.RELAYS[candidate], joined, candidate)
            if candidate in words.ACCORDING:
                return Event(at, "according", words.NO_VERB, joined, candidate)
            if (gender := words.WORDS_OF.get(candidate)) is not None:
                verb = Verb("strong", frozenset(), participle=True, gender=gender)  # type: ignore[arg-type]
                return Event(at, "participle", verb, joined, candidate)
            verb_found = ARABIC_VERBS.get(candidate) or self._with_object(candidate)
            if verb_found is not None:
                if self._means_something_else(at, candidate, joined, verb_found):
                    return None
                kind = "participle" if verb_found.participle else "verb"
                return Event(at, kind, verb_found, joined, candidate)
        return None

    def _with_object(self, word: str) -> Verb | None:
        for ending in ("هما", "ها", "هم", "ه"):
            stem = word[: -len(plain(ending))]
            if word.endswith(plain(ending)) and stem in words.WITH_OBJECT:
                return ARABIC_VERBS.get(stem)
        return None

    def _means_something_else(self, at: int, word: str, joined: bool, verb: Verb) -> bool:
        following = self._plain(at + 1)
        before = self._plain(at - 1)
        if word in words.PASSIVE_LOOKS and following in words.ALL_THAT:
            return True
        if before in words.NOT and not verb.participle:
            return True
        if verb.present and (
            before in words.THAT or (before == words.AS_WELL and word == words.YOU_SEE)
        ):
            return True
        if verb.says == "عبر" and not verb.participle:
            return not any(self._plain(k) == words.OF for k in range(at + 1, at + 8))
        if word == words.VOICE:  # a noun, but at the beginning of a sentence: voted
            return not (joined and at == 0)
        if word == words.BETWEEN:
            return not (joined and at == 0) and following not in words.ALL_THAT
        return False

    def _plain(self, at: int) -> str:
        return self.items[at].plain if 0 <= at < len(self.items) else ""

    def _limit(self, index: int) -> int:
        """Up to which item the words after an event may lead to what is said.

        A verb that says nothing by itself does not come between one that does and its أن.
        """
        first = self.events[index]
        limit = min(len(self.items), first.at + WINDOW)
        weak_counts = first.kind != "verb" or first.verb.needs != "strong"
        for event in self.events[index + 1 : index + 1 + WINDOW]:
            if event.at >= limit:
                break
            strong = event.kind == "verb" and event.verb.needs == "strong"
            leads = self.goings[event.at] is not None
            if strong or (leads and (event.kind == "participle" or weak_counts)):
                return event.at
        return limit

    def _going(self, event: Event, limit: int) -> Going | None:
        """Where what is said begins; None when the word leads to nothing."""
        items, verb = self.items, event.verb
        takes = verb.takes
        by_noun: int | None = None
        by_b: int | None = None
        by_comma: int | None = None
        at = event.at + 1
        end = min(limit, event.at + WINDOW, len(items))
        while at < end and self._plain(at) in words.ADVERBS:
            at += 1
        if verb.says in words.WITH_NOUN and at < end and self._is_noun_said(event, at):
            return Going(at, at)
        while at < end:
            item = items[at]
            word = item.plain
            if item.quote is not None:
                if self._is_saying(at):
                    return Going(at, at, item.quote)
            elif word == ":" and not self.text[item.end : item.end + 1].isdigit():
                return self._after_colon(at)
            elif word in words.ALL_THAT:
                if self._leads_on(event, at):
                    before = at - 1 if self._plain(at - 1) in words.TO else at
                    return Going(at + (word in words.THAT), before)
            elif verb.needs != "quote":
                if word in takes and word != words.BA:
                    following = self._plain(at + 1)
                    other = self._plain(at - 1) in words.BEFORE_OTHER_OF
                    if following not in words.AFTER_OTHER_PREPOSITION and not other:
                        if by_noun is not None and self._is_owned(by_noun):
                            return Going(by_noun, by_noun)
                        return Going(at + 1, at)
                if (
                    by_noun is None
                    and verb.says in words.WITH_NOUN
                    and self._is_noun_said(event, at)
                ):
                    by_noun = at
                if (
                    by_b is None
                    and words.BA in takes
                    and word.startswith(words.BA)
                    and len(word) > 3
                    and word not in words.OTHER_B
                ):
                    by_b = at
                if word in words.COMMAS and by_comma is None:
                    by_comma = at
            at += 1
        if by_noun is not None:
            return Going(by_noun, by_noun)
        if by_b is not None:
            return Going(by_b, by_b)
        if verb.needs == "strong" or verb.says == "بين":
            return self._after_comma(event, by_comma, end)
        return None

    def _leads_on(self, event: Event, that: int) -> bool:
        """Whether this أن is the one that the reporting word asks for."""
        before = self._plain(that - 1)
        if before in words.BEFORE_OTHER_THAT or event.verb.says in ("عبر", "أعرب"):
            return False
        if before in (words.IN_WORD, words.FROM) and before not in event.verb.takes:
            return False
        return event.verb.needs != "quote" or that - event.at <= 4

    def _is_saying(self, at: int) -> bool:
        """Whether the quotation at an item is somebody's words, not a name, a title or a label."""
        quote = self.items[at].quote
        assert quote is not None
        size = sum(token.is_word for token in tokens_of(self.text, quote.start, quote.end))
        if size < FEWEST_QUOTED:
            return False
        return not (self._plain(at - 1) in words.AFTER_WORKS and size < 12)

    def _after_colon(self, colon: int) -> Going | None:
        at = colon + 1
        if at >= len(self.items):
            return None
        item = self.items[at]
        if item.quote is not None and self._is_saying(at):
            return Going(at, colon, item.quote)
        return Going(at, colon)

    def _is_owned(self, at: int) -> bool:
        return words.is_noun_of_action(self._plain(at), owned=True)

    def _is_noun_said(self, event: Event, at: int) -> bool:
        """Whether what is said begins here with a verbal noun: `announced the closing of …`."""
        word, before = self._plain(at), self._plain(at - 1)
        if at == event.at + 1 or before in words.ADVERBS:
            return word in words.NOUNS_SAID or self._is_owned(at)
        if word in words.NOUNS_AFTER_NAMES:
            return True
        noun = words.is_noun_of_action(word) or word in words.NOUNS_SAID
        pause = before in words.COMMAS or before in words.TIMES or before == ")"
        if pause or self.items[at - 1].quote is not None:
            return noun or self._is_owned(at)
        if event.kind != "verb":
            return False
        # After a name, which has an article or goes before: "announced Iraq the liberation of …".
        owned = self._is_owned(at) and before not in words.TITLES | words.ROLES
        return owned or (noun and before.startswith(words.AL))

    def _after_comma(self, event: Event, comma: int | None, end: int) -> Going | None:
        """ "And he added, there is …": what is said begins after the name and where it was said."""
        if comma is None or event.kind != "verb" or not (event.joined or event.at == 0):
            return None
        if event.verb.says in words.NO_SUCH_COMMA:
            return None
        if comma - event.at > 10 or end - comma < 5:
            return None
        return Going(comma + 1, comma)

    def _leading_quote(self, start: int, stop: int) -> tuple[int, Quote] | None:
        """The quotation with which what is said begins, after a few words."""
        for at in range(start, min(stop, start + 4)):
            quote = self.items[at].quote
            if quote is not None and self._is_saying(at):
                size = quote.end - quote.start
                before = self.items[at].start - self.items[start].start
                if before <= size // 4 or at - start <= 1:
                    return at, quote
        return None

    def _end_of_said(self, start: int, event: Event) -> int:
        items = self.items
        following = iter([it for it in self.events if it.at > start])
        away = words.TAKEN_AWAY
        if event.verb.says in words.BY_VOTE:
            away = away | words.WITH_REASON
        upcoming = next(following, None)
        for at in range(start + 1, len(items)):
            while upcoming is not None and upcoming.at < at:
                upcoming = next(following, None)
            word = items[at].plain
            if upcoming is not None and upcoming.at == at and self._ends_before(upcoming):
                return at
            if word in words.COMMAS and self._plain(at + 1) in away:
                return at
            if word in words.WHILE and at - start > 2:
                return at
        return len(items)

    def _ends_before(self, event: Event) -> bool:
        if event.kind == "according":
            return self._is_attribution(event)
        if event.kind == "relay":
            return event.joined
        before = self._plain(event.at - 1)
        leads = self.goings[event.at] is not None
        if event.kind == "participle":
            after_pause = before in words.COMMAS or event.joined or before == words.WAW
            his_word = event.word in words.WORDS_OF
            may = after_pause or his_word or event.word in words.PLAIN_PARTICIPLES
            return leads and may
        if event.verb.needs == "clause":
            return event.joined and self._direct_clause(event)
        parts = event.joined or before in words.WHERE or before in words.COMMAS
        return parts and leads

    def _direct_clause(self, event: Event) -> bool:
        nearby = {self._plain(at) for at in range(event.at + 1, event.at + 4)}
        return bool(nearby & words.ALL_THAT)

    def _is_attribution(self, event: Event) -> bool:
        """`by source`, not `by subject`: after a pause, or naming an outlet or what one said."""
        following = self._plain(event.at + 1)
        if (
            event.at <= 1
            or self._plain(event.at - 1) in words.COMMAS
            or event.word in words.WITH_MA
        ):
            return True
        quoted = event.at + 1 < len(self.items) and self.items[event.at + 1].quote is not None
        return quoted or following in words.OUTLETS or following in words.WHAT_ONE_SAID

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self._plain(start) in words.THAT | words.COMMAS | {":", "-"}:
            start += 1
        while end > start and not self._is_content(end - 1):
            end -= 1
        return start, end

    def _is_content(self, at: int) -> bool:
        item = self.items[at]
        if item.quote is not None or item.plain in (")", "]", "%"):
            return True
        return item.is_word and item.plain not in words.LEADS_AWAY

    def _words(self, start: int, end: int) -> int:
        return sum(item.is_word or item.quote is not None for item in self.items[start:end])
