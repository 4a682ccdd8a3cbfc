"""Words by which texts say that somebody says something, Arabic and English.

Arabic verbs are listed by three stems (he said, he says, saying) from which persons are formed;
comparing is done in the form `plain` gives. How the verb goes on with what is said:

- strong: with أن, a quotation, a colon, a comma or a noun ("confirmed the need …");
- clause: with أن or a quotation alone, since the verb or its look-alike means other things too;
- quote: with a quotation or a colon alone.
"""

from dataclasses import dataclass
from typing import Literal

from claims.text.quotations.tokens import plain, plains

Needs = Literal["strong", "clause", "quote"]

Gender = Literal["m", "f", ""]


@dataclass(frozen=True, slots=True)
class Verb:
    """takes: the prepositions that lead to what is said. participle: "saying", "adding"."""

    needs: Needs
    takes: frozenset[str]
    participle: bool = False
    gender: Gender = ""
    says: str = ""
    present: bool = False


_STRONG = """
قال قول قائل -
أضاف ضيف مضيف إلى
أكد ؤكد مؤكد على
أعلن علن معلن عن
كشف كشف كاشف عن
أوضح وضح موضح -
وضح - - -
أشار شير مشير إلى
لفت لفت لافت إلى
نوه نوه منوه ب|إلى
صرح صرح مصرح ب
أفاد فيد - ب
شدد شدد مشدد على
زعم زعم زاعم -
ادعى دعي مدعي -
نفى نفي نافي -
حذر حذر محذر من
اعترف عترف معترف ب
أقر قر مقر ب
أردف ردف مردف -
تعهد تعهد متعهد ب
جزم جزم جازم ب
"""

_CLAUSE = """
بين بين مبين -
ذكر ذكر - -
اعتبر عتبر معتبر -
رأى رى - -
توقع توقع متوقع -
رجح رجح مرجح -
استبعد ستبعد مستبعد -
أظهر ظهر مظهر -
كتب كتب كاتب -
أبلغ بلغ مبلغ ب
أخبر خبر مخبر ب
دعا دعو داعي إلى
طالب طالب مطالب ب
أبدى بدي مبدي -
عبر عبر معبر عن
أعرب عرب معرب عن
جاء - - -
ورد - - -
نص نص - على
خلص خلص - إلى
شهد - - ب
قدر قدر - -
هدد هدد مهدد ب
توعد توعد متوعد ب
وعد عد - ب
استنكر ستنكر مستنكر -
اتهم تهم متهم -
كرر كرر مكرر -
اشتكى شتكي مشتكي من
برر برر مبرر ب
ظن ظن - -
قرر - - -
استنتج ستنتج - -
أثبت ثبت - -
نبه نبه منبه إلى
ألمح لمح ملمح إلى
روى روي راوي -
طمأن طمئن مطمئن ب
شرح شرح شارح -
صوت صوت مصوت على
"""

_QUOTE = """
تابع تابع متابع -
واصل واصل مواصل -
استطرد ستطرد مستطرد -
ختم ختم خاتم -
اختتم ختتم مختتم -
تساءل تساءل متسائل -
سأل سأل سائل -
رد رد رادا -
أجاب جيب مجيب ب
علق علق معلق ب
وصف صف واصف ب
سخر سخر ساخر -
خاطب خاطب مخاطب -
غرد غرد مغرد -
هتف هتف هاتف -
ناشد ناشد مناشد -
شكا شكو - -
سمى سمي - -
انتقد نتقد منتقد -
أنهى نهي - -
زاد زيد - -
"""


def _verbs() -> dict[str, Verb]:
    table: dict[str, Verb] = {}
    for needs, lines in (("quote", _QUOTE), ("clause", _CLAUSE), ("strong", _STRONG)):
        for line in lines.strip().splitlines():
            past, present, participle, takes = line.split()
            prepositions = plains(takes.replace("|", " ").replace("-", ""))

            def verb(
                gender: Gender,
                *,
                participle: bool = False,
                present: bool = False,
                needs: Needs = needs,  # type: ignore[assignment]
                prepositions: frozenset[str] = prepositions,
                past: str = past,
            ) -> Verb:
                return Verb(needs, prepositions, participle, gender, past, present)

            table |= dict.fromkeys((plain(past + end) for end in ("", "ا", "وا")), verb("m"))
            stem = past[:-1] if past[-1] in "ىا" else past
            table |= dict.fromkeys((plain(stem + end) for end in ("ت", "تا")), verb("f"))
            if past in HOLLOW:
                table |= dict.fromkeys((plain(form) for form in HOLLOW[past]), verb("m"))
            if present != "-":
                short = present[:-1] if present[-1] in "يو" else present
                forms = [("ي" + present, "m"), ("ي" + short + "ون", "m"), ("ي" + short + "ان", "m")]
                forms += [("ت" + present, "f")]
                for form, gender in forms:
                    table[plain(form)] = verb(gender, present=True)  # type: ignore[arg-type]
            if participle != "-":
                short = participle
                table[plain(short + "ا")] = verb("m", participle=True)
                table[plain(short + "ة")] = verb("f", participle=True)
                ending = short[:-1] if short.endswith("ي") else short
                table[plain(ending + "ين")] = verb("m", participle=True)
    return table


HOLLOW = {
    "رأى": ("يرى", "ترى", "يرون", "رأوا"),
    "جاء": ("يجيء",),
    "أبدى": ("أبدوا",),
}

ARABIC_VERBS = _verbs()

for _spelled in ("ترى",):
    ARABIC_VERBS[plain(_spelled)] = Verb("clause", frozenset(), gender="f", says="رأى")

for _other in (
    "رد",
    "ردا",
    "تابعا",
    "وعدا",
    "قدرا",
    "شرحا",
    "نصا",
    "وردا",
    "علقا",
    "قولا",
    "ذكرا",
    "زادا",
    "كشفا",
    "قرارا",
    "نصت",
    "جاءا",
    "حذرا",
    "تقول_",
    "عبرا",
    "عدا",
    "تبين",
    "تصف",
    "يصف_",
    "يقر",
    "تقر",
    "تعد",
    "يعد",
    "تنهي",
    "ينهي",
    "زيد",
    "يزيد",
    "تزيد",
    "شهدا",
    "طالبا",
    "شهد",
    "شهدت",
    "كاتبا",
    "رادا",
    "ظنا",
    "كاتبه",
    "مقررا",
    "مقرره",
    "متهما",
    "متهمين",
    "متهمه",
    "مقره",
    "اقرا",
    "اقرأ",
    "يبلغ",
    "تبلغ",
    "نبلغ",
    "يبلغون",
    "ينص",
    "معلنه",
    "داعيه",
    "ساخره",
    "هاتفا",
    "شارحه",
):
    ARABIC_VERBS.pop(plain(_other), None)

ARABIC_VERBS[plain("رد")] = Verb("quote", plains("ب"), gender="m", says="رد")

ARABIC_VERBS[plain("نصت")] = Verb("clause", plains("على"), gender="f", says="نص")

_ENGLISH_STRONG = """
said say says saying
announced announce announces announcing
stated state states stating
claimed claim claims claiming
confirmed confirm confirms confirming
denied deny denies denying
reported report reports reporting
revealed reveal reveals revealing
argued argue argues arguing
warned warn warns warning
insisted insist insists insisting
explained explain explains explaining
declared declare declares declaring
acknowledged acknowledge acknowledges acknowledging
admitted admit admits admitting
alleged allege alleges alleging
asserted assert asserts asserting
tweeted tweet tweets tweeting
testified testify testifies testifying
told tell tells telling
"""

_ENGLISH_CLAUSE = """
added add adds adding
noted note notes noting
wrote write writes writing
maintained maintain maintains maintaining
estimated estimate estimates estimating
predicted predict predicts predicting
suggested suggest suggests suggesting
stressed stress stresses stressing
emphasized emphasize emphasizes emphasizing
emphasised emphasise emphasises emphasising
concluded conclude concludes concluding
vowed vow vows vowing
pledged pledge pledges pledging
promised promise promises promising
found find finds finding
showed show shows showing
believed believe believes believing
complained complain complains complaining
recalled recall recalls recalling
"""

_ENGLISH_QUOTE = """
asked ask asks asking
replied reply replies replying
responded respond responds responding
continued continue continues continuing
called call calls calling
described describe describes describing
joked joke jokes joking
"""


def _english() -> dict[str, Verb]:
    table = {}
    for needs, lines in (
        ("quote", _ENGLISH_QUOTE),
        ("clause", _ENGLISH_CLAUSE),
        ("strong", _ENGLISH_STRONG),
    ):
        for line in lines.strip().splitlines():
            forms = line.split()
            for form in forms:
                table[form] = Verb(
                    needs,  # type: ignore[arg-type]
                    frozenset(),
                    participle=form.endswith("ing"),
                    says=forms[0],
                )
    return table


ENGLISH_VERBS = _english()
