"""Hearing of new numbers at once: the sequencer tells them (NOTIFY)."""

import logging
import threading
from collections.abc import Callable

import psycopg
from psycopg import sql

from claims.queries.connecting import connection_parameters
from claims.queries.feed import CHANNEL

LOOK_EVERY = 1.0  # seconds between looks whether to end
RETRY = 2.0  # seconds until the next attempt to reach the database

logger = logging.getLogger(__name__)


def listen(told: Callable[[], None], ended: threading.Event) -> None:
    """Call `told` whenever the log has grown, until `ended`; over a connection of its own.

    What is told while there is no connection is missed: whoever listens looks by itself too.
    """
    while not ended.is_set():
        try:
            with psycopg.connect(**connection_parameters(), autocommit=True) as connection:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                told()
                while not ended.is_set():
                    for _ in connection.notifies(timeout=LOOK_EVERY, stop_after=1):
                        told()
        except psycopg.Error as error:
            logger.info("not listening: %s", str(error).strip())
            ended.wait(RETRY)
