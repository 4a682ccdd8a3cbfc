"""schema.org for tests, without the network: the terms that we use, and a processor of JSON-LD.

The terms are defined as in schema.org's own context, release 27.01; there is no vocabulary behind
them, so that a term which is not listed is dropped by the processor, and found missing.
"""

from typing import Any

from pyld import jsonld

SCHEMA = "http://schema.org/"

# Which properties a type can have, those of the types that it is one of among them.
THING = {"name", "alternateName", "sameAs", "url"}
WORK = THING | {
    "about",
    "archivedAt",
    "author",
    "citation",
    "correction",
    "dateModified",
    "datePublished",
    "expires",
    "hasPart",
    "headline",
    "inLanguage",
    "isBasedOn",
    "publisher",
    "sdDatePublished",
    "sdPublisher",
    "text",
    "version",
}
REVIEW = WORK | {"itemReviewed", "reviewBody", "reviewRating"}
PROPERTIES: dict[str, set[str]] = {
    "ClaimReview": REVIEW | {"claimReviewed"},
    "Review": REVIEW,
    "Claim": WORK | {"appearance", "firstAppearance"},
    "CreativeWork": WORK,
    "Quotation": WORK,
    "CorrectionComment": WORK,
    "Rating": THING | {"bestRating", "ratingValue", "worstRating"},
    "Person": THING | {"jobTitle"},
    "Organization": THING,
    "DataFeed": WORK | {"dataFeedElement"},
    "DataFeedItem": THING | {"dateCreated", "dateModified", "item"},
}
ADDRESSES = {"archivedAt", "isBasedOn", "sameAs", "url"}
DAYS = {"dateCreated", "dateModified", "datePublished", "expires", "sdDatePublished"}

CONTEXT: dict[str, Any] = {"schema": SCHEMA}
CONTEXT |= {name: {"@id": f"schema:{name}"} for name in PROPERTIES}
CONTEXT |= {name: {"@id": f"schema:{name}"} for name in set().union(*PROPERTIES.values())}
CONTEXT |= {name: {"@id": f"schema:{name}", "@type": "@id"} for name in ADDRESSES}
CONTEXT |= {name: {"@id": f"schema:{name}", "@type": "schema:Date"} for name in DAYS}


def load(url: str, _options: Any) -> dict[str, Any]:
    """The one context that there is: nothing is ever fetched."""
    assert url == "https://schema.org"
    return {
        "contextUrl": None,
        "documentUrl": url,
        "contentType": "application/ld+json",
        "document": {"@context": CONTEXT},
    }


def expanded(document: Any) -> list[Any]:
    """As a processor understands it."""
    found: list[Any] = jsonld.expand(document, {"documentLoader": load})
    return found


def faults(document: Any) -> list[str]:
    """What schema.org has no word for, in a document; and what is no JSON-LD raises."""
    found = expanded(document)
    told = document if isinstance(document, list) else [document]
    assert len(found) == len(told)
    return [fault for one, meant in zip(told, found, strict=True) for fault in lost(one, meant)]


def lost(told: dict[str, Any], meant: dict[str, Any]) -> list[str]:
    """Properties that the processor dropped, or that this type does not have."""
    kind = told["@type"]
    names = {name for name in told if not name.startswith("@")}
    wrong = [f"{kind}.{name}" for name in sorted(names - PROPERTIES[kind])]
    assert meant["@type"] == [SCHEMA + kind]
    for name in names:
        values = told[name] if isinstance(told[name], list) else [told[name]]
        understood = meant.get(SCHEMA + name, [])
        if len(understood) != len(values):
            wrong.append(f"{kind}.{name} is not understood")
            continue
        for value, its in zip(values, understood, strict=True):
            if isinstance(value, dict):
                wrong += lost(value, its)
            elif name in ADDRESSES:
                assert its == {"@id": value}
            else:
                assert its["@value"] == value
                assert its.get("@type") == (f"{SCHEMA}Date" if name in DAYS else None)
    return wrong
