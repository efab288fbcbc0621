"""The fields of a protobuf message, read one by one where they stand."""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class BrokenError(Exception):
    """*code*: of a problem."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def fields_of(message: bytes, position: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, and where the value begins and stops, of each field. Raises BrokenError."""
    while position < end:
        if (tag := message[position]) < 0x80:
            position += 1
        else:
            tag, position = varint(message, position, end)
        kind = tag & 7
        begin = position
        if kind == BYTES:
            if position < end and (length := message[position]) < 0x80:
                begin = position + 1
            else:
                length, begin = varint(message, position, end)
            position = begin + length
        elif kind == FIXED64:
            position += 8
        elif kind == VARINT:
            _, position = varint(message, position, end)
        elif kind == FIXED32:
            position += 4
        else:  # groups, which are no part of it
            raise BrokenError("not_remote_write")
        if position > end or tag < 8:
            raise BrokenError("not_remote_write")
        yield tag >> 3, kind, begin, position


def varint(message: bytes, position: int, end: int, code: str = "not_remote_write") -> tuple[int, int]:
    """Return an unsigned number of up to 64 bits, and where it stops. Raises BrokenError."""
    value = shift = 0
    while position < end and shift < 70:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position
        shift += 7
    raise BrokenError(code)
