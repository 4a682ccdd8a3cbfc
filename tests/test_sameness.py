"""What is the same text, in Python and in PostgreSQL."""

import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims.text.sameness import FORMS, same

# What is assigned keeps its normal forms for ever. Unicode 14.0 is Python 3.11's and PostgreSQL
# 15's; a newer Python may know some letters more, which are left out where all are gone through.
KNOWN = st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\0", codec="utf-8")
MOST_UNKNOWN = 200


def of_database(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT claims_same_v1(%s)", [text])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أعلن إعلان آخر ٱلعراق", "اعلن اعلان اخر العراق"),
        ("مسؤول رئيس", "مسوول رييس"),
        ("حكومة مستشفى", "حكومه مستشفي"),
        ("العِراقُ", "العراق"),
        ("العـــراق", "العراق"),
        ("ﺍﻟﻌﺮﺍﻕ ﻻ", "العراق لا"),
        ("ایران کی", "ايران كي"),
        ("یہ ہے", "يه هي"),
        ("٢٠١٧ ۲۰۱۷", "2017 2017"),
        ("٣٫٥٪", "3.5%"),
        ("\u200fالعراق\u202c \u2067و\u200dطن\u2069", "العراق وطن"),
        ("Café CAFÉ Cafe\u0301", "cafe cafe cafe"),
        ("Łódź Straße Œuvre Ðång İstanbul ılık", "lodz strasse oeuvre ðang istanbul ilik"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("Ёлка", "елка"),
        ("ＦＵＬＬ ﬁne ①", "full fine 1"),
        ("“so” ‘it’ – is", "\"so\" 'it' - is"),
        ("  a\u00a0\t\n b ", "a b"),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_what_is_written_differently_is_the_same_text(db, one, other):
    assert same(one) == same(other) == of_database(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("پاک", "باک"), ("حال", "خال"), ("سماء", "سما"), ("3.5", "35"), ("は", "ほ"), ("हि", "ह")],
)
def test_what_is_another_letter_is_another_text(one, other):
    assert same(one) != same(other)


@pytest.mark.unmeasured
def test_python_and_postgresql_agree_about_every_character(db):
    """Also in its place between letters, where what is beside a space or a mark would go wrong."""
    known = [
        chr(point)
        for point in range(1, 0x110000)
        if unicodedata.category(chr(point)) not in ("Cs", "Cn")
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t, normalize(t, NFKD) FROM unnest(%s::text[]) AS t", [known])
        unknown = {c for c, form in cursor.fetchall() if unicodedata.normalize("NFKD", c) != form}
    assert len(unknown) <= MOST_UNKNOWN
    known = [c for c in known if c not in unknown]
    texts = known + [f"a{c}\u0301ل{c} {c}b" for c in known]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t, claims_same_v1(t) FROM unnest(%s::text[]) AS t", [texts])
        told = dict(cursor.fetchall())
    assert [t for t in texts if told[t] != same(t)] == []
    assert [t for t in texts if same(same(t)) != same(t)] == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(KNOWN | st.sampled_from(sorted(set(FORMS) - {"\0"})), max_size=60))
def test_python_and_postgresql_agree_about_any_text(db, text):
    text = "".join(c for c in text if unicodedata.category(c) != "Cn")
    assert of_database(text) == same(text)
    assert same(same(text)) == same(text)


def test_the_same_text_does_not_depend_on_the_collation(db):
    with connection.cursor() as cursor:
        cursor.execute("""SELECT claims_same_v1('İSTANBUL ΣΑΣ' COLLATE "C")""")
        assert cursor.fetchone()[0] == "istanbul σασ"
