"""The body of a request by which a member says what to be told by e-mail."""

from functools import cache
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from claims.formats.fields import Body, Choice, Count, Listed, Name
from claims.vocabulary import NoticeKind


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


class TimeZone(Name):
    default_error_messages = {
        "zone": _("There is no such time zone: send a name of IANA's, such as Asia/Baghdad.")
    }

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_length=64, **kwargs)

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(data)
        if value not in time_zones():
            self.fail("zone")
        return value


class NoticesEdit(Body):
    language = Choice(choices=settings.LANGUAGES, help_text="Of the mails: en or ar.")
    time_zone = TimeZone(help_text="Where you are: a name of IANA's, such as Asia/Baghdad.")
    digest_hour = Count(
        max_value=23, help_text="At which hour there the digest of the day is sent, from 0 to 23."
    )
    off = Listed(
        child=Choice(choices=NoticeKind.choices),
        max_length=len(NoticeKind),
        help_text="What you are not told of: assignment, of an item of the queue; mention, in a "
        "note; return, of your draft; overdue, what you have; digest, once a day.",
    )
