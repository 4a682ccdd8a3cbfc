"""Examples of requests in the API's description, in English and in Arabic.

Outlets and people are invented; a test holds every example to its serializer.
"""

from typing import Any

from drf_spectacular.utils import OpenApiExample

SOME_ID = "0190b4c8-5d1e-7a35-8c2b-3f1d9e7a6b54"
OTHER_ID = "0190b4c8-6f20-7c11-9d4e-8a2b5c6d7e8f"

EN, AR = "English", "العربية"

MOVE = {
    EN: {
        "rationale": "The ministry's own report dates the opening to 2 May 2019.",
        "label": "Wrong date",
        "evidence": [
            {
                "url": "https://example.org/reports/bridge",
                "stance": "refutes",
                "title": "Report on the bridge",
            }
        ],
    },
    AR: {
        "rationale": "يؤرخ تقرير الوزارة نفسها الافتتاح في 2 مايو 2019.",
        "label": "تاريخ خاطئ",
        "evidence": [
            {
                "url": "https://example.org/reports/bridge",
                "stance": "refutes",
                "title": "تقرير عن الجسر",
            }
        ],
    },
}

REVIEW: dict[str, Any] = {
    EN: {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://checkers.example.org/reviews/bridge",
        "claimReviewed": "The bridge was opened on 3 May 2019",
        "inLanguage": "en",
        "datePublished": "2019-05-20",
        "author": {
            "@type": "Organization",
            "name": "The checkers",
            "url": "https://checkers.example.org/",
        },
        "reviewRating": {"@type": "Rating", "alternateName": "Wrong date"},
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Person", "name": "A spokesman"},
            "datePublished": "2019-05-03",
            "appearance": [{"@type": "NewsArticle", "url": "https://news.example.org/bridge"}],
        },
    },
    AR: {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": "https://checkers.example.org/reviews/jisr",
        "claimReviewed": "افتتح الجسر في 3 مايو 2019",
        "inLanguage": "ar",
        "datePublished": "2019-05-20",
        "author": {
            "@type": "Organization",
            "name": "المدققون",
            "url": "https://checkers.example.org/",
        },
        "reviewRating": {"@type": "Rating", "alternateName": "تاريخ خاطئ"},
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Person", "name": "متحدث"},
            "datePublished": "2019-05-03",
        },
    },
}

FACT = {
    EN: {
        "kind": "fact",
        "text": "The bridge was opened on 3 May 2019",
        "language": "en",
        "fact": {
            "subject": "the bridge",
            "property": "opened on",
            "value": "2019-05-03",
            "value_type": "date",
        },
        "appearance": {"snapshot": SOME_ID, "exact": "opened on 3 May 2019"},
    },
    AR: {
        "kind": "fact",
        "text": "افتتح الجسر في 3 مايو 2019",
        "language": "ar",
        "fact": {
            "subject": "الجسر",
            "property": "تاريخ الافتتاح",
            "value": "2019-05-03",
            "value_type": "date",
        },
        "appearance": {
            "snapshot": SOME_ID,
            "exact": "في 3 مايو 2019",
            "relayed_by": [OTHER_ID],
        },
    },
}

DOSSIER = {
    EN: {
        "isnad_dossier": 1,
        "namespace": "example",
        "title": {"en": "The bridge"},
        "publishers": [{"key": "an-outlet", "name": "An outlet"}],
        "articles": [
            {
                "key": "opening",
                "publisher": "an-outlet",
                "language": "en",
                "url": "https://example.org/opening",
            }
        ],
        "claims": [
            {
                "key": "opened-on",
                "kind": "fact",
                "text": FACT[EN]["text"],
                "language": "en",
                "fact": FACT[EN]["fact"],
                "appearances": [{"article": "opening"}],
            }
        ],
    },
    AR: {
        "isnad_dossier": 1,
        "namespace": "example",
        "title": {"ar": "الجسر"},
        "speakers": [
            {
                "key": "ministry",
                "type": "organization",
                "name": "وزارة الإعمار",
                "names": {"ar": "وزارة الإعمار", "en": "Ministry of Construction"},
            }
        ],
    },
}

ANNOTATION: dict[str, Any] = {
    EN: {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "type": "Annotation",
        "motivation": "describing",
        "body": [
            {
                "type": "TextualBody",
                "purpose": "describing",
                "value": "The bridge was opened on 3 May 2019",
                "language": "en",
            },
            {
                "type": "SpecificResource",
                "purpose": "identifying",
                "source": f"https://isnad.example.org/api/v1/speakers/{SOME_ID}/",
            },
        ],
        "target": {
            "source": "https://example.org/opening",
            "selector": {
                "type": "TextQuoteSelector",
                "exact": "the bridge was opened on 3 May 2019",
                "prefix": "said that ",
                "suffix": ".",
            },
        },
    },
    AR: {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "type": "Annotation",
        "motivation": "highlighting",
        "target": {
            "source": "https://example.org/opening",
            "selector": [
                {"type": "TextQuoteSelector", "exact": "الجسر افتتح في 3 مايو 2019"},
                {"type": "TextPositionSelector", "start": 16, "end": 42},
            ],
        },
    },
}

HYPOTHESIS: dict[str, Any] = {
    language: {
        "annotations": [
            {
                "id": "an-annotation",
                "created": "2019-05-20T09:30:00.000000+00:00",
                "user": "acct:somebody@example.org",
                "uri": "https://example.org/opening",
                "text": text,
                "tags": [],
                "target": [
                    {
                        "source": "https://example.org/opening",
                        "selector": [{"type": "TextQuoteSelector", "exact": exact}],
                    }
                ],
            }
        ]
    }
    for language, text, exact in (
        (EN, "The bridge was opened on 3 May 2019", "the bridge was opened on 3 May 2019"),
        (AR, "افتتح الجسر في 3 مايو 2019", "الجسر افتتح في 3 مايو 2019"),
    )
}

EXAMPLES: dict[tuple[str, str], dict[str, Any]] = {
    ("publishers", "create"): {
        EN: {"name": "An outlet", "url": "https://example.org/"},
        AR: {"name": "صحيفة", "names": {"ar": "صحيفة", "en": "A newspaper"}},
    },
    ("publishers", "partial_update"): {
        EN: {"name": "An outlet"},
        AR: {"names": {"ar": "صحيفة"}},
    },
    ("speakers", "create"): {
        EN: {
            "type": "person",
            "name": "Jane Doe",
            "roles": [{"title": "spokeswoman of the ministry", "since": "2018"}],
        },
        AR: {
            "type": "organization",
            "name": "وزارة الإعمار",
            "names": {"ar": "وزارة الإعمار", "en": "Ministry of Construction"},
        },
    },
    ("speakers", "partial_update"): {
        EN: {"other_names": ["J. Doe"]},
        AR: {"names": {"ar": "جين دو", "en": "Jane Doe"}},
    },
    ("articles", "create"): {
        EN: {
            "publisher": SOME_ID,
            "headline": "The bridge is open",
            "language": "en",
            "date_published": "2019-05-04",
            "url": "https://example.org/opening",
            "text": "The ministry said that the bridge was opened on 3 May 2019.",
        },
        AR: {
            "publisher": SOME_ID,
            "headline": "افتتاح الجسر",
            "language": "ar",
            "date_published": "2019-05-04",
            "text": "قالت الوزارة إن الجسر افتتح في 3 مايو 2019.",
        },
    },
    ("articles", "partial_update"): {
        EN: {"headline": "The bridge has been opened"},
        AR: {"headline": "افتتاح الجسر الجديد"},
    },
    ("articles", "suggestions"): {EN: {}, AR: {"snapshot": SOME_ID}},
    ("snapshots", "create"): {
        EN: {"text": "The ministry said that the bridge was opened on 2 May 2019."},
        AR: {"text": "قالت الوزارة إن الجسر افتتح في 2 مايو 2019."},
    },
    ("claims", "create"): FACT,
    ("claims", "match"): {
        EN: {"text": "Was the bridge really opened in May 2019?", "limit": 3},
        AR: {"text": "هل افتتح الجسر في مايو 2019؟", "language": "ar"},
    },
    ("claims", "partial_update"): {
        EN: {"text": "The new bridge was opened on 3 May 2019"},
        AR: {"text": "افتتح الجسر الجديد في 3 مايو 2019"},
    },
    ("claims", "verify"): MOVE,
    ("claims", "dispute"): MOVE,
    ("claims", "withdraw"): {
        EN: {"rationale": "The report has been retracted."},
        AR: {"rationale": "سُحب التقرير."},
    },
    ("verdicts", "create"): {
        language: {"outcome": "disputed", **move} for language, move in MOVE.items()
    },
    ("relations", "create"): {
        EN: {
            "other": OTHER_ID,
            "relation": "same",
            "score": 0.93,
            "reasons": ["both say 3 May 2019", "shared rare words: bridge, opened"],
        },
        AR: {"other": OTHER_ID, "relation": "not_the_same", "reasons": ["جسر آخر"]},
    },
    ("appearances", "create"): {
        EN: {"snapshot": SOME_ID, "start": 28, "end": 58},
        AR: {"snapshot": SOME_ID, "exact": "في 3 مايو 2019", "relayed_by": [OTHER_ID]},
    },
    ("queue", "create"): {
        EN: {"claim": SOME_ID},
        AR: {"claim": SOME_ID, "due_at": "2026-12-01T17:00:00+03:00"},
    },
    ("queue", "partial_update"): {
        EN: {"priority": "urgent", "due_at": "2026-12-01T17:00:00Z"},
        AR: {"dropped": True},
    },
    ("queue", "assign"): {
        EN: {"assignee": OTHER_ID, "due_at": "2026-12-01T17:00:00Z"},
        AR: {"assignee": None},
    },
    ("notes", "create"): {
        EN: {"text": "The ministry has not answered yet.", "mentions": [OTHER_ID]},
        AR: {"text": "لم تجب الوزارة بعد."},
    },
    ("contests", "create"): {
        EN: {
            "verdict": SOME_ID,
            "party": "reader",
            "reason": "new_evidence",
            "text": "The ministry has corrected its report since: it was 3 May.",
            "evidence": [{"url": "https://example.org/reports/bridge-corrected"}],
            "language": "en",
            "contact": "jane@example.org",
        },
        AR: {
            "verdict": SOME_ID,
            "party": "speaker",
            "reason": "not_said",
            "text": "لم أقل إن الجسر افتتح، بل إنه سيفتتح.",
            "evidence": [
                {"url": "https://example.org/videos/bridge", "title": "تسجيل المؤتمر الصحفي"}
            ],
            "language": "ar",
        },
    },
    ("desk-contests", "uphold"): {
        EN: {"answer": "The corrected report is about another bridge."},
        AR: {"answer": "التقرير المصحح يتناول جسرا آخر."},
    },
    ("desk-contests", "correct"): {
        EN: {"verdict": OTHER_ID},
        AR: {"verdict": OTHER_ID, "answer": "شكرا: كان تاريخ التقرير خاطئا."},
    },
    ("desk-contests", "reject"): {
        EN: {"answer": "It does not say what is wrong with the verdict."},
        AR: {"answer": "لا يقول ما الخطأ في الحكم."},
    },
    ("organizations", "partial_update"): {
        EN: {"name": "A desk"},
        AR: {"name": "مكتب التحقق"},
    },
    ("scales", "change"): {
        EN: {
            "ratings": [
                {
                    "labels": {"en": "True", "ar": "صحيح"},
                    "outcome": "verified",
                    "worst": 1,
                    "best": 5,
                    "value": 5,
                },
                {"labels": {"en": "Unproven", "ar": "غير مثبت"}, "outcome": "inconclusive"},
            ]
        },
        AR: {
            "ratings": [
                {"labels": {"ar": "صحيح"}, "outcome": "verified"},
                {"labels": {"ar": "تاريخ خاطئ"}, "outcome": "disputed"},
            ]
        },
    },
    ("members", "create"): {
        EN: {"name": "Jane Doe", "role": "checker"},
        AR: {"name": "ليلى حسن", "role": "editor"},
    },
    ("members", "partial_update"): {
        EN: {"role": "editor"},
        AR: {"name": "ليلى حسن", "ended": True},
    },
    ("drafts", "create"): {
        language: body | {"claim": SOME_ID, "outcome": "disputed"}
        for language, body in MOVE.items()
    },
    ("drafts", "partial_update"): {
        EN: {"rationale": "The ministry's own report dates the opening to 2 May 2019."},
        AR: {"rationale": "يؤرخ تقرير الوزارة نفسها الافتتاح في 2 مايو 2019."},
    },
    ("drafts", "send_back"): {
        EN: {"reasons": "Which report? Add the link."},
        AR: {"reasons": "أي تقرير؟ أضف الرابط."},
    },
    ("invitations", "create"): {
        EN: {"role": "checker", "name": "Jane Doe", "email": "jane@example.org"},
        AR: {"role": "editor", "name": "ليلى حسن"},
    },
    ("invitations", "accept"): {
        EN: {
            "token": "dGhpcyBpcyBubyB0b2tlbiBhdCBhbGwsIGFsYXM",
            "username": "jane",
            "password": "eleven slow barges",
            "name": "Jane Doe",
        },
        AR: {
            "token": "dGhpcyBpcyBubyB0b2tlbiBhdCBhbGwsIGFsYXM",
            "username": "ليلى",
            "password": "تسعة جسور فوق النهر",
            "name": "ليلى حسن",
        },
    },
    ("session", "sign_in"): {
        EN: {"username": "jane@example.org", "password": "eleven slow barges"},
        AR: {"username": "ليلى", "password": "تسعة جسور فوق النهر", "code": "492039"},
    },
    ("session", "choose"): {EN: {"member": SOME_ID}, AR: {"member": OTHER_ID}},
    ("session", "password"): {
        EN: {"password": "eleven slow barges", "new_password": "twelve slower barges"},
        AR: {"password": "تسعة جسور فوق النهر", "new_password": "عشرة جسور فوق النهر"},
    },
    ("session", "totp"): {
        EN: {"password": "eleven slow barges"},
        AR: {"password": "تسعة جسور فوق النهر"},
    },
    ("session", "confirm_totp"): {EN: {"code": "492039"}, AR: {"code": "492039"}},
    ("session", "remove_totp"): {
        EN: {"password": "eleven slow barges", "code": "492039"},
        AR: {"password": "تسعة جسور فوق النهر", "code": "ABCD-EFGH-IJKL-MNOP"},
    },
    ("notices", "change"): {
        EN: {"time_zone": "Europe/London", "digest_hour": 9, "off": ["mention", "overdue"]},
        AR: {"language": "ar", "time_zone": "Asia/Baghdad", "off": []},
    },
    ("api-keys", "create"): {
        EN: {"label": "dashboard", "scopes": ["read"]},
        AR: {"label": "لوحة المتابعة", "scopes": ["read", "write"]},
    },
    ("webhooks", "create"): {
        EN: {
            "url": "https://dashboard.example.org/isnad",
            "types": ["verdict.issued", "verdict.withdrawn"],
            "filters": {"language": "en"},
        },
        AR: {
            "url": "https://dashboard.example.org/isnad",
            "types": ["verdict.issued"],
            "filters": {"language": "ar", "status": "disputed"},
        },
    },
    ("webhooks", "partial_update"): {
        EN: {"paused": False},
        AR: {"types": [], "filters": {"language": "ar"}},
    },
    ("webhooks", "rotate_secret"): {
        EN: {"previous_valid_for": 86_400},
        AR: {"previous_valid_for": 3_600},
    },
    ("webhooks", "replay"): {EN: {"after": 0}, AR: {"after": 1_200}},
    ("imports", "dossier"): DOSSIER,
    ("imports", "claimreview"): REVIEW,
    ("imports", "check"): REVIEW,
    ("imports", "annotations"): HYPOTHESIS,
    ("annotations", "create"): ANNOTATION,
    ("text", "dates"): {
        EN: {
            "text": "The bridge was opened on Friday, 3 May 2019, and closed last week.",
            "language": "en",
            "date_published": "2019-08-20",
        },
        AR: {
            "text": "افتتح الجسر في الثالث من مايو/أيار الماضي.",
            "language": "ar",
            "date_published": "2019-08-20",
        },
    },
}

EXAMPLES |= {
    (resource, "bulk"): {
        language: {"rows": [row]} for language, row in EXAMPLES[resource, "create"].items()
    }
    for resource in ("speakers", "articles", "claims")
}


def of(resource: str, action: str) -> list[OpenApiExample]:
    return [
        OpenApiExample(language, value=body, request_only=True)
        for language, body in EXAMPLES.get((resource, action), {}).items()
    ]
