"""Who may do what: one table, read by every view and tested as a whole product.

What a move needs beyond a role (a standing verdict, the current version) is no matter of
rights; see `claims.moves`. Rows of an organization that is not one's own
cannot be seen (404), because the views that need it look only among one's own.
"""

from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from claims.errors import Forbidden, NotAuthenticated
from claims.models import ApiKey, Member
from claims.moves import Rule
from claims.vocabulary import Role, Scope

if TYPE_CHECKING:
    from claims.api.resource import Resource

ANYONE = None
READER, CHECKER, EDITOR, ADMIN = Role.READER, Role.CHECKER, Role.EDITOR, Role.ADMIN

# (resource, action) → the least role that may; ANYONE needs no account.
RIGHTS: dict[tuple[str, str], Role | None] = {
    ("root", "list"): ANYONE,
    ("publishers", "list"): ANYONE,
    ("publishers", "retrieve"): ANYONE,
    ("publishers", "create"): CHECKER,
    ("publishers", "partial_update"): CHECKER,
    ("articles", "list"): ANYONE,
    ("articles", "retrieve"): ANYONE,
    ("articles", "create"): CHECKER,
    ("articles", "bulk"): CHECKER,
    ("articles", "partial_update"): CHECKER,
    ("articles", "suggestions"): CHECKER,
    ("snapshots", "list"): ANYONE,
    ("snapshots", "retrieve"): ANYONE,
    ("snapshots", "create"): CHECKER,
    ("snapshots", "dates"): ANYONE,
    ("annotations", "list"): ANYONE,
    ("annotations", "retrieve"): ANYONE,
    ("annotations", "create"): CHECKER,
    ("speakers", "list"): ANYONE,
    ("speakers", "retrieve"): ANYONE,
    ("speakers", "create"): CHECKER,
    ("speakers", "bulk"): CHECKER,
    ("speakers", "partial_update"): CHECKER,
    ("claims", "list"): ANYONE,
    ("claims", "retrieve"): ANYONE,
    ("claims", "create"): CHECKER,
    ("claims", "bulk"): CHECKER,
    ("claims", "partial_update"): CHECKER,
    ("claims", "verify"): CHECKER,
    ("claims", "dispute"): CHECKER,
    ("claims", "withdraw"): CHECKER,
    ("claims", "history"): ANYONE,
    ("claims", "match"): ANYONE,
    ("claimreview", "retrieve"): ANYONE,
    ("appearances", "list"): ANYONE,
    ("appearances", "retrieve"): ANYONE,
    ("appearances", "create"): CHECKER,
    ("relations", "list"): ANYONE,
    ("relations", "retrieve"): ANYONE,
    ("relations", "create"): CHECKER,
    ("conflicts", "list"): ANYONE,
    ("conflicts", "retrieve"): ANYONE,
    ("stats", "retrieve"): ANYONE,
    ("verdicts", "list"): ANYONE,
    ("verdicts", "retrieve"): ANYONE,
    ("verdicts", "create"): CHECKER,
    # Those of one's own organization; who may do what to each is in claims.moves.
    ("drafts", "list"): READER,
    ("drafts", "retrieve"): READER,
    ("drafts", "create"): CHECKER,
    ("drafts", "partial_update"): CHECKER,
    ("drafts", "confirm"): CHECKER,
    ("drafts", "send_back"): CHECKER,
    ("drafts", "withdraw"): CHECKER,
    # From outside; what was written is told to the organization alone.
    ("contests", "list"): ANYONE,
    ("contests", "retrieve"): ANYONE,
    ("contests", "create"): ANYONE,
    ("desk-contests", "list"): READER,
    ("desk-contests", "retrieve"): READER,
    ("desk-contests", "uphold"): CHECKER,
    ("desk-contests", "correct"): CHECKER,
    ("desk-contests", "reject"): CHECKER,
    ("corrections", "list"): ANYONE,
    ("organizations", "list"): ANYONE,
    ("organizations", "retrieve"): ANYONE,
    ("organizations", "partial_update"): EDITOR,
    ("scales", "list"): ANYONE,
    ("scales", "retrieve"): ANYONE,
    ("scales", "newest"): ANYONE,
    ("scales", "change"): EDITOR,
    ("overdue", "list"): ANYONE,
    ("members", "list"): READER,
    ("members", "retrieve"): READER,
    ("members", "create"): ADMIN,
    ("members", "partial_update"): ADMIN,
    ("members", "leave"): READER,
    ("invitations", "list"): ADMIN,
    ("invitations", "retrieve"): ADMIN,
    ("invitations", "create"): ADMIN,
    ("invitations", "revoke"): ADMIN,
    # Of whoever has the link; and of a person who is signed in, who may be no member yet.
    ("invitations", "accept"): ANYONE,
    ("session", "show"): ANYONE,
    ("session", "sign_in"): ANYONE,
    ("session", "sign_out"): ANYONE,
    ("session", "choose"): ANYONE,
    ("session", "password"): ANYONE,
    ("session", "totp"): ANYONE,
    ("session", "confirm_totp"): ANYONE,
    ("session", "remove_totp"): ANYONE,
    ("notices", "show"): READER,
    ("notices", "change"): READER,
    # One's own keys; an admin sees, makes and revokes those of the whole organization.
    ("api-keys", "list"): READER,
    ("api-keys", "retrieve"): READER,
    ("api-keys", "create"): READER,
    ("api-keys", "revoke"): READER,
    # Those of one's own organization.
    ("webhooks", "list"): EDITOR,
    ("webhooks", "retrieve"): EDITOR,
    ("webhooks", "create"): EDITOR,
    ("webhooks", "partial_update"): EDITOR,
    ("webhooks", "rotate_secret"): EDITOR,
    ("webhooks", "ping"): EDITOR,
    ("webhooks", "replay"): EDITOR,
    ("deliveries", "list"): EDITOR,
    ("deliveries", "retrieve"): EDITOR,
    # Those of one's own organization. A checker takes, and gives back what is the checker's.
    ("queue", "list"): READER,
    ("queue", "retrieve"): READER,
    ("queue", "create"): CHECKER,
    ("queue", "take_next"): CHECKER,
    ("queue", "take"): CHECKER,
    ("queue", "release"): CHECKER,
    ("queue", "assign"): EDITOR,
    ("queue", "partial_update"): EDITOR,
    ("notes", "list"): READER,
    ("notes", "retrieve"): READER,
    ("notes", "create"): CHECKER,
    ("desk-notes", "list"): READER,
    ("imports", "dossier"): CHECKER,
    ("imports", "claimreview"): CHECKER,
    ("imports", "check"): ANYONE,
    ("imports", "annotations"): CHECKER,
    ("exports", "claims"): ANYONE,
    ("exports", "reviews"): ANYONE,
    ("text", "dates"): ANYONE,
    ("changes", "list"): ANYONE,
    ("log", "list"): ANYONE,
    ("log", "checkpoint"): ANYONE,
    ("log", "tile"): ANYONE,
    ("log", "entries"): ANYONE,
    ("log", "inclusion"): ANYONE,
    ("log", "consistency"): ANYONE,
    ("google-claims", "search"): ANYONE,
    ("google-claims", "image_search"): ANYONE,
    ("google-pages", "list"): ANYONE,
    ("google-pages", "retrieve"): ANYONE,
    ("google-pages", "create"): CHECKER,
    ("google-pages", "update"): CHECKER,
    ("google-pages", "destroy"): CHECKER,
}

QUESTIONS = {
    ("articles", "suggestions"),
    ("claims", "match"),
    ("text", "dates"),
    ("imports", "check"),
}
"""What only reads, though it is asked by POST, because what is asked needs a body."""


SIGNING = {("invitations", "accept")} | {it for it in RIGHTS if it[0] == "session"}
"""About who somebody is, so of a browser alone: no key may, and none is repeatable by a key."""


def reads(request: Request, view: object) -> bool:
    """Whether a request leaves nothing behind."""
    if request.method in SAFE_METHODS:
        return True
    return (getattr(view, "resource", None), getattr(view, "action", None)) in QUESTIONS


class ByRightsTable(BasePermission):
    def has_permission(self, request: Request, view: object) -> bool:
        resource = cast("Resource", view)
        if request.method == "OPTIONS" or resource.action is None:
            return True  # no such method here: answered 405 afterwards
        what = resource.resource, resource.action
        needed = RIGHTS[what]
        caller: object = request.user
        key: object = request.auth
        if isinstance(key, ApiKey):
            scope = Scope.READ if reads(request, view) else Scope.WRITE
            if scope not in key.scopes:
                detail = _("This key lacks the scope: %(scope)s") % {"scope": scope.value}
                raise Forbidden.by(Rule.SCOPE, detail)
        if needed is ANYONE:
            return True
        if not isinstance(caller, Member):
            raise NotAuthenticated(_("Send an API key: Authorization: Bearer isnad_…"))
        if not caller.may_act_as(needed):
            raise Forbidden.by(
                Rule.ROLE,
                _("This needs the role %(needed)s; yours is %(role)s.")
                % {"needed": needed.value, "role": caller.role},
            )
        return True
