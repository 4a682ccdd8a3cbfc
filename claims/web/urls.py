from django.urls import URLPattern, URLResolver, include, path

from claims.web.contesting import ContestPage
from claims.web.feeds import Feeds
from claims.web.notices import Off
from claims.web.pages import Pages
from claims.web.signing_in import Join, pages

urlpatterns: list[URLPattern | URLResolver] = [
    # By these names the browsable API leads there.
    path("api/session/", include((pages, "rest_framework"))),
    path("join/", Join.as_view(), name="join"),
    path("notices/off/<str:token>/", Off.as_view(), name="notices-off"),
    path("claims/<str:pk>/", Pages.route("retrieve"), name="claim-page"),
    path("claims/<str:pk>/contest/", ContestPage.as_view(), name="contest-page"),
    # Without a slash at the end: these are files to whoever reads them.
    path("feeds/verdicts.atom", Feeds.route("verdicts_atom"), name="feed-verdicts-atom"),
    path("feeds/verdicts.json", Feeds.route("verdicts_json"), name="feed-verdicts-json"),
    path("feeds/corrections.atom", Feeds.route("corrections_atom"), name="feed-corrections-atom"),
    path("feeds/corrections.json", Feeds.route("corrections_json"), name="feed-corrections-json"),
    path("feeds/claimreview.json", Feeds.route("claimreview"), name="feed-claimreview"),
]
