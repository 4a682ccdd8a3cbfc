"""Who says what in a text: passages that carry claims, proposed for a person to take or leave.

Direct quotations and indirect speech, Arabic and English, each with who is taken to speak, through
whom it came, and the numbers and dates in it. Made by rules alone: a list of reporting words, how
each goes on, and where what is said ends. Linear in the text; importable by itself.
"""

from claims.text.quotations.finding import MOST_CANDIDATES, candidates
from claims.text.quotations.found import Candidate, Mention, Reason, Span
from claims.text.quotations.moments import Moment, moments_of
from claims.text.quotations.names import namings
from claims.text.quotations.numbers import Number

__all__ = [
    "MOST_CANDIDATES",
    "Candidate",
    "Mention",
    "Moment",
    "Number",
    "Reason",
    "Span",
    "candidates",
    "moments_of",
    "namings",
]
