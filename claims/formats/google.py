"""The Google Fact Check Tools API (v1alpha1) in documents: what ours are in its words, and back.

As in all of Google's JSON, what is empty is left out. Sources: its discovery document
(factchecktools:v1alpha1), AIP-193 (errors), google.rpc (details of errors).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from claims.errors import Fault, Invalid
from claims.formats.claimreview import first, schema_date, stated, title_held
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.reading import Said, settle
from claims.formats.claimreview_in.record import Note, Reason, Review
from claims.formats.claimreview_in.values import address, site_of
from claims.formats.fields import escaped
from claims.formats.importing import Unusable, Worded
from claims.text.sameness import same

Json = dict[str, Any]
Told = Mapping[str, Any]

MOST_MARKUPS = 1_000  # as many as an import takes at once

# Errors

WORDS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    428: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
ALREADY_EXISTS = "ALREADY_EXISTS"
# A version that is not the current one is a conflict in Google's words.
CODES = {412: 409}
RPC = "type.googleapis.com/google.rpc."
DOMAIN = "isnad"


def error(problem: Told, *, retry_after: str | None = None) -> Json:
    """A problem document as Google tells it; its `code` is the status that it is sent with.

    retry_after: in seconds, where the caller is to wait.
    """
    slug = str(problem["type"]).rpartition("/")[2]
    status: int = problem["status"]
    code = CODES.get(status, status)
    word = ALREADY_EXISTS if slug == "duplicate" else WORDS.get(code, "INVALID_ARGUMENT")
    reason = slug.replace("-", "_").upper()
    info: Json = {"@type": f"{RPC}ErrorInfo", "reason": reason, "domain": DOMAIN}
    if "rule" in problem:
        info["metadata"] = {"rule": problem["rule"]}
    details = [info]
    if problem.get("errors"):
        violations = [{"field": field(it), "description": it["detail"]} for it in problem["errors"]]
        details.append({"@type": f"{RPC}BadRequest", "fieldViolations": violations})
    if retry_after is not None:
        details.append({"@type": f"{RPC}RetryInfo", "retryDelay": f"{retry_after}s"})
    message = f"{problem['title']}. {problem['detail']}"
    return {"error": {"code": code, "message": message, "status": word, "details": details}}


def unimplemented(message: str) -> Json:
    details = [{"@type": f"{RPC}ErrorInfo", "reason": WORDS[501], "domain": DOMAIN}]
    return {"error": {"code": 501, "message": message, "status": WORDS[501], "details": details}}


def field(fault: Told) -> str:
    """What a fault is about: `claimReviewMarkups[0].rating`, a parameter, a header."""
    if "pointer" not in fault:
        return str(fault.get("parameter") or fault.get("header") or "")
    path = re.sub(r"/(\d+)(?=/|$)", r"[\1]", str(fault["pointer"]).lstrip("#"))
    return path.lstrip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")


# Claims, as they are searched for


def claim(told: Told, *, site: str | None, since: date | None) -> Json | None:
    """A claim with those of its reviews that are asked for; None where there is none.

    site: that of the publisher, and what is under it; since: the earliest day of a review.
    """
    reviews = [it for it in told["verdicts"] if is_asked_for(it, site=site, since=since)]
    if not reviews:
        return None
    speaker = told["speaker"]
    return stated(
        {
            "text": told["text"],
            "claimant": None if speaker is None else speaker["name"],
            "claimDate": timestamp(told["stated_on"]),
            "claimReview": [review(it) for it in reviews],
        }
    )


def is_asked_for(verdict: Told, *, site: str | None, since: date | None) -> bool:
    """As `claims.queries.reviewing.published` has it."""
    if verdict["url"] is None:
        return False
    host = site_of(verdict["url"])
    if site is not None and host != site and not (host or "").endswith(f".{site}"):
        return False
    if since is None:
        return True
    begins = re.match(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?", verdict["date_published"] or "")
    return begins is not None and begins[0] >= since.isoformat()[: len(begins[0])]


def review(verdict: Told) -> Json:
    language = verdict["language"]
    return stated(
        {
            "publisher": stated(
                {"name": verdict["organization"]["name"], "site": site_of(verdict["url"])}
            ),
            "url": verdict["url"],
            "title": verdict["title"],
            "reviewDate": timestamp(verdict["date_published"]),
            "textualRating": verdict["label"] or verdict["outcome"],
            "languageCode": None if language == "und" else language,
        }
    )


def timestamp(edtf: str | None) -> str | None:
    """An instant in UTC; of a day its beginning. None where no day is known."""
    text = schema_date(edtf)
    if text is None or len(text) < 10 or text < "0001":
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z".zfill(20)
    except (ValueError, OverflowError):
        pass  # at the ends of time the day has to do
    return f"{text[:10]}T00:00:00Z"


# Pages, as they are told


def page(name: str, version: str, reviews: Sequence[Any]) -> Json:
    """A page, of the rows of the verdicts that stand on it (`claims.queries.pages.on`)."""
    days = [it.date_published for it in reviews if it.date_published is not None]
    return stated(
        {
            "name": f"pages/{name}",
            "pageUrl": reviews[0].url.partition("#")[0],
            "publishDate": said_on(max(days, default=None)),
            "claimReviewAuthor": {"name": reviews[0].organization.name},
            "claimReviewMarkups": [markup(it) for it in reviews],
            "versionId": version,
        }
    )


def markup(verdict: Any) -> Json:
    claim = verdict.claim
    works = {it.article_id: it.article for it in claim.placed}
    told: list[Told] = [
        {"url": it.url, "date_published": it.date_published} for it in works.values()
    ]
    earliest = first(told)
    urls = [it["url"] for it in told if it is not earliest and it["url"]]
    return stated(
        {
            "url": verdict.url,
            "claimReviewed": claim.text,
            "claimDate": said_on(claim.stated_on),
            "claimFirstAppearance": None if earliest is None else earliest["url"],
            "claimAppearances": urls,
            "claimAuthor": author(claim, verdict.language or claim.language),
            "rating": stated(
                {
                    "textualRating": verdict.label or verdict.outcome,
                    "ratingExplanation": explanation(verdict, verdict.rationale.text),
                }
            ),
        }
    )


def author(claim: Any, language: str) -> Json | None:
    speaker = claim.speaker
    if speaker is None:
        return None
    told = {"speaker": {"roles": speaker.roles}, "stated_on": claim.stated_on}
    return stated(
        {
            "name": speaker.name,
            "jobTitle": title_held(told, language),
            "sameAs": next(iter(speaker.same_as), None),
        }
    )


def said_on(edtf: str | None) -> str | None:
    """As ISO 8601 where that can say it."""
    return schema_date(edtf) or edtf


def explanation(said: Any, rationale: str | None) -> str | None:
    """The rationale, but for one that an import had to make of something else that is told."""
    return None if rationale in (said.title, said.label, said.url) else rationale


# Pages, as they are sent

AUTHOR = {"name": str, "imageUrl": str}
CLAIMANT = {"name": str, "jobTitle": str, "imageUrl": str, "sameAs": str}
RATING = {
    "textualRating": str,
    "ratingValue": int,
    "bestRating": int,
    "worstRating": int,
    "ratingExplanation": str,
    "imageUrl": str,
}
MARKUP = {
    "url": str,
    "claimReviewed": str,
    "claimDate": str,
    "claimLocation": str,
    "claimFirstAppearance": str,
    "claimAppearances": [str],
    "claimAuthor": CLAIMANT,
    "rating": RATING,
}
PAGE = {
    "name": str,
    "pageUrl": str,
    "publishDate": str,
    "claimReviewAuthor": AUTHOR,
    "claimReviewMarkups": [MARKUP],
    "versionId": str,
}
INT32 = range(-(2**31), 2**31)

_CAPITAL = re.compile(r"_([a-z0-9])")


def camel(name: str) -> str:
    """The name in JSON of a field: `page_url` is `pageUrl`, as servers of Google's take both."""
    return _CAPITAL.sub(lambda it: it[1].upper(), name)


def page_sent(sent: Any) -> Json:
    """A page as Google describes it, by the names that its JSON has. Raises Invalid."""
    faults: list[Fault] = []
    found = shaped(sent, PAGE, "#", faults)
    if faults:
        raise Invalid(_("See errors for each field and its mend."), faults=faults[:50])
    return dict(found)


def shaped(value: Any, shape: Any, pointer: str, faults: list[Fault]) -> Any:
    """What of a value has this shape; of what has not, there is a fault."""
    if isinstance(shape, dict):
        if isinstance(value, dict):
            return members(value, shape, pointer, faults)
        faults.append(Fault(_("Send a JSON object."), pointer=pointer))
        return {}
    if isinstance(shape, list):
        if isinstance(value, list):
            return [shaped(it, shape[0], f"{pointer}/{i}", faults) for i, it in enumerate(value)]
        faults.append(Fault(_("Send a list."), pointer=pointer))
        return []
    if shape is int:
        number = whole(value)
        if number is None:
            faults.append(Fault(_("Send a whole number of 32 bits."), pointer=pointer))
        return number
    if not isinstance(value, str):
        faults.append(Fault(_("Send a text."), pointer=pointer))
        return None
    if "\0" in value:
        faults.append(Fault(_("A text cannot hold the character NUL."), pointer=pointer))
    return value


def members(value: Json, shape: Json, pointer: str, faults: list[Fault]) -> Json:
    found: Json = {}
    for given, it in value.items():
        name = camel(given)
        at = f"{pointer}/{escaped(given[:80])}"
        if name not in shape:
            there = _("There are: %s.") % ", ".join(sorted(shape))
            faults.append(Fault(f"{_('There is no such field here.')} {there}", pointer=at))
        elif name in found:
            faults.append(Fault(_("Send this field once."), pointer=at))
        elif it is not None:
            found[name] = shaped(it, shape[name], at, faults)
    return found


def whole(value: Any) -> int | None:
    """A number of 32 bits; also one written as a text, as in all of Google's JSON."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,10}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and value in INT32 else None


# What a record lacks, and what of it could not be kept: where on the page that is.
LACKS: dict[Worded, str] = {
    Reason.NO_CLAIM: "/claimReviewed",
    Reason.NO_RATING: "/rating",
    Reason.BAD_URL: "/url",
}
LOSES = {
    Note.CLAIM_DATE: "/claimDate",
    Note.CLAIMANT: "/claimAuthor/name",
    Note.REVIEWER: "/claimAuthor/name",
    Note.LINK: "/claimAppearances",
}


class Sent(NamedTuple):
    """A page that was sent: its address, and its reviews but for those that it has already.

    kept: which of the markups that were told are sent as they were.
    """

    url: str
    reviews: list[Review]
    kept: set[int]


def reviews_on(sent: Json, outcomes: Outcomes, told: Told | None = None) -> Sent:
    """What is sent of a page. told: the page as it is, of which one is sent. Raises Invalid.

    Nothing is dropped in silence here that can be mended: whoever sends it is there to mend it.
    """
    before = [] if told is None else told["claimReviewMarkups"]
    if told is not None and sent.get("publishDate") != told.get("publishDate"):
        before = []
    url = address((sent.get("pageUrl") or "").partition("#")[0])
    if url is None:
        raise Invalid.at("#/pageUrl", _("Send the address of the page: https://…"))
    markups = sent.get("claimReviewMarkups") or []
    if not 1 <= len(markups) <= MOST_MARKUPS:
        detail = _("Send 1 to %d reviews; to have none, delete the page.") % MOST_MARKUPS
        raise Invalid.at("#/claimReviewMarkups", detail)
    found, faults, kept = [], [], set()
    for i, it in enumerate(markups):
        if it in before:
            kept.add(before.index(it))
            continue
        pointer = f"#/claimReviewMarkups/{i}"
        own = address(it["url"]) if it.get("url") else url
        if own is None or own.partition("#")[0] != url:
            detail = _("Send the address of the page, with a part of it after # at most.")
            faults.append(Fault(detail, pointer=f"{pointer}/url"))
            continue
        record = settle(said(sent, it, own), pointer, outcomes)
        faults += faults_in(record)
        if isinstance(record, Review):
            found.append(record)
    faults += doubled(found)
    if faults:
        raise Invalid(_("See errors for each field and its mend."), faults=faults[:50])
    return Sent(url, found, kept)


def said(sent: Json, markup: Json, url: str) -> Said:
    claimant, rating = markup.get("claimAuthor") or {}, markup.get("rating") or {}
    return Said(
        claim=markup.get("claimReviewed"),
        claimant=claimant.get("name"),
        claimant_title=claimant.get("jobTitle"),
        claimant_same_as=claimant.get("sameAs") or None,
        claimed_on=markup.get("claimDate"),
        appearances=[
            *filter(None, [markup.get("claimFirstAppearance")]),
            *(markup.get("claimAppearances") or []),
        ],
        url=url,
        publisher=(sent.get("claimReviewAuthor") or {}).get("name"),
        date_published=sent.get("publishDate"),
        label=rating.get("textualRating"),
        rating=rating.get("ratingValue"),
        best=rating.get("bestRating"),
        worst=rating.get("worstRating"),
        explanations=[rating.get("ratingExplanation")],
    )


def faults_in(record: Review | Unusable) -> Iterator[Fault]:
    if isinstance(record, Unusable):
        yield Fault(record.reason.says, pointer=f"{record.place}{LACKS.get(record.reason, '')}")
        return
    for note in record.notes:
        if note in LOSES:
            yield Fault(note.says, pointer=f"{record.place}{LOSES[note]}")
    if Note.DATE in record.notes:
        yield Fault(Note.DATE.says, pointer="#/publishDate")


def doubled(reviews: Iterable[Review]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for it in reviews:
        words = words_of(it)
        if words in seen:
            detail = _("The same claim by the same person is on this page already.")
            yield Fault(detail, pointer=f"{it.place}/claimReviewed")
        seen.add(words)


def words_of(review: Review) -> tuple[str, str]:
    """What its claim is known by on a page."""
    return by_words(review.claim, review.claimant)


def by_words(claim: str, speaker: Any) -> tuple[str, str]:
    return same(claim), "" if speaker is None else same(speaker.name)
