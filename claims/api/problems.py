"""Every refusal as a problem document (RFC 9457), whoever noticed what was wrong."""

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core import exceptions as django_exceptions
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from claims import errors
from claims.api.parsing import too_large
from claims.api.rendering import PROBLEM as PROBLEM
from claims.api.rendering import Json
from claims.errors import Refusal
from claims.formats.fields import faults_in
from claims.moves import Rule

log = logging.getLogger(__name__)

TYPE_BASE = "/problems/"


def document(refusal: Refusal) -> dict[str, Any]:
    problem: dict[str, Any] = {
        "type": TYPE_BASE + refusal.slug,
        "title": str(refusal.title),
        "status": refusal.status,
        "detail": str(refusal.detail),
    }
    if refusal.faults:
        problem["errors"] = [fault.document() for fault in refusal.faults]
    return problem | refusal.more


def headers(refusal: Refusal) -> dict[str, str]:
    told = {}
    if refusal.retry_after is not None:
        told["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        told["WWW-Authenticate"] = 'Bearer realm="Isnad"'
    return told


def answer(exception: Exception, context: Mapping[str, Any]) -> Response | HttpResponse | None:
    """Django REST framework's exception handler."""
    refusal = refusal_for(exception)
    if refusal is None:
        return None
    set_rollback()
    response: Response | HttpResponse
    if Json in context["view"].renderer_classes:
        response = Response(document(refusal), status=refusal.status, headers=headers(refusal))
    else:  # the schema and its pages would tell a refusal in formats of their own
        response = page(refusal)
    if isinstance(exception, drf.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def refusal_for(exception: Exception) -> Refusal | None:
    """What an exception means to the caller; None for one that is a fault of ours."""
    match exception:
        case Refusal():
            return exception
        case drf.ValidationError():
            faults = faults_in(exception.detail)
            return errors.Invalid(_("See errors for each field and its mend."), faults=faults)
        case drf.ParseError():
            return errors.BadRequest(str(exception.detail))
        case drf.AuthenticationFailed() | drf.NotAuthenticated():
            return errors.NotAuthenticated(str(exception.detail))
        case drf.PermissionDenied():  # by BrowserAuthentication alone: rights say Forbidden
            return errors.Forbidden.by(Rule.FORGED, str(exception.detail))
        case django_exceptions.PermissionDenied():
            return errors.Forbidden.by(Rule.ROLE)
        case drf.NotFound() | Http404():
            return errors.NotFound(_("Check the path and the id."))
        case drf.MethodNotAllowed():
            return errors.MethodNotAllowed(str(exception.detail))
        case drf.NotAcceptable():
            return errors.NotAcceptable(str(exception.detail))
        case drf.UnsupportedMediaType():
            return errors.UnsupportedMediaType(str(exception.detail))
        case drf.Throttled():
            refusal = errors.TooManyRequests(_("Wait a little, as Retry-After says."))
            refusal.retry_after = max(1, int(getattr(exception, "wait", None) or 1))
            return refusal
        case IntegrityError():
            return conflict(exception)
        case OperationalError() | InterfaceError():
            log.warning("the database did not answer: %s", exception)
            return errors.Unavailable(
                _("Repeat the request in a moment, a write with its Idempotency-Key.")
            )
        case DataError():
            log.warning("the database cannot store what was thought sound: %s", exception)
            return errors.Invalid(_("A number or a text is out of range."))
        case django_exceptions.RequestDataTooBig():
            return too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        case django_exceptions.TooManyFieldsSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
            return errors.BadParameter(_("Send %d parameters at most.") % most)
        case django_exceptions.SuspiciousOperation():
            return errors.BadRequest(str(exception) or _("The request is malformed."))
        case _:
            return None


def conflict(exception: IntegrityError) -> Refusal:
    """A constraint that broke, by its name."""
    diagnosis = getattr(exception.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or "unknown"
    if name not in errors.BY_CONSTRAINT:
        log.warning("a constraint refused a request that was thought sound: %s", exception)
    return errors.for_constraint(name)


def page(refusal: Refusal) -> HttpResponse:
    """A problem outside of Django REST framework."""
    return HttpResponse(
        orjson.dumps(document(refusal)),
        status=refusal.status,
        content_type=PROBLEM,
        headers=headers(refusal),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(refusal_for(exception) or errors.BadRequest(_("The request is malformed.")))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(errors.Forbidden.by(Rule.ROLE))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A forgotten slash is answered with the right address, for any method; else 404."""
    if not request.path.endswith("/"):
        try:
            resolve(request.path + "/")
        except Resolver404:
            pass
        else:
            query = request.META.get("QUERY_STRING", "")
            target = HttpResponsePermanentRedirect(
                f"/{escape_uri_path(request.path.lstrip('/'))}/" + (f"?{query}" if query else "")
            )
            target.status_code = 308
            return target
    return page(errors.NotFound(_("There is no such path; /api/v1/ lists what there is.")))


def read_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that is no resource, and takes GET and HEAD alone."""

    @functools.wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        refused = page(errors.MethodNotAllowed(_("This can be read, no more.")))
        refused["Allow"] = "GET, HEAD"
        return refused

    asked.csrf_exempt = True  # type: ignore[attr-defined]  # which would answer first, in HTML
    asked.http_method_names = ["get", "head"]  # type: ignore[attr-defined]  # as Django's say it
    return asked


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that our pages did not make, or that has grown old."""
    return page(
        errors.Forbidden.by(Rule.FORGED, _("Open the page anew and send its form once more."))
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return page(errors.ServerError(_("The request was not carried out.")))


def unexpected(request: Request, exception: Exception) -> Response:
    """A fault of ours, inside a view: logged, and told without its details."""
    log.exception("unexpected fault in %s %s", request.method, request.path, exc_info=exception)
    refusal = errors.ServerError(_("The request was not carried out."))
    return Response(document(refusal), status=refusal.status)
