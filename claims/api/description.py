"""Where the OpenAPI description is served, and the pages that show it."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from claims.api.resource import refuse_parameters


class Description(SpectacularAPIView):
    """The description, as YAML or JSON; in the language that is asked for as everywhere else."""

    # The parent's OPTIONS would tell of the framework, or fail where its answer is a page.
    http_method_names = ["get", "head"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_parameters(request, known=())


class Docs(SpectacularSwaggerSplitView):
    http_method_names = ["get", "head"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.META["QUERY_STRING"] != "script=":  # where the page has its own script
            refuse_parameters(request, known=())
