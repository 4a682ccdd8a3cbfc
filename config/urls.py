from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from claims.api.problems import read_only

urlpatterns = [
    # One page to sign in for all, so that codes and tries are asked and counted everywhere.
    path(
        "admin/login/",
        read_only(RedirectView.as_view(pattern_name="rest_framework:login", query_string=True)),
    ),
    path("admin/", admin.site.urls),
    path("", include("claims.api.urls")),
    path("", include("claims.web.urls")),
]
handler400 = "claims.api.problems.bad_request"
handler403 = "claims.api.problems.permission_denied"
handler404 = "claims.api.problems.not_found"
handler500 = "claims.api.problems.server_error"
