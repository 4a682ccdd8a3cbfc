from django.urls import URLPattern, path

from claims.web.feeds import Feeds
from claims.web.pages import Pages

urlpatterns: list[URLPattern] = [
    path("claims/<str:pk>/", Pages.route("retrieve"), name="claim-page"),
    # Without a slash at the end: these are files to whoever reads them.
    path("feeds/verdicts.atom", Feeds.route("verdicts_atom"), name="feed-verdicts-atom"),
    path("feeds/verdicts.json", Feeds.route("verdicts_json"), name="feed-verdicts-json"),
    path("feeds/corrections.atom", Feeds.route("corrections_atom"), name="feed-corrections-atom"),
    path("feeds/corrections.json", Feeds.route("corrections_json"), name="feed-corrections-json"),
    path("feeds/claimreview.json", Feeds.route("claimreview"), name="feed-claimreview"),
]
