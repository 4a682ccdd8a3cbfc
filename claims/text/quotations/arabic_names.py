"""Who speaks in an Arabic sentence, and through whom."""

from __future__ import annotations

from itertools import islice

from claims.text.quotations import arabic_words as words
from claims.text.quotations.arabic_clauses import Clauses, Event
from claims.text.quotations.found import Mention
from claims.text.quotations.marks import Quote
from claims.text.quotations.sentences import Item
from claims.text.quotations.tokens import tokens_of
from claims.text.quotations.verbs import ARABIC_VERBS, Gender
from claims.text.quotations.voices import Voices


class Namings(Clauses):
    """A sentence in which names are found. taken: the items before it belong to what was said."""

    def __init__(self, text: str, items: list[Item], voices: Voices) -> None:
        super().__init__(text, items)
        self.voices = voices
        self.taken = 0

    def _heard(self, span: tuple[int, int], gender: Gender) -> Mention:
        start, end = self.items[span[0]].start, self.items[span[1] - 1].end
        return self.voices.heard(*self._without_marks(start, end, span), gender)

    def _without_marks(self, start: int, end: int, span: tuple[int, int]) -> tuple[int, int]:
        only = self.items[span[0]].quote
        if span[1] - span[0] == 1 and only is not None:
            return only.start, only.end
        return start, end

    def _is_object(self, event: Event, at: int) -> bool:
        """`described his rival as …`, `denied it`: no subject, but whom or what it is about."""
        word = self._plain(at)
        if event.verb.says in ("وصف", "اتهم") and word.endswith(words.OBJECTS):
            return True
        return word in words.NOUNS_SAID or words.is_noun_of_action(word, owned=True)

    def _name(self, start: int, stop: int) -> tuple[int, int] | None:
        """The name that begins at an item, with titles and what stands beside it, before `stop`."""
        at = start
        end = start
        beside: int | None = None
        while at < stop:
            item = self.items[at]
            word = item.plain
            if item.quote is not None:
                if self._is_saying(at) or self._is_relay(at):
                    break
                at += 1
                end = at
                continue
            if word in words.COMMAS:
                beside = self._beside(at, stop) if beside is None else None
                if beside is None:
                    break
                at = end = beside
                continue
            if word == "(":
                close = next(
                    (k for k in range(at, min(at + 8, stop)) if self._plain(k) == ")"), None
                )
                if close is None:
                    break
                at = close + 1
                end = at
                continue
            if not item.is_word:
                if word in ("-", "/", "&") and at > start:
                    at += 1
                    continue
                break
            if self._stops_name(at, start):
                break
            at += 1
            end = at
        if end <= start or end - start > 40:
            return None
        return start, end

    def _stops_name(self, at: int, start: int) -> bool:
        word = self._plain(at)
        before = self._plain(at - 1) if at > start else ""
        if word in (words.FROM, words.OF, words.ON):
            return before not in words.NAME_GOES_ON
        if word == words.IN_WORD:
            roles = {self._plain(k) for k in range(max(start, at - 4), at)} & words.ROLES
            return not roles or self._is_occasion(at + 1)
        if word in words.STOPS_A_NAME or word in words.RELAYS_TO or word in words.RELATIVE:
            return True
        if at > start and word in words.NOUNS_AFTER_NAMES:
            return True
        if word in words.ALL_THAT:
            return True
        return word in (words.LAM, words.BA) or self._is_relay(at)

    def _is_occasion(self, at: int) -> bool:
        """Whether a word names when or where something was said, not whose it is."""
        word = self._plain(at).removeprefix(words.AL)
        return word in words.OCCASIONS or word[:1].isdigit()

    def _is_relay(self, at: int) -> bool:
        """Whether an item is the outlet to which something was said: `لـ«…»`, `لوكالة …`."""
        if self.items[at].quote is not None:
            return self._plain(at - 1) in (words.LAM, words.VIA)
        return self._plain(at) in words.RELAYS_TO

    def _beside(self, comma: int, stop: int) -> int | None:
        """Where a second naming between commas ends, after the comma: `the minister, X, said`."""
        at = comma + 1
        if at >= stop or not self.items[at].is_word or self._stops_name(at, at):
            return None
        if self._plain(at)[:1] == words.WAW and self._plain(at)[1:] not in words.NAME_GOES_ON:
            return None
        if any(event.at == at for event in self.events):
            return None
        for end in range(at, min(at + 14, stop + 1)):
            if end == stop or self._plain(end) in words.COMMAS:
                if any(
                    event.at > at and event.at < end and event.kind == "verb"
                    for event in self.events
                ):
                    return None
                for inside in range(at + 1, end):
                    if self._stops_name(inside, at) and self._plain(inside) not in words.IN:
                        return inside
                while end > at and not self._is_content(end - 1):
                    end -= 1
                return end
        return None

    def _name_before(self, event: Event) -> tuple[int, int] | None:
        """The name before a verb: `وكان … قد أعلن`, `أن … أعلن`."""
        if event.joined or event.at == 0:
            return None
        at = event.at
        while at > 0 and self._plain(at - 1) in words.QAD:
            at -= 1
        before = self._plain(at - 1)
        if before in words.THAT and at >= 2:
            return self._had_before(at - 1)
        first = self.taken
        was = next(
            (k for k in range(first, min(first + 2, at)) if self._plain(k) in words.WAS), None
        )
        if was is not None:
            span = self._name(was + 1, at)
            return span if span and at - span[1] <= 12 else None
        if at != event.at and before in words.COMMAS:
            return None
        if before in words.NO_SUBJECT or before in words.COMMAS or not self.items[at - 1].is_word:
            return None
        if before in words.RELATIVE:
            return self._titled_before(at - 1)
        return self._before(at, max(first, at - 12), subject=True)

    def _before(self, stop: int, limit: int, *, subject: bool) -> tuple[int, int] | None:
        """The words before an item, back to a pause or a word that belongs to no name."""
        start = stop
        while start > limit:
            item = self.items[start - 1]
            if not (item.is_word or item.quote is not None) or item.plain in words.NO_NAME:
                break
            if item.plain[:1] == words.WAW and item.plain[1:] in words.STOPS_A_NAME:
                break
            start -= 1
        # What a preposition goes before is no subject: "in London he said …".
        if subject and self._plain(start - 1).removeprefix(words.WAW) in words.PREPOSITIONS:
            return None
        return (start, stop) if 0 < stop - start <= 11 else None

    def _titled_before(self, stop: int) -> tuple[int, int] | None:
        """Who `who says` is about: the naming that begins with a title."""
        for at in range(stop - 1, max(-1, stop - 25), -1):
            word = self._plain(at)
            if word in words.COMMAS or word in words.THAT:
                break
            if word in words.TITLES and self._plain(at - 1) not in words.TITLES:
                return self._name(at, stop)
        return self._before(stop, max(0, stop - 5), subject=False)

    def _had_before(self, that: int) -> tuple[int, int] | None:
        """`وسبق لـ… أن أعلن`."""
        for at in range(that - 1, max(-1, that - 12), -1):
            if self._plain(at) in words.HAD_BEFORE:
                return (at + 1, that) if that - at > 1 else None
        return None

    def _subject(self, before: int) -> tuple[int, int] | None:
        """Where the one is named whom the sentence is about, its first word taken for a verb."""
        at = 0
        while self._plain(at) in words.OPENERS:
            at += 1
        word = self._plain(at)
        bare = word[1:] if word.startswith(words.WAW) and len(word) > 3 else word
        if bare in words.NO_SUBJECT or bare in words.STOPS_A_NAME or not word:
            return None
        if self._plain(at + 1) in words.THAT:  # it seems that …
            at, word, bare = at + 2, "", ""
        opened = self._plain(at - 1) if at else ""
        if bare.startswith(words.AL) or opened in words.ALL_THAT:
            span = self._name(at, min(before, at + 9))
        else:
            span = self._name(at + 1, min(before, at + 16))
        if span is None:
            return None
        first = self.items[span[0]]
        start = first.start + (span[0] == at and bare != word)
        return start, self.items[span[1] - 1].end

    def _speaker_within(self, quote: Quote) -> Mention | None:
        """`"the command issued a statement, saying that …"`: the words are the command's."""
        first = [
            it for it in islice(tokens_of(self.text, quote.start, quote.end), 16) if it.is_word
        ]
        issued = next(
            (at for at, it in enumerate(first) if it.plain in words.STATEMENT_VERBS), None
        )
        if not issued or not any(it.plain in ARABIC_VERBS for it in first[issued + 1 :]):
            return None
        return self.voices.heard(first[0].start, first[issued - 1].end)

    def _relays(self, start: int, stop: int) -> list[Mention]:
        found = []
        for at in range(start, min(stop, len(self.items))):
            quote = self.items[at].quote
            before = self._plain(at - 1)
            if quote is None or self._is_saying(at):
                continue
            posted = before == words.ON and self._plain(at - 2) in words.POSTS
            if posted or before in words.THROUGH_OUTLET:
                found.append(Mention(quote.start, quote.end))
        return found

    def _joined_for(self, at: int) -> int:
        """One when the name begins with a joined ل, as after وفقا."""
        word = self._plain(at)
        before = self._plain(at - 1)
        return int(
            before == words.ACCORDING_TO
            and word.startswith(words.LAM)
            and len(word) > 3
            and self.text[self.items[at].start] == "ل"
        )

    def _source(self, at: int, stop: int) -> tuple[int, int] | None:
        """Whom `according to` names: `ما ذكرته مجلة …` is the magazine."""
        word = self._plain(at)
        if word == words.WHAT or self._plain(at - 1) in words.WITH_MA:
            at += 1 + (word == words.WHAT)
            if self._plain(at) in words.ABOUT_IT:
                at += 1
        elif word == words.LAM:
            at += 1
        elif word in words.SAYING_OF:
            at += 1
            if self._plain(at) in words.SAYING_OF:
                at += 1
        if self._plain(at) in words.IN:
            at += 1
        first = self.items[at].quote if at < len(self.items) else None
        if first is not None and not self._is_saying(at):
            return at, at + 1
        end = at
        while end < stop and (self.items[end].is_word or self.items[end].quote is not None):
            if end > at and self._stops_name(end, at):
                break
            end += 1
        if end == at or end - at > 12:
            return None
        return at, end
