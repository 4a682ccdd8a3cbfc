"""The shape of what `stats/` answers."""

from rest_framework import serializers


class StatusesOut(serializers.Serializer):
    """How many claims have each status now."""

    unverified = serializers.IntegerField(help_text="No verdict stands.")
    verified = serializers.IntegerField(help_text="All that stand, but for inconclusive ones, are.")
    disputed = serializers.IntegerField(help_text="The same of disputed ones.")
    inconclusive = serializers.IntegerField(help_text="Only inconclusive verdicts stand.")
    contested = serializers.IntegerField(help_text="Both verified and disputed verdicts stand.")


class OutcomesOut(serializers.Serializer):
    """How many verdicts have each outcome."""

    verified = serializers.IntegerField(help_text="Found to be so.")
    disputed = serializers.IntegerField(help_text="Found not to be so.")
    inconclusive = serializers.IntegerField(help_text="Not to be decided.")
    withdrawn = serializers.IntegerField(help_text="Earlier verdicts that were taken back.")


class SpreadOut(serializers.Serializer):
    """How long it took. In seconds; null where there is no case."""

    cases = serializers.IntegerField(help_text="How many durations these are of.")
    median = serializers.FloatField(
        allow_null=True, help_text="Half of them took no longer; between two, the middle."
    )
    p90 = serializers.FloatField(
        allow_null=True, help_text="Nine of ten took no longer; between two, interpolated."
    )


class AgeOut(serializers.Serializer):
    from_days = serializers.IntegerField(help_text="Filed at least so many times 24 hours ago.")
    to_days = serializers.IntegerField(
        allow_null=True, help_text="And less than so many; null without such an end."
    )
    claims = serializers.IntegerField(help_text="How many claims wait as long.")


class RestOut(serializers.Serializer):
    """What is not told of one by one."""

    groups = serializers.IntegerField(help_text="How many groups there are beyond those told.")
    rows = serializers.IntegerField(help_text="How much is counted in these, added up.")


GROUPS_SAY = "By `by`, the largest first; null where it is not asked for."
REST_SAY = "Of the groups that are not told."
SERIES_SAY = "By `every`, without a gap; null where it is not asked for."


class Group(serializers.Serializer):
    """What is told of one group."""

    group = serializers.DictField(
        help_text="What it is of: a word for each name in `by`; of a speaker, publisher, "
        "organization or checker, `id` and `name`; null for claims without one."
    )
    of = serializers.IntegerField(
        help_text="Of how many: of all that are counted; by speaker, of all of this speaker in "
        "the period, whatever was found."
    )


class Step(serializers.Serializer):
    """One day, week or month of a series."""

    day = serializers.DateField(help_text="Its first day, in the time zone.")
    begins_at = serializers.DateTimeField(help_text="When that begins.")


class StepOfGroups(Step):
    """One day, week or month of a series, with how many of each group are in it."""

    groups = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="How many of each of `groups`, in their order; null where these are.",
    )
    of = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="By speaker, of how many in this step each of these is; else null.",
    )


class CountedClaims(serializers.Serializer):
    """Claims that were filed in the period."""

    claims = serializers.IntegerField(help_text="How many, each once.")
    statuses = StatusesOut(help_text="What is their status now.")


class GroupOfClaims(Group, CountedClaims):
    """Claims of one group."""


class StepOfClaims(StepOfGroups, CountedClaims):
    """Claims that were filed on one day, in one week or month."""


class CountOfClaims(CountedClaims):
    """Claims that were filed in the period."""

    groups = GroupOfClaims(many=True, allow_null=True, help_text=GROUPS_SAY)
    rest = RestOut(allow_null=True, help_text=REST_SAY)
    series = StepOfClaims(many=True, allow_null=True, help_text=SERIES_SAY)


class CountedVerdicts(serializers.Serializer):
    """Verdicts, superseded and withdrawing ones as well."""

    verdicts = serializers.IntegerField(help_text="How many were issued.")
    outcomes = OutcomesOut(help_text="With which outcomes.")


class GroupOfVerdicts(Group, CountedVerdicts):
    """Verdicts of one group."""


class StepOfVerdicts(StepOfGroups, CountedVerdicts):
    """Verdicts that were issued on one day, in one week or month."""


class CountOfVerdicts(CountedVerdicts):
    """Verdicts that were issued in the period, superseded and withdrawing ones as well."""

    groups = GroupOfVerdicts(many=True, allow_null=True, help_text=GROUPS_SAY)
    rest = RestOut(allow_null=True, help_text=REST_SAY)
    series = StepOfVerdicts(many=True, allow_null=True, help_text=SERIES_SAY)


class Lasted(serializers.Serializer):
    """How long first verdicts took."""

    from_filing = SpreadOut(help_text="From when the claim was filed to its first verdict.")
    from_appearance = SpreadOut(
        help_text="From 00:00 UTC of the first day on which it appeared, of those that are known "
        "to the day, to its first verdict."
    )
    undated = serializers.IntegerField(
        help_text="How many are without such a day, and in `from_filing` alone."
    )


class GroupOfTimes(Group, Lasted):
    """How long first verdicts of one group took."""


class StepOfTimes(Step, Lasted):
    """How long those took that were issued on one day, in one week or month."""


class TimesOut(Lasted):
    """How long first verdicts took that were issued in the period; those of desks alone."""

    groups = GroupOfTimes(many=True, allow_null=True, help_text=GROUPS_SAY)
    rest = RestOut(allow_null=True, help_text=REST_SAY)
    series = StepOfTimes(many=True, allow_null=True, help_text=SERIES_SAY)


class Waiting(serializers.Serializer):
    """Claims that wait for a verdict."""

    claims = serializers.IntegerField(help_text="How many wait.")
    ages = AgeOut(many=True, help_text="For how long, at `as_of`.")


class GroupOfBacklog(Group, Waiting):
    """Claims of one group that wait. By speaker, `of` counts those that do not wait as well."""


class StepOfBacklog(Step):
    """How many waited at the end of one day, week or month: of the period, where that comes first;
    now, where it is not over."""

    claims = serializers.IntegerField(help_text="How many claims of the period waited.")


class BacklogOut(Waiting):
    """Claims that were filed in the period, and on which no verdict stands: none of the
    organization, where one is asked for."""

    oldest_filed_at = serializers.DateTimeField(
        allow_null=True, help_text="When the one that waits longest was filed."
    )
    groups = GroupOfBacklog(many=True, allow_null=True, help_text=GROUPS_SAY)
    rest = RestOut(allow_null=True, help_text=REST_SAY)
    series = StepOfBacklog(many=True, allow_null=True, help_text=SERIES_SAY)


class DraftStatesOut(serializers.Serializer):
    """How many drafts are in each state now."""

    open = serializers.IntegerField(help_text="Wait for a second member.")
    returned = serializers.IntegerField(help_text="Wait for their authors.")
    confirmed = serializers.IntegerField(help_text="Became verdicts.")
    withdrawn = serializers.IntegerField(help_text="Were given up.")


class CountedDrafts(serializers.Serializer):
    """Drafts of your organization."""

    drafts = serializers.IntegerField(help_text="How many were begun.")
    states = DraftStatesOut(help_text="What became of them.")
    ever_returned = serializers.IntegerField(
        help_text="How many were given back once or more, whatever became of them since."
    )
    share_confirmed = serializers.FloatField(
        allow_null=True, help_text="`states.confirmed` of `drafts`; null of none."
    )
    share_returned = serializers.FloatField(
        allow_null=True, help_text="`ever_returned` of `drafts`; null of none."
    )


class GroupOfDrafts(Group, CountedDrafts):
    """Drafts of one group."""


class StepOfDrafts(Step, CountedDrafts):
    """Drafts that were begun on one day, in one week or month."""


class DraftsCounted(CountedDrafts):
    """Drafts of your organization that were begun in the period."""

    groups = GroupOfDrafts(many=True, allow_null=True, help_text=GROUPS_SAY)
    rest = RestOut(allow_null=True, help_text=REST_SAY)
    series = StepOfDrafts(many=True, allow_null=True, help_text=SERIES_SAY)


class Agreed(serializers.Serializer):
    cases = serializers.IntegerField(help_text="How many claims it is of.")
    observed = serializers.FloatField(
        allow_null=True, help_text="The share of agreement; null where there is no case."
    )
    expected = serializers.FloatField(
        allow_null=True, help_text="The share that chance would have."
    )
    kappa = serializers.FloatField(
        allow_null=True,
        help_text="Agreement beyond chance, from -1 to 1; null without a case, or where all "
        "verdicts are the same, which chance explains.",
    )


class PairOfOrganizations(Agreed):
    """Cohen's kappa of two organizations, of the claims on which verdicts of both stand."""

    organizations = serializers.ListField(
        child=serializers.DictField(), min_length=2, max_length=2, help_text="Each: id and name."
    )
    table = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="A row for what the first found, a column for what the other did: verified, "
        "disputed, inconclusive.",
    )


class StepOfAgreement(Step, Agreed):
    """Fleiss' kappa of the claims that were filed on one day, in one week or month."""


class AgreementOut(Agreed):
    """Fleiss' kappa of all organizations, of claims on which verdicts of two or more stand."""

    organizations = serializers.IntegerField(help_text="How many there are.")
    pairs = PairOfOrganizations(many=True, help_text="Each two, those with most cases first.")
    more = serializers.IntegerField(help_text="How many pairs are not told.")
    series = StepOfAgreement(many=True, allow_null=True, help_text=SERIES_SAY)


class PeriodOut(serializers.Serializer):
    since = serializers.DateTimeField(
        allow_null=True, help_text="Its first instant; null where it is open."
    )
    until = serializers.DateTimeField(
        allow_null=True, help_text="The first instant after it; null where it is open."
    )
    time_zone = serializers.CharField(help_text="In which days begin.")
    every = serializers.CharField(allow_null=True, help_text="What series go by.")


class StatsOut(serializers.Serializer):
    """Figures. Those that are not asked for are null."""

    number = serializers.IntegerField(help_text="Every change up to this one is counted.")
    ahead = serializers.IntegerField(
        help_text="How many later changes may be counted already; 0: it is exactly of `number`."
    )
    as_of = serializers.DateTimeField(
        help_text="Nothing that was recorded until then is missing; now, where nothing new is."
    )
    age = serializers.FloatField(help_text="How many seconds ago that was.")
    period = PeriodOut(help_text="Of what is counted.")
    by = serializers.ListField(child=serializers.CharField(), help_text="What groups are by.")
    claims = CountOfClaims(allow_null=True, help_text="How many claims, by status.")
    verdicts = CountOfVerdicts(allow_null=True, help_text="How many verdicts, by outcome.")
    times = TimesOut(allow_null=True, help_text="How long first verdicts took.")
    backlog = BacklogOut(allow_null=True, help_text="What waits for a verdict.")
    agreement = AgreementOut(allow_null=True, help_text="How far organizations agree.")
    drafts = DraftsCounted(allow_null=True, help_text="What became of your drafts.")
