"""What each field and parameter means, where the field itself does not say it.

One word means one thing wherever it stands; `Document.field` goes before where it needs more. What
the body of a request says of a field is told of the answer as well, and the other way round, where
nothing stands here.
"""

import re
from typing import Any

FIELDS = {
    "accepted_at": "When somebody came in by it; null where nobody has.",
    "accepted_by": "The member that came of it; null where nobody has come.",
    "added": "How many are new, by kind.",
    "added_at": "Since when it signs.",
    "anchor": "Where the passage stands in the newest snapshot: as marked, moved, lost; or "
    "unchecked, where no text is kept.",
    "answer_head": "How the answer to the call began.",
    "appearance": "Where it appears: the first place that was filed.",
    "appearances": "Where it appears.",
    "approximate": "Whether the value is about right only.",
    "archive_url": "Where a copy is kept.",
    "article": "The article.",
    "Claim.article": "The article of its first appearance; null where it has none.",
    "articles": "Articles, each with its snapshots.",
    "asserts": "The facts that the statement says are so.",
    "assigned_at": "Since when the assignee has it; null where nobody does.",
    "assigned_by": "Who gave it to the assignee; null where nobody has it.",
    "assignee": "Who has it; null: whoever takes it.",
    "attempts": "The calls that were made, in order.",
    "allowed_moves": "What the caller may do with it now: docs/moves.md.",
    "author": "Who drafted it.",
    "before": "The row before an edit; null for all else, and for those outside its desk.",
    "captured_at": "When the text was captured; when it was filed, where nothing else is said.",
    "changed_at": "When it, its appearances or its verdicts changed last.",
    "by_value": "Whether the two values cannot both be true; else people said so.",
    "claim": "The claim that it is about.",
    "Relation.claim": "The claim that is named first.",
    "QueueMove.assignee": "Who had it from then on; null: nobody.",
    "closed_at": "When it was done or dropped; null as long as it is open.",
    "closed_by": "Who issued the verdict, or dropped it.",
    "claims": "Claims, each with its appearances and verdicts.",
    "created_at": "When it was recorded.",
    "created_by": "Who recorded it; null where that is not known.",
    "QueueItem.created_at": "Since when it waits.",
    "QueueItem.created_by": "Who put it into the queue; null: a contest from outside did.",
    "QueueItem.contests": "How many contests of your verdicts on it wait to be decided about.",
    "current": "The passage in the newest snapshot; null where it is lost or unchecked.",
    "decided_at": "When it was decided.",
    "decided_by": "Who decided it; null where that is not known.",
    "detail": "What is wrong, and how to mend it.",
    "document": "The row after the change; null when a law forced it out, or for those outside "
    "its desk.",
    "disagreement": "Who disagrees, where the claim is contested: the organizations by what they "
    "find. Null where nobody does.",
    "due_at": "When it should be judged; null: some time.",
    "QueueMove.due_at": "When it was to be judged from then on; null: some time.",
    "duration_ms": "How long the call took, in milliseconds.",
    "Person.email": "The e-mail address; empty where there is none.",
    "end": "Where the passage ends: the code points before its end.",
    "ended_at": "When it ended; null as long as it has not.",
    "erased": "By JSON pointer into this document: the hash of what a law forced out.",
    "erased_at": "When a law forced out who it was; null where none has.",
    "error": "What went wrong before an answer came; null where one came.",
    "errors": "Each part of the request that is wrong.",
    "evidence": "What it rests on.",
    "exact": "The passage, as the snapshot has it.",
    "expires_at": "When it stops to work; null: never.",
    "external_site": "Of an organization that does not work here: the site of its reviews, without "
    "`www.`; members of others file them. Null for a desk.",
    "fact": "What it states about the world; null for a statement.",
    "filters": "What to be told of alone.",
    "found_at": "Since when they contradict each other.",
    "from": "The size of the older tree.",
    "header": "The header that is wrong.",
    "headline": "Its headline.",
    "id": "Its identifier, a UUIDv7.",
    "issued_at": "When it was issued.",
    "issued_by": "Who issued it; of an external organization's, who filed it; null where that is "
    "not known.",
    "keys": "The keys that have signed checkpoints, the newest first.",
    "kind": "A statement: somebody is quoted. A fact: something is stated about the world.",
    "label": "The short rating that readers see: one of the organization's scale, in whichever of "
    "its languages; free text, where it has none.",
    "labels": "What it is called, by language tag.",
    "rating": "What the label is on the organization's scale, as that was when the verdict was "
    "issued; null where it is free text.",
    "Rating.outcome": "What the label stands for.",
    "RatingOnScale.outcome": "What the label stands for.",
    "best": "The highest number of the scale, as ClaimReview tells it; null where there is none.",
    "worst": "The lowest number of the scale; null where there is none.",
    "Rating.value": "Where it stands from worst to best; null where it has no number.",
    "RatingOnScale.value": "Where it stands from worst to best; null where it has no number.",
    "valid_until": "The last day on which it holds: true when said, later perhaps no more. Null: "
    "no day is known.",
    "recheck_on": "The day by which it is to be looked at again; null: none.",
    "version": "Of the scale, from 1.",
    "ApiKey.label": "What it is for, in your words.",
    "language": "Of the claim.",
    "leaf_hash": "Of the entry.",
    "lower": "The lower end of a range, in decimal digits.",
    "Snapshot.length": "In code points.",
    "ApiKey.member": "Whose it is.",
    "moved_at": "When it happened.",
    "moved_by": "Who did it; null where it followed from what happened to a member, or from "
    "outside.",
    "moves": "What happened to it, in order.",
    "name": "The name, in one line.",
    "names": "The name in other languages, by language tag.",
    "new_root": "The hash of the newer tree.",
    "next": "Where to go on reading; null on the last page.",
    "Feed.next": "Where to go on reading, always: the feed has no end.",
    "next_attempt_at": "When it is tried again; null when it is not.",
    "number": "Of the change, in the feed and in the log.",
    "old_root": "The hash of the older tree.",
    "ordinal": "Of the attempt, from 1.",
    "organization": "The fact-checking organization.",
    "Change.organization": "That did it, or that it happened to; null where there is none.",
    "origin": "The name of the log, the first line of its checkpoints.",
    "more": "Whether there are more facts, or more such pairs, than are named here.",
    "Conflict.claims": "The facts of these pairs, as they are read by themselves.",
    "other": "The other claim of the pair.",
    "other_names": "Other names by which the speaker is known.",
    "outcome": "What was found.",
    "pairs": "Which of them contradict each other: two ids each; the worst first.",
    "parameter": "The parameter of the query that is wrong.",
    "pause_reason": "Why it is paused.",
    "paused_at": "Since when it is paused; null while it is not.",
    "pointer": "The field of the body that is wrong: a JSON pointer (RFC 6901).",
    "prefix": "What stands before the passage.",
    "previous": "The page before; null on the first one.",
    "previous_secret_ends_at": "Until when the secret before this one signs as well.",
    "priority": "What an editor finds, whatever else speaks for it.",
    "proof": "Hashes that lead from the older root to the newer one.",
    "property": "What is said of the subject.",
    "publisher": "Who published it.",
    "publishers": "Outlets that publish articles.",
    "quote": "What the evidence says, word for word.",
    "rationale": "Why; every verdict has one.",
    "reasons": "Why, as the match said that suggested the pair, or in your words.",
    "relation": "How the first claim is to the other. same, translation_of: they say the same. "
    "not_the_same: never to be suggested again. contradicts: they cannot both be true. narrows: it "
    "says so more precisely, or of a part. updates: it was true later. withdrawn: nothing any "
    "more.",
    "reach": "How many publishers carry the claim.",
    "QueueItem.appearances": "In how many passages the claim appears.",
    "requests": "How many members asked for it.",
    "QueueItem.verdict": "By which it was done; null where it was not.",
    "recorded_at": "When it was recorded.",
    "recorded_by": "Who did it; null for an operator.",
    "relayed_by": "Who passed it on, in order, from the speaker on.",
    "results": "What was found, in order.",
    "matches": "The claims that may be meant, the most probable first.",
    "Match.reasons": "What the text and the claim share.",
    "Reasons.numbers": "In both.",
    "Difference.kind": "What it is that differs.",
    "Difference.claim": "In the claim; null: nothing of it.",
    "Match.text": "The text that is asked about; or texts.",
    "texts": "Several texts that are asked about, each by itself.",
    "Match.claim": "The claim that may be meant.",
    "revoked_at": "When it was revoked for good; null where it was not.",
    "role": "What the member may do; each role may all that the one before may: reader, checker, "
    "editor, admin.",
    "roles": "What the speaker is or was.",
    "problem": "Why it was refused, as it would be by itself; null where it is recorded.",
    "Row.id": "Of what was recorded; null where it was refused.",
    "Row.status": "The HTTP status that it would have by itself; 424: refused with the others.",
    "rows": "What is to be recorded: each as the body of a request by itself.",
    "root": "The hash of the whole tree, in hexadecimal digits.",
    "salts": "By JSON pointer into this document: the 16 bytes, in hexadecimal digits, that are "
    "hashed before the text. `/document` and `/before` are hashed as canonical JSON (RFC 8785), "
    "after each text in them is replaced by the hash of its salt and itself.",
    "same_as": "Addresses that name the same one, at Wikidata for example.",
    "score": "How likely the two are the same, as the match said that suggested the pair; null "
    "where none did.",
    "scopes": "What it may be used for.",
    "Snapshot.sha256": "Of the text in UTF-8, in hexadecimal digits.",
    "signed_at": "When the newest checkpoint was signed.",
    "size": "How many entries the tree has.",
    "snapshot": "The snapshot of the article's text.",
    "Article.snapshot": "The newest text; null where none is recorded.",
    "speaker": "Who says so; null where nobody is named.",
    "speakers": "People and organizations that say things.",
    "speech": "Whether it is quoted in the speaker's words or retold; null for a fact.",
    "stance": "What the evidence does to the claim.",
    "start": "Where the passage begins: the code points before it.",
    "started_at": "When the call began.",
    "Conflict.state": "verified: two verified facts contradict each other. open: neither of two is "
    "disputed. settled: of each two one is disputed.",
    "Pair.state": "As of the whole, of these two alone.",
    "Draft.state": "open: waits to be confirmed; returned: for its author to mend; confirmed or "
    "withdrawn: for good.",
    "Draft.changed_at": "When it was drafted, or the last of its steps was taken.",
    "finding": "The verdict as its author wants it; null when a law forced it out.",
    "steps": "What was done to it, and by whom, in order.",
    "Step.type": "What was done.",
    "Step.reasons": "Why, where it was returned; null else, and when a law forced it out.",
    "taken_by": "Who did it.",
    "taken_at": "When it was done.",
    "Draft.verdict": "What it became; null until it is confirmed.",
    "state": "Whether it waits, is done or was given up.",
    "status": "What follows from the verdicts that stand.",
    "Attempt.status": "The HTTP status that was answered; null where none came.",
    "Change.status": "Of the claim, as the change left it.",
    "Problem.status": "The HTTP status.",
    ".status": "How it stands.",
    "subject": "What the fact is about.",
    "Conflict.subject": "What the facts are about, in the words of the first one that is named.",
    "Conflict.property": "What is said of the subject, in the words of the same fact.",
    "suffix": "What stands after the passage.",
    "Relation.supersedes": "The organization's decision before it; null for the first.",
    "supersedes": "The verdict before it in the organization's chain; null for the first.",
    "text": "The claim in words.",
    "Note.text": "The note itself.",
    "Snapshot.text": "Word for word; null where it is withheld.",
    "timestamp": "When it was recorded.",
    "title": "The title of the page.",
    "Dossier.title": "What the dossier is about, by language tag.",
    "Problem.title": "The kind of problem in words.",
    "SpeakerRole.title": "What the speaker is or was, in one line.",
    "titles": "The same in other languages, by language tag.",
    "to": "The size of the newer tree.",
    "type": "What happened.",
    "Problem.type": "The kind of problem: an address that explains it.",
    "Speaker.type": "A person or an organization.",
    "unit": "Of a quantity: free text.",
    "upper": "The upper end of a range, in decimal digits.",
    "url": "Where it is on the web.",
    "value": "What the fact says; null for a quantity of which the range alone is known.",
    "value_type": "How the value is to be read: a date is EDTF, a quantity decimal digits.",
    "verdicts": "The verdicts that stand, of each organization one at most.",
    "verifier": "The public key, as C2SP signed-note writes it.",
    "withheld": "Whether hash and length of the text alone are kept.",
    "data": "The change as the feed tells it, or where to read a large one.",
    "missing": "The migrations that have not run.",
    "Contest.contact": "An address for the answer: told to those who decide; null where there is "
    "none, and when a law forced it out.",
    "correction": "The later verdict that answers it; null where none does.",
    "filed_at": "When it was filed.",
    "resolved_at": "When it was decided about; null as long as it is open.",
    "resolved_by": "Who decided about it; null as long as nobody has.",
    "Verdict.contests": "The contests that it answers, the first one first.",
    "corrected_at": "When it was issued.",
    "Contest.state": "Whether it waits (open), the verdict stays after a look (upheld), a later "
    "verdict answers it (corrected), or there was nothing to be looked into (rejected).",
}

PARAMETERS = {
    "author": "Drafted by this member.",
    "article": "That appear in this article.",
    "assignee": "That this member has; `me`: whoever asks.",
    "changed_after": "Changed at this instant or day, or later.",
    "claim": "About this claim.",
    "created_after": "Recorded at this instant or day, or later.",
    "created_by": "By this member; `me`: whoever asks.",
    "created_before": "Recorded at this instant or day, or earlier.",
    "due_before": "To be judged by the end of this day or by this instant.",
    "format": "Goes before what `Accept` asks for.",
    "from": "The size of the older tree.",
    "has_verdict": "Whether a verdict stands.",
    "id": "The id of the document.",
    "kind": "Of this kind.",
    "language": "In this language: `ar` finds ar, ar-IQ and the like.",
    "level": "Of the tile, from 0.",
    "mentions": "That concern this member; `me`: whoever asks.",
    "number": "Of the entry, from 1.",
    "on": "Past on this day; today (UTC) by default.",
    "ordering": "By which column; `-` begins with the highest.",
    "organization": "Of this organization.",
    "outcome": "With a standing verdict of this outcome.",
    "page_size": "How many to a page.",
    "property": "Facts that say this of their subject.",
    "published_after": "Whose article was published on this day or later.",
    "published_before": "Whose article was published on this day or earlier.",
    "publisher": "Of this publisher.",
    "related_to": "About which, and this claim, a decision stands.",
    "relation": "Of this kind.",
    "same_as": "That people confirmed to be the same as this claim, by way of others too.",
    "speaker": "Of this speaker.",
    "stands": "Whether it counts.",
    "state": "In this state.",
    "status": "With this status.",
    "subject": "Facts about this.",
    "contested": "Whether it answers a contest.",
    "corrected_after": "Issued at this instant or day, or later.",
    "corrected_before": "Issued by the end of this day or by this instant.",
    "party": "By who says so.",
    "reason": "For this reason.",
    "verdict": "Of this verdict.",
    "to": "The size of the newer tree; the newest checkpoint's by default.",
    "type": "Of these types, joined by commas.",
    "url": "At this address.",
    "webhook": "The id of the webhook.",
}

# Documents of one thing that have names of their own.
SAME = {
    "ClaimFound": "Claim",
    "ClaimTold": "Claim",
    "CorrectionOut": "Verdict",
    "DeskContestOut": "Contest",
    "EarlierOut": "Verdict",
    "MoveIn": "Verdict",
    "NewSecret": "Webhook",
    "OverdueOut": "Verdict",
    "PassageOut": "Appearance",
}


def add_words(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """Describe what is not described yet; drf-spectacular runs this after all else."""
    documents = result["components"]["schemas"]
    said = {
        f"{subject(name)}.{field}": schema["description"]
        for name, document in documents.items()
        for field, schema in document.get("properties", {}).items()
        if "description" in schema and not name.startswith("Dossier")  # which names by keys
    }
    for name, document in documents.items():
        describe(document, subject(name), said)
    for part in ("paths", "webhooks"):
        describe(result[part], "", said)
    for operations in result["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in PARAMETERS:
                    parameter.setdefault("description", PARAMETERS[parameter["name"]])
    return result


def subject(name: str) -> str:
    """What a document is about, whoever says it: SpeakerIn and SpeakerOut, both of a Speaker."""
    found = re.sub("^(Patched|Dossier(?=.)|New)|(In|Out|Named|Edit|WithText|Inside)$", "", name)
    return SAME.get(name, found)


def describe(schema: Any, of: str, said: dict[str, str]) -> None:
    """Describe the fields of a schema and of those in it."""
    if isinstance(schema, list):
        for inner in schema:
            describe(inner, of, said)
    elif isinstance(schema, dict):
        fields = schema.get("properties")
        for field, inner in fields.items() if isinstance(fields, dict) else ():
            words = FIELDS.get(f"{of}.{field}") or said.get(f"{of}.{field}") or FIELDS.get(field)
            if words:
                inner.setdefault("description", words)
        for inner in schema.values():
            describe(inner, of, said)
