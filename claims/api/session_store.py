"""Where sessions are kept: the settings name this module as SESSION_ENGINE.

As Django keeps them in the database, but for the key: whoever reads the table, or a backup of it,
cannot act as those who are signed in.
"""

import hashlib
from typing import Any, cast

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as InDatabase

from claims.models import Session

USER, MEMBER = "_auth_user_id", "member"


class SessionStore(InDatabase):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        cookie = self.session_key
        if cookie is None:
            return None
        self._session_key = stored(cookie)
        try:
            found: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        finally:
            self._session_key = cookie
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return bool(super().exists(stored(session_key)))

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.session_key = stored(row.session_key)
        row.user_id, row.member_id = data.get(USER), data.get(MEMBER)
        return row

    def delete(self, session_key: str | None = None) -> None:
        cookie = session_key or self.session_key
        if cookie is not None:
            super().delete(stored(cookie))


def stored(cookie: str) -> str:
    """What stands in the table for the key in a cookie. As long as Django's column is wide: 40.

    A fast hash is right here: the key is more than 160 random bits.
    """
    return hashlib.sha256(cookie.encode()).hexdigest()[:40]


def row_of(session: SessionBase) -> str | None:
    """The key of the row that a session is kept in."""
    return None if session.session_key is None else stored(session.session_key)
