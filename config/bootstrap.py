"""From a bare checkout to a running command: finds Python, makes .venv, installs, runs.

Usage: python3 config/bootstrap.py run|test|check|bench|bench-quick|format [arguments]

Run by whatever Python the machine has: standard library only, and syntax that an old one can
read as well, so that it can say that it is too old.
"""

# ruff: noqa: RUF005, S603, S606, UP032  (old syntax is the point; all commands are made here)

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python")
CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(CHECKOUT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "isnad-installed.json")

RUN = ("requirements.txt",)
DEVELOP = ("requirements.txt", "requirements-dev.txt", "requirements-parquet.txt")
BENCH = (*DEVELOP, "tests/benchmarks/peers/requirements.txt")
COMMANDS = {  # command → (what has to be installed, what .venv's Python is called with)
    "run": (RUN, ["-m", "config.run"]),
    "test": (DEVELOP, ["-m", "pytest"]),
    "check": (DEVELOP, ["-m", "config.checks"]),
    "bench": (BENCH, ["-m", "tests.benchmarks"]),
    "bench-quick": (BENCH, ["-m", "tests.benchmarks", "--quick"]),
    "format": (DEVELOP, ["-m", "ruff", "format", "."]),
}
LINES_OF_FAILURE = 25


class Refused(Exception):
    """What is wrong and how to mend it, in a sentence or two."""


def main(arguments):
    if not arguments or arguments[0] not in COMMANDS:
        raise Refused("Usage: python3 config/bootstrap.py " + "|".join(COMMANDS) + " [arguments]")
    needed, call = COMMANDS[arguments[0]]
    os.chdir(CHECKOUT)
    if not is_ready(needed):
        prepare(needed)
    sys.stdout.flush()
    os.execv(VENV_PYTHON, [VENV_PYTHON] + call + arguments[1:])


def is_ready(needed):
    if not os.access(VENV_PYTHON, os.X_OK):
        return False
    installed = read_stamp()
    return all(installed.get(name) == fingerprint(name) for name in needed)


def prepare(needed):
    # A lock on the checkout itself needs no file, and the kernel lets go of it whatever happens.
    checkout = os.open(CHECKOUT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(checkout, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another process that installs into .venv")
            fcntl.flock(checkout, fcntl.LOCK_EX)
        if is_ready(needed):
            return
        if not venv_works():
            make_venv(find_python())
        install(needed)
        write_stamp({name: fingerprint(name) for name in needed})
    finally:
        os.close(checkout)


def find_python():
    """The path of a Python that is new enough; $PYTHON is asked first."""
    asked = os.environ.get("PYTHON")
    too_old = []
    for name in ([asked] if asked else [sys.executable]) + list(NAMES):
        path = name and shutil.which(name)
        version = path and version_of(path)
        if not version:
            continue
        if version >= OLDEST:
            return path
        too_old.append("{} is {}.{}".format(path, *version))
    found = "; ".join(sorted(set(too_old))) or "none was found"
    raise Refused(
        "Isnad needs Python {}.{} or newer ({}). Install it (Debian and Ubuntu: `apt install "
        "python3 python3-venv`; macOS: `brew install python`) or say where it is: "
        "`make run PYTHON=/path/to/python3`.".format(*OLDEST, found)
    )


def version_of(path):
    try:
        said = subprocess.check_output(
            [path, "-c", "import sys; print(*sys.version_info[:2])"], stderr=subprocess.DEVNULL
        )
        major, minor = said.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def venv_works():
    """Whether .venv is whole: it may be half made, or its Python may have been removed."""
    if not os.access(VENV_PYTHON, os.X_OK) or (version_of(VENV_PYTHON) or (0, 0)) < OLDEST:
        return False
    return subprocess.call([VENV_PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0


def make_venv(python):
    say("Making .venv with " + python)
    missing = subprocess.call([python, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL)
    if missing:
        raise Refused(
            "{} cannot make virtual environments: its modules venv and ensurepip are missing. "
            "Install them (Debian and Ubuntu: `apt install python{}.{}-venv`) and repeat.".format(
                python, *version_of(python)
            )
        )
    done = subprocess.run(
        [python, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Refused(
            "The virtual environment {} could not be made. Correct what the lines below name, "
            "and repeat.\n{}".format(VENV, last_lines(done.stdout.decode(errors="replace")))
        )


def install(needed):
    command = [VENV_PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    for name in needed:
        command += ["-r", name]
    say("Installing what " + " and ".join(needed) + " name")
    environment = dict(os.environ, PYTHONUNBUFFERED="1", PIP_PROGRESS_BAR="off", LC_ALL="C.UTF-8")
    progress, said = Progress(), []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env=environment,
    ) as pip:
        for line in pip.stdout:
            said.append(line.decode(errors="replace"))
            progress.read(said[-1])
    progress.end()
    if pip.returncode:
        raise Refused(
            "The packages could not be installed. Check the network and the disk, and repeat: "
            "what is there already is used.\n" + last_lines("".join(said))
        )


class Progress:
    """One line for what pip is doing now: rewritten in place on a terminal."""

    def __init__(self):
        self.started = time.time()
        self.packages = []
        self.terminal = sys.stderr.isatty()

    def read(self, line):
        collecting = re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        if collecting:
            if collecting.group(1) not in self.packages:
                self.packages.append(collecting.group(1))
                self.show("{} {}".format(len(self.packages), self.packages[-1]))
        elif line.startswith("Installing collected packages:"):
            self.show("unpacking {} packages".format(line.count(",") + 1))

    def show(self, text):
        if self.terminal:
            sys.stderr.write("\r\033[K  " + text[:70])
        else:
            sys.stderr.write("  " + text + "\n")
        sys.stderr.flush()

    def end(self):
        if self.terminal:
            sys.stderr.write("\r\033[K")
        say("{} packages, {:.0f} s".format(len(self.packages), time.time() - self.started))


def fingerprint(name):
    try:
        with open(os.path.join(CHECKOUT, name), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except FileNotFoundError:
        raise Refused("{} is missing: is this checkout complete?".format(name)) from None


def read_stamp():
    try:
        with open(STAMP) as file:
            return dict(json.load(file))
    except (OSError, ValueError, TypeError):
        return {}


def write_stamp(stamp):
    with open(STAMP + ".new", "w") as file:
        json.dump(stamp, file)
    os.rename(STAMP + ".new", STAMP)


def last_lines(text):
    return "\n".join(text.strip().splitlines()[-LINES_OF_FAILURE:])


def say(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit("{} cannot be used: {}.".format(error.filename or CHECKOUT, error.strerror))
