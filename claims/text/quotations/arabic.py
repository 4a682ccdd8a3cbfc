"""Candidate claims of an Arabic sentence.

A reporting word is found, then how it goes on (أن, a quotation, a colon, its preposition, a noun,
a comma); what stands between is who speaks and where; what is said ends with the sentence or where
another word is had. Each step looks at a bounded number of items.
"""

from __future__ import annotations

from claims.text.quotations import arabic_words as words
from claims.text.quotations.arabic_clauses import WINDOW, Event, Going
from claims.text.quotations.arabic_names import Namings
from claims.text.quotations.found import Candidate, Mention, Reason, Span
from claims.text.quotations.marks import Quote
from claims.text.quotations.sentences import Sentence
from claims.text.quotations.tokens import tokens_of
from claims.text.quotations.verbs import Gender
from claims.text.quotations.voices import Voices


def read(text: str, sentence: Sentence, voices: Voices, *, follows_quote: bool) -> list[Candidate]:
    return _Reading(text, sentence, voices, follows_quote=follows_quote).candidates()


class _Reading(Namings):
    def __init__(
        self, text: str, sentence: Sentence, voices: Voices, *, follows_quote: bool
    ) -> None:
        super().__init__(text, sentence.items, voices)
        self.follows_quote = follows_quote
        self.found: list[Candidate] = []
        self.speaker: Mention | None = None
        self.outer: list[Mention] = []

    def candidates(self) -> list[Candidate]:
        for event in self.events:
            if event.at < self.taken:
                if event.kind == "according" and self.found and self._is_within(event):
                    self._according(event)
                continue
            limit = self.limits[event.at]
            if event.kind == "according":
                self._according(event)
            elif event.kind == "relay":
                self._relayed(event, limit)
            else:
                self._reported(event, limit)
        self._other_quotes()
        if self.voices.topic is None and (subject := self._subject(len(self.items))):
            self.voices.topic = Mention(*subject)
        return self.found

    def _is_within(self, event: Event) -> bool:
        """Whether it stands between the last reporting word and what is said."""
        return self.items[event.at].start < self.found[-1].start

    def _reported(self, event: Event, limit: int) -> None:
        going = self.goings[event.at]
        speaker = self._speaker_of(event, limit if going is None else going.before)
        if going is None:
            if event.kind == "verb" and event.verb.needs == "strong" and speaker is not None:
                self.speaker = speaker
                if self._plain(limit - 1) == words.AS_WELL:
                    self.outer = [speaker]
                self._as_said(event, speaker)
            return
        if speaker is not None and self._is_no_voice(speaker):
            return
        if speaker is not None and self._plain(event.at - 1) not in words.RELATIVE:
            self.speaker = speaker
            self.voices.spoke(speaker, event.verb.gender)
        self._propose(event, going, speaker, self._relays(event.at + 1, going.before))

    def _as_said(self, event: Event, speaker: Mention) -> None:
        """`…, as the agency announced`: what was said goes before."""
        before = self._plain(event.at - 1)
        by_what = before == words.WHAT and self._plain(event.at - 2) == words.ON
        named = speaker.start > self.items[event.at].start
        if not named or not (before == words.AS_WELL or by_what):
            return
        self._add_attributed(self.taken, event.at - 1 - by_what, event, speaker)

    def _add_attributed(self, start: int, end: int, event: Event, speaker: Mention) -> None:
        start, end = self._trimmed(start, end)
        if start >= end or self._words(start, end) < 4:
            return
        verb = Span(self.items[event.at].start, self.items[event.at].end)
        first, last = self.items[start].start, self.items[end - 1].end
        self._add(Candidate(first, last, "indirect", "attributed", verb, speaker))
        self.taken = max(self.taken, end)

    def _is_attitude(self, start: int) -> bool:
        """`expressed his thanks`; after أن the same words may be anything."""
        return self._plain(start) in words.ATTITUDES and self._plain(start - 1) not in words.THAT

    def _is_no_voice(self, speaker: Mention) -> bool:
        """`a rise points to …`: what happens says nothing."""
        first = next(tokens_of(self.text, speaker.start, speaker.end)).plain
        # Plurals such as أوساط have the same shape, but for the first letter.
        happening = words.is_noun_of_action(first) and self.text[speaker.start] != "أ"
        return happening and first not in words.BODIES

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
        if start >= end or self._words(start, end) < 2 or self._is_attitude(start):
            return
        reason: Reason = (
            "reported_by_participle" if event.kind == "participle" else "reported_after_verb"
        )
        self._add(
            Candidate(
                self.items[start].start,
                self.items[end - 1].end,
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

    def _speaker_of(self, event: Event, before: int) -> Mention | None:
        gender = event.verb.gender
        if event.kind == "participle":
            if event.word in words.WORDS_OF and self.speaker is None:
                return self.voices.last(gender)
            return self.speaker or self._unnamed(event, after=1)
        start = event.at + 1
        while self._plain(start) in words.ADVERBS:
            start += 1
        if event.verb.says in ("جاء", "ورد") and self._plain(start) in words.IN:
            start += 1
        if not self._is_object(event, start):
            span = self._name(start, before)
            if span is not None:
                return self._heard(span, gender)
        span = self._name_before(event)
        if span is not None:
            return self._heard(span, gender)
        if self.speaker is not None:
            return self.speaker
        return self._unnamed(event, after=3)

    def _unnamed(self, event: Event, *, after: int) -> Mention | None:
        """Who speaks where no name is beside the word: whom the sentence is about, where its first
        items are not the word itself; else who spoke last."""
        subject = self._subject(event.at) if event.at > after else None
        return self.voices.heard(*subject) if subject else self.voices.last(event.verb.gender)

    def _relayed(self, event: Event, limit: int) -> None:
        """`نقلت وكالة … عن … قوله إن …`"""
        from_word = words.OF
        whom = next(
            (
                k
                for k in range(event.at + 1, min(limit, event.at + 14))
                if self._plain(k) == from_word
            ),
            None,
        )
        if whom is None:
            return
        end = min(len(self.items), whom + WINDOW)
        start = None
        for at in range(whom + 1, end):
            word = self._plain(at)
            if word in words.ALL_THAT or word == ":":
                start = at
                break
            if self.items[at].quote is not None and self._is_saying(at):
                start = at
                break
        if start is None:
            return
        name = self._name(whom + 1, start)
        gender: Gender = words.WORDS_OF.get(self._plain(start - 1), "")  # type: ignore[assignment]
        if name is not None and self._plain(name[1] - 1) in words.WORDS_OF:
            name = (name[0], name[1] - 1) if name[1] - 1 > name[0] else None
        relay = self._name(event.at + 1, whom)
        chain = []
        if relay is not None:
            chain.append(Mention(self.items[relay[0]].start, self.items[relay[1] - 1].end))
        speaker = self._heard(name, gender) if name is not None else None
        self.speaker = speaker
        item = self.items[start]
        going = (
            Going(start, start, item.quote)
            if item.quote
            else (
                self._after_colon(start)
                if item.plain == ":"
                else Going(start + (item.plain in words.THAT), start)
            )
        )
        if going is not None:
            self._propose(event, going, speaker, chain)

    def _according(self, event: Event) -> None:
        """`According to X, …`, `…, according to X`; beside a verb, through whom it came."""
        if not self._is_attribution(event):
            return
        span = self._source(event.at + 1, min(len(self.items), event.at + 25))
        if span is None:
            return
        start = self.items[span[0]].start + self._joined_for(span[0])
        end = self.items[span[1] - 1].end
        if self.found:
            self.found[-1].chain.append(Mention(start, end))
            return
        first, last = self.taken, event.at
        if event.at <= 1:
            first = span[1]
            while first < len(self.items) and self._plain(first) not in words.COMMAS:
                if self._plain(first).startswith(words.FA) and first > span[1]:
                    break
                first += 1
            first += self._plain(first) in words.COMMAS
            first += self._plain(first) in words.SO_THAT
            last = self._end_of_said(first, event)
        self.speaker = self.voices.heard(*self._without_marks(start, end, span))
        self._add_attributed(first, last, event, self.speaker)

    def _other_quotes(self) -> None:
        """Further ones of a sentence in which somebody speaks, or that go on with one."""
        spans = [(it.start, it.end) for it in self.found]
        spoken_at = min((it.at for it in self.events if it.kind != "according"), default=None)
        added = []
        for at, item in enumerate(self.items):
            quote = item.quote
            if quote is None or any(a < quote.end and quote.start < b for a, b in spans):
                continue
            size = sum(token.is_word for token in tokens_of(self.text, quote.start, quote.end))
            if size < 5 or not self._is_saying(at):
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
