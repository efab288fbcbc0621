from io import BytesIO

from bench.pages import PAGE, used_pages


def page(kind: int) -> bytes:
    return bytes(24) + kind.to_bytes(2, "big") + bytes(PAGE - 26)


def test_unused_pages_are_not_counted():
    """A page of an index, one the file grew by, and one of a large value."""
    assert used_pages(BytesIO(page(17855) + page(0) + page(10))) == 2
    assert used_pages(BytesIO(b"")) == 0
