"""Verdicts as schema.org has them: each property of a ClaimReview is from the record, or left out.

What is told is the document of `claims.api.reviews.ReviewedOut`, a claim with all that its reviews
tell. What schema.org cannot say is not said: how sure a date is, what a piece of evidence stands
for, the typed value of a fact.

Source: schema.org 27 (ClaimReview, Claim, Rating, CorrectionComment, DataFeed), and the guide of
Google Search to fact checks.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from claims import dates
from claims.vocabulary import Outcome, SpeakerType

CONTEXT = "https://schema.org"
MEDIA_TYPE = "application/ld+json"
MOST_APPEARANCES = 100  # that are told of a claim; of more, none is said to be the first

Json = dict[str, Any]
Told = Mapping[str, Any]

KINDS = {SpeakerType.PERSON: "Person", SpeakerType.ORGANIZATION: "Organization"}

# A day, a month or a year, and the instant of a day: what both EDTF and ISO 8601 say with the same
# characters, but for seasons (months 21 to 24) and for offsets in hours alone.
_DATE = re.compile(
    r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-[0-9]{2}(?:T[0-9:]{8}(?:Z|[+-][0-9]{2}(?::[0-9]{2})?)?)?)?)?"
)
_NOT_STATED = re.compile(r"(?:-XX)+$")
_HOURS_ALONE = re.compile(r"T[0-9:]{8}[+-][0-9]{2}$")


def pages(site: str, claim_id: str) -> str:
    """The address of a claim's public page. site: where Isnad is reached, no slash at the end."""
    return f"{site}/claims/{claim_id}/"


def review_at(site: str, claim_id: str, verdict_id: str) -> str:
    """Where a verdict that stands is read on that page."""
    return f"{pages(site, claim_id)}#verdict-{verdict_id}"


def documents(claim: Told, *, site: str) -> list[Json]:
    """A whole JSON-LD document for each verdict that stands on a claim."""
    return [document(claim, it, site=site) for it in claim["verdicts"]]


def document(claim: Told, verdict: Told, *, site: str) -> Json:
    """A ClaimReview that stands by itself. verdict: one of the claim's."""
    return {"@context": CONTEXT, **review(claim, verdict, site=site)}


def review(claim: Told, verdict: Told, *, site: str) -> Json:
    """A ClaimReview, without its context. verdict: one of the claim's."""
    here = review_at(site, claim["id"], verdict["id"])
    return stated(
        {
            "@type": "ClaimReview",
            "@id": record_of(site, claim["id"], verdict["id"]),
            "url": verdict["url"] or here,
            "claimReviewed": claim["text"],
            "reviewRating": rating(verdict),
            "itemReviewed": reviewed(claim, language=verdict["language"], site=site),
            "author": organization(verdict["organization"]),
            "datePublished": published(verdict),
            "expires": verdict["valid_until"],
            "inLanguage": verdict["language"],
            "headline": verdict["title"],
            "reviewBody": verdict["rationale"],
            "citation": list(cited(verdict["evidence"])),
            "correction": correction(claim, verdict, site=site),
            "sdDatePublished": day(verdict["issued_at"]),
            "sdPublisher": {"@type": "Organization", "url": f"{site}/"},
        }
    )


def data_feed(
    reviews: Iterable[tuple[Told, Told]],
    *,
    site: str,
    address: str,
    name: str,
    modified: str | None,
    version: int | None = None,
) -> Json:
    """A DataFeed of reviews: of pairs of a claim and one of its verdicts.

    version: the number of the log that it is told after.
    """
    return stated(
        {
            "@context": CONTEXT,
            "@type": "DataFeed",
            "name": name,
            "url": address,
            "dateModified": modified,
            "version": version,
            "dataFeedElement": [element(claim, it, site=site) for claim, it in reviews],
        },
        but=("dataFeedElement",),
    )


def element(claim: Told, verdict: Told, *, site: str) -> Json:
    return {
        "@type": "DataFeedItem",
        "dateCreated": verdict["issued_at"],
        "dateModified": claim["changed_at"],
        "item": review(claim, verdict, site=site),
    }


def rating(verdict: Told) -> Json | None:
    """The label that readers see, else the outcome; None of a withdrawal, which rates nothing.

    `name` says in every case which outcome it is, whatever the organization calls it. Numbers:
    where the label has them on the organization's scale, as that was then.
    """
    if verdict["outcome"] == Outcome.WITHDRAWN:
        return None
    outcome, on_scale = verdict["outcome"], verdict["rating"] or {}
    numbers = {
        "ratingValue": on_scale.get("value"),
        "bestRating": on_scale.get("best"),
        "worstRating": on_scale.get("worst"),
    }
    named = {"alternateName": verdict["label"] or outcome, "name": outcome}
    return {"@type": "Rating", **named, **stated(numbers)}


def reviewed(claim: Told, *, language: str | None, site: str) -> Json:
    """The Claim. language: in which the title of its speaker is told, where it is known."""
    placed = claim["appearances"]
    works = {it["article"]["id"]: it["article"] for it in placed}
    earliest = None if len(placed) > MOST_APPEARANCES else first(list(works.values()))
    others = [it for it in works.values() if it is not earliest]
    return stated(
        {
            "@type": "Claim",
            "@id": record_of(site, claim["id"]),
            "url": pages(site, claim["id"]),
            "inLanguage": claim["language"],
            "author": author(claim, language),
            "datePublished": schema_date(claim["stated_on"]),
            "firstAppearance": None if earliest is None else work(earliest),
            "appearance": [work(it) for it in others],
        }
    )


def author(claim: Told, language: str | None) -> Json | None:
    speaker = claim["speaker"]
    if speaker is None:
        return None
    is_person = speaker["type"] == SpeakerType.PERSON
    also = [*speaker["names"].values(), *speaker["other_names"]]
    return stated(
        {
            "@type": KINDS[speaker["type"]],
            "name": speaker["name"],
            "alternateName": [it for it in dict.fromkeys(also) if it != speaker["name"]],
            "jobTitle": title_held(claim, language or claim["language"]) if is_person else None,
            "sameAs": speaker["same_as"],
        }
    )


def title_held(claim: Told, language: str) -> str | None:
    """What the speaker was when the claim was made, as far as dates tell: what began last.

    Where it is not known when that was, what the speaker is by the record: what has no end.
    """
    held = [it for it in claim["speaker"]["roles"] if may_hold(it, claim["stated_on"])]
    if not held:
        return None
    last: Told = max(held, key=lambda it: span(it["since"])[0] or date.min)
    title: str = (last["titles"] or {}).get(language) or last["title"]
    return title


def may_hold(role: Told, stated_on: str | None) -> bool:
    """Whether a role can have been held then."""
    if stated_on is None:
        return role["until"] is None
    earliest, latest = span(stated_on)
    since, until = span(role["since"])[0], span(role["until"])[1]
    begun_later = since is not None and latest is not None and since > latest
    over_before = until is not None and earliest is not None and until < earliest
    return not (begun_later or over_before)


def first(articles: list[Told]) -> Told | None:
    """Of all articles in which a claim appears, the one that is certainly the oldest."""
    if len(articles) == 1:
        return articles[0]
    spans = [(*span(it["date_published"]), it) for it in articles]
    dated = [(end, it) for _, end, it in spans if end is not None]
    if not dated:
        return None
    last_day, oldest = min(dated, key=lambda it: it[0])
    others = (begin for begin, _, it in spans if it is not oldest)
    return oldest if all(it is not None and it > last_day for it in others) else None


def work(article: Told) -> Json:
    publisher = article["publisher"]
    return stated(
        {
            "@type": "CreativeWork",
            "url": article["url"],
            "headline": article["headline"],
            "inLanguage": article["language"],
            "datePublished": schema_date(article["date_published"]),
            "publisher": organization(publisher),
        }
    )


def organization(told: Told) -> Json:
    return stated({"@type": "Organization", "name": told["name"], "url": told["url"]})


def cited(evidence: list[Json]) -> Iterator[Json]:
    """Evidence, whatever it stands for: schema.org has no word for that."""
    for piece in evidence:
        copied, quote = piece["derived_from"], piece["quote"]
        yield stated(
            {
                "@type": "CreativeWork",
                "url": piece["url"],
                "name": piece["title"],
                "archivedAt": piece["archive_url"],
                "isBasedOn": None if copied is None else evidence[copied]["url"],
                "hasPart": None if quote is None else {"@type": "Quotation", "text": quote},
            }
        )


def correction(claim: Told, verdict: Told, *, site: str) -> Json | None:
    """That this review has taken the place of an earlier one of its organization, and of which."""
    earlier = verdict["supersedes"]
    if earlier is None:
        return None
    # A Review, not a ClaimReview: who gathers those from a page would take it for one that stands.
    about = {
        "@type": "Review",
        "@id": record_of(site, claim["id"], earlier["id"]),
        "datePublished": published(earlier),
        "reviewRating": rating(earlier),
    }
    when = day(verdict["issued_at"])
    return {"@type": "CorrectionComment", "datePublished": when, "about": stated(about)}


def published(verdict: Told) -> str | None:
    """When a review was published. One that stands elsewhere is dated by what is recorded alone:
    when it was issued here says nothing of that."""
    if verdict["date_published"] is not None:
        return schema_date(verdict["date_published"])
    return day(verdict["issued_at"]) if verdict["url"] is None else None


def schema_date(edtf: str | None) -> str | None:
    """The Date or DateTime of schema.org (ISO 8601) that says the same, where there is one.

    Digits that are not stated are left out from the end: 2017-12-XX is 2017-12. None for what is
    approximate, uncertain, a season, a decade, an interval or beyond four digits of a year.
    """
    if edtf is None:
        return None
    text = _NOT_STATED.sub("", edtf)
    if not _DATE.fullmatch(text):
        return None
    return f"{text}:00" if _HOURS_ALONE.search(text) else text


def span(edtf: str | None) -> tuple[date | None, date | None]:
    """The first and the last day that a date can mean; None for an end that is not known."""
    if edtf is None:
        return None, None
    meant = dates.parse(edtf)
    return meant.earliest, meant.latest


def day(instant: str) -> str:
    """Of an instant in UTC."""
    return instant[:10]


def record_of(site: str, claim_id: str, verdict_id: str | None = None) -> str:
    """What a claim or a verdict is called by: where it is read, now and once it is superseded."""
    here = f"{site}/api/v1/claims/{claim_id}/"
    return here if verdict_id is None else f"{here}verdicts/{verdict_id}/"


def stated(properties: Json, *, but: Iterable[str] = ()) -> Json:
    """Without those that say nothing; but: that are told even so."""
    return {
        name: value
        for name, value in properties.items()
        if name in but or value not in (None, "", [], {})
    }


def in_page(json: bytes) -> str:
    """JSON as it can stand in a script element of a page, whatever its texts say."""
    return json.decode().translate(_IN_PAGE)


# `<` and `>` end elements and open comments, U+2028 and U+2029 are ends of lines in scripts: within
# a JSON text they all are in strings, where each can be written as an escape.
_IN_PAGE = {ord(it): f"\\u{ord(it):04x}" for it in "<>&\u2028\u2029"}
