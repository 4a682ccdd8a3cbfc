"""Reviews to test with. All are invented; the real ones are not ours to copy (ISNAD_SHARED)."""

import copy
import os
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("ISNAD_SHARED", Path(__file__).parents[2] / "shared")) / "claimreview"

REVIEW: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "url": "https://www.checkers.example/reviews/1",
    "claimReviewed": "The bridge was opened on 3 May 2019",
    "headline": "The bridge was opened a day earlier",
    "inLanguage": "en",
    "datePublished": "2019-05-20",
    "author": {
        "@type": "Organization",
        "name": "The checkers",
        "url": "https://checkers.example/",
    },
    "reviewRating": {"@type": "Rating", "alternateName": "False"},
    "itemReviewed": {
        "@type": "Claim",
        "author": {
            "@type": "Person",
            "name": "Maryam Haddad",
            "jobTitle": "Minister of works",
            "sameAs": ["https://www.wikidata.org/wiki/Q1"],
        },
        "datePublished": "2019-05-03",
        "firstAppearance": {"@type": "NewsArticle", "url": "https://news.example/bridge"},
        "appearance": [{"@type": "SocialMediaPosting", "url": "https://social.example/p/1"}],
    },
    "citation": [{"@type": "WebPage", "url": "https://ministry.example/report"}],
}

GOOGLE: dict[str, Any] = {
    "text": "أُغلق الجسر أسبوعاً كاملاً",
    "claimant": "social.example",
    "claimDate": "2025-04-28T19:23:46Z",
    "claimReview": [
        {
            "publisher": {"name": "المدققون", "site": "muhaqqiqun.example"},
            "url": "https://www.muhaqqiqun.example/%D8%AC%D8%B3%D8%B1",
            "title": "أُغلق الجسر يوماً واحداً",
            "reviewDate": "2025-04-29T10:00:00Z",
            "textualRating": "مضلّل",
            "languageCode": "ar",
        }
    ],
}


def review(**more: Any) -> dict[str, Any]:
    """The review with other properties; None leaves one out, `a__b` goes into a."""
    changed: dict[str, Any] = copy.deepcopy(REVIEW)
    for path, value in more.items():
        *way, name = path.split("__")
        thing = changed
        for step in way:
            thing = thing[step]
        if value is None:
            del thing[name]
        else:
            thing[name] = value
    return changed
