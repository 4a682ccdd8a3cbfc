"""The pages where people sign in and accept an invitation: plain forms, in English and Arabic.

What they do is what `session/` and `invitations/accept/` do; a script is not needed.
"""

from typing import Any

from django import forms
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from rest_framework.request import Request

from claims.actions.invitations import accept_invitation
from claims.actions.signing_in import memberships, sign_in
from claims.api.rates import PerCaller
from claims.api.session import DEVICE, open_session, remember_device
from claims.errors import Refusal
from claims.formats.fields import Body
from claims.formats.people import AcceptanceIn
from claims.models import User
from claims.web.refusing import Acting, answered, refusal_of, told


def address_of(request: Any) -> str:
    return str(PerCaller().get_ident(Request(request)))


class Secret(forms.CharField):
    """Verbatim, and never shown again."""

    def __init__(self, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, "dir": "auto"})
        super().__init__(strip=False, max_length=1_000, widget=widget, **kwargs)


def line(autocomplete: str, **attributes: str) -> forms.TextInput:
    attributes = {"dir": "auto"} | attributes
    return forms.TextInput(attrs={"autocomplete": autocomplete, **attributes})


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("Username or e-mail address"),
        max_length=254,
        widget=line("username", autofocus="autofocus"),
    )
    password = Secret("current-password", label=_("Password"))
    code = forms.CharField(
        label=_("One-time code, if you have switched codes on"),
        max_length=40,
        required=False,
        widget=line("one-time-code", inputmode="numeric", dir="ltr"),
    )

    def __init__(self, request: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.request = request
        self.user: User | None = None
        self.refusal: Refusal | None = None

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        try:
            self.user = sign_in(
                name=said["username"],
                password=said["password"],
                code=said["code"],
                address=address_of(self.request),
                device=self.request.COOKIES.get(DEVICE),
            )
        except Exception as error:  # which is raised again where no refusal is meant
            self.refuse(error)
        return said

    def refuse(self, error: Exception) -> None:
        self.refusal = refusal_of(error)
        told(self, self.refusal)


class SignIn(LoginView):
    form_class = SignInForm  # type: ignore[assignment]
    template_name = "claims/sign_in.html"
    http_method_names = ["get", "head", "post"]

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.user
        try:
            with transaction.atomic():
                open_session(self.request, user, memberships(user).first())
        except Exception as error:  # which is raised again where no refusal is meant
            form.refuse(error)
            return self.form_invalid(form)
        response = HttpResponseRedirect(self.get_success_url())
        remember_device(response, user)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        return answered(super().form_invalid(form), form.refusal)


class SignOut(LogoutView):
    next_page = "/api/session/login/"


class JoinForm(forms.Form):
    token = forms.CharField(
        label=_("Invitation: what stands behind # in the link"),
        max_length=80,
        widget=line("off", dir="ltr"),
    )
    name = forms.CharField(
        label=_("Your name, as your colleagues are to see it"),
        max_length=300,
        required=False,
        widget=line("name"),
    )
    username = forms.CharField(
        label=_("Choose a username"), max_length=150, required=False, widget=line("username")
    )
    password = Secret(
        "new-password",
        label=_("Choose a password"),
        required=False,
        help_text=_("Twelve characters at least."),
    )

    def __init__(self, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if user is not None:
            del self.fields["username"], self.fields["password"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = {k: v for k, v in (super().clean() or {}).items() if v}
        body: Body = AcceptanceIn(data=said)
        if not self.errors and not body.is_valid():
            for name, reasons in body.errors.items():
                self.add_error(name if name in self.fields else None, [str(it) for it in reasons])
        return said


@method_decorator(never_cache, name="dispatch")
class Join(Acting):
    """An invitation, accepted: by a new account, or by whoever is signed in."""

    form_class = JoinForm
    template_name = "claims/join.html"
    success_url = "/api/v1/"
    http_method_names = ["get", "head", "post"]

    @property
    def person(self) -> User | None:
        user = self.request.user
        return user if isinstance(user, User) else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.person}

    def act(self, form: Any) -> HttpResponse:
        member = accept_invitation(**form.cleaned_data, user=self.person)
        assert member.user is not None
        open_session(self.request, member.user, member)
        response = HttpResponseRedirect(self.get_success_url())
        remember_device(response, member.user)
        return response

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(*args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        return response


pages: list[URLPattern] = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
]
