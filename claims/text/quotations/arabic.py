"""Candidate claims of an Arabic sentence.

A reporting word is found, then how it goes on (أن, a quotation, a colon, its preposition, a noun,
a comma); what stands between is who speaks and where; what is said ends with the sentence or where
another word is had. Each step looks at a bounded number of items.
"""

from __future__ import annotations

from dataclasses import dataclass

from claims.text.quotations import lexicon
from claims.text.quotations.found import Candidate, Mention, Reason, Span
from claims.text.quotations.lexicon import ARABIC_VERBS, Verb
from claims.text.quotations.marks import Quote
from claims.text.quotations.sentences import Item, Sentence
from claims.text.quotations.tokens import plain, tokens_of
from claims.text.quotations.voices import Voices

FEWEST_QUOTED = 3
"""Words; what is shorter is a name or a label."""

_WINDOW = 60
_COMMAS = frozenset(",;؛،")
_AL = plain("ال")
_WAW = plain("و")
_FA = plain("ف")
_LAM = plain("ل")
_BA = plain("ب")


def _plains(words: str) -> frozenset[str]:
    return frozenset(map(plain, words.split()))


_QAD = _plains("قد لقد")
_WAS = _plains("كان كانت وكان وكانت كانوا وكانوا")
_RELATIVE = _plains("الذي التي الذين")
_NO_SUBJECT = _plains(
    "كما حيث بينما فيما عندما بعدما وقد إذ ثم و ف أنه كذلك قد لم لا ولم ولا حين وبينما وكما هل ما"
)
_BEFORE_OTHER_THAT = _plains(
    "قبل بعد دون يجب يمكن ينبغي منذ غير إلا لولا رغم حتى ويجب لابد يفترض سبق المقرر المفترض الممكن"
)
_OTHER_B = _plains("بعد بين بحسب بيان بيانات بدء برنامج بلاده بلادها بدوره بدورها بها به بشكل "
                   "بشأن بمناسبة بعدما بينما باسم بالقرب بوزارة بمجلس بخصوص بجانب بحضور برئاسة")
_FOUND_OUT = _plains(
    "استطلاع دراسة إحصائية إحصائيات إحصاءات بيانات تقرير تقارير نتائج أرقام وثائق وثيقة بحث "
    "تحقيقات تحقيق أبحاث مسح مؤشر"
)
_STATEMENT_VERBS = _plains("أصدر أصدرت نشر نشرت")
_OBJECTS = tuple(_plains("ه ها هم هما"))
_WITH_OBJECT = _plains("وصف وصفت يصف تصف اتهم اتهمت أبلغ أبلغت أخبر أخبرت سأل سألت خاطب خاطبت "
                       "ناشد ناشدت")


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


_NO_VERB = Verb("strong", frozenset())


def read(text: str, sentence: Sentence, voices: Voices, *, follows_quote: bool) -> list[Candidate]:
    return _Reading(text, sentence, voices, follows_quote=follows_quote).candidates()


class _Reading:
    def __init__(
        self, text: str, sentence: Sentence, voices: Voices, *, follows_quote: bool
    ) -> None:
        self.text = text
        self.items = sentence.items
        self.voices = voices
        self.follows_quote = follows_quote
        self.events = self._events()
        self.found: list[Candidate] = []
        self.speaker: Mention | None = None
        self.taken = 0  # items before this one belong to what was said already
        self.outer: list[Mention] = []

    # Reporting words

    def _events(self) -> list[Event]:
        found = []
        for at, item in enumerate(self.items):
            if item.is_word and (event := self._event(at, item.plain)) is not None:
                found.append(event)
        return found

    def _event(self, at: int, word: str) -> Event | None:
        joined = False
        for candidate in (word, word[1:] if word[:1] in (_WAW, _FA) and len(word) > 3 else ""):
            if not candidate:
                continue
            joined = candidate != word
            if candidate in _RELAYS:
                return Event(at, "relay", _RELAYS[candidate], joined, candidate)
            if candidate in lexicon.ACCORDING:
                return Event(at, "according", _NO_VERB, joined, candidate)
            if (gender := lexicon.WORDS_OF.get(candidate)) is not None:
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
            if word.endswith(plain(ending)) and stem in _WITH_OBJECT:
                return ARABIC_VERBS.get(stem)
        return None

    def _means_something_else(self, at: int, word: str, joined: bool, verb: Verb) -> bool:
        following = self._plain(at + 1)
        before = self._plain(at - 1)
        if word in lexicon.PASSIVE_LOOKS and following in lexicon.THAT | lexicon.THAT_WITH:
            return True
        if before in lexicon.NOT and not verb.participle:
            return True
        if word == plain("بين"):
            return not (joined and at == 0) and following not in lexicon.THAT | lexicon.THAT_WITH
        return False

    def _plain(self, at: int) -> str:
        return self.items[at].plain if 0 <= at < len(self.items) else ""

    # The claims of the sentence

    def candidates(self) -> list[Candidate]:
        for index, event in enumerate(self.events):
            if event.at < self.taken and not self._breaks_out(event):
                continue
            limit = self._limit(index)
            if event.kind == "according":
                self._according(event, limit)
            elif event.kind == "relay":
                self._relayed(event, limit)
            else:
                self._reported(event, limit)
        self._other_quotes()
        return self.found

    def _breaks_out(self, event: Event) -> bool:
        return False

    def _limit(self, index: int) -> int:
        """Up to which item the words that follow an event may lead to what is said."""
        at = self.events[index].at
        limit = min(len(self.items), at + _WINDOW)
        for event in self.events[index + 1 :]:
            if event.at >= limit:
                break
            if event.kind == "verb" and event.verb.needs == "strong":
                return event.at
            if event.kind == "participle" and self._going(event, limit) is not None:
                return event.at
            if event.kind == "verb" and self._going(event, limit) is not None:
                return event.at
        return limit

    def _reported(self, event: Event, limit: int) -> None:
        going = self._going(event, limit)
        speaker = self._speaker_of(event, limit if going is None else going.before)
        if going is None:
            if event.kind == "verb" and event.verb.needs == "strong" and speaker is not None:
                self.speaker = speaker
                if self._plain(limit - 1) == plain("كما"):
                    self.outer = [speaker]
            return
        if speaker is not None:
            self.speaker = speaker
            self.voices.spoke(speaker, event.verb.gender)
        self._propose(event, going, speaker, self._relays(event.at + 1, going.before))

    def _propose(
        self,
        event: Event,
        going: Going,
        speaker: Mention | None,
        chain: list[Mention],
    ) -> None:
        chain = [*self.outer, *chain]
        self.outer = []
        verb = Span(self.items[event.at].start, self.items[event.at].end)
        if going.quote is not None:
            self._quoted(going.quote, going.start, "quoted_after_verb", verb, speaker, chain)
            return
        stop = self._end_of_said(going.start, event)
        near = self._leading_quote(going.start, stop)
        if near is not None:
            at, quote = near
            self._quoted(quote, at, "quoted_after_verb", verb, speaker, chain)
            return
        start, end = self._trimmed(going.start, stop)
        if start >= end or self._words(start, end) < 2 or self._is_attitude(event, start):
            return
        reason: Reason = (
            "reported_by_participle" if event.kind == "participle" else "reported_after_verb"
        )
        self._add(
            Candidate(
                self.items[start].start,
                self._end_in_text(start, end),
                "indirect",
                reason,
                verb,
                speaker,
                chain,
            )
        )
        self.taken = end

    def _quoted(
        self,
        quote: Quote,
        at: int,
        reason: Reason,
        verb: Span | None,
        speaker: Mention | None,
        chain: list[Mention],
    ) -> None:
        inner = self._speaker_within(quote)
        if inner is not None and speaker is not None:
            speaker, chain = inner, [speaker, *chain]
        self._add(Candidate(quote.start, quote.end, "direct", reason, verb, speaker, chain))
        self.taken = at + 1

    def _add(self, candidate: Candidate) -> None:
        if not self.found or candidate.start >= self.found[-1].end:
            self.found.append(candidate)

    # How a reporting word goes on

    def _going(self, event: Event, limit: int) -> Going | None:
        """Where what is said begins; None when the word leads to nothing."""
        items, verb = self.items, event.verb
        takes = verb.takes
        by_noun: int | None = None
        by_b: int | None = None
        by_comma: int | None = None
        at = event.at + 1
        end = min(limit, event.at + _WINDOW, len(items))
        while at < end:
            item = items[at]
            word = item.plain
            if item.quote is not None:
                if self._is_saying(at):
                    return Going(at, at, item.quote)
            elif word == ":":
                return self._after_colon(at)
            elif word in lexicon.THAT or word in lexicon.THAT_WITH:
                if self._plain(at - 1) not in _BEFORE_OTHER_THAT and self._may_clause(event, at):
                    before = at - 1 if self._plain(at - 1) in lexicon.TO else at
                    return Going(at + (word in lexicon.THAT), before)
            elif verb.needs != "quote":
                if word in takes and word != _BA:
                    following = self._plain(at + 1)
                    if following not in lexicon.THAT and following not in lexicon.THAT_WITH:
                        return Going(at + 1, at)
                if by_noun is None and self._is_noun_said(event, at):
                    by_noun = at
                if (
                    by_b is None
                    and _BA in takes
                    and word.startswith(_BA)
                    and len(word) > 3
                    and word not in _OTHER_B
                ):
                    by_b = at
                if word in _COMMAS and by_comma is None:
                    by_comma = at
            at += 1
        if verb.needs == "strong" or verb.takes:
            if by_noun is not None and verb.needs == "strong":
                return Going(by_noun, by_noun)
            if by_b is not None:
                return Going(by_b, by_b)
        if verb.needs == "strong" or verb.says == "بين":
            return self._after_comma(event, by_comma, end)
        return None

    def _may_clause(self, event: Event, at: int) -> bool:
        return event.verb.needs != "quote" or at - event.at <= 4

    def _is_saying(self, at: int) -> bool:
        """Whether the quotation at an item is somebody's words, not a name, a title or a label."""
        quote = self.items[at].quote
        assert quote is not None
        words = sum(token.is_word for token in tokens_of(self.text, quote.start, quote.end))
        if words < FEWEST_QUOTED:
            return False
        return not (self._plain(at - 1) in lexicon.AFTER_WORKS and words < 12)

    def _after_colon(self, colon: int) -> Going | None:
        at = colon + 1
        if at >= len(self.items):
            return None
        item = self.items[at]
        if item.quote is not None and self._is_saying(at):
            return Going(at, colon, item.quote)
        return Going(at, colon)

    def _is_noun_said(self, event: Event, at: int) -> bool:
        word = self._plain(at)
        if at == event.at + 1 or self._plain(at - 1) in _ADVERBS:
            return word in lexicon.NOUNS_SAID or _is_noun_of_action(word, owned=True)
        if self._plain(at - 1) in _COMMAS:
            return _is_noun_of_action(word) or word in lexicon.NOUNS_SAID
        if at == event.at + 1:
            return False
        before = self._plain(at - 1)
        # After a name, which ends with an article or in a name: "announced Iraq liberation of …"
        return (
            before.startswith(_AL)
            and not word.startswith(_AL)
            and (_is_noun_of_action(word) or word in lexicon.NOUNS_SAID)
            and event.kind == "verb"
        )

    def _after_comma(self, event: Event, comma: int | None, end: int) -> Going | None:
        """"And he added, there is …": what is said begins after the name and where it was said."""
        if comma is None or event.kind != "verb" or not (event.joined or event.at == 0):
            return None
        if self.items[event.at].plain in _COMMON_NOT_COMMA:
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

    # Where what is said ends

    def _end_of_said(self, start: int, event: Event) -> int:
        items = self.items
        following = iter([it for it in self.events if it.at > start])
        upcoming = next(following, None)
        for at in range(start + 1, len(items)):
            while upcoming is not None and upcoming.at < at:
                upcoming = next(following, None)
            word = items[at].plain
            if upcoming is not None and upcoming.at == at and self._ends_before(upcoming):
                return at
            if (
                word in _COMMAS
                and self._plain(at + 1) in lexicon.ENDS_WHAT_IS_SAID - _WHERE
            ):
                return at
            if word in _WHILE and at - start > 2:
                return at
        return len(items)

    def _ends_before(self, event: Event) -> bool:
        if event.kind == "according":
            return True
        if event.kind == "relay":
            return event.joined
        limit = min(len(self.items), event.at + _WINDOW)
        before = self._plain(event.at - 1)
        if event.kind == "participle":
            after_pause = before in _COMMAS or event.joined or before == _WAW
            his_word = event.word in lexicon.WORDS_OF
            return (after_pause or his_word or event.word in _PLAIN_PARTICIPLES) and self._going(
                event, limit
            ) is not None
        parts = event.joined or before in _WHERE or before in _COMMAS
        return parts and self._going(event, limit) is not None and event.verb.needs != "clause" or (
            event.joined and event.verb.needs == "clause" and self._direct_clause(event)
        )

    def _direct_clause(self, event: Event) -> bool:
        nearby = {self._plain(at) for at in range(event.at + 1, event.at + 4)}
        return bool(nearby & (lexicon.THAT | lexicon.THAT_WITH))

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while start < end and self._plain(start) in lexicon.THAT | _COMMAS | {":", "-"}:
            start += 1
        while end > start and not self._is_content(end - 1):
            end -= 1
        return start, end

    def _is_content(self, at: int) -> bool:
        item = self.items[at]
        if item.quote is not None or item.plain in (")", "]", "%"):
            return True
        return item.is_word and item.plain not in (_WAW, plain("كما"))

    def _end_in_text(self, start: int, end: int) -> int:
        return self.items[end - 1].end

    def _words(self, start: int, end: int) -> int:
        return sum(item.is_word or item.quote is not None for item in self.items[start:end])

    def _is_attitude(self, event: Event, start: int) -> bool:
        return self._plain(start) in lexicon.ATTITUDES

    # Who speaks

    def _speaker_of(self, event: Event, before: int) -> Mention | None:
        gender = event.verb.gender
        if event.kind == "participle":
            if event.word in lexicon.WORDS_OF and self.speaker is None:
                return self.voices.last(gender)
            return self.speaker or self._initial_subject() or self.voices.last(gender)
        start = event.at + 1
        while self._plain(start) in _ADVERBS:
            start += 1
        if event.verb.says in ("جاء", "ورد") and self._plain(start) in _IN:
            start += 1
        if not self._is_object(event, start):
            span = self._name(start, before)
            if span is not None:
                return self._heard(span, event)
        span = self._name_before(event)
        if span is not None:
            return self._heard(span, event)
        if self.speaker is not None:
            return self.speaker
        if self._plain(event.at - 1) in _WHERE:
            return self._initial_subject() or self.voices.last(gender)
        return self.voices.last(gender)

    def _heard(self, span: tuple[int, int], event: Event) -> Mention:
        start, end = self.items[span[0]].start, self.items[span[1] - 1].end
        return self.voices.heard(*self._without_marks(start, end, span), event.verb.gender)

    def _without_marks(self, start: int, end: int, span: tuple[int, int]) -> tuple[int, int]:
        only = self.items[span[0]].quote
        if span[1] - span[0] == 1 and only is not None:
            return only.start, only.end
        return start, end

    def _is_object(self, event: Event, at: int) -> bool:
        """`described his rival as …`, `denied it`: no subject, but whom or what it is about."""
        word = self._plain(at)
        if event.verb.says in ("وصف", "اتهم") and word.endswith(_OBJECTS):
            return True
        return word in lexicon.NOUNS_SAID or _is_noun_of_action(word, owned=True)

    def _name(self, start: int, stop: int) -> tuple[int, int] | None:
        """The name that begins at an item, with titles and what stands beside it, before `stop`."""
        at = start
        end = start
        while at < stop:
            item = self.items[at]
            word = item.plain
            if item.quote is not None:
                if self._is_saying(at) or self._is_relay(at):
                    break
                at += 1
                end = at
                continue
            if word in _COMMAS:
                beside = self._beside(at, stop)
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
                if word in ("-", "/", ".", "&") and at > start:
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
        if word in (plain("من"), plain("عن"), plain("في"), plain("على")):
            return before not in _NAME_GOES_ON
        if word in lexicon.STOPS_A_NAME or word in lexicon.RELAYS_TO or word in _RELATIVE:
            return True
        if word in lexicon.THAT or word in lexicon.THAT_WITH:
            return True
        if word in (_LAM, _BA) or self._is_relay(at):
            return True
        return any(event.at == at and event.kind != "verb" for event in self.events[:0])

    def _is_relay(self, at: int) -> bool:
        """Whether an item is the outlet to which something was said: `لـ«…»`, `لوكالة …`."""
        if self.items[at].quote is not None:
            return self._plain(at - 1) in (_LAM, plain("عبر"))
        return self._plain(at) in lexicon.RELAYS_TO

    def _beside(self, comma: int, stop: int) -> int | None:
        """Where a second naming between commas ends, after the comma: `the minister, X, said`."""
        at = comma + 1
        if at >= stop or not self.items[at].is_word or self._stops_name(at, at):
            return None
        if self._plain(at)[:1] == _WAW and self._plain(at)[1:] not in _NAME_GOES_ON:
            return None
        if any(event.at == at for event in self.events):
            return None
        for end in range(at, min(at + 14, stop + 1)):
            if end == stop or self._plain(end) in _COMMAS:
                if any(
                    event.at > at and event.at < end and event.kind == "verb"
                    for event in self.events
                ):
                    return None
                kept = end
                for inside in range(at, end):
                    if inside > at and self._stops_name(inside, at):
                        # `the official at …`: what follows belongs to the naming.
                        return kept if self._plain(inside) in _IN else inside
                return kept
        return None

    def _name_before(self, event: Event) -> tuple[int, int] | None:
        """The name before a verb: `وكان … قد أعلن`, `أن … أعلن`."""
        if event.joined or event.at == 0:
            return None
        at = event.at
        while at > 0 and self._plain(at - 1) in _QAD:
            at -= 1
        before = self._plain(at - 1)
        if before in lexicon.THAT and at >= 2:
            return self._had_before(at - 1)
        first = self.taken
        was = next(
            (k for k in range(first, min(first + 2, at)) if self._plain(k) in _WAS), None
        )
        if was is not None:
            span = self._name(was + 1, at)
            return span if span and at - span[1] <= 12 else None
        if at != event.at and before in _COMMAS:
            return None
        if before in _NO_SUBJECT or before in _COMMAS or not self.items[at - 1].is_word:
            return None
        stop = at - 1 if before in _RELATIVE else at
        start = stop
        while start > max(first, stop - 12):
            word = self._plain(start - 1)
            if (
                not (self.items[start - 1].is_word or self.items[start - 1].quote is not None)
                or word in lexicon.THAT
                or word in _NO_SUBJECT
                or word in lexicon.STOPS_A_NAME
                or word in _WAS
            ):
                break
            start -= 1
        if start >= stop or stop - start > 11:
            return None
        return start, stop

    def _had_before(self, that: int) -> tuple[int, int] | None:
        """`وسبق لـ… أن أعلن`."""
        for at in range(that - 1, max(-1, that - 12), -1):
            if self._plain(at) in _plains("سبق وسبق"):
                return (at + 1, that) if that - at > 1 else None
        return None

    def _initial_subject(self) -> tuple[int, int] | None | Mention:  # type: ignore[return]
        """Whoever the sentence is about, its first word taken for a verb."""
        at = self.taken if self.taken < len(self.items) else 0
        at = 0
        while at < len(self.items) and (
            self._plain(at) in _QAD or self._plain(at) in _plains("وقد ولقد")
        ):
            at += 1
        if self._plain(at).startswith((_AL, plain("وال"))):
            return None
        span = self._name(at + 1, min(len(self.items), at + 16))
        if span is None:
            return None
        start, end = self.items[span[0]].start, self.items[span[1] - 1].end
        return self.voices.heard(start, end)

    def _speaker_within(self, quote: Quote) -> Mention | None:
        """`"the command issued a statement, saying that …"`: the words are the command's."""
        words = []
        for token in tokens_of(self.text, quote.start, quote.end):
            if token.is_word:
                words.append(token)
            if len(words) >= 12:
                break
        issued = next((k for k, it in enumerate(words) if it.plain in _STATEMENT_VERBS), None)
        if not issued:
            return None
        if not any(it.plain in ARABIC_VERBS for it in words[issued + 1 :]):
            return None
        return self.voices.heard(words[0].start, words[issued - 1].end)

    # Through whom

    def _relays(self, start: int, stop: int) -> list[Mention]:
        found = []
        for at in range(start, min(stop, len(self.items))):
            quote = self.items[at].quote
            before = self._plain(at - 1)
            if quote is not None and not self._is_saying(at):
                if before in (_LAM, plain("عبر")) or (
                    before in lexicon.RELAYS_TO or before in lexicon.OUTLETS
                    or (before == plain("على") and self._plain(at - 2) in _POSTS)
                ):
                    found.append(Mention(quote.start, quote.end))
        return found

    def _relayed(self, event: Event, limit: int) -> None:
        """`نقلت وكالة … عن … قوله إن …`"""
        from_word = plain("عن")
        whom = next(
            (k for k in range(event.at + 1, min(limit, event.at + 14)) if self._plain(k) == from_word),
            None,
        )
        if whom is None:
            return
        end = min(len(self.items), whom + _WINDOW)
        start = None
        for at in range(whom + 1, end):
            word = self._plain(at)
            if word in lexicon.THAT or word in lexicon.THAT_WITH or word == ":":
                start = at
                break
            if self.items[at].quote is not None and self._is_saying(at):
                start = at
                break
        if start is None:
            return
        name = self._name(whom + 1, start)
        if name is not None and self._plain(name[1] - 1) in lexicon.WORDS_OF:
            name = (name[0], name[1] - 1) if name[1] - 1 > name[0] else None
        relay = self._name(event.at + 1, whom)
        chain = []
        if relay is not None:
            chain.append(Mention(self.items[relay[0]].start, self.items[relay[1] - 1].end))
        speaker = self._heard(name, event) if name is not None else None
        self.speaker = speaker
        item = self.items[start]
        going = Going(start, start, item.quote) if item.quote else (
            self._after_colon(start) if item.plain == ":" else
            Going(start + (item.plain in lexicon.THAT), start)
        )
        if going is not None:
            self._propose(event, going, speaker, chain)

    def _according(self, event: Event, limit: int) -> None:
        at = event.at + 1
        stop = min(len(self.items), event.at + 25)
        span = self._source(at, stop)
        if span is None:
            return
        start = self.items[span[0]].start + self._joined_for(span[0])
        end = self.items[span[1] - 1].end
        others = [it for it in self.events if it.kind in ("verb", "relay")]
        verb = Span(self.items[event.at].start, self.items[event.at].end)
        if any(it.at < event.at and self._going(it, len(self.items)) for it in others):
            if self.found and self.found[-1].end <= self.items[event.at].start:
                self.found[-1].chain.append(Mention(start, end))
            else:
                self.outer.append(Mention(start, end))
            return
        if event.at <= 1:
            after = span[1]
            while after < len(self.items) and self._plain(after) not in _COMMAS:
                if self._plain(after).startswith(_FA) and after > span[1]:
                    break
                after += 1
            content = after + (self._plain(after) in _COMMAS)
            if self._plain(content) in _plains("فإن فقد فإنه فإنها") and self._plain(content) != "":
                content += self._plain(content) in _plains("فإن فقد")
            first, last = self._trimmed(content, self._end_of_said(content, event))
        else:
            first, last = self._trimmed(self._clause_start(event.at), event.at)
        if first >= last or self._words(first, last) < 4:
            return
        speaker = self.voices.heard(*self._inside_marks(start, end, span))
        self.speaker = speaker
        self._add(
            Candidate(
                self.items[first].start,
                self._end_in_text(first, last),
                "indirect",
                "attributed",
                verb,
                speaker,
            )
        )
        self.taken = max(self.taken, last)

    def _inside_marks(self, start: int, end: int, span: tuple[int, int]) -> tuple[int, int]:
        quote = self.items[span[0]].quote
        return (quote.start, quote.end) if quote and span[1] - span[0] == 1 else (start, end)

    def _clause_start(self, at: int) -> int:
        return self.taken

    def _joined_for(self, at: int) -> int:
        """One when the name begins with a joined ل, as after وفقا."""
        word = self._plain(at)
        before = self._plain(at - 1)
        return int(
            before == plain("وفقا") and word.startswith(_LAM) and len(word) > 3
            and self.text[self.items[at].start] == "ل"
        )

    def _source(self, at: int, stop: int) -> tuple[int, int] | None:
        """Whom `according to` names: `ما ذكرته مجلة …` is the magazine."""
        word = self._plain(at)
        if word in _plains("ما") or self._plain(at - 1) in _plains("حسبما وفقما"):
            at += 1 + (word in _plains("ما"))
            if self._plain(at) in _plains("به عنه"):
                at += 1
        elif word in _plains("ل"):
            at += 1
        elif word in _plains("قول حد قوله"):
            at += 1
            if self._plain(at) in _plains("قول"):
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

    # Quotations that no word leads to

    def _other_quotes(self) -> None:
        """Further ones of a sentence in which somebody speaks, or that go on with one."""
        spans = [(it.start, it.end) for it in self.found]
        spoken_at = min((it.at for it in self.events if it.kind != "according"), default=None)
        added = []
        for at, item in enumerate(self.items):
            quote = item.quote
            if quote is None or any(a < quote.end and quote.start < b for a, b in spans):
                continue
            words = sum(token.is_word for token in tokens_of(self.text, quote.start, quote.end))
            if words < 5 or not self._is_saying(at):
                continue
            leads = spoken_at is not None and spoken_at < at and self.speaker is not None
            goes_on = self.follows_quote and at == 0
            if leads or goes_on:
                speaker = self.speaker or self.voices.last()
                added.append(
                    Candidate(quote.start, quote.end, "direct", "quoted_again", None, speaker)
                )
        if added:
            self.found = sorted([*self.found, *added], key=lambda it: it.start)


_RELAYS = {
    plain(form): Verb("strong", frozenset(), gender=gender)  # type: ignore[arg-type]
    for form, gender in {
        "نقل": "m", "نقلت": "f", "ونقل": "m", "نقلوا": "m", "تنقل": "f", "ينقل": "m"
    }.items()
}
_ADVERBS = _plains("صراحة رسميا مرارا أيضا أخيرا مؤخرا كذلك بدوره بدورها أمس اليوم")
_IN = _plains("في على")
_WHERE = _plains("حيث")
_WHILE = _plains("بينما")
_POSTS = _plains("تغريدة تغريدات صفحته صفحتها حسابه حسابها صفحة حساب موقعه موقعها منشور")
_NAME_GOES_ON = lexicon.GOES_ON_BEFORE_FROM | _plains("صادر صادرة الصادر الصادرة مقربون مسؤول")
_PLAIN_PARTICIPLES = _plains(
    "مشيرا مشيرة مؤكدا مؤكدة موضحا موضحة مضيفا مضيفة مبينا مبينة لافتا لافتة قائلا قائلة"
)
_COMMON_NOT_COMMA = _plains("كشف كشفت نفى نفت حذر حذرت")


def _is_noun_of_action(word: str, *, owned: bool = False) -> bool:
    """Whether it has the shape of a verbal noun without article (تحرير, إيقاف, انتهاء, ترشحه).

    owned: with a pronoun (his …) alone.
    """
    stem = word
    has_owner = False
    for ending in ("هم", "ها", "ه"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            stem, has_owner = word[: -len(ending)], True
            break
    if owned:
        if has_owner and stem in lexicon.NOUNS_SAID:
            return True
        short = word[:-1] if word.endswith("ه") else ""
        if short in lexicon.NOUNS_SAID or (len(short) == 4 and short[0] == "ت"):
            return True
        if not has_owner:
            return False
    if stem.startswith(_AL):
        return False
    if len(stem) == 5 and stem[0] == "ت" and stem[3] == "ي":
        return True
    if len(stem) in (5, 6, 7) and stem[0] == "ا" and stem[-2] == "ا":
        return True
    return has_owner and len(stem) == 4 and stem[0] == "ت"
