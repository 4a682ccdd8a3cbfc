"""Matches as they are told, but for the documents of their claims."""

from typing import Any

from claims.text.matching import Difference, Match


def told(match: Match[Any]) -> dict[str, Any]:
    reasons = match.reasons
    return {
        "score": round(match.score, 4),
        "label": match.label.value,
        "reasons": {
            "word_for_word": reasons.word_for_word,
            "words": list(reasons.words),
            "names": list(reasons.names),
            "numbers": list(reasons.numbers),
            "dates": list(reasons.dates),
        },
        "differences": [difference(it) for it in match.differences],
        "compared_with": match.reading.text,
    }


def difference(it: Difference) -> dict[str, Any]:
    return {"kind": it.kind, "asked": it.asked, "claim": it.claim, "decides": it.decides}
