"""How a page says no: with the words and the status that the API has for it, beside its form.

Not only what an action refuses: a name that somebody takes at the same moment is refused by the
database alone, and a row that somebody holds too long is no fault of ours either.
"""

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from claims.api import problems
from claims.errors import Refusal, Unavailable

BESIDE_THE_FIELD = (400, 401)
"""What is wrong with what was typed: the page with its form is the answer to that, so 200."""


def refusal_of(error: Exception) -> Refusal:
    """What an exception means to whoever sent a form; a fault of ours is raised as it is."""
    refusal = problems.refusal_for(error)
    if refusal is None:
        raise error
    if isinstance(refusal, Unavailable):  # in words of a page, which has no keys
        return Unavailable(_("Wait a moment, then send this once more."))
    return refusal


def told(form: forms.Form, refusal: Refusal) -> None:
    """What was refused, beside the field that it is about."""
    for fault in refusal.faults:
        name = (fault.pointer or "#").removeprefix("#/")
        form.add_error(name if name in form.fields else None, str(fault.detail))
    if not refusal.faults:
        form.add_error(None, f"{refusal.title}. {refusal.detail}")


def answered(response: HttpResponse, refusal: Refusal | None) -> HttpResponse:
    """The page that says so, with the status."""
    if refusal is not None and refusal.status not in BESIDE_THE_FIELD:
        response.status_code = refusal.status
        if refusal.retry_after is not None:
            response["Retry-After"] = str(refusal.retry_after)
    return response


class Acting(FormView):
    """A form by which something is done, wholly or not at all."""

    def act(self, form: Any) -> HttpResponse:
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return self.act(form)
        except Exception as error:  # which is raised again where no refusal is meant
            return self.refused(form, refusal_of(error))

    def refused(self, form: Any, refusal: Refusal) -> HttpResponse:
        told(form, refusal)
        return answered(self.form_invalid(form), refusal)
