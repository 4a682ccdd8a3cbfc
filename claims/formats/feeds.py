"""Verdicts and corrections as entries of feeds: Atom and JSON Feed. All texts are plain text.

Verdicts are told as `claims.api.reviews.EntryOut` has them.

Source: RFC 4287 (Atom), JSON Feed 1.1.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from uuid import UUID, uuid5

from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from claims.formats.claimreview import review_at, stated
from claims.formats.spoken import rating
from claims.vocabulary import Outcome

LONGEST_TITLE = 200  # code points of a claim, in the title of an entry
NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries changed last

Told = Mapping[str, Any]

# What XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """id: a URN that stays. tags: outcome, and label where there is one."""

    id: str
    url: str
    elsewhere: str | None
    title: str
    text: str
    language: str
    author: str
    author_url: str | None
    at: datetime
    tags: Sequence[str]
    about: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Feed:
    """address: of the feed itself; home: of the site. language: of its title and its words."""

    title: str
    description: str
    address: str
    home: str
    language: str
    entries: Sequence[Entry]

    @property
    def at(self) -> datetime:
        """When it changed last."""
        return max((entry.at for entry in self.entries), default=NOTHING_YET)


def of_verdict(verdict: Told, *, site: str) -> Entry:
    title = f"{rating(verdict)}: {shortened(verdict['claim']['text'])}"
    return entry(verdict, f"urn:uuid:{verdict['id']}", title, body(verdict), site=site)


def of_correction(verdict: Told, *, site: str) -> Entry:
    """A verdict that has taken the place of an earlier one, or has taken it back."""
    earlier, claim = verdict["supersedes"], shortened(verdict["claim"]["text"])
    was = {"rating": rating(earlier), "day": earlier["issued_at"][:10]}
    said = _("The verdict of %(day)s was: %(rating)s") % was
    # Beside that of the verdict itself: what is said of it here is another text.
    own = uuid5(UUID(verdict["id"]), "correction")
    title = f"{what_happened(verdict)}: {claim}"
    return entry(verdict, f"urn:uuid:{own}", title, f"{said}\n\n{body(verdict)}", site=site)


def what_happened(verdict: Told) -> str:
    earlier = verdict["supersedes"]
    if verdict["outcome"] == Outcome.WITHDRAWN:
        return _("Withdrawn")
    if earlier["outcome"] == Outcome.WITHDRAWN:
        return _("Judged again")
    same = (earlier["outcome"], earlier["label"]) == (verdict["outcome"], verdict["label"])
    return _("Updated") if same else _("Corrected")


def entry(verdict: Told, urn: str, title: str, text: str, *, site: str) -> Entry:
    claim, organization = verdict["claim"], verdict["organization"]
    return Entry(
        id=urn,
        url=review_at(site, claim["id"], verdict["id"]),
        elsewhere=verdict["url"],
        title=title,
        text=text,
        language=verdict["language"] or claim["language"],
        author=organization["name"],
        author_url=organization["url"],
        at=datetime.fromisoformat(verdict["issued_at"]),
        tags=[it for it in (verdict["outcome"], verdict["label"]) if it],
        about={
            "claim": f"{site}/api/v1/claims/{claim['id']}/",
            "verdict": f"{site}/api/v1/claims/{claim['id']}/verdicts/{verdict['id']}/",
            "outcome": verdict["outcome"],
            "label": verdict["label"],
        },
    )


def body(verdict: Told) -> str:
    """The claim and who made it, the rating and whose it is, why, and the evidence."""
    claim, speaker = verdict["claim"], verdict["claim"]["speaker"]
    said = claim["text"] if speaker is None else f"{claim['text']} ({speaker['name']})"
    found = f"{verdict['organization']['name']}: {rating(verdict)}"
    sources = "\n".join(
        f"{piece['title']}: {piece['url']}" if piece["title"] else piece["url"]
        for piece in verdict["evidence"]
    )
    return "\n\n".join(it for it in (said, found, verdict["rationale"], sources) if it)


def shortened(text: str) -> str:
    """In one line, and not longer than a title can be."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def json_feed(feed: Feed) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": feed.language,
        "items": [item(it) for it in feed.entries],
    }


def item(entry: Entry) -> dict[str, Any]:
    at = rfc3339(entry.at)
    return stated(
        {
            "id": entry.id,
            "url": entry.url,
            "external_url": entry.elsewhere,
            "title": entry.title,
            "content_text": entry.text,
            "date_published": at,
            "date_modified": at,
            "authors": [stated({"name": entry.author, "url": entry.author_url})],
            "language": entry.language,
            "tags": entry.tags,
            "_isnad": entry.about,
        }
    )


def atom(feed: Feed) -> bytes:
    made = Atom(
        title=xml(feed.title),
        link=feed.home,
        description=xml(feed.description),
        subtitle=xml(feed.description),
        language=feed.language,
        feed_url=feed.address,
        feed_guid=feed.address,
    )
    made.at = feed.at
    for it in feed.entries:
        made.add_item(
            title=xml(it.title),
            link=it.url,
            description=None,  # type: ignore[arg-type]  # which would be told as HTML
            author_name=xml(it.author),
            author_link=it.author_url,
            pubdate=it.at,
            updateddate=it.at,
            unique_id=it.id,
            categories=[xml(tag) for tag in it.tags],
            text=xml(it.text),
            text_language=it.language,
            elsewhere=it.elsewhere,
        )
    written = BytesIO()
    made.write(written, "utf-8")
    return written.getvalue()


class Atom(Atom1Feed):
    """With texts that are told as texts: Django's own calls them HTML, which they are not."""

    at = NOTHING_YET

    def latest_post_date(self) -> datetime:
        return self.at

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["text_language"]}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["elsewhere"] is not None:
            handler.addQuickElement("link", "", {"href": xml(item["elsewhere"]), "rel": "related"})
        handler.addQuickElement("content", item["text"], {"type": "text"})


def xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
