"""Targets on loopback that behave and misbehave."""

import socket
import ssl
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Talk = Callable[[socket.socket], None]


class Listening(NamedTuple):
    """*accepted*: one entry for each connection."""

    port: int
    accepted: list[object]


@contextmanager
def listening(talk: Talk, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Listening]:
    """Listen, and *talk* on each connection on a thread of its own; over TLS with *context*."""
    accepted: list[object] = []
    server = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            with connection:
                talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, peer = server.accept()
                accepted.append(peer)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with server:
        yield Listening(server.getsockname()[1], accepted)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def answering(answer: bytes, *more: bytes, seen: list[bytes] | None = None) -> Talk:
    """Read a request, and answer it with these parts."""

    def talk(connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        if seen is not None:
            seen.append(request)
        for part in (answer, *more):
            connection.sendall(part)

    return talk


def ok(body: bytes = b"hello", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextmanager
def swallowing() -> Iterator[int]:
    """A port whose queue is full, so that connection requests get no answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        held = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(server.getsockname())
            held.append(filler)
        yield server.getsockname()[1]
        for filler in held:
            filler.close()


class Authority:
    """A certificate authority, and the contexts of a client that trusts it and of servers that it certified."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
        certificate = self._signed(self._name, self._key, timedelta(days=365), is_authority=True)
        self.file = directory / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))

    def server(self, ends_in: timedelta, host: str = "127.0.0.1") -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        certificate = self._signed(name, key, ends_in, host=host)
        file = self._directory / f"{host}-{ends_in.total_seconds():.0f}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        ends_in: timedelta,
        *,
        host: str | None = None,
        is_authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=90))
            .not_valid_after(now + ends_in)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if is_authority:
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        if host is not None:
            try:
                alternative: x509.GeneralName = x509.IPAddress(ip_address(host))
            except ValueError:
                alternative = x509.DNSName(host)
            builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


@contextmanager
def name_server(
    records: dict[tuple[str, str], list[str]], *, rcode: int = 0, flags: int = 0, silent: Collection[str] = ()
) -> Iterator[int]:
    """A DNS server with these records by name and kind, by UDP alone.

    *flags*: further ones of its answers. *silent*: kinds that it does not answer for.
    """
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                data, peer = server.recvfrom(4096)
                if not data:  # closed
                    return
                query = dns.message.from_wire(data)
                answer = dns.message.make_response(query)
                answer.set_rcode(dns.rcode.Rcode(rcode))
                answer.flags |= flags
                [question] = query.question
                kind = dns.rdatatype.to_text(question.rdtype)
                if kind in silent:
                    continue
                if found := records.get((question.name.to_text(omit_final_dot=True), kind)):
                    answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
                server.sendto(answer.to_wire(), peer)

    threading.Thread(target=serve, daemon=True).start()
    with server:
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
