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
    asgi = import_module("config.asgi")  # sets Django up
    judging = import_module("claims.actions.judging")
    change_of = judging.change_of
    judging.change_of = lambda it: ([], change_of(it)[1])
    judging.WRITE = judging.WRITE.replace("{change}", "SELECT %s::text")
    judging.write.cache_clear()
    asgi.edge.writes = import_module("claims.api.plain_writes").plain_writes()
    return asgi.application


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    config.run.main()
