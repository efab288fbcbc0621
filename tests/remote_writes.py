"""What a Prometheus sends, encoded by the letter of the protocol and without the product's code."""

import struct
from collections.abc import Iterable, Mapping, Sequence

import cramjam

Series = tuple[Mapping[str, str], Sequence[tuple[int, float]]]
STALE: float = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""The mark of a series that has ended."""
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}


def body(series: Iterable[Series]) -> bytes:
    return packed(message(series))


def packed(content: bytes) -> bytes:
    return bytes(cramjam.snappy.compress_raw(content))


def message(series: Iterable[Series]) -> bytes:
    return b"".join(field(1, _time_series(*each)) for each in series)


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    number &= 2**64 - 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def _time_series(labels: Mapping[str, str], points: Sequence[tuple[int, float]]) -> bytes:
    return encoded_labels(labels) + b"".join(encoded_point(at, value) for at, value in points)


def encoded_labels(labels: Mapping[str, str]) -> bytes:
    return b"".join(
        field(1, field(1, name.encode()) + field(2, value.encode())) for name, value in sorted(labels.items())
    )


def encoded_point(at: int, value: float) -> bytes:
    # Protobuf leaves out what is zero.
    return field(2, (b"\x09" + struct.pack("<d", value) if value else b"") + (b"\x10" + varint(at) if at else b""))


def host_series(
    at: int, *, instance: str = "10.0.0.5:9100", cores: int = 2, seconds: float = 0.0, **more: float
) -> list[Series]:
    """Return a scrape of node-exporter, of a host that was 30 % busy and received 1,000 bytes a second.

    *seconds*: since its start. *more*: values of further metrics without labels. Memory is 60 % and disk 20 % full.
    """

    def one(name: str, value: float, **labels: str) -> Series:
        return {"__name__": name, "instance": instance, "job": "node", **labels}, [(at, value)]

    cpu = {"idle": 0.6, "iowait": 0.1, "user": 0.2, "system": 0.1}
    root = {"mountpoint": "/", "device": "/dev/sda1", "fstype": "ext4"}
    return [
        *(
            one("node_cpu_seconds_total", 100 + share * seconds, cpu=str(core), mode=mode)
            for core in range(cores)
            for mode, share in cpu.items()
        ),
        one("node_memory_MemTotal_bytes", 1000),
        one("node_memory_MemAvailable_bytes", 400),
        one("node_filesystem_size_bytes", 1000, **root),
        one("node_filesystem_free_bytes", 820, **root),
        one("node_filesystem_avail_bytes", 720, **root),
        one("node_load1", 0.5),
        one("node_network_receive_bytes_total", 5000 + 1000 * seconds, device="eth0"),
        *(one(name, value) for name, value in more.items()),
    ]
