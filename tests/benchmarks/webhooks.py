"""How many webhooks a second are delivered to a receiver on this machine, by one worker."""

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.benchmarks.databases import connect, console, drop, urls

DELIVERIES = 4_000
BODY = b"x" * 1_500  # about what a verdict's event has
POSTERS = 16  # as many as the worker calls one webhook with at once
NAME = "isnad_bench_webhooks"


def told() -> Iterator[str]:
    """On a database of its own, which is dropped again; the receiver is a process of its own."""
    from tests.benchmarks import plans

    with connect("postgres") as connection:
        drop(connection, NAME)
        connection.execute(f"CREATE DATABASE {NAME}")
        there = urls(NAME) | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-m", "django", "prepare_database", "--verbosity=0"]
        subprocess.run(command, env=os.environ | there, check=True)
        plans.connect_to(NAME)
        try:
            with receiver() as url:
                console.print(f"Writing {DELIVERIES:,} changes")
                changes(url)
                plain = posted(url)
                one, two = delivered(1), delivered(2)
        finally:
            plans.connect_to("postgres")
            drop(connection, NAME)
    yield (
        f"webhooks: {one:.0f} deliveries/s by one worker, {two:.0f}/s by two; plain POSTs to the "
        f"same receiver {plain:.0f}/s by {POSTERS} threads; ratio {one / plain:.2f}; "
        f"at least 200/s: {'yes' if one >= 200 else 'MISSED'}"
    )


@contextmanager
def receiver() -> Iterator[str]:
    """Its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", RECEIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/hook"
    finally:
        process.kill()
        process.communicate()


# As little as a receiver can do: read a request whole, answer 200, hang up.
RECEIVER = """
import asyncio, re

async def serve(reader, writer):
    head = await reader.readuntil(b"\\r\\n\\r\\n")
    length = re.search(rb"content-length: *([0-9]+)", head, re.I)
    await reader.readexactly(int(length[1]))
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
    writer.close()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def changes(url: str) -> None:
    """A desk with a webhook, and a claim for each delivery, numbered."""
    from django.db import transaction

    from tests import make
    from tests.log import numbered

    desk = make.desk()
    make.webhook(desk.editor, url=url, types=["claim.created"])
    with transaction.atomic():
        for _ in range(DELIVERIES):
            make.fact()
    numbered()


def posted(url: str) -> float:
    """Plain POSTs a second, by as many threads as the worker calls one webhook with."""
    address = urlsplit(url)
    each = DELIVERIES // POSTERS

    def post() -> None:
        for _ in range(each):
            connection = http.client.HTTPConnection("127.0.0.1", address.port or 0)
            connection.request("POST", address.path, BODY)
            connection.getresponse().read()
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(POSTERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * POSTERS / (time.perf_counter() - began)


def delivered(workers: int) -> float:
    """Deliveries a second of the whole log, by so many `manage.py deliver`, once they run."""
    from claims.models import Attempt, Delivery, Webhook

    Delivery.objects.update(state="delivered", next_attempt_at=None)
    before = Attempt.objects.count()
    environment = os.environ | urls(NAME) | {"WEBHOOK_ALLOW_PRIVATE": "true"}
    running = [
        subprocess.Popen([sys.executable, "-m", "django", "deliver"], env=environment)
        for _ in range(workers)
    ]
    try:
        time.sleep(3)  # until they have started
        Webhook.objects.update(read_up_to=0)
        began = time.perf_counter()
        while (made := Attempt.objects.count() - before) < DELIVERIES:
            time.sleep(0.1)
            if time.perf_counter() - began > 120:
                break
        return made / (time.perf_counter() - began)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
