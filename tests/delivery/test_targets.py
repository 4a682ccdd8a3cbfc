"""Webhooks lead to the public internet alone: judged before anything is sent anywhere."""

import ipaddress
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from claims.delivery import sending
from claims.delivery.sending import Outcome, send
from claims.delivery.targets import Refused, Target, is_public, literal, place_of, target_of
from tests.sink import Sink
from tests.waiting import PATIENCE

PUBLIC = "93.184.216.34"

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "169.254.169.254", "169.254.0.1", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", f"::ffff:{PUBLIC}", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1",
    "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::1", "3fff::1", "5f00::1",
    "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
ARE_PUBLIC = [
    PUBLIC, "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "223.255.255.255",
    "2606:2800:220:1:248:1893:25c8:1946", "2a00:1450:4001::1", "2001:200::1", "2620::1",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused):
        target_of(f"https://{host}/", private=False)


@pytest.mark.parametrize("address", ARE_PUBLIC)
def test_what_is_public_is_not_refused(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert target_of(f"https://{host}/", private=False).host == address


@pytest.mark.parametrize("address", [it for it in ARE_PUBLIC if ":" not in it])
def test_python_agrees_that_it_is_global(address: str) -> None:
    assert ipaddress.ip_address(address).is_global


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1",
        "134744072", "0x8.0x8.0x8.0x8", "1.2.3.4.5", "256.1.1.1", "08.8.8.8", "example.0x",
    ],
)  # fmt: skip
def test_an_address_that_is_written_otherwise_is_refused_wherever_it_leads(host: str) -> None:
    with pytest.raises(Refused):
        literal(host)
    with pytest.raises(Refused):
        target_of(f"https://{host}/", private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https:///path", "https://", "//example.org",
        "https://user@example.org/", "https://user:word@example.org/", "https://example.org:0/",
        "https://example.org:99999/", "https://[::1/", "https://１２７.0.0.1/", "https://a..b/",
        "https://127.0.0.1./", "https://\u2100.example/\n", "https://" + "a" * 64 + ".org/",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_called_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        target_of(url, private=False)


@pytest.mark.parametrize(
    ("url", "target", "authority"),
    [
        (
            "https://Example.org/a?b=c#d",
            Target(True, "example.org", 443, "/a?b=c"),
            "example.org",
        ),
        ("https://example.org:8443", Target(True, "example.org", 8443, "/"), "example.org:8443"),
        ("https://مثال.com/خ", Target(True, "xn--mgbh0fb.com", 443, "/%D8%AE"), "xn--mgbh0fb.com"),
        ("https://[2606::1]:1/", Target(True, "2606::1", 1, "/"), "[2606::1]:1"),
    ],
)
def test_a_url_is_read_as_what_goes_over_the_wire(url: str, target: Target, authority: str) -> None:
    assert target_of(url, private=False) == target
    assert target.authority == authority


def test_an_operator_may_let_http_and_private_addresses_be() -> None:
    assert target_of("http://10.0.0.1:81/x", private=True) == Target(False, "10.0.0.1", 81, "/x")


# What goes over the wire


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Have names mean these addresses, one list a look-up; gives the list of what was asked."""

    def answers(*lists: list[str]) -> list[str]:
        asked: list[str] = []
        coming = iter(lists)

        def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            asked.append(host)
            return [
                (
                    socket.AF_INET6 if ":" in it else socket.AF_INET,
                    socket.SOCK_STREAM,
                    6,
                    "",
                    (it, port, 0, 0) if ":" in it else (it, port),
                )
                for it in next(coming)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return answers


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that a socket is told to connect to; none of them is reached."""
    tried: list[Any] = []

    class Recording(socket.socket):
        def connect(self, address: Any) -> None:
            tried.append(address)
            raise ConnectionRefusedError

        connect_ex = sendto = sendmsg = connect  # type: ignore[assignment]

    monkeypatch.setattr(socket, "socket", Recording)
    return tried


def sent_to(url: str) -> Outcome:
    return send(target_of(url, private=False), {}, b"{}", private=False)


@pytest.mark.parametrize("address", [it for it in NOT_PUBLIC if "%" not in it])
def test_a_name_that_means_such_an_address_gets_no_packet(
    looked_up: Callable[..., list[str]], connections: list[Any], address: str
) -> None:
    asked = looked_up([address])
    assert sent_to("https://innocent.example/").error == "address_refused"
    assert (asked, connections) == (["innocent.example"], [])


@pytest.mark.parametrize("order", [1, -1])
def test_one_such_address_among_others_refuses_them_all(
    looked_up: Callable[..., list[str]], connections: list[Any], order: int
) -> None:
    looked_up([PUBLIC, "127.0.0.1"][::order])
    assert sent_to("https://innocent.example/").error == "address_refused"
    assert connections == []


def test_a_name_that_means_something_else_a_moment_later_leads_nowhere_else(
    looked_up: Callable[..., list[str]], connections: list[Any]
) -> None:
    asked = looked_up([PUBLIC], ["127.0.0.1"], ["127.0.0.1"])
    assert sent_to("https://rebinding.example:8443/").error == "no_connection"
    assert (asked, connections) == (["rebinding.example"], [(PUBLIC, 8443)])


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://localhost.localdomain/", "https://ip6-localhost/"]
)
def test_names_of_this_very_machine_get_no_packet(connections: list[Any], url: str) -> None:
    assert sent_to(url).error in {"address_refused", "name_not_found"}
    assert connections == []


def test_an_unknown_name_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(Refused, match="not known"):
        place_of(Target(True, "nowhere.example", 443, "/"), private=False)
    assert sent_to("https://nowhere.example/").error == "name_not_found"


def test_proxies_of_the_environment_are_not_asked(
    receiver: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    outcome = send(target_of(receiver.url, private=True), {}, b"{}", private=True)
    assert (outcome.status, outcome.answer_head) == (200, "thanks")


def test_compressed_answers_are_kept_as_they_are(receiver: Sink) -> None:
    bomb = b"\x1f\x8b\x08\0" + b"\0" * 100_000
    receiver.answer(200, bomb, **{"Content-Encoding": "gzip"})
    outcome = send(target_of(receiver.url, private=True), {}, b"{}", private=True)
    assert len(outcome.answer_head or "") == 4096
    assert receiver.received[0].headers["accept-encoding"] == "identity"


# Receivers that are slow on purpose


class Raw:
    """A listener that does with a connection whatever a test wants."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.act = act
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        try:
            connection, _ = self.listener.accept()
            with connection:
                self.act(connection)
        except OSError:
            pass


def drip(part: bytes) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        while True:  # until the other side hangs up
            connection.sendall(part)
            time.sleep(0.05)

    return act


def hang(connection: socket.socket) -> None:
    while connection.recv(100_000):
        pass


@pytest.mark.parametrize(
    ("scheme", "act"),
    [
        ("http", hang),
        ("http", drip(b"H")),
        ("http", drip(b"HTTP/1.1 100 Continue\r\n\r\n")),
        ("https", hang),
        ("https", drip(b"\x16")),
    ],
)
def test_no_receiver_holds_a_call_longer_than_its_limit(
    monkeypatch: pytest.MonkeyPatch, scheme: str, act: Callable[[socket.socket], None]
) -> None:
    monkeypatch.setattr(sending, "WHOLE", 0.4)
    raw = Raw(act)
    url = raw.url.replace("http:", f"{scheme}:")
    outcome = send(target_of(url, private=True), {}, b"{}", private=True)
    raw.listener.close()
    assert outcome.status is None
    assert outcome.error in {"timed_out", "tls_failed"}
    assert outcome.seconds < PATIENCE


def test_silence_ends_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SILENCE", 0.2)
    monkeypatch.setattr(sending, "WHOLE", 3600.0)
    raw = Raw(hang)
    outcome = send(target_of(raw.url, private=True), {}, b"{}", private=True)
    raw.listener.close()
    assert outcome.error == "timed_out"
    assert outcome.seconds < PATIENCE


@pytest.mark.parametrize("length", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("reset", [False, True])
def test_a_status_counts_however_the_rest_of_the_answer_ends(reset: bool, length: bytes) -> None:
    said = b"well" if b"Length" in length else b"64\r\nwell"

    def act(connection: socket.socket) -> None:
        request = b""
        while not request.endswith(b"{}"):
            request += connection.recv(100_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n" + said)
        if reset:  # once the answer is there: a reset overtakes what waits to be sent
            time.sleep(0.2)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    raw = Raw(act)
    outcome = send(target_of(raw.url, private=True), {}, b"{}", private=True)
    raw.listener.close()
    assert (outcome.status, outcome.answer_head) == (200, "well")


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 99 No\r\n\r\n"])
def test_what_is_no_http_is_a_broken_answer(answer: bytes) -> None:
    def act(connection: socket.socket) -> None:
        connection.recv(100_000)
        connection.sendall(answer)

    raw = Raw(act)
    outcome = send(target_of(raw.url, private=True), {}, b"{}", private=True)
    raw.listener.close()
    assert outcome.error == "broken_answer"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Any) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def act(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(100)

    raw = Raw(act)
    url = raw.url.replace("http:", "https:")
    outcome = send(target_of(url, private=True), {}, b"{}", private=True)
    raw.listener.close()
    assert outcome.error == "tls_failed"


def test_a_certificate_is_checked_against_the_name_and_not_the_address(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, looked_up: Callable[..., list[str]]
) -> None:
    certificate = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(sending, "tls", lambda: trusting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    named: list[str] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    requests: list[bytes] = []

    def act(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            requests.append(secure.recv(1_000) + secure.recv(1_000))
            secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    raw = Raw(act)
    looked_up(["127.0.0.1"])
    url = raw.url.replace("http://127.0.0.1", "https://sink.example")
    outcome = send(target_of(url, private=True), {}, b"{}", private=True)
    raw.listener.close()
    assert outcome.status == 204
    assert named == ["sink.example"]
    assert f"Host: sink.example:{url.split(':')[2][:-1]}\r\n".encode() in requests[0]


def self_signed(folder: Any) -> str:
    """The path of a certificate for sink.example, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sink.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("sink.example")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "sink.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(path)
