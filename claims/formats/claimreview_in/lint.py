"""What is wrong with ClaimReview markup before it is published: each broken rule with its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext_lazy as _

from claims.formats.claimreview_in import rules, rules_of_dates, values
from claims.formats.claimreview_in.checked import REQUIRED, RULES, Checked, Finding
from claims.formats.claimreview_in.documents import MOST_DEPTH, identified, is_google, nodes
from claims.formats.claimreview_in.outcomes import Outcomes
from claims.formats.claimreview_in.record import Reason
from claims.text.sameness import same

MOST_FINDINGS = 1_000

# Which have their rules listed by being imported.
__all__ = ["MOST_FINDINGS", "faults_of", "rules", "rules_of_dates"]


def faults_of(document: object, outcomes: Outcomes, today: date) -> tuple[int, list[Finding]]:
    """How many reviews a document holds, and what is wrong with them, in order."""
    graph = identified(document) if isinstance(document, (dict, list)) else {}
    count = 0
    found: list[Finding] = []
    seen: dict[tuple[str, str], str] = {}
    for pointer, node in nodes(document, "#", MOST_DEPTH):
        if isinstance(node, Reason) or is_google(node):
            continue
        count += 1
        checked = Checked(node, pointer, graph, outcomes, today)
        for check in RULES:
            found += check(checked)
        found += repeated(checked, seen)
        if len(found) >= MOST_FINDINGS:
            break
    if not count:
        why = _("There is no ClaimReview in this document.")
        mend = _('Give the review "@type": "ClaimReview", by itself, in a list or in @graph.')
        found.append(Finding("#", "no-review", REQUIRED, why, mend))
    return count, found[:MOST_FINDINGS]


def repeated(it: Checked, seen: dict[tuple[str, str], str]) -> Iterator[Finding]:
    claim, url = values.text(it.review.get("claimReviewed")), values.address(it.review.get("url"))
    if claim is None or url is None:
        return
    before = seen.setdefault((same(claim), url), it.pointer)
    if before != it.pointer:
        yield it.finding(
            "repeated",
            REQUIRED,
            _("This review of this claim stands in the document already, at {before}."),
            _("Keep one of them: readers of the markup count each as a review."),
            before=before,
        )
