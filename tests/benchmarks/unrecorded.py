"""`config.run` without Changes, sequencer and worker: what writing would cost without the log."""

import os
from importlib import import_module

import config.run
import config.serving

# Here, not below: the workers import this module as well, when they are started.
config.serving.APPLICATION = "tests.benchmarks.unrecorded:application"
config.run.BESIDE = ()


def __getattr__(name: str) -> object:
    """The application, made when a worker asks for it."""
    if name != "application":
        raise AttributeError(name)
    application = import_module("config.asgi").application  # sets Django up
    import_module("claims.actions.verdicts").record = unrecorded
    return application


def unrecorded(*happenings: object, filed_at: object = None) -> None:
    """All that a record is to the claim, and no Change."""
    from django.utils import timezone

    from claims.actions.recording import touch

    touch([it.claim for it in happenings], at=timezone.now())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    config.run.main()
