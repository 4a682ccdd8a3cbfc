"""Reviews in JSON: ClaimReview of schema.org in every shape that pages and exports give it, and
claims as Google's Fact Check Tools API tells them.

The vocabulary is fixed: a name means what schema.org means by it, whatever `@context` says, and
nothing is ever loaded. What an `@id` names is looked for in the same document alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from claims.formats.claimreview_in import values
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.reading import Said, as_list, settle
from claims.formats.claimreview_in.record import Reason, Record
from claims.formats.fields import escaped
from claims.formats.importing import Unusable
from claims.vocabulary import SpeakerType

JSON = dict[str, Any]

MOST_DEPTH = 20  # containers in which a review is looked for
PREFIXES = ("http://schema.org/", "https://schema.org/", "http://www.schema.org/", "schema:")
# What holds reviews: properties of a page, a graph, a feed, a list, an answer of Google's.
CONTAINERS = (
    "@graph",
    "dataFeedElement",
    "item",
    "itemListElement",
    "mainEntity",
    "mainEntityOfPage",
    "hasPart",
    "subjectOf",
    "review",
    "claims",
)
TYPES = {
    "Person": SpeakerType.PERSON,
    "Organization": SpeakerType.ORGANIZATION,
    "NewsMediaOrganization": SpeakerType.ORGANIZATION,
    "GovernmentOrganization": SpeakerType.ORGANIZATION,
    "NGO": SpeakerType.ORGANIZATION,
    "PoliticalParty": SpeakerType.ORGANIZATION,
    "Corporation": SpeakerType.ORGANIZATION,
}


def local(name: str) -> str:
    """A name of schema.org without what makes it one; another vocabulary's as it is."""
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def types(node: JSON) -> set[str]:
    given = next((node[it] for it in ("@type", "type") if it in node), None)
    return {local(it.strip()) for it in as_list(given) if isinstance(it, str)}


def is_review(node: JSON) -> bool:
    if "ClaimReview" in types(node):
        return True
    # The type forgotten or misspelt; no other thing has this property.
    return any(local(it) == "claimReviewed" for it in node)


def is_google(node: JSON) -> bool:
    return isinstance(node.get("claimReview"), (list, dict)) or (
        "text" in node and ("claimant" in node or "claimDate" in node)
    )


def records(document: object, outcomes: Outcomes, place: str = "#") -> list[Record]:
    """Every review that a document holds, in order; one that says so where there is none."""
    if not isinstance(document, (dict, list)):
        return [Unusable(place, Reason.NOT_A_RECORD)]
    graph = identified(document)
    found: list[Record] = []
    for pointer, node in nodes(document, place, MOST_DEPTH):
        match node:
            case Reason():
                found.append(Unusable(pointer, node))
            case dict() if is_google(node):
                found += google(node, outcomes, pointer)
            case dict():
                found.append(settle(said_by(node, graph), pointer, outcomes))
    return found or [Unusable(place, Reason.NO_REVIEW)]


def nodes(value: Any, pointer: str, depth: int) -> Iterator[tuple[str, JSON | Reason]]:
    """Reviews and Google's claims with their pointers; a reason where something is no review.

    What stands directly in a list is a record of its own, so that none is passed by in silence.
    """
    if depth == 0:
        yield pointer, Reason.TOO_DEEP
    elif isinstance(value, list):
        for i, it in enumerate(value):
            inner = list(nodes(it, f"{pointer}/{i}", depth - 1))
            yield from inner or [(f"{pointer}/{i}", reason_for(it))]
    elif isinstance(value, dict):
        if is_review(value) or is_google(value):
            yield pointer, value
            return
        for name, it in value.items():
            if local(name) in CONTAINERS and isinstance(it, (dict, list)):
                if isinstance(it, list) and local(name) not in FEEDS:
                    # Beside the review, a page's graph has the page, its site, its author.
                    for i, one in enumerate(it):
                        inside = f"{pointer}/{escaped(name)}/{i}"
                        if isinstance(one, (dict, list)):
                            yield from nodes(one, inside, depth - 1)
                else:
                    yield from nodes(it, f"{pointer}/{escaped(name)}", depth - 1)


# Containers of which each member is meant as a record.
FEEDS = {"dataFeedElement", "claims"}


def reason_for(value: Any) -> Reason:
    return Reason.NO_REVIEW if isinstance(value, (dict, list)) else Reason.NOT_A_RECORD


def identified(document: Any) -> dict[str, JSON]:
    """The things of a document that have an `@id` and say something of it."""
    found: dict[str, JSON] = {}
    open_ones = [document]
    while open_ones:
        value = open_ones.pop()
        if isinstance(value, dict):
            name = value.get("@id")
            if isinstance(name, str) and len(value) > 1:
                found.setdefault(name, value)
            open_ones += value.values()
        elif isinstance(value, list):
            open_ones += value
    return found


class Thing:
    """A thing of schema.org: its properties by their names, and what it points at."""

    def __init__(self, node: Any, graph: dict[str, JSON]) -> None:
        while isinstance(node, list):
            node = next((it for it in node if it), None)
        self.words: str | None = None
        if isinstance(node, dict) and set(node) <= {"@id", "@type"}:
            node = graph.get(str(node.get("@id")), node)
        if not isinstance(node, dict):
            self.words = values.text(node)  # a name, where a thing should be
            node = {}
        self.node: JSON = node
        self.graph = graph
        self.properties = {local(name): value for name, value in node.items()}

    def get(self, *names: str) -> Any:
        """The first of these properties that is there."""
        for name in names:
            value = self.properties.get(name)
            if value not in (None, "", [], {}):
                return value
        return None

    def thing(self, *names: str) -> Thing:
        return Thing(self.get(*names), self.graph)

    @property
    def name(self) -> Any:
        return self.words or self.get("name", "legalName", "alternateName")


def said_by(node: JSON, graph: dict[str, JSON]) -> Said:
    """What a ClaimReview says."""
    review = Thing(node, graph)
    rating = review.thing("reviewRating", "rating")
    item = review.thing("itemReviewed")
    # Of old, a CreativeWork stood here, with the claim's author and date where it was published.
    claimant = item.thing("author", "creator")
    publisher = review.thing("author")
    if values.text(publisher.name) is None or "Person" in types(publisher.node):
        publisher_of = review.thing("publisher", "sourceOrganization")
        publisher = publisher_of if values.text(publisher_of.name) else publisher
    kind = next((TYPES[it] for it in sorted(types(claimant.node)) if it in TYPES), None)
    appearances = [
        *as_list(item.get("firstAppearance")),
        *as_list(item.get("appearance")),
        *as_list(item.get("url") if "Claim" not in types(item.node) else None),
    ]
    return Said(
        claim=review.get("claimReviewed") or item.get("text", "name", "description"),
        claim_language=item.get("inLanguage"),
        claimant=claimant.name,
        claimant_type=kind,
        claimant_title=claimant.get("jobTitle"),
        claimant_same_as=claimant.get("sameAs"),
        claimant_other_names=claimant.get("alternateName"),
        claimed_on=item.get("datePublished", "dateCreated"),
        appearances=[resolved(it, graph) for it in appearances],
        url=review.get("url", "mainEntityOfPage") or node.get("@id"),
        publisher=publisher.name,
        publisher_url=publisher.get("url"),
        title=review.get("headline", "name"),
        language=review.get("inLanguage"),
        date_published=review.get("datePublished", "dateCreated", "dateModified"),
        label=rating.words or rating.get("alternateName", "name") or worded(rating),
        outcome=rating.get("name") if rating.get("alternateName") else None,
        rating=rating.get("ratingValue"),
        best=rating.get("bestRating"),
        worst=rating.get("worstRating"),
        explanations=[
            review.get("reviewBody"),
            rating.get("ratingExplanation", "reviewAspect"),
            review.get("description", "abstract", "text"),
        ],
        citations=[cited(it, graph) for it in as_list(review.get("citation"))],
        markup_by=review.thing("sdPublisher").get("url"),
    )


def cited(value: Any, graph: dict[str, JSON]) -> dict[str, Any]:
    """A citation, by the names of `Citation`."""
    thing = Thing(value, graph)
    quotations = (Thing(it, graph) for it in as_list(thing.get("hasPart")))
    return {
        "url": resolved(value, graph),
        "title": thing.get("name", "headline"),
        "archive_url": thing.get("archivedAt"),
        "quote": next((it.get("text") for it in quotations if "Quotation" in types(it.node)), None),
        "derived_from": thing.get("isBasedOn"),
    }


def worded(rating: Thing) -> Any:
    """A rating in words where the number should stand."""
    value = rating.get("ratingValue")
    return None if values.number(value) is not None else value


def resolved(value: Any, graph: dict[str, JSON]) -> Any:
    if isinstance(value, dict) and not value.get("url") and isinstance(value.get("@id"), str):
        return graph.get(value["@id"], value)
    return value


def google(claim: JSON, outcomes: Outcomes, place: str) -> list[Record]:
    """A claim with its reviews, as Google tells it.

    Source: Google Fact Check Tools API, v1alpha1, claims.search.
    """
    reviews = as_list(claim.get("claimReview"))
    if not reviews:
        return [Unusable(place, Reason.NO_REVIEW)]
    found: list[Record] = []
    for i, review in enumerate(reviews):
        pointer = f"{place}/claimReview/{i}"
        if not isinstance(review, dict):
            found.append(Unusable(pointer, Reason.NOT_A_RECORD))
            continue
        publisher = review.get("publisher")
        publisher = publisher if isinstance(publisher, dict) else {"name": publisher}
        said = Said(
            claim=claim.get("text"),
            claimant=claim.get("claimant"),
            claimed_on=claim.get("claimDate"),
            url=review.get("url"),
            publisher=publisher.get("name"),
            title=review.get("title"),
            language=review.get("languageCode"),
            date_published=review.get("reviewDate"),
            label=review.get("textualRating"),
        )
        found.append(settle(said, pointer, outcomes))
    return found
