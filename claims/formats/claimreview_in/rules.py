"""The rules that ClaimReview markup is held to: each tells where a review breaks it.

Sources: Google Search Central, "Fact Check (ClaimReview) structured data"; schema.org ClaimReview,
Rating, Claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from claims.formats.claimreview_in import values
from claims.formats.claimreview_in.checked import (
    RECOMMENDED,
    REQUIRED,
    Checked,
    Finding,
    rule,
)
from claims.formats.claimreview_in.documents import types
from claims.formats.claimreview_in.outcomes import form
from claims.formats.claimreview_in.reading import as_list
from claims.formats.claimreview_in.record import MOST_LABEL
from claims.text.sameness import same

MARKUP = re.compile(r"&(#\d+|#x[0-9a-f]+|[a-z]+);|<[a-z/][^<>]*>", re.IGNORECASE)


def is_absolute(value: Any) -> bool:
    """Whether it is an address as it stands, without anything put right."""
    return isinstance(value, str) and values.address(value) == value


# The review itself


@rule
def type_is_told(it: Checked) -> Iterator[Finding]:
    if "ClaimReview" not in types(it.node):
        yield it.finding(
            "type",
            REQUIRED,
            _("The type is not ClaimReview, so no reader of the markup takes it for a review."),
            _('Write "@type": "ClaimReview".'),
            "@type",
        )


@rule
def context_is_schema_org(it: Checked) -> Iterator[Finding]:
    context = it.node.get("@context")
    if context is None:
        return  # may stand around it
    named = [entry for entry in as_list(context) if isinstance(entry, str)]
    if not any(re.match(r"https?://(www\.)?schema\.org/?$", entry) for entry in named):
        yield it.finding(
            "context",
            REQUIRED,
            _("The context is not schema.org: its names mean something else, or nothing."),
            _('Write "@context": "https://schema.org".'),
            "@context",
        )


@rule
def claim_is_told(it: Checked) -> Iterator[Finding]:
    given = it.review.get("claimReviewed")
    claim = values.text(given)
    if claim is None:
        yield it.finding(
            "claim-missing",
            REQUIRED,
            _("It does not say which claim was reviewed."),
            _("Put one sentence that states the claim into claimReviewed."),
            "claimReviewed",
        )
    elif not isinstance(given, str):
        yield it.finding(
            "claim-not-text",
            REQUIRED,
            _("claimReviewed is no text."),
            _("Write it as one text; of several claims, write a review each."),
            "claimReviewed",
        )


@rule
def claim_has_no_rating_words(it: Checked) -> Iterator[Finding]:
    claim = values.text(it.review.get("claimReviewed"))
    if claim is None:
        return
    label = values.text(it.review.thing("reviewRating").get("alternateName"))
    # "False: the moon is made of cheese", "The moon is made of cheese (false)", "FALSE - …".
    # Near the ends alone: the patterns take n² steps.
    head = re.match(r"\W*([^:()\[\]\u2013\u2014]{2,40}?)\s*(?::|\s[-\u2013\u2014]\s)", claim[:100])
    tail = re.search(r"[(\[]([^()\[\]]{2,40})[)\]]\W*$", claim[-100:])
    for found in (head, tail):
        words = found[1].strip() if found else ""
        is_label = words and label is not None and form(words) == form(label)
        if is_label or (words and it.outcomes.known_as(words, None) is not None):
            yield it.finding(
                "rating-in-claim",
                REQUIRED if is_label else RECOMMENDED,
                _("The claim carries the rating “{words}”: who made it did not say so."),
                _("Write claimReviewed as it was claimed; the rating belongs in reviewRating."),
                "claimReviewed",
                words=words,
            )
            return


@rule
def texts_are_plain(it: Checked) -> Iterator[Finding]:
    places: list[tuple[str | int, ...]] = [
        ("claimReviewed",),
        ("reviewRating", "alternateName"),
        ("author", "name"),
        ("itemReviewed", "author", "name"),
    ]
    for path in places:
        thing = it.review
        for step in path[:-1]:
            thing = thing.thing(str(step))
        value = thing.get(str(path[-1]))
        if isinstance(value, str) and MARKUP.search(value):
            yield it.finding(
                "markup-in-text",
                RECOMMENDED,
                _("The text holds HTML tags or entities, which are shown as they stand."),
                _("Write the characters themselves: JSON-LD is not HTML."),
                *path,
            )


# Its address and its author


@rule
def url_is_told(it: Checked) -> Iterator[Finding]:
    given = it.review.get("url")
    if given is None:
        yield it.finding(
            "url-missing",
            REQUIRED,
            _("It does not say where the review is published."),
            _("Put the address of the page into url."),
            "url",
        )
    elif not is_absolute(given):
        yield it.finding(
            "url-not-absolute",
            REQUIRED,
            _("url is no absolute http or https address."),
            _("Write all of it, as https://example.org/reviews/1."),
            "url",
        )


@rule
def reviewer_is_told(it: Checked) -> Iterator[Finding]:
    given, author = it.review.get("author"), it.review.thing("author")
    if given is None:
        yield it.finding(
            "reviewer-missing",
            REQUIRED,
            _("It does not say who reviewed the claim."),
            _('Add "author": {{"@type": "Organization", "name": …, "url": …}}.'),
            "author",
        )
    elif author.words is not None:
        yield it.finding(
            "reviewer-not-thing",
            REQUIRED,
            _("The reviewer is a text, where an organization or a person should stand."),
            _('Write "author": {{"@type": "Organization", "name": "{name}", "url": …}}.'),
            "author",
            name=author.words,
        )
    elif values.text(author.name) is None and author.get("url") is None:
        yield it.finding(
            "reviewer-unnamed",
            REQUIRED,
            _("The reviewer has neither a name nor an address."),
            _("Give it a name and the url of its site."),
            "author",
            "name",
        )
    elif author.get("url") is None:
        yield it.finding(
            "reviewer-url-missing",
            RECOMMENDED,
            _("The reviewer has no url, so nobody can check that the review is on its site."),
            _("Give it the url of its site."),
            "author",
            "url",
        )


@rule
def url_is_of_the_reviewers_site(it: Checked) -> Iterator[Finding]:
    url, author = values.address(it.review.get("url")), it.review.thing("author")
    own = [values.address(site) for site in as_list(author.get("url"))]
    sites = [values.site_of(site) for site in own if site]
    site = url and values.site_of(url)
    if site is None or not any(sites):
        return
    if not any(site == one or site.endswith(f".{one}") for one in sites if one):
        yield it.finding(
            "url-of-another-site",
            REQUIRED,
            _("The review is on {site}, its author's site is {own}."),
            _("Mark up reviews of your own site alone, or mend author.url."),
            "url",
            site=site,
            own=", ".join(one for one in sites if one),
        )


# The rating


@rule
def rating_is_told(it: Checked) -> Iterator[Finding]:
    given, rating = it.review.get("reviewRating"), it.review.thing("reviewRating")
    if given is None:
        yield it.finding(
            "rating-missing",
            REQUIRED,
            _("It gives no rating."),
            _('Add "reviewRating": {{"@type": "Rating", "alternateName": "False"}}.'),
            "reviewRating",
        )
        return
    label = values.text(rating.get("alternateName"))
    if rating.words is not None:
        yield it.finding(
            "rating-not-thing",
            REQUIRED,
            _("The rating is a text, where a Rating should stand."),
            _('Write "reviewRating": {{"@type": "Rating", "alternateName": "{words}"}}.'),
            "reviewRating",
            words=rating.words,
        )
    elif label is None:
        yield it.finding(
            "rating-words-missing",
            REQUIRED,
            _("The rating has no alternateName, the words that readers are shown."),
            _("Put the rating in words into alternateName."),
            "reviewRating",
            "alternateName",
        )
    elif len(label) > MOST_LABEL:
        yield it.finding(
            "rating-too-long",
            RECOMMENDED,
            _("The rating is a text of {length} characters, of which {most} are shown at most."),
            _("Put one or two words into alternateName, the text into ratingExplanation."),
            "reviewRating",
            "alternateName",
            length=len(label),
            most=MOST_LABEL,
        )
    elif values.number(label) is not None:
        yield it.finding(
            "rating-words-are-number",
            REQUIRED,
            _("alternateName is a number, where words should stand."),
            _("Put the number into ratingValue, with bestRating and worstRating, words here."),
            "reviewRating",
            "alternateName",
        )


@rule
def rating_range_is_sane(it: Checked) -> Iterator[Finding]:
    rating = it.review.thing("reviewRating")
    given = {name: rating.get(name) for name in ("ratingValue", "bestRating", "worstRating")}
    if not any(value is not None for value in given.values()):
        return
    numbers = {name: values.number(value) for name, value in given.items()}
    for name, value in given.items():
        if value is None:
            yield it.finding(
                "rating-range-incomplete",
                REQUIRED,
                _("The scale is incomplete: {name} is missing."),
                _("Give ratingValue, bestRating and worstRating, or none of them."),
                "reviewRating",
                name,
                name=name,
            )
        elif numbers[name] is None:
            yield it.finding(
                "rating-not-number",
                REQUIRED,
                _("{name} is no number."),
                _("Write a number; words belong in alternateName."),
                "reviewRating",
                name,
                name=name,
            )
        elif isinstance(value, str):
            yield it.finding(
                "rating-number-as-text",
                RECOMMENDED,
                _("{name} is a number written as a text."),
                _("Write it without quotation marks."),
                "reviewRating",
                name,
                name=name,
            )
    value, best, worst = (numbers[name] for name in given)
    if best is not None and worst is not None and worst >= best:
        yield it.finding(
            "rating-range-reversed",
            REQUIRED,
            _("bestRating ({best:g}) is not above worstRating ({worst:g})."),
            _("The best is the truest: make bestRating the highest number of the scale."),
            "reviewRating",
            "bestRating",
            best=best,
            worst=worst,
        )
    elif value is not None and (
        (best is not None and value > best) or (worst is not None and value < worst)
    ):
        yield it.finding(
            "rating-out-of-range",
            REQUIRED,
            _("ratingValue ({value:g}) lies outside of its scale."),
            _("Choose a number from worstRating to bestRating."),
            "reviewRating",
            "ratingValue",
            value=value,
        )


# What was reviewed


@rule
def item_is_a_claim(it: Checked) -> Iterator[Finding]:
    given, item = it.review.get("itemReviewed"), it.review.thing("itemReviewed")
    if given is None:
        yield it.finding(
            "item-missing",
            RECOMMENDED,
            _("It does not say who made the claim, when and where."),
            _('Add "itemReviewed": {{"@type": "Claim", "author": …, "datePublished": …}}.'),
            "itemReviewed",
        )
        return
    if item.words is not None:
        yield it.finding(
            "item-not-thing",
            REQUIRED,
            _("itemReviewed is a text, where a Claim should stand."),
            _('Write {{"@type": "Claim", "author": …}}; the words belong in claimReviewed.'),
            "itemReviewed",
        )
        return
    if "CreativeWork" in types(item.node):
        yield it.finding(
            "item-of-old-shape",
            RECOMMENDED,
            _("itemReviewed is a CreativeWork, as it was before schema.org had Claim."),
            _("Make it a Claim, and put the work where it was made into firstAppearance."),
            "itemReviewed",
            "@type",
        )
    elif "Claim" not in types(item.node):
        yield it.finding(
            "item-type",
            RECOMMENDED,
            _("itemReviewed is no Claim."),
            _('Write "@type": "Claim".'),
            "itemReviewed",
            "@type",
        )
    author = item.thing("author")
    if item.get("author") is None:
        yield it.finding(
            "claimant-missing",
            RECOMMENDED,
            _("It does not say who made the claim."),
            _("Add the person or organization as the author of itemReviewed."),
            "itemReviewed",
            "author",
        )
    elif author.words is not None:
        yield it.finding(
            "claimant-not-thing",
            RECOMMENDED,
            _("Who made the claim is a text, where a person or an organization should stand."),
            _('Write {{"@type": "Person", "name": "{name}"}}, or Organization.'),
            "itemReviewed",
            "author",
            name=author.words,
        )
    for name in ("firstAppearance", "appearance"):
        for i, place in enumerate(as_list(item.get(name))):
            if values.address(place) is None and values.text(place) is not None:
                many = isinstance(item.get(name), list)
                yield it.finding(
                    "appearance-not-url",
                    RECOMMENDED,
                    _("Where the claim appeared is no address."),
                    _('Write {{"@type": "CreativeWork", "url": "https://…"}}.'),
                    "itemReviewed",
                    name,
                    *((i,) if many else ()),
                )


@rule
def claimant_is_not_the_reviewer(it: Checked) -> Iterator[Finding]:
    reviewer, claimant = (
        it.review.thing("author"),
        it.review.thing("itemReviewed").thing("author", "creator"),
    )
    names = [values.name(who.name) for who in (reviewer, claimant)]
    sites = [values.address(who.get("url")) for who in (reviewer, claimant)]
    named = None not in names and same(names[0] or "") == same(names[1] or "")
    there = None not in sites and urlsplit(sites[0] or "") == urlsplit(sites[1] or "")
    if named or there:
        yield it.finding(
            "claimant-is-reviewer",
            REQUIRED,
            _("It names the reviewer as who made the claim."),
            _("The author of itemReviewed is who said it; where that is not known, leave it out."),
            "itemReviewed",
            "author",
        )


@rule
def language_is_registered(it: Checked) -> Iterator[Finding]:
    given = it.review.get("inLanguage")
    if values.text(given) is not None and values.language(given) is None:
        yield it.finding(
            "language",
            RECOMMENDED,
            _("inLanguage is no registered language tag."),
            _('Write a tag of BCP 47, as "ar" or "en-GB".'),
            "inLanguage",
        )
