"""Pages that hold reviews, as Google's Fact Check Tools API has them.

A page is no row. It is what stands at one address (whatever follows `#`) of what the organization
of its site found; its id is made of that organization and a hash of the address, so that it is
there as long as a review stands there, and the same whenever one does again.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Sequence
from hashlib import md5, sha256
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from claims.models import Appearance, Evidence, Organization, Verdict
from claims.models.base import PageOf

MOST_PLACES = 100  # where a claim appears, that are told of it


class Page(NamedTuple):
    """digest: of its address, as `PageOf` makes it."""

    organization: UUID
    digest: str

    @classmethod
    def at(cls, organization: UUID, url: str) -> Self:
        address = url.partition("#")[0]
        return cls(organization, md5(address.encode(), usedforsecurity=False).hexdigest())

    @classmethod
    def called(cls, text: str) -> Self | None:
        """By its id; None for what is none."""
        try:
            read = urlsafe_b64decode(f"{text}=".encode("ascii"))
        except ValueError:
            return None
        page = cls(UUID(bytes=read[:16]), read[16:].hex()) if len(read) == 32 else None
        return page if page is not None and page.id == text else None

    @property
    def id(self) -> str:
        """43 letters, digits, `-` and `_`."""
        read = self.organization.bytes + bytes.fromhex(self.digest)
        return urlsafe_b64encode(read).decode().rstrip("=")


def reviews() -> QuerySet[Any]:
    """What stands on pages, each with the `digest` of its page's address."""
    return (
        Verdict.objects.standing()
        .filter(url__isnull=False, organization__external_site__isnull=False)
        .annotate(digest=PageOf("url"))
    )


def on(pages: Collection[Page]) -> dict[Page, list[Verdict]]:
    """What stands on each of these pages of one organization, with all that is told of it.

    A page on which nothing stands is left out. In the order of the claims, which stays the same
    when a review takes the place of an earlier one.
    """
    found: dict[Page, list[Verdict]] = {}
    if not pages:
        return found
    evidence = Evidence.objects.select_related("quote")
    placed = Appearance.objects.filter(position__lt=MOST_PLACES).select_related("article")
    rows = (
        reviews()
        .filter(
            organization__in={it.organization for it in pages},
            digest__in={it.digest for it in pages},
        )
        .select_related("organization", "rationale", "claim__speaker")
        .prefetch_related(
            Prefetch("claim__appearances", placed.order_by("position"), to_attr="placed"),
            Prefetch("evidence", evidence.order_by("position"), to_attr="pieces"),
        )
    )
    for row in rows.order_by("claim_id"):
        page = Page(row.organization_id, row.digest)
        found.setdefault(page, []).append(row)
    return found


def of(organization: UUID, *, after: str | None, offset: int, most: int) -> list[Page]:
    """The pages of an organization, in an order that stays. after: the digest of the one before."""
    rows = reviews().filter(organization=organization)
    if after is not None:
        rows = rows.filter(digest__gt=after)
    digests = rows.order_by("digest").values_list("digest", flat=True).distinct()
    return [Page(organization, it) for it in digests[offset : offset + most]]


def spelled(organization: UUID, url: str) -> list[Page]:
    """The pages that an address can mean: that at this very address, then those of other spellings:
    http or https, with or without `www.` and a slash at the end."""
    parts = urlsplit(url.partition("#")[0])
    host = parts.netloc.removeprefix("www.")
    path = parts.path.rstrip("/")
    others = [
        parts._replace(scheme=scheme, netloc=f"{www}{host}", path=f"{path}{slash}").geturl()
        for scheme in ("https", "http")
        for www in ("", "www.")
        for slash in ("", "/")
    ]
    return list(dict.fromkeys(Page.at(organization, it) for it in (url, *others)))


def there(pages: Sequence[Page]) -> Page | None:
    """The first of these on which something stands."""
    rows = reviews().filter(organization=pages[0].organization, digest__in=[it[1] for it in pages])
    found = set(rows.values_list("digest", flat=True))
    return next((it for it in pages if it.digest in found), None)


def organization_of(site: str) -> UUID | None:
    """Whose reviews are published on this site."""
    return Organization.objects.filter(external_site=site).values_list("pk", flat=True).first()


def version(reviews: Iterable[Verdict]) -> str:
    """Of a page: another one whenever what stands on it does."""
    ids = sorted(str(it.pk) for it in reviews)
    return urlsafe_b64encode(sha256("\n".join(ids).encode()).digest()).decode()[:22]
