"""Claims where articles make them, as Web Annotations.

What is told are the documents of `claims.api.annotations`: an appearance (`MarkedOut`), and its
claim with the verdicts that stand (`JudgedOut`).

The body that describes is the claim, who said it identifies, its kind classifies, and each verdict
assesses. Positions count Unicode code points of the text of the snapshot, as the model wants; that
text is the recorded one, verbatim, in no other normal form.

Sources: W3C Web Annotation Data Model, Web Annotation Protocol (Recommendations of 2017-02-23).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from claims.text.direction import direction
from claims.vocabulary import Kind, SpeakerType

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_TYPE = f'application/ld+json; profile="{CONTEXT}"'
FACT = "fact"  # what a body that classifies says of a fact; of a statement, which speech it is

Json = dict[str, Any]
Told = Mapping[str, Any]

KINDS = {SpeakerType.PERSON: "Person", SpeakerType.ORGANIZATION: "Organization"}
UNKNOWN_LANGUAGE = "und"


def api(site: str) -> str:
    return f"{site}/api/v1"


def collection_at(site: str, article_id: object) -> str:
    """The address of the annotations of an article. site: without a slash at the end."""
    return f"{api(site)}/articles/{article_id}/annotations/"


def annotation_at(site: str, article_id: object, appearance_id: object) -> str:
    return f"{collection_at(site, article_id)}{appearance_id}/"


def claim_at(site: str, claim_id: object) -> str:
    return f"{api(site)}/claims/{claim_id}/"


def document(marked: Told, claim: Told, *, site: str) -> Json:
    """A whole JSON-LD document."""
    return {"@context": CONTEXT, **annotation(marked, claim, site=site)}


def collection(here: str, *, total: int | None, first: Json | None, last: str | None) -> Json:
    """An AnnotationCollection without its context, with its first page in it.

    here: its address. first, last: None where there are no annotations.
    """
    return stated(
        {
            "@context": CONTEXT,
            "id": here,
            "type": "AnnotationCollection",
            "total": total,
            "first": first,
            "last": last,
        }
    )


def page(
    here: str,
    items: Sequence[Json],
    *,
    part_of: str,
    start_index: int | None,
    following: str | None,
    previous: str | None,
) -> Json:
    """An AnnotationPage, without its context."""
    return stated(
        {
            "id": here,
            "type": "AnnotationPage",
            "partOf": part_of,
            "startIndex": start_index,
            "prev": previous,
            "next": following,
        }
    ) | {"items": list(items)}


def annotation(marked: Told, claim: Told, *, site: str) -> Json:
    """An Annotation, without its context. claim: the one that is marked."""
    article = marked["article"]
    verdicts = [assessing(it, claim, site=site) for it in claim["verdicts"]]
    speaker = claim["speaker"]
    bodies = [
        describing(claim, site=site),
        None if speaker is None else identifying(speaker, site=site),
        classifying(claim),
        *verdicts,
    ]
    return stated(
        {
            "id": annotation_at(site, article["id"], marked["id"]),
            "type": "Annotation",
            "motivation": ["describing", "assessing"] if verdicts else "describing",
            "created": marked["created_at"],
            # Nothing of the passage changes: but its claim may be edited, and judged.
            "modified": max(marked["created_at"], claim["changed_at"]),
            "creator": agent(marked["organization"], site=site),
            "body": [it for it in bodies if it is not None],
            "target": target(marked, site=site),
        }
    )


def describing(claim: Told, *, site: str) -> Json:
    where = {"type": "TextualBody", "id": claim_at(site, claim["id"]), "purpose": "describing"}
    return where | in_words(claim["text"], claim["language"])


def identifying(speaker: Told, *, site: str) -> Json:
    """Who said it."""
    return {
        "type": "SpecificResource",
        "purpose": "identifying",
        "source": {
            "id": f"{api(site)}/speakers/{speaker['id']}/",
            "type": KINDS[speaker["type"]],
            "name": speaker["name"],
        },
    }


def classifying(claim: Told) -> Json:
    kind = FACT if claim["kind"] == Kind.FACT else claim["speech"]
    return {"type": "TextualBody", "purpose": "classifying", "value": kind, "format": "text/plain"}


def assessing(verdict: Told, claim: Told, *, site: str) -> Json:
    """A verdict: its label, else its outcome, on a line of its own; then why."""
    named = verdict["label"] or verdict["outcome"]
    value = "\n\n".join(it for it in (named, verdict["rationale"]) if it)
    return stated(
        {
            "type": "TextualBody",
            "id": f"{claim_at(site, claim['id'])}verdicts/{verdict['id']}/",
            "purpose": "assessing",
            **in_words(value, verdict["language"]),
            "created": verdict["issued_at"],
            "creator": agent(verdict["organization"], site=site),
        }
    )


def in_words(value: str, language: str | None) -> Json:
    """A text. Where its language is not known, its direction is left to its letters."""
    told: Json = {"value": value, "format": "text/plain"}
    if language in (None, UNKNOWN_LANGUAGE):
        return told | {"textDirection": "auto"}
    return told | {"language": language, "textDirection": direction(str(language))}


def agent(organization: Told | None, *, site: str) -> Json | None:
    if organization is None:
        return None
    return stated(
        {
            "id": f"{api(site)}/organizations/{organization['id']}/",
            "type": "Organization",
            "name": organization["name"],
            "homepage": organization["url"],
        }
    )


def target(marked: Told, *, site: str) -> Json:
    """The passage, in the text that it was marked in; or the article as a whole."""
    article, snapshot = marked["article"], marked["snapshot"]
    here = f"{api(site)}/articles/{article['id']}/"
    state = snapshot and {
        "type": "TimeState",
        "sourceDate": snapshot["captured_at"],
        "cached": f"{here}snapshots/{snapshot['id']}/",
    }
    return stated(
        {
            "type": "SpecificResource",
            "source": article["url"] or here,
            "state": state,
            "selector": selectors(marked),
        }
    )


def selectors(marked: Told) -> list[Json]:
    """Each of them selects the same; of a withheld text the offsets may not be known."""
    found = []
    if marked["exact"] is not None:
        # What stands around it may be white space, and may be nothing at the ends of the text.
        quote = {name: marked[name] for name in ("exact", "prefix", "suffix") if marked[name]}
        found.append({"type": "TextQuoteSelector", **quote})
    if marked["start"] is not None:
        place = {"start": marked["start"], "end": marked["end"]}
        found.append({"type": "TextPositionSelector", **place})
    return found


def stated(properties: Json) -> Json:
    """Without those that say nothing."""
    return {name: it for name, it in properties.items() if it is not None and it != []}
