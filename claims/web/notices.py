"""The page that a mail leads to, where its kind of notice is switched off without signing in.

Looking at it switches nothing off, for programs that look through mail do so; a button does, and
so does the POST of a mail program (RFC 8058).
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from claims.actions.notices import read_token, settings_of, switch_off
from claims.errors import NotFound
from claims.models import Member
from claims.vocabulary import NoticeKind
from claims.web.refusing import answered, refusal_of

KINDS = {
    NoticeKind.ASSIGNMENT: _("Claims that are assigned to you"),
    NoticeKind.MENTION: _("Notes that mention you"),
    NoticeKind.RETURN: _("Drafts that are returned to you"),
    NoticeKind.OVERDUE: _("What you have and is overdue"),
    NoticeKind.DIGEST: _("What waits for you, once a day"),
}


# Who has the link may do it: there is no session that another site could make use of.
@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(never_cache, name="dispatch")
class Off(View):
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        member_id, kind = read_token(token)
        member = Member.objects.filter(pk=member_id).first()
        if member is None:
            raise NotFound(_("There is nothing with this id."))
        return page(request, settings_of(member), kind)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        with transaction.atomic():
            said, kind = switch_off(token=token)
        return page(request, said, kind)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except Exception as error:  # which is raised again where no refusal is meant
            refused = refusal_of(error)
            response = answered(render(request, "claims/off.html", {"refused": refused}), refused)
        response["Referrer-Policy"] = "no-referrer"
        return response


def page(request: HttpRequest, said: Any, kind: NoticeKind) -> HttpResponse:
    """In the language of the mail, which the member chose."""
    with translation.override(said.language):
        shown = {"kind": KINDS[kind], "done": kind in said.off}
        return render(request, "claims/off.html", shown)
