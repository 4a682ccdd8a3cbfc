"""The calls to webhooks, as the description of the API tells them: one for each type of Change."""

from typing import Any

from claims.vocabulary import INTERNAL, ChangeType, Role

WHAT_HAPPENED = {
    ChangeType.PUBLISHER_CREATED: "A publisher was recorded",
    ChangeType.PUBLISHER_EDITED: "A publisher was edited",
    ChangeType.ARTICLE_CREATED: "An article was filed",
    ChangeType.ARTICLE_EDITED: "An article was edited",
    ChangeType.SNAPSHOT_CAPTURED: "A text of an article was captured",
    ChangeType.SPEAKER_CREATED: "A speaker was recorded",
    ChangeType.SPEAKER_EDITED: "A speaker was edited",
    ChangeType.CLAIM_CREATED: "A claim was filed",
    ChangeType.CLAIM_EDITED: "A claim was edited, before its first verdict",
    ChangeType.APPEARANCE_ADDED: "A claim was found in an article",
    ChangeType.APPEARANCE_REANCHORED: "A later text of the article was searched for a passage",
    ChangeType.VERDICT_ISSUED: "A verdict was issued",
    ChangeType.VERDICT_WITHDRAWN: "A verdict was withdrawn",
    ChangeType.RELATION_DECIDED: "How two claims are to each other was decided: told of each",
    ChangeType.RELATION_WITHDRAWN: "A decision about two claims was withdrawn: told of each",
    ChangeType.DRAFT_CREATED: "A verdict was drafted",
    ChangeType.DRAFT_EDITED: "A draft was edited by its author",
    ChangeType.DRAFT_RETURNED: "A draft was returned to its author",
    ChangeType.DRAFT_CONFIRMED: "A draft was confirmed; its verdict was issued",
    ChangeType.DRAFT_WITHDRAWN: "A draft was withdrawn",
    ChangeType.CONTEST_FILED: "A verdict was contested from outside",
    ChangeType.CONTEST_RESOLVED: "An organization decided about a contest of its verdict",
    ChangeType.ORGANIZATION_CREATED: "An organization was made",
    ChangeType.ORGANIZATION_EDITED: "An organization was edited",
    ChangeType.ORGANIZATION_SCALE_CHANGED: "An organization rates by other labels from now on",
    ChangeType.MEMBER_ADDED: "A member was added",
    ChangeType.MEMBER_EDITED: "A member was edited, or the membership ended",
    ChangeType.MEMBER_ERASED: "A law forced out who a member was",
    ChangeType.INVITATION_CREATED: "Somebody was invited to become a member",
    ChangeType.INVITATION_REVOKED: "An invitation was revoked",
    ChangeType.INVITATION_ACCEPTED: "An invitation was accepted",
    ChangeType.API_KEY_CREATED: "An API key was made",
    ChangeType.API_KEY_REVOKED: "An API key was revoked",
    ChangeType.WEBHOOK_CREATED: "A webhook was subscribed",
    ChangeType.WEBHOOK_EDITED: "A webhook was edited",
    ChangeType.LOG_KEY_ADDED: "Another key signs the log from now on",
}
ITS_OWN = "It is told to the organization's own webhooks alone."
ADMINS = ITS_OWN + " Its document is for admins, so null here: read the row by `subject`."
HEADERS = {
    "webhook-id": "The same at each attempt: the webhook's id, a dot and the number.",
    "webhook-timestamp": "Of this attempt, in seconds since 1970.",
    "webhook-signature": "By the webhook's secret, as the Standard Webhooks specification says.",
}
THIN = {
    "type": "object",
    "description": "In place of a change of more than 20 kB: where to read it.",
    "properties": {
        "number": {"type": "integer"},
        "id": {"type": "string", "format": "uuid"},
        "type": {"type": "string"},
        "subject": {"type": "string", "format": "uuid"},
        "claim": {"type": ["string", "null"], "format": "uuid"},
        "url": {"type": "string", "format": "uri-reference"},
    },
    "required": ["number", "id", "type", "subject", "claim", "url"],
}


def add_events(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Put the calls into the description; drf-spectacular runs this after all else."""
    result["webhooks"] = {kind.value: {"post": call(kind)} for kind in ChangeType}
    return result


def its_own(least: Role) -> str:
    return ADMINS if least is Role.ADMIN else ITS_OWN


def call(kind: ChangeType) -> dict[str, Any]:
    message = {
        "type": "object",
        "properties": {
            "type": {"const": kind.value},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"anyOf": [{"$ref": "#/components/schemas/ChangeOut"}, THIN]},
        },
        "required": ["type", "timestamp", "data"],
    }
    return {
        "summary": WHAT_HAPPENED[kind],
        **({"description": its_own(least)} if (least := INTERNAL.get(kind)) else {}),
        "tags": ["webhooks"],
        "parameters": [
            {
                "in": "header",
                "name": name,
                "required": True,
                "schema": {"type": "string"},
                "description": what,
            }
            for name, what in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": message}}},
        "responses": {
            "2XX": {"description": "Taken."},
            "410": {"description": "Not wanted any more: the webhook is paused."},
            "default": {"description": "Tried again later, about ten times in three days."},
        },
    }
