"""Filing articles and capturing their texts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from claims import dates
from claims.actions.anchoring import reanchor_article
from claims.actions.editing import apply, locked
from claims.actions.indexing import Rewording, headed_by
from claims.actions.preconditions import IfMatch, require_current
from claims.actions.recording import Happening, keep, record, sha256_of
from claims.errors import Duplicate, Fault, Invalid, Refusal
from claims.models import Article, Member, Publisher, Snapshot
from claims.queries.references import articles_at, named
from claims.vocabulary import ChangeType


def create_article(
    *,
    publisher: UUID,
    headline: str | None = None,
    language: str,
    url: str | None = None,
    date_published: str | None = None,
    by: Member | None,
) -> Article:
    """Raises Invalid for an unknown publisher, Duplicate for a url that is recorded already."""
    owner = named(Publisher, publisher, pointer="#/publisher")
    refuse_known_url(url)
    article = Article.objects.create(
        publisher=owner,
        headline=headline,
        language=language,
        url=url,
        created_by=by,
        **published(date_published),
    )
    record(Happening(type=ChangeType.ARTICLE_CREATED, subject=article, by=by, article=article))
    return article


def file_article(
    *, text: str | None = None, withheld: bool = False, by: Member | None, **said: Any
) -> Article:
    """An article and, where its text is sent as well, the first snapshot. said: see above."""
    article = create_article(**said, by=by)
    if text is not None:
        capture_snapshot(article_id=article.pk, text=text, withheld=withheld, by=by)
    return article


def edit_article(
    *, article_id: UUID, changes: dict[str, Any], by: Member, if_match: IfMatch | None
) -> Article:
    if "publisher" in changes:
        changes["publisher"] = named(Publisher, changes["publisher"], pointer="#/publisher")
    if "date_published" in changes:
        changes |= published(changes["date_published"])
    if changes.get("url") is not None:
        refuse_known_url(changes["url"], besides=article_id)
    article = locked(Article, article_id)
    require_current(Article, article_id, if_match, needed=True)
    for gone, other in (("headline", "url"), ("url", "headline")):
        if gone in changes and changes[gone] is None is changes.get(other, getattr(article, other)):
            raise Invalid.at(
                f"#/{gone}", _("An article is known by its headline or its url: keep one.")
            )
    reheaded = changes.get("headline", article.headline) != article.headline
    with Rewording(headed_by(article) if reheaded else []):
        return apply(
            article,
            changes,
            Happening(type=ChangeType.ARTICLE_EDITED, subject=article, by=by, article=article),
        )


def capture_snapshot(
    *,
    article_id: UUID,
    text: str | None = None,
    sha256: bytes | None = None,
    length: int | None = None,
    withheld: bool = False,
    captured_at: datetime | None = None,
    by: Member | None,
) -> Snapshot:
    """Keep the text of an article, and find every passage marked before in it if it is the newest.

    withheld: the text is not stored, only its hash and length (taken from `text` when given).
    Raises NotFound, and Duplicate when the article has this very text already.
    """
    article = locked(Article, article_id)
    if text is not None:
        sha256, length = sha256_of(text), len(text)
    assert sha256 is not None
    assert length is not None
    if known := Snapshot.objects.filter(article=article, sha256=sha256).first():
        raise already(_("The article has a snapshot of this very text"), known.pk, "#/text")
    [content] = keep([None if withheld else text], salted=False)
    snapshot = Snapshot.objects.create(
        article=article,
        content=content,
        sha256=sha256,
        length=length,
        captured_at=captured_at or Now(),
        captured_by=by,
    )
    snapshot.refresh_from_db(fields=["captured_at"])
    article.version += 1
    article.save(update_fields=["version"])
    record(Happening(type=ChangeType.SNAPSHOT_CAPTURED, subject=snapshot, by=by, article=article))
    newest = article.snapshots.order_by("captured_at", "id").last()
    if snapshot == newest:  # an older text that is filed late says nothing of today's
        reanchor_article(snapshot, None if withheld else text, by=by)
    return snapshot


def published(date_published: str | None) -> dict[str, Any]:
    """The columns of an EDTF date of publication."""
    meant = None if date_published is None else dates.parse(date_published)
    return {
        "date_published": date_published,
        "published_from": meant and meant.earliest,
        "published_to": meant and meant.latest,
    }


def refuse_known_url(url: str | None, *, besides: UUID | None = None) -> None:
    if url is None:
        return
    if (other := articles_at(url).first()) is not None and other.pk != besides:
        raise already(_("An article with this url is recorded already"), other.pk, "#/url")


def already(what: str, pk: UUID, pointer: str) -> Refusal:
    detail = f"{what}: {pk}"
    return Duplicate(detail, faults=[Fault(detail, pointer=pointer)])
