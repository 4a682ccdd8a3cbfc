"""Articles and their claims are filed."""

from datetime import date, timedelta
from typing import Any

from tests.week.browser import instant
from tests.week.ledger import Claim, Happened, Member
from tests.week.state import Week

MONDAY = date(2020, 3, 9)
LANGUAGE = "ckb"  # Central Kurdish, in which nothing else is filed: the filter for the week


def file_article(week: Week, by: Member) -> None:
    """An article with one to three claims; every fourth appears nowhere. Some come again."""
    number = len(week.reckoned.claims)
    day = MONDAY + timedelta(days=week.day)
    count = week.chance.choice((1, 2, 3))
    sentences = [f"Sentence {number + i} of the week is so." for i in range(count)]
    again = week.any_claim() if number and week.chance.random() < 0.6 else None
    body = {
        "publisher": week.chance.choice(week.publishers),
        "headline": f"News of the day {week.day}",
        "language": LANGUAGE,
        # Of some only the month is known.
        "date_published": week.chance.choice((f"{day}", f"{day}", "2020-03")),
        "text": " ".join([*sentences, *([again.text] if again else [])]),
    }
    answer = week.of(by).post("/articles/", body)
    if not by.judges:
        return week.refused(answer, "no-member" if by.left else "role", by)
    assert answer.status == 201, answer.body
    article = answer.json
    org, snapshot = by.desk.id, article["snapshot"]["id"]
    week.reckoned.tell(
        Happened("article.created", article["id"], org, by.id),
        Happened("snapshot.captured", snapshot, org, by.id),
    )
    for sentence in sentences:
        appears = week.chance.random() < 0.75
        file_claim(week, by, sentence, *((snapshot, body) if appears else ()))
    if again is not None:
        place = {"snapshot": snapshot, "exact": again.text}
        made = week.of(by).made(f"/claims/{again.id}/appearances/", place)
        again.appeared(body["publisher"], body["date_published"])
        week.reckoned.tell(
            Happened("appearance.added", made["id"], org, by.id, again.id, again.status)
        )
    return None


def file_claim(
    week: Week,
    by: Member,
    text: str,
    snapshot: str | None = None,
    article: dict[str, str] | None = None,
) -> None:
    body: dict[str, Any] = {
        "kind": "fact",
        "text": text,
        "language": LANGUAGE,
        "fact": {"subject": text, "property": "is", "value": "so", "value_type": "text"},
        "stated_on": f"{MONDAY + timedelta(days=week.day)}",
    }
    if snapshot is not None:
        body["appearance"] = {"snapshot": snapshot, "exact": text}
    made = week.of(by).made("/claims/", body)
    claim = Claim(made["id"], text, instant(made["created_at"]))
    week.reckoned.claims[claim.id] = claim
    if article is not None:
        claim.appeared(article["publisher"], article["date_published"])
    told = [Happened("claim.created", made["id"], by.desk.id, by.id, made["id"], "unverified")]
    if snapshot is not None:
        place = made["appearance"]["id"]
        told.append(
            Happened("appearance.added", place, by.desk.id, by.id, made["id"], "unverified")
        )
    week.reckoned.tell(*told)


def unjudged(week: Week) -> Claim:
    """A new claim, of which nobody has found or drafted anything."""
    filer = week.somebody(week.desks[0], "checker")
    text = f"Sentence {len(week.reckoned.claims)} of the week, for a race."
    file_claim(week, filer, text)
    return list(week.reckoned.claims.values())[-1]
