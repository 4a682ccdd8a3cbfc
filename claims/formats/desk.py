"""Bodies of requests about an organization's own work: its queue and its notes."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from claims.formats.fields import Body, Choice, Flag, Id, Instant, Listed, Text
from claims.vocabulary import Priority

MOST_NOTE = 50_000
MOST_MENTIONS = 100


class QueueIn(Body):
    """What claim is to wait in the queue, and until when it should be judged."""

    claim = Id()
    due_at = Instant(
        required=False,
        allow_null=True,
        help_text="When it should be judged. Of a claim that waits already, the earlier one stays.",
    )


class QueueEdit(Body):
    priority = Choice(choices=Priority.choices)
    due_at = Instant(allow_null=True, help_text="When it should be judged; null: some time.")
    dropped = Flag(help_text="true takes it out of the queue for good.")

    def validate_dropped(self, dropped: bool) -> bool:
        if not dropped:
            raise serializers.ValidationError(
                _("What is out of the queue stays so: put the claim into it again.")
            )
        return dropped


class AssignmentIn(Body):
    assignee = Id(allow_null=True, help_text="Who is to judge it; null: whoever takes it.")
    due_at = Instant(
        required=False,
        allow_null=True,
        help_text="When it should be judged; left out, this stays as it is.",
    )


class NoteIn(Body):
    text = Text(max_length=MOST_NOTE)
    mentions = Listed(
        child=Id(), default=list, max_length=MOST_MENTIONS, help_text="Members whom it concerns."
    )
