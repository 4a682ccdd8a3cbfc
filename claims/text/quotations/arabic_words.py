"""The words of Arabic by which sentences are taken apart, beside the verbs.

All in plain form.
"""

from claims.text.quotations.tokens import plain, plains
from claims.text.quotations.verbs import Verb

WORDS_OF = {
    plain(word): gender
    for word, gender in {
        "قوله": "m",
        "قولها": "f",
        "قولهم": "m",
        "بقوله": "m",
        "بقولها": "f",
        "بقولهم": "m",
        "بالقول": "",
        "القول": "",
    }.items()
}
"""His words: these stand for a participle."""
THAT = plains("أن إن بأن")
THAT_WITH = plains(
    "أنه أنها أنهم أنهما أنهن أننا أنني أني أنك إنه إنها إنهم إنهما إنهن إننا إنني إني "
    "بأنه بأنها بأنهم بأنهما بأننا بأنني"
)
ALL_THAT = THAT | THAT_WITH
TO = plains("إلى على عن من")
ACCORDING = plains("بحسب حسب وفق وفقا حسبما وفقما نقلا")
"""According to; some go on with ل or ل as part of the next word, or with ما and a verb."""
NOT = plains("لم لن لا ما ليس ولم ولن ولا وما وليس")
PASSIVE_LOOKS = plains("يذكر يقال يشار ذكر يعتقد")
"""Directly followed by أن, these say that nobody in particular says so."""
ENDS_WHAT_IS_SAID = plains("بينما فيما لكنه لكنها لكنهم علما يذكر وقد حيث")
"""After a comma these take the word away from the speaker."""
STOPS_A_NAME = plains(
    "في خلال عبر بعد قبل أمس اليوم أول مساء صباح ظهر عقب أثناء إثر مع ضمن عند حين بأن "
    "للصحافيين للصحفيين لوسائل للتلفزيون لوكالة لوكالات لصحيفة لقناة لموقع لمراسل لمراسلة لإذاعة "
    "لراديو لبرنامج لشبكة لجريدة لمجلة على عن إلى من حول بشأن أنه أنها إنه إنها بعدما عندما "
    "صراحة رسميا مرارا أيضا أخيرا مؤخرا أمام حيث الاثنين الثلاثاء الأربعاء الخميس الجمعة "
    "السبت الأحد الأسبوع الشهر الذي التي الذين لم لن لا ليس ذلك بالقول بقوله وقت سابق كذلك "
    "بدوره بدورها الآن ردا تعليقا بجلسته بجلستها بصفته بصفتها "
    "بكلمته بتغريدته خلالها خلاله فيها فيه منها منه عنه عنها "
    "مخاطبا بأنه بأنها حسب بحسب وفق وفقا نقلا قد كما بينما بصوت بنفسه به بها"
)
GOES_ON_BEFORE_FROM = plains("عدد مقرب مقربة قريب قريبة عديد العديد كثير الكثير واحد كل أي مجموعة")
"""After these من belongs to the name: a source close to …, a number of …"""
RELAYS_TO = plains(
    "لوكالة لصحيفة لقناة لموقع لمراسل لمراسلة لإذاعة لراديو لبرنامج لشبكة لجريدة لمجلة للتلفزيون "
    "لتلفزيون"
)
ROLES = plains(
    "مدير مديرة مسؤول مسؤولة المسؤول المسؤولة رئيس عضو العضو الخبير خبير باحث باحثة الباحث محلل "
    "محللة المحلل أستاذ مصدر مصادر المصدر نائب وزير مستشار المتحدث الناطق مسؤولون ضابط محام طبيب"
)
"""After these في belongs to the naming: an official at …"""
OUTLETS = plains(
    "وكالة صحيفة قناة موقع إذاعة راديو شبكة جريدة مجلة تلفزيون منصة وكالات وسائل تويتر فيسبوك"
)
NOUNS_SAID = plains(
    "ضرورة دعم رفض عزم حرص مقتل وفاة ضبط بدء موقف عدم وجود وقوع قتل أهمية سقوط فوز نية نيته "
    "رغبة حق ثقة قدرة استعداد التزام ثقته رغبته سعي حاجة بلوغ نمو صحة قبول حدوث قرب نجاح فتح "
    "هبوط صعود زيادة خفض رفع"
)
ATTITUDES = plains(
    "شكره شكرها شكرهم تقديره تقديرها فخر فخره فخرها اعتزازه تعازيه تعازيها سعادته سعادتها تهانيه "
    "امتنانه امتنانها أسفه أسفها حزنه حزنها شكر تقدير اعتزاز سعادة تهاني خالص بالغ أطيب أحر "
    "ارتياحه ارتياحها ترحيبه سروره"
)
"""What is expressed and cannot be checked: thanks, sorrow, joy."""
TITLES = plains(
    "السيد السيدة الدكتور الدكتورة د الشيخ الأمير الأميرة الملك الرئيس رئيس رئيسة الوزير وزير "
    "وزيرة اللواء الفريق العميد العقيد المقدم الرائد النقيب الملازم الجنرال المستشار المهندس "
    "الأستاذ البروفيسور النائب السفير السفيرة الناطق المتحدث المتحدثة القائد المدير مدير الأمين "
    "القاضي الحاكم حاكم المشير السيناتور نائب"
)
AFTER_WORKS = plains(
    "كتاب كتابه كتابها صحيفة جريدة مجلة فيلم فيلمه مسلسل برنامج موقع قناة وكالة شركة تنظيم حركة "
    "جماعة جائزة مهرجان مسرحية أغنية رواية ديوان ألبوم مشروع مبادرة مؤسسة تلفزيون إذاعة مطعم "
    "معهد معاهد مركز جامعة مدرسة أطروحته عنوان بعنوان تدعى يدعى اسم باسم سلسلة أفلام أعماله "
    "كتابيه مسماة مسمى شعار"
)
COMMAS = frozenset(",;")
AL = plain("ال")
WAW = plain("و")
FA = plain("ف")
LAM = plain("ل")
BA = plain("ب")
QAD = plains("قد لقد")
WAS = plains("كان كانت وكان وكانت كانوا وكانوا")
RELATIVE = plains("الذي التي الذين")
NO_SUBJECT = plains(
    "لكنه لكنها لكنهم ولكنه كما حيث بينما فيما عندما بعدما وقد إذ ثم و ف أنه كذلك قد لم لا "
    "ولم ولا حين وبينما وكما هل ما"
)
BEFORE_OTHER_THAT = plains(
    "قبل بعد دون يجب يمكن ينبغي منذ غير إلا لولا رغم حتى ويجب لابد يفترض سبق المقرر المفترض الممكن"
)
OTHER_B = plains(
    "بعد بين بحسب بيان بيانات بدء برنامج بلاده بلادها بدوره بدورها بها به بشكل "
    "بشأن بمناسبة بعدما بينما باسم بالقرب بوزارة بمجلس بخصوص بجانب بحضور برئاسة"
)
FOUND_OUT = plains(
    "استطلاع دراسة إحصائية إحصائيات إحصاءات بيانات تقرير تقارير نتائج أرقام وثائق وثيقة بحث "
    "تحقيقات تحقيق أبحاث مسح مؤشر"
)
BODIES = FOUND_OUT | plains(
    "تنظيم ائتلاف إيران اتحاد الاتحاد تجمع اتحادات ادعاء إعلان تشاك تيار اللجنة"
)
STATEMENT_VERBS = plains("أصدر أصدرت نشر نشرت")
OBJECTS = tuple(plains("ه ها هم هما"))
WITH_OBJECT = plains(
    "وصف وصفت يصف تصف اتهم اتهمت أبلغ أبلغت أخبر أخبرت سأل سألت خاطب خاطبت ناشد ناشدت"
)
NO_VERB = Verb("strong", frozenset())
RELAYS = {
    plain(form): Verb("strong", frozenset(), gender=gender)  # type: ignore[arg-type]
    for form, gender in {
        "نقل": "m",
        "نقلت": "f",
        "ونقل": "m",
        "نقلوا": "m",
        "تنقل": "f",
        "ينقل": "m",
    }.items()
}
ADVERBS = plains("صراحة رسميا مرارا أيضا أخيرا مؤخرا كذلك بدوره بدورها أمس اليوم")
IN = plains("في على")
THROUGH = plains("ل عبر")
OPENERS = plains("قد وقد ولقد لقد غير أن إلا لكن ولكن أن كما أما فيما بينما")
AFTER_OTHER_PREPOSITION = ALL_THAT | plains("طريق كثب قرب ذلك")
OCCASIONS = plains(
    "تصريح تصريحات بيان حديث مؤتمر كلمة كلمته تغريدة تغريدات اتصال مقابلة رسالة برقية برقيته لقاء "
    "وقت ختام خطاب حوار مداخلة تعليق اجتماع منشور أول يوم مستهل"
)
WHERE = plains("حيث إذ")
LEADS_AWAY = plains("و كما") | WHERE
WITH_MA = plains("حسبما وفقما")
WHILE = plains("بينما")
POSTS = plains("تغريدة تغريدات صفحته صفحتها حسابه حسابها صفحة حساب موقعه موقعها منشور")
NAME_GOES_ON = GOES_ON_BEFORE_FROM | plains("صادر صادرة الصادر الصادرة مقربون مسؤول")
PLAIN_PARTICIPLES = plains(
    "مشيرا مشيرة مؤكدا مؤكدة موضحا موضحة مضيفا مضيفة مبينا مبينة لافتا لافتة قائلا قائلة"
)
FROM, OF, ON, IN_WORD, VIA, ACCORDING_TO = map(plain, ["من", "عن", "على", "في", "عبر", "وفقا"])
WHAT = plain("ما")
AS_WELL = plain("كما")
BETWEEN = plain("بين")
VOICE = plain("صوت")
YOU_SEE = plain("ترى")
WHAT_ONE_SAID = plains("ما قول")
SAYING_OF = plains("قول حد قوله")
ABOUT_IT = plains("به عنه")
SO_THAT = plains("فإن فقد")
BEFORE_OTHER_OF = plains(
    "بعيدا فضلا عوضا نيابة ناهيك بحثا تعبيرا دفاعا صادر صادرة الصادر الصادرة ناتج ناتجة الناتج "
    "الناتجة المسؤول المسؤولة المسؤولين"
)
WITH_NOUN = frozenset({"أكد", "أعلن", "نفى", "كشف", "زعم"})
"""Verbs that go on with a verbal noun: they announce it."""
TIMES = plains("أمس اليوم الماضي الماضية الجاري الحالي مساء صباح عام")
NOUNS_AFTER_NAMES = plains("موقف ضرورة أهمية رفض عدم وجود")
HAD_BEFORE = plains("سبق وسبق")
THROUGH_OUTLET = RELAYS_TO | OUTLETS | THROUGH
TAKEN_AWAY = ENDS_WHAT_IS_SAID - WHERE
BY_VOTE = frozenset({"صوت"})
"""What is decided ends where the reason is given."""
WITH_REASON = plains("وذلك")
NO_SUCH_COMMA = frozenset({"كشف", "نفى", "حذر"})

PREPOSITIONS = plains("في من إلى على عن حول بعد قبل خلال مع عند لدى منذ حتى بين ضد عقب أثناء بشأن")
NO_NAME = THAT | NO_SUBJECT | STOPS_A_NAME | WAS


def is_noun_of_action(word: str, *, owned: bool = False) -> bool:
    """Whether it has the shape of a verbal noun without article (تحرير, إيقاف, انتهاء, ترشحه).

    owned: with a pronoun (his …) alone.
    """
    stem = word
    has_owner = False
    for ending in ("هم", "ها", "ه"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            stem, has_owner = word[: -len(ending)], True
            break
    if owned:
        if has_owner and stem in NOUNS_SAID:
            return True
        short = word[:-1] if word.endswith("ه") else ""
        if short in NOUNS_SAID or (len(short) == 4 and short[0] == "ت"):
            return True
        if not has_owner:
            return False
    if stem.startswith(AL):
        return False
    if len(stem) == 5 and stem[0] == "ت" and stem[3] == "ي":
        return True
    if len(stem) in (5, 6, 7) and stem[0] == "ا" and stem[-2] == "ا":
        return True
    if has_owner and len(stem) >= 5 and stem[0] == "م" and stem[2] == "ا" and stem[-1] == "ت":
        return True
    return has_owner and len(stem) == 4 and stem[0] == "ت"
