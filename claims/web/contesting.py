"""The page where anyone contests a verdict: a plain form, in English and Arabic, without a script.

What it does is what POST `claims/{id}/contests/` does.
"""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from rest_framework.request import Request

from claims.actions.contests import file_contest
from claims.api import problems
from claims.api.rates import CONTESTS, charge
from claims.errors import NotFound, TooManyRequests
from claims.formats import spoken
from claims.formats.contests import MOST_SOURCES, MOST_TEXT, ContestIn
from claims.formats.fields import Body, Id
from claims.models import Claim, Contest, Verdict
from claims.queries.documents import verdicts
from claims.text.direction import direction
from claims.web.public import LANG, LANGUAGES
from claims.web.refusing import Acting, refusal_of
from claims.web.signing_in import line

# Its name in the form, and in the body that a request of the API has.
FIELDS = {"sources": "evidence"}


def lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto", "autocomplete": "off"})


class ContestForm(forms.Form):
    verdict = forms.ChoiceField(label=_("Which verdict"))
    party = forms.ChoiceField(label=_("Who you are"), choices=[*spoken.PARTIES.items()])
    reason = forms.ChoiceField(
        label=_("What is wrong with it"),
        choices=[*spoken.REASONS.items()],
        help_text=_("This is public, and that somebody has contested the verdict."),
    )
    text = forms.CharField(
        label=_("What is wrong, and why"),
        max_length=MOST_TEXT,
        strip=False,
        widget=lines(8),
        help_text=_("The organization alone reads it, and what stands below."),
    )
    sources = forms.CharField(
        label=_("Where it can be seen: addresses of pages, one a line"),
        max_length=MOST_SOURCES * 2_001,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "ltr", "autocomplete": "off"}),
    )
    contact = forms.CharField(
        label=_("Your e-mail address, if you would like an answer"),
        max_length=254,
        required=False,
        widget=line("email", dir="ltr", inputmode="email"),
    )

    def __init__(self, stand: dict[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        cast(forms.ChoiceField, self.fields["verdict"]).choices = [*stand.items()]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = {k: v for k, v in (super().clean() or {}).items() if v}
        addresses = said.pop("sources", "").split()
        if addresses:
            said["evidence"] = [{"url": it} for it in addresses]
        body: Body = ContestIn(data=said)
        if not self.errors and not body.is_valid():
            for name, wrong in body.errors.items():
                self.add_error(self.named(name), messages(wrong))
        return dict(body.validated_data) if not self.errors else said

    def named(self, name: str) -> str:
        return next((own for own, theirs in FIELDS.items() if theirs == name), name)


def messages(wrong: Any) -> list[str]:
    """What is said of a field, or of the parts of it, each once."""
    if isinstance(wrong, dict):
        return messages([*wrong.values()])
    if isinstance(wrong, list):
        found = [message for it in wrong for message in messages(it)]
        return list(dict.fromkeys(found))
    return [str(wrong)]


@method_decorator(never_cache, name="dispatch")
class ContestPage(Acting):
    """Contest one of the verdicts that stand on a claim."""

    form_class = ContestForm
    template_name = "claims/contest.html"
    http_method_names = ["get", "head", "post"]
    claim: Claim

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.GET.get(LANG)
        language = asked if asked in LANGUAGES else translation.get_language()
        with translation.override(language):
            try:
                self.claim = self.found(kwargs["pk"])
                response = super().dispatch(request, *args, **kwargs)
            except Exception as error:  # which is raised again where no refusal is meant
                return problems.page(refusal_of(error))
            if isinstance(response, HttpResponse) and hasattr(response, "render"):
                response.render()
        response["Content-Language"] = str(language)
        return response

    def found(self, pk: str) -> Claim:
        """Raises NotFound."""
        known = Id.PATTERN.fullmatch(pk)
        claim = Claim.objects.filter(pk=UUID(pk)).first() if known else None
        if claim is None:
            raise NotFound(_("There is nothing with this id."))
        return claim

    def stand(self) -> dict[str, str]:
        """What can be contested: by id, whose it is and what it says."""
        rows = verdicts().filter(
            pk__in=Verdict.objects.standing().filter(claim=self.claim).values("pk"),
            organization__external_site__isnull=True,
        )
        return {
            str(it.pk): f"{it.organization.name}: {rating(it)} ({it.issued_at.date()})"
            for it in rows.order_by("issued_at", "id")
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"stand": self.stand()}

    def get_initial(self) -> dict[str, Any]:
        return {"verdict": self.request.GET.get("verdict")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filed = self.request.GET.get("filed", "")
        known = Id.PATTERN.fullmatch(filed)
        here = self.request.path
        more = {
            "claim": self.claim,
            "direction": direction(self.claim.language),
            "filed": known and Contest.objects.filter(pk=UUID(filed), claim=self.claim).first(),
            "others": [(it, f"{here}?{LANG}={it}", name) for it, name in settings.LANGUAGES],
        }
        return super().get_context_data(**kwargs) | more

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            charge(Request(self.request), CONTESTS, 1)
        except TooManyRequests as refused:
            return self.refused(self.get_form(), refused)
        return super().post(*args, **kwargs)

    def act(self, form: Any) -> HttpResponse:
        contest = file_contest(claim_id=self.claim.pk, **form.cleaned_data)
        language = translation.get_language()
        # Another address, so that to load the page again sends nothing again.
        return HttpResponseRedirect(f"{self.request.path}?filed={contest.pk}&{LANG}={language}")


def rating(verdict: Verdict) -> str:
    own = verdict.rating and {"labels": verdict.rating.labels}
    return spoken.rating({"outcome": verdict.outcome, "label": verdict.label, "rating": own})
