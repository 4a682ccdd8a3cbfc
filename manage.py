#!/usr/bin/env python
"""Django's commands, with the embedded database where no other is named."""

import os
import signal
import sys

from django.core.management import execute_from_command_line

from config.embedded import CannotStart
from config.environment import database_environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Unwound, so that a database started for this command is stopped again.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with database_environment():
            execute_from_command_line(sys.argv)
    except CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
