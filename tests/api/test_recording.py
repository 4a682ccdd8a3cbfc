"""Every write of the API leaves its Changes: of what, by whom, and with the row as it was then."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from claims.actions.queue import take
from claims.api import (
    annotations,
    annotations_in,
    appearances,
    articles,
    claims,
    desks,
    drafts,
    imports,
    invitations,
    notices,
    queue,
    relations,
    reviews_in,
    verdicts,
    webhooks,
)
from claims.api.permissions import QUESTIONS, SIGNING
from claims.api.urls import urlpatterns
from claims.formats.canonical import canonical
from claims.models import Anchor, Claim, Content, Member, QueueItem, Rating, Webhook
from claims.queries import feed
from claims.vocabulary import ChangeType
from tests import make
from tests.api import bodies
from tests.api.bodies import ARTICLE, FINDING, PASSAGE, WRITES, World, Write
from tests.dossiers import small
from tests.log import numbered
from tests.reviews import review

READING = {"get", "head", "options"}
# What no request does: keys of the log are the sequencer's, and erasing is the owner's.
WITHOUT_REQUEST = {ChangeType.LOG_KEY_ADDED, ChangeType.MEMBER_ERASED}
# Whoever accepts is no member before: see test_invitations.py.
WITHOUT_REQUEST |= {ChangeType.INVITATION_ACCEPTED}

Row = dict[str, Any]


# A row as its Change remembers it, from the document in which everybody reads it


def instant(value: str | None) -> str | None:
    """With six digits, always: the API leaves out zeros."""
    if value is None:
        return None
    whole, _point, rest = value.removesuffix("Z").partition(".")
    return f"{whole}.{rest:0<6}Z"


def plain(document: Any, *without: str, **instead: Any) -> Row:
    told = {
        name: instant(value) if name.endswith("_at") else value
        for name, value in document.items()
        if name not in without
    }
    return told | instead


def member(document: Any) -> Row:
    return plain(document, user=None)


def invitation(document: Any) -> Row:
    return plain(document, "created_by", accepted_by=None)


def api_key(document: Any) -> Row:
    return plain(document, member=document["member"]["id"])


def article(document: Any) -> Row:
    """All that these tests file were published on a day."""
    day = document["date_published"]
    publisher = document["publisher"]["id"]
    return plain(document, "snapshot", publisher=publisher, published_from=day, published_to=day)


def snapshot(document: Any) -> Row:
    content = None if document["withheld"] else document["sha256"]
    return plain(document, "withheld", "text", content=content)


def claim(document: Any) -> Row:
    fact = document["fact"] or dict.fromkeys(make.FACT | bodies.QUANTITY)
    speaker = document["speaker"] and document["speaker"]["id"]
    elsewhere = ("fact", "article", "appearance", "verdicts", "changed_at", "number")
    elsewhere += ("disagreement", "allowed_moves")
    return plain(document, *elsewhere, speaker=speaker, **fact)


def filed_claim(document: Any) -> Row:
    """As it was before the verdicts that the same request issued."""
    return claim(document) | {"status": "unverified"}


def appearance(document: Any) -> Row:
    relayed_by = [speaker["id"] for speaker in document["relayed_by"]]
    more = {"article": document["article"]["id"], "relayed_by": relayed_by}
    return plain(document, "anchor", "current", **more, checked=True, position=0)


def mention(document: Any) -> Row:
    """Of an article as a whole."""
    return appearance(document) | {"checked": False}


def anchor(document: Any) -> Row:
    """Of which the API tells where the passage stands now, but no id."""
    pk = Anchor.objects.get(appearance=document["id"]).pk
    told = {"id": str(pk), "appearance": document["id"], "position": 0}
    return told | {"state": document["anchor"]} | document["current"]


def verdict(document: Any) -> Row:
    evidence = [piece | {"position": i} for i, piece in enumerate(document["evidence"])]
    organization = document["organization"]["id"]
    confirmed_by = document["confirmed_by"] and document["confirmed_by"]["id"]
    more = {"evidence": evidence, "organization": organization, "confirmed_by": confirmed_by}
    return plain(document, "issued_by", "number", **more)


def draft(document: Any) -> Row:
    """Its texts by their hashes, which the API does not tell."""

    def hashed(text: str) -> str:
        return bytes(Content.objects.get(text=text).sha256).hex()

    steps = [
        {
            "position": i,
            "type": step["type"],
            "reasons": step["reasons"] and hashed(step["reasons"]),
            "taken_by": step["taken_by"]["id"],
        }
        for i, step in enumerate(document["steps"])
    ]
    left_out = ("author", "follows", "allowed_moves", "changed_at")
    organization = document["organization"]["id"]
    finding = hashed(canonical(document["finding"]))
    return plain(document, *left_out, organization=organization, finding=finding, steps=steps)


def contest(document: Any) -> Row:
    """As its organization reads it; its texts by their hashes."""

    def hashed(text: str) -> str:
        return bytes(Content.objects.get(text=text).sha256).hex()

    statement = canonical({"text": document["text"], "evidence": document["evidence"]})
    left_out = ("party", "contact", "text", "evidence", "allowed_moves", "resolved_by", "language")
    answer = document["answer"] and hashed(document["answer"])
    more = {"organization": document["organization"]["id"], "statement": hashed(statement)}
    return plain(document, *left_out, answer=answer, **more)


def scale(document: Any) -> Row:
    """With the ids of its ratings, which the API does not tell."""
    ids = Rating.objects.filter(scale=document["id"]).order_by("position").values_list("id")
    ratings = [
        rating | {"id": str(pk), "scale": document["id"], "position": i}
        for i, (rating, [pk]) in enumerate(zip(document["ratings"], ids, strict=True))
    ]
    organization = document["organization"]["id"]
    more = {"organization": organization, "ratings": ratings, "size": len(ratings)}
    return plain(document, "created_by", **more)


def relation(document: Any) -> Row:
    score = None if document["score"] is None else f"{document['score']:.4f}"
    organization = document["organization"]["id"]
    left_out = ("stands", "decided_by", "number")
    return plain(document, *left_out, organization=organization, score=score)


def relation_of_other(document: Any) -> Row:
    """The same, told of the other claim."""
    return relation(document)


def webhook(document: Any) -> Row:
    filters = dict(document["filters"])
    of = {f"of_{name}": filters.pop(name) for name in ("claim", "organization")}
    organization = str(Webhook.objects.get(pk=document["id"]).organization_id)
    return plain(document, "filters", **filters, **of, organization=organization)


def replayed(document: Any) -> Row:
    return webhook(document) | {"replayed_after": 0}


# What each write leaves


@dataclass(frozen=True)
class Found:
    """Where the document of a row is read. at: the address of what the request is about."""

    world: World
    at: str

    def itself(self) -> str:
        return self.at

    def inside(self, part: str) -> str:
        """Of a part that the document shows: `snapshot` stands at snapshots/."""
        return f"{self.at}{part}s/{self.world.api.read(self.at)[part]['id']}/"

    def first(self, path: str, **like: str) -> str:
        """Of the first in a list that is like this."""
        for document in self.world.api.read(f"{path}?page_size=200")["results"]:
            if like.items() <= document.items():
                return f"{path}{document['id']}/"
        raise LookupError(path, like)

    def of(self, name: str) -> str:
        """Of what the world has under a name."""
        return bodies.filled(PLACES[name], self.world.ids)


PLACES = {
    "passage": "/claims/{marked}/appearances/{passage}/",
    "reader's key": "/api-keys/{readers_key}/",
}

Where = Callable[[Found], str]


@dataclass(frozen=True)
class Leaves:
    """One Change. row: as it is remembered; edits: whether it tells the row before, too."""

    type: ChangeType
    row: Callable[[Any], Row]
    where: Where = Found.itself
    edits: bool = False


@dataclass(frozen=True)
class Case:
    """leaves: the Changes, in order. about: where that stands which they are about; by default
    at the path of the request, or where its answer says."""

    write: Write
    leaves: list[Leaves]
    about: str | None = None


T = ChangeType


def edit(type: ChangeType, row: Callable[[Any], Row], where: Where = Found.itself) -> Leaves:
    return Leaves(type, row, where, edits=True)


SNAPSHOT_INSIDE = Leaves(T.SNAPSHOT_CAPTURED, snapshot, lambda it: it.inside("snapshot"))
APPEARANCE_INSIDE = Leaves(T.APPEARANCE_ADDED, appearance, lambda it: it.inside("appearance"))
PASSAGE_FOUND = Leaves(T.APPEARANCE_REANCHORED, anchor, lambda it: it.of("passage"))
WEBHOOK_EDITED = edit(T.WEBHOOK_EDITED, webhook)


def nth(path: str, place: int) -> Where:
    """The newest, at place 0, or one before it."""
    return lambda it: f"{path}{it.world.api.read(path)['results'][place]['id']}/"


def in_drafted(it: Found) -> str:
    return it.first(bodies.filled("/claims/{drafted}/verdicts/", it.world.ids))


def at_its_desk(it: Found) -> str:
    return f"/contests/{it.at.split('/')[-2]}/"


def in_dossier(path: str, **like: str) -> Where:
    return lambda it: it.first(path, **like)


def of_claim(part: str, **like: str) -> Where:
    """A part of the claim of a dossier with this text."""
    text = like.pop("text")
    return lambda it: it.first(f"{it.first('/claims/', text=text)}{part}/", **like)


SAID, FACT = (entry["text"] for entry in small()["claims"])
DOSSIER = [
    Leaves(T.PUBLISHER_CREATED, plain, in_dossier("/publishers/", name="Agency")),
    Leaves(T.SPEAKER_CREATED, plain, in_dossier("/speakers/", name="A spokesman")),
    Leaves(T.SPEAKER_CREATED, plain, in_dossier("/speakers/", name="Agency")),
    Leaves(T.ARTICLE_CREATED, article, in_dossier("/articles/", headline="Bridge struck")),
    Leaves(
        T.SNAPSHOT_CAPTURED,
        snapshot,
        lambda it: it.first(f"{it.first('/articles/', headline='Bridge struck')}snapshots/"),
    ),
    Leaves(T.CLAIM_CREATED, filed_claim, in_dossier("/claims/", text=FACT)),
    Leaves(T.APPEARANCE_ADDED, appearance, of_claim("appearances", text=FACT)),
    Leaves(T.CLAIM_CREATED, claim, in_dossier("/claims/", text=SAID)),
    Leaves(T.APPEARANCE_ADDED, appearance, of_claim("appearances", text=SAID)),
    Leaves(T.VERDICT_ISSUED, verdict, of_claim("verdicts", text=FACT, outcome="disputed")),
    Leaves(T.VERDICT_ISSUED, verdict, of_claim("verdicts", text=FACT, outcome="verified")),
]

REVIEWED = review(itemReviewed__appearance=None)
REVIEWED_TEXT = REVIEWED["claimReviewed"]
IMPORTED = [
    Leaves(
        T.ORGANIZATION_CREATED,
        plain,
        in_dossier("/organizations/", external_site="checkers.example"),
    ),
    Leaves(T.PUBLISHER_CREATED, plain, in_dossier("/publishers/", name="news.example")),
    Leaves(T.ARTICLE_CREATED, article, in_dossier("/articles/", url="https://news.example/bridge")),
    Leaves(T.SPEAKER_CREATED, plain, in_dossier("/speakers/", name="Maryam Haddad")),
    Leaves(T.CLAIM_CREATED, filed_claim, in_dossier("/claims/", text=REVIEWED_TEXT)),
    Leaves(T.APPEARANCE_ADDED, mention, of_claim("appearances", text=REVIEWED_TEXT)),
    Leaves(T.VERDICT_ISSUED, verdict, of_claim("verdicts", text=REVIEWED_TEXT)),
]

MARKED = {
    "type": "Annotation",
    "body": {"type": "TextualBody", "value": "A tool marked it", "language": "en"},
    "target": {
        "source": "https://example.org/1",
        "selector": {"type": "TextQuoteSelector", "exact": "Iraq declared victory again"},
    },
}
TOLD = "Many were marked"


def marked(text: str) -> list[Leaves]:
    return [
        Leaves(T.CLAIM_CREATED, claim, in_dossier("/claims/", text=text)),
        Leaves(T.APPEARANCE_ADDED, appearance, of_claim("appearances", text=text)),
    ]


def many(name: str, path: str, *types: str) -> Write:
    """The bodies of some writes as rows of one."""
    one = WRITES[name]
    return Write("POST", path, one.view, "bulk", {"rows": [WRITES[it].body for it in types]})


TEXTS = [WRITES[name].body["text"] for name in ("fact", "statement")]
NEWER = {"text": "Iraq declared victory again."}
WITHDRAWAL = FINDING | {"outcome": "withdrawn"}
CASES: dict[str, Case] = {
    "publisher": Case(WRITES["publisher"], [Leaves(T.PUBLISHER_CREATED, plain)]),
    "publisher edited": Case(WRITES["publisher edited"], [edit(T.PUBLISHER_EDITED, plain)]),
    "article": Case(
        Write(
            "POST",
            "/articles/",
            articles.Articles,
            "create",
            ARTICLE | {"url": "https://example.org/2", "text": "A text"},
        ),
        [Leaves(T.ARTICLE_CREATED, article), SNAPSHOT_INSIDE],
    ),
    "article without a text": Case(
        Write("POST", "/articles/", articles.Articles, "create", ARTICLE),
        [Leaves(T.ARTICLE_CREATED, article)],
    ),
    "article edited": Case(WRITES["article edited"], [edit(T.ARTICLE_EDITED, article)]),
    "older snapshot": Case(WRITES["snapshot"], [Leaves(T.SNAPSHOT_CAPTURED, snapshot)]),
    "newer snapshot": Case(
        Write("POST", "/articles/{article}/snapshots/", articles.Snapshots, "create", NEWER),
        [Leaves(T.SNAPSHOT_CAPTURED, snapshot), PASSAGE_FOUND],
    ),
    "withheld snapshot": Case(
        WRITES["withheld snapshot"], [Leaves(T.SNAPSHOT_CAPTURED, snapshot), PASSAGE_FOUND]
    ),
    "speaker": Case(WRITES["speaker"], [Leaves(T.SPEAKER_CREATED, plain)]),
    "speaker edited": Case(WRITES["speaker edited"], [edit(T.SPEAKER_EDITED, plain)]),
    "fact": Case(WRITES["fact"], [Leaves(T.CLAIM_CREATED, claim), APPEARANCE_INSIDE]),
    "statement": Case(WRITES["statement"], [Leaves(T.CLAIM_CREATED, claim)]),
    "claim edited": Case(WRITES["claim edited"], [edit(T.CLAIM_EDITED, claim)]),
    "appearance": Case(WRITES["appearance"], [Leaves(T.APPEARANCE_ADDED, appearance)]),
    "appearance in an older text": Case(
        Write(
            "POST",
            "/claims/{fact}/appearances/",
            appearances.Appearances,
            "create",
            PASSAGE | {"snapshot": "{older}"},
        ),
        [
            Leaves(T.APPEARANCE_ADDED, appearance),
            Leaves(T.APPEARANCE_REANCHORED, anchor),
        ],
    ),
    "verify": Case(WRITES["verify"], [Leaves(T.VERDICT_ISSUED, verdict)]),
    "dispute": Case(WRITES["dispute"], [Leaves(T.VERDICT_ISSUED, verdict)]),
    "withdraw": Case(
        Write("POST", "/claims/{judged}/withdraw/", claims.Claims, "withdraw", FINDING),
        [Leaves(T.VERDICT_WITHDRAWN, verdict)],
    ),
    "verdict": Case(WRITES["verdict"], [Leaves(T.VERDICT_ISSUED, verdict)]),
    "verdict of withdrawal": Case(
        Write("POST", "/claims/{judged}/verdicts/", verdicts.Verdicts, "create", WITHDRAWAL),
        [Leaves(T.VERDICT_WITHDRAWN, verdict)],
    ),
    "contest": Case(WRITES["contest"], [Leaves(T.CONTEST_FILED, contest, at_its_desk)]),
    **{
        name: Case(
            WRITES[name],
            [edit(T.CONTEST_RESOLVED, contest)],
            about=WRITES[name].path.removesuffix(f"{WRITES[name].action}/"),
        )
        for name in ("contest upheld", "contest corrected", "contest rejected")
    },
    "draft": Case(WRITES["draft"], [Leaves(T.DRAFT_CREATED, draft)]),
    "draft edited": Case(WRITES["draft edited"], [edit(T.DRAFT_EDITED, draft)]),
    "draft withdrawn": Case(
        Write("POST", "/drafts/{draft}/withdraw/", drafts.Drafts, "withdraw", None),
        [edit(T.DRAFT_WITHDRAWN, draft)],
        about="/drafts/{draft}/",
    ),
    "draft returned": Case(
        Write(
            "POST",
            "/drafts/{doubtful_draft}/return/",
            drafts.Drafts,
            "send_back",
            {"reasons": "Which day?"},
        ),
        [edit(T.DRAFT_RETURNED, draft)],
        about="/drafts/{doubtful_draft}/",
    ),
    "draft confirmed": Case(
        Write("POST", "/drafts/{colleagues_draft}/confirm/", drafts.Drafts, "confirm", None),
        [
            Leaves(T.VERDICT_ISSUED, verdict, in_drafted),
            edit(T.DRAFT_CONFIRMED, draft),
        ],
        about="/drafts/{colleagues_draft}/",
    ),
    "relation": Case(
        WRITES["relation"],
        [Leaves(T.RELATION_DECIDED, relation), Leaves(T.RELATION_DECIDED, relation_of_other)],
    ),
    "relation withdrawn": Case(
        Write(
            "POST",
            "/claims/{judged}/relations/",
            relations.Relations,
            "create",
            {"other": "{fact}", "relation": "withdrawn"},
        ),
        [Leaves(T.RELATION_WITHDRAWN, relation), Leaves(T.RELATION_WITHDRAWN, relation_of_other)],
    ),
    "organization edited": Case(
        WRITES["organization edited"], [edit(T.ORGANIZATION_EDITED, plain)]
    ),
    "scale": Case(
        WRITES["scale"],
        [Leaves(T.ORGANIZATION_SCALE_CHANGED, scale)],
        about="/organizations/{organization}/scale/",
    ),
    "member": Case(WRITES["member"], [Leaves(T.MEMBER_ADDED, member)]),
    "invitation": Case(WRITES["invitation"], [Leaves(T.INVITATION_CREATED, invitation)]),
    "invitation revoked": Case(
        Write(
            "POST",
            "/organizations/{organization}/invitations/{invitation}/revoke/",
            invitations.Invitations,
            "revoke",
            None,
        ),
        [edit(T.INVITATION_REVOKED, invitation)],
        about="/organizations/{organization}/invitations/{invitation}/",
    ),
    "api key": Case(WRITES["api key"], [Leaves(T.API_KEY_CREATED, api_key)]),
    "api key revoked": Case(
        Write("POST", "/api-keys/{readers_key}/revoke/", desks.ApiKeys, "revoke", None),
        [edit(T.API_KEY_REVOKED, api_key)],
        about="/api-keys/{readers_key}/",
    ),
    "member ended": Case(
        WRITES["member edited"],
        [
            edit(T.API_KEY_REVOKED, api_key, lambda it: it.of("reader's key")),
            edit(T.MEMBER_EDITED, member),
        ],
    ),
    "webhook": Case(WRITES["webhook"], [Leaves(T.WEBHOOK_CREATED, webhook)]),
    "webhook edited": Case(WRITES["webhook edited"], [WEBHOOK_EDITED]),
    "secret rotated": Case(WRITES["secret rotated"], [WEBHOOK_EDITED], "/webhooks/{webhook}/"),
    "replay": Case(WRITES["replay"], [edit(T.WEBHOOK_EDITED, replayed)], "/webhooks/{webhook}/"),
    # What waits in a queue, and what members write to each other, is told by no Change: those are
    # public.
    "notices edited": Case(
        Write("PATCH", "/me/notices/", notices.Notices, "change", {"language": "ar"}), []
    ),
    **{name: Case(WRITES[name], []) for name in ("queued", "queue edited", "assigned", "note")},
    **{
        name: Case(Write("POST", path, queue.Queue, name, None), [])
        for name, path in (
            ("take_next", "/queue/next/"),
            ("take", "/queue/{item}/take/"),
            ("release", "/queue/{taken}/release/"),
        )
    },
    # A ping is no part of the record: what came of it is among the webhook's deliveries.
    "ping": Case(Write("POST", "/webhooks/{webhook}/test/", webhooks.Webhooks, "ping", None), []),
    "speakers": Case(
        many("speaker", "/speakers/bulk/", "speaker", "speaker"),
        [Leaves(T.SPEAKER_CREATED, plain, nth("/speakers/", place)) for place in (1, 0)],
        "/speakers/",
    ),
    "articles": Case(
        many("article", "/articles/bulk/", "article edited"),
        [Leaves(T.ARTICLE_CREATED, article, nth("/articles/", 0))],
        "/articles/",
    ),
    "claims": Case(
        many("fact", "/claims/bulk/", "fact", "statement"),
        [
            Leaves(T.CLAIM_CREATED, claim, in_dossier("/claims/", text=TEXTS[0])),
            Leaves(T.APPEARANCE_ADDED, appearance, of_claim("appearances", text=TEXTS[0])),
            Leaves(T.CLAIM_CREATED, claim, in_dossier("/claims/", text=TEXTS[1])),
        ],
        "/claims/",
    ),
    "dossier": Case(
        Write("POST", "/imports/dossier/", imports.Imports, "dossier", small()), DOSSIER, "/claims/"
    ),
    "reviews": Case(
        Write(
            "POST",
            "/imports/claimreview/",
            reviews_in.ReviewImports,
            "claimreview",
            REVIEWED,
        ),
        IMPORTED,
        "/claims/",
    ),
    "annotation": Case(
        Write(
            "POST", "/articles/{article}/annotations/", annotations.Annotations, "create", MARKED
        ),
        marked("A tool marked it"),
    ),
    "annotations": Case(
        Write(
            "POST",
            "/imports/annotations/",
            annotations_in.AnnotationImports,
            "annotations",
            MARKED | {"body": {"value": TOLD}},
        ),
        marked(TOLD),
        "/claims/",
    ),
}


@pytest.fixture(scope="module")
def made(throughout: None) -> World:
    """With a passage, a verdict and a key that happen to be there already."""
    world = bodies.world()
    [reader, checker, admin] = (
        Member.objects.get(organization_id=world.ids["organization"], role=role)
        for role in ("reader", "checker", "admin")
    )
    in_text = {"snapshot": UUID(world.ids["snapshot"]), "exact": "Iraq declared victory again"}
    marked, judged = make.fact(appearance=in_text), make.fact()
    make.verdict(judged, checker)
    make.relation(judged, Claim.objects.get(pk=world.ids["fact"]), checker, "same")
    make.key(reader)
    drafted = make.fact()
    colleagues_draft = make.draft(drafted, checker, rationale="It was another day.")
    doubtful_draft = make.draft(make.fact(), checker, rationale="It was some day.")
    older = make.snapshot()
    make.snapshot("Iraq declared victory again.", of=older.article)
    world.ids |= {
        "marked": str(marked.pk),
        "passage": str(marked.appearances.get().pk),
        "judged": str(judged.pk),
        "readers_key": str(reader.api_keys.get().pk),
        "older": str(older.pk),
        "drafted": str(drafted.pk),
        "colleagues_draft": str(colleagues_draft.pk),
        "doubtful_draft": str(doubtful_draft.pk),
        "taken": str(taken(judged, by=admin).pk),
        "admin": str(admin.pk),
    }
    numbered()
    return world


def taken(claim: Claim, *, by: Member) -> QueueItem:
    return take(item_id=make.queued(claim, by).pk, by=by)


@pytest.fixture
def world(made: World, db: None) -> World:
    return made


def before_of(world: World, case: Case, where: Where) -> Any:
    at = case.about or case.write.path
    return world.api.read(where(Found(world, bodies.filled(at, world.ids))))


@pytest.mark.parametrize("name", CASES)
def test_a_write_leaves_its_changes_with_what_everybody_reads_then(world: World, name: str) -> None:
    case = CASES[name]
    head = feed.head()
    before = [before_of(world, case, it.where) if it.edits else None for it in case.leaves]
    headers = {"if_match": world.api.etag(f"/claims/{world.ids['judged']}/")}
    response = sent(world, case.write, headers if "{judged}" in case.write.path else {})
    numbered()
    changes = world.api.read(f"/changes/?after={head}&page_size=200")["results"]
    assert [change["type"] for change in changes] == [it.type for it in case.leaves]
    at = response.headers.get("Location", "").removeprefix("/api/v1")
    found = Found(world, at or bodies.filled(case.about or case.write.path, world.ids))
    for change, left, was in zip(changes, case.leaves, before, strict=True):
        document = world.api.read(left.where(found))
        row = left.row(document)
        assert change["document"] == row
        assert change["before"] == (None if was is None else before_row(left, was))
        assert change["subject"] == row["id"]
        # What is confirmed is its author's.
        by = document["issued_by"] if left.row is verdict else {"id": world.ids["admin"]}
        if left.type is T.CONTEST_FILED:
            assert change["recorded_by"] is None  # whoever files it, it is nobody's account
        else:
            assert change["recorded_by"]["id"] == by["id"]
        # An external organization is made, and found something: filed by us, but not ours.
        own = row["id"] if left.type is T.ORGANIZATION_CREATED else row.get("organization")
        assert change["organization"]["id"] == (own or world.ids["organization"])
        of_claim = row["id"] if left.row in (claim, filed_claim) else document.get("claim")
        if left.row is relation_of_other:
            of_claim = document["other"]
        is_draft = left.row is draft  # of which nobody else learns what it is about
        assert change["claim"] == (None if is_draft else of_claim)
        assert change["outcome"] == (None if is_draft else document.get("outcome"))


def before_row(left: Leaves, was: Any) -> Row:
    """A replay is told by the Change alone: no row says that it was asked for."""
    return (webhook if left.row is replayed else left.row)(was)


def sent(world: World, write: Write, headers: dict[str, str]) -> Any:
    if write.path.startswith("/drafts/{") and write.method == "POST":
        one = bodies.filled("/".join(write.path.split("/")[:3]) + "/", world.ids)
        headers = {"if_match": world.api.etag(one)}
    if write.body is None:
        response = world.api.post(bodies.filled(write.path, world.ids), **headers)
    elif write.view.resource == "imports":  # whose keys in braces are none of ours
        response = world.api.post(write.path, write.body, **headers)
    else:
        response = world.send(write, world.body(write), **headers)
    assert response.status_code in (200, 201), response.content.decode()
    return response


def test_a_case_is_there_for_every_write_of_the_api() -> None:
    writes = {
        (pattern.callback.cls.resource, action)
        for pattern in urlpatterns
        for method, action in getattr(getattr(pattern, "callback", None), "actions", {}).items()
        if method not in READING
        if not pattern.callback.cls.resource.startswith("google-")  # which leave what imports do
    }
    # Who leaves, or comes in, cannot read on as before: see test_invitations.py.
    assert writes - QUESTIONS - SIGNING - {("members", "leave")} == {
        (it.write.view.resource, it.write.action) for it in CASES.values()
    }


def test_and_for_every_type_that_a_request_can_leave() -> None:
    left = {it.type for case in CASES.values() for it in case.leaves}
    assert left == set(ChangeType) - WITHOUT_REQUEST


@pytest.mark.parametrize(
    "name", [it for it in CASES if "edited" in it and CASES[it].leaves and it != "draft edited"]
)
def test_an_edit_that_changes_nothing_leaves_none(world: World, name: str) -> None:
    write = CASES[name].write
    same = {"name", "headline", "text", "url"} & write.body.keys()
    now = world.api.read(bodies.filled(write.path, world.ids))
    head = feed.head()
    assert world.send(write, {it: now[it] for it in same}).status_code == 200
    assert numbered() == 0
    assert feed.head() == head
