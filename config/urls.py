from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("claims.api.urls")),
    path("", include("claims.web.urls")),
]
handler400 = "claims.api.problems.bad_request"
handler403 = "claims.api.problems.permission_denied"
handler404 = "claims.api.problems.not_found"
handler500 = "claims.api.problems.server_error"
