"""Web Annotations for tests, without the network: the terms we use, and a processor of JSON-LD.

The terms mean what they mean in the Web Annotation context (W3C), as it is since July 2021, with
`assessing`. There is no vocabulary behind them, so a term that is not listed is dropped by the
processor, and found missing.
"""

from typing import Any

from pyld import jsonld

ADDRESS = "http://www.w3.org/ns/anno.jsonld"
LD = f'application/ld+json; profile="{ADDRESS}"'
ARABIC = "وأعلن العراق تحرير كامل أراضيه"
ENGLISH = "Iraq declared victory again"
OA, AS = "http://www.w3.org/ns/oa#", "http://www.w3.org/ns/activitystreams#"
DCTERMS, DC = "http://purl.org/dc/terms/", "http://purl.org/dc/elements/1.1/"
RDF, XSD = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2001/XMLSchema#"
FOAF = "http://xmlns.com/foaf/0.1/"

TYPES = {
    "Annotation": OA,
    "TextualBody": OA,
    "SpecificResource": OA,
    "TextQuoteSelector": OA,
    "TextPositionSelector": OA,
    "TimeState": OA,
    "Person": FOAF,
    "Organization": FOAF,
}
WORDS = ("assessing", "classifying", "describing", "highlighting", "identifying")
# Each property: what it is called, and of which type its values are.
PROPERTIES = {
    "body": (OA + "hasBody", "@id"),
    "target": (OA + "hasTarget", "@id"),
    "source": (OA + "hasSource", "@id"),
    "selector": (OA + "hasSelector", "@id"),
    "state": (OA + "hasState", "@id"),
    "cached": (OA + "cachedSource", "@id"),
    "creator": (DCTERMS + "creator", "@id"),
    "homepage": (FOAF + "homepage", "@id"),
    "partOf": (AS + "partOf", "@id"),
    "first": (AS + "first", "@id"),
    "last": (AS + "last", "@id"),
    "next": (AS + "next", "@id"),
    "prev": (AS + "prev", "@id"),
    "items": (AS + "items", "@id"),
    "motivation": (OA + "motivatedBy", "@vocab"),
    "purpose": (OA + "hasPurpose", "@vocab"),
    "textDirection": (OA + "textDirection", "@vocab"),
    "created": (DCTERMS + "created", XSD + "dateTime"),
    "modified": (DCTERMS + "modified", XSD + "dateTime"),
    "sourceDate": (OA + "sourceDate", XSD + "dateTime"),
    "start": (OA + "start", XSD + "nonNegativeInteger"),
    "end": (OA + "end", XSD + "nonNegativeInteger"),
    "total": (AS + "totalItems", XSD + "nonNegativeInteger"),
    "startIndex": (AS + "startIndex", XSD + "nonNegativeInteger"),
    "format": (DC + "format", None),
    "language": (DC + "language", None),
    "value": (RDF + "value", None),
    "exact": (OA + "exact", None),
    "prefix": (OA + "prefix", None),
    "suffix": (OA + "suffix", None),
    "name": (FOAF + "name", None),
}

CONTEXT: dict[str, Any] = {"id": "@id", "type": "@type"}
CONTEXT |= {name: f"{where}{name}" for name, where in TYPES.items()}
CONTEXT |= {
    "AnnotationCollection": f"{AS}OrderedCollection",
    "AnnotationPage": f"{AS}OrderedCollectionPage",
}
CONTEXT |= {name: f"{OA}{name}" for name in WORDS}
CONTEXT |= {name: f"{OA}{name}Direction" for name in ("ltr", "rtl", "auto")}
CONTEXT |= {
    name: {"@id": iri} if kind is None else {"@id": iri, "@type": kind}
    for name, (iri, kind) in PROPERTIES.items()
}
CONTEXT["items"]["@container"] = "@list"


def load(url: str, _options: Any) -> dict[str, Any]:
    """The one context that there is: nothing is ever fetched."""
    assert url == ADDRESS
    return {
        "contextUrl": None,
        "documentUrl": url,
        "contentType": "application/ld+json",
        "document": {"@context": CONTEXT},
    }


def expanded(document: Any) -> Any:
    """As a processor understands it."""
    [found] = jsonld.expand(document, {"documentLoader": load})
    return found


def faults(document: dict[str, Any]) -> list[str]:
    """Properties that a processor drops, or takes for something else; what is no JSON-LD raises."""
    told = {name: it for name, it in document.items() if name != "@context"}
    return lost(told, expanded(document))


def lost(told: dict[str, Any], meant: dict[str, Any]) -> list[str]:
    kind, wrong = told.get("type"), []
    if kind is not None:
        assert meant["@type"] == [CONTEXT[kind]]
    assert meant.get("@id") == told.get("id")
    for name in told.keys() - {"id", "type"}:
        if name not in PROPERTIES:
            wrong.append(f"{kind}.{name}")
            continue
        iri, of = PROPERTIES[name]
        values = told[name] if isinstance(told[name], list) else [told[name]]
        understood = meant.get(iri, [])
        if name == "items":
            [whole] = understood
            understood = whole["@list"]
        if len(understood) != len(values):
            wrong.append(f"{kind}.{name} is not understood")
            continue
        for value, its in zip(values, understood, strict=True):
            if isinstance(value, dict):
                wrong += lost(value, its)
            elif of == "@id":
                assert its == {"@id": value}
                assert value.startswith("http"), value
            elif of == "@vocab":
                assert its == {"@id": CONTEXT[value]}
            else:
                assert its["@value"] == value
                assert its.get("@type") == of
    return wrong


def path(article: Any) -> str:
    return f"/articles/{getattr(article, 'pk', article)}/annotations/"


def relative(address: str) -> str:
    """As our API clients send it."""
    return address.removeprefix("http://testserver/api/v1")


def quote(exact: str = ENGLISH, **more: Any) -> dict[str, Any]:
    return {"type": "TextQuoteSelector", "exact": exact, **more}


def position(start: int, end: int) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": start, "end": end}


def body(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "TextualBody", "value": value, **more}


def annotation(*selectors: Any, **more: Any) -> dict[str, Any]:
    target: Any = {"source": "https://example.org/1"}
    if selectors:
        target["selector"] = selectors[0] if len(selectors) == 1 else [*selectors]
    return {"@context": ADDRESS, "type": "Annotation", "target": target} | more
