"""The contest: all contestants in turns, on one database, with one random mix of requests."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any

import orjson
import psutil

from tests.benchmarks.databases import connect, console
from tests.benchmarks.peers import asks, pgbench, statements
from tests.benchmarks.peers.asks import Ask
from tests.benchmarks.peers.load import Processor, Request, Result, run
from tests.benchmarks.peers.serving import ISNAD, PEERS, Contestant, isnad, peer

CONNECTIONS = 16
PGBENCH = "pgbench, the same SQL"
SAMPLE = 60  # lists, and as many details and histories, that all have to answer alike
SEED = 4
