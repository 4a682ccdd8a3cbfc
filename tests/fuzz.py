"""Attacks a live server on a throw-away database by its own OpenAPI description.

    python -m tests.fuzz [--examples N] [--seed N]

Twice: with a checker's key, and without any. Fails when an answer breaks the description, or is a
fault of ours. What it found once is kept by name in tests/api/test_bad_input.py and its like.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.live import Server, live_server

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
CONFIGURATION = Path(__file__).with_suffix(".toml")
SECONDS = 600  # for each of the two, on a slow and busy machine; some 60 on a quiet one
PHASES = ["examples", "fuzzing", "coverage", "stateful"]
UNLIMITED = dict.fromkeys(
    (
        "READS_PER_MINUTE",
        "ANONYMOUS_READS_PER_MINUTE",
        "WRITES_PER_MINUTE",
        "ANONYMOUS_WRITES_PER_MINUTE",
    ),
    str(10**9),
) | {"FEED_LONGEST_WAIT": "1"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Attack a live server by its own schema.")
    parser.add_argument("--examples", type=int, default=5, help="for each operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    failed = False
    # The tests' own database may be named in the environment: this server has one for itself.
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(name, None)
    with live_server(**UNLIMITED) as server:
        for who, headers, phases in (
            ("a checker's key", [f"Authorization: Bearer {server.key}"], PHASES),
            ("no key", [], PHASES[:-2]),  # who may only read learns nothing new in the others
        ):
            began = time.monotonic()
            passed = attack(server, headers, phases, asked.examples, asked.seed)
            say(f"With {who}: {'ok' if passed else 'FAILED'}, {time.monotonic() - began:.0f} s")
            failed = failed or not passed
        if faults := [line for line in server.log.splitlines() if "fault" in line]:
            say("Faults of ours:\n" + "\n".join(faults))
            failed = True
        if server.ask("GET", "/readyz").status != 200:
            say("The server is not ready any more.")
            failed = True
    sys.exit(1 if failed else 0)


def attack(server: Server, headers: list[str], phases: list[str], examples: int, seed: int) -> bool:
    command = [
        str(SCHEMATHESIS),
        f"--config-file={CONFIGURATION}",
        "run",
        f"http://127.0.0.1:{server.port}/api/schema/",
        f"--seed={seed}",
        f"--max-examples={examples}",
        f"--phases={','.join(phases)}",
        "--continue-on-failure",
        "--no-shrink",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--warnings=off",
        "--request-timeout=30",
        "--no-color",
        *(f"--header={header}" for header in headers),
    ]
    with tempfile.TemporaryDirectory() as elsewhere:
        try:
            done = subprocess.run(
                command, cwd=elsewhere, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as late:
            say(f"not done in {SECONDS} s:\n{(late.output or b'').decode()[-3000:]}")
            return False
    if done.returncode:
        say(done.stdout + done.stderr)
    return done.returncode == 0


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
