from io import BytesIO

from bench.pages import PAGE, used_pages


def page(kind: int) -> bytes:
    return bytes(24) + kind.to_bytes(2, "big") + bytes(PAGE - 26)


def test_pages_that_were_never_used_count_for_nothing():
    """An index page, one that the file grew by, a large value's."""
    assert used_pages(BytesIO(page(17855) + page(0) + page(10))) == 2
    assert used_pages(BytesIO(b"")) == 0
