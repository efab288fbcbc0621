"""An answer is encoded once for all who may read it, and for nobody else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.http.history.shared_answers import SharedAnswers

views = st.sampled_from(["ann", "ben", None])
DEADLINE = 30.0


def never() -> bytes:
    raise AssertionError("made again")


def test_readers_of_the_same_version_get_the_same_bytes():
    answers = SharedAnswers()
    made = answers.of(1, "ann", lambda: bytes([1, 2, 3]))
    assert answers.of(1, "ann", never) is made


def test_a_changed_version_and_another_view_are_made_anew():
    answers = SharedAnswers()
    answers.of(1, "ann", lambda: b"hers")
    assert b"his" == answers.of(1, "ben", lambda: b"his")
    assert b"hers, later" == answers.of(2, "ann", lambda: b"hers, later")
    assert len(b"hers, later") == answers.size  # all of the version before are gone


def test_who_began_before_a_change_neither_gets_nor_leaves_what_others_get():
    answers = SharedAnswers()
    newest = answers.of(2, "ann", lambda: b"new")
    assert b"old" == answers.of(1, "ann", lambda: b"old")
    assert newest is answers.of(2, "ann", never)


def test_simultaneous_readers_wait_for_one_answer():
    answers, made, meet = SharedAnswers(), list[int](), threading.Barrier(4)

    def make() -> bytes:
        made.append(1)
        return b"once"

    def read(_: int) -> bytes:
        meet.wait(DEADLINE)
        return answers.of(1, "ann", make)

    with ThreadPoolExecutor(4) as readers:
        found = list(readers.map(read, range(4)))
    assert [1] == made
    assert {id(found[0])} == set(map(id, found))


@given(st.lists(st.tuples(st.integers(0, 4), views, st.integers(0, 30))))
def test_nobody_gets_what_was_made_for_another_view_or_version(asked: list[tuple[int, str | None, int]]):
    answers = SharedAnswers(largest=100, most=2)
    kept = 0
    for version, view, length in asked:
        what = f"{version} {view} "

        def make(text: str = what + "." * length) -> bytes:
            return text.encode()

        assert answers.of(version, view, make).decode().startswith(what)
        kept = max(kept, answers.size)
    assert kept <= 100


@given(st.lists(st.integers(0, 150), min_size=1))
def test_what_is_kept_is_bounded(lengths: list[int]):
    """In bytes, and in number: the answers of people without servers are small."""
    answers, made = SharedAnswers(largest=100, most=3), dict[int, bytes]()
    for number, length in enumerate(lengths):
        made[number] = answers.of(1, number, _of_length(length))
        assert answers.size <= 100
    again = [number for number, before in made.items() if answers.of(1, number, _of_length(-1)) is before]
    assert len(again) <= 3


def _of_length(length: int) -> Callable[[], bytes]:
    """A negative length: what does not fit, so that nothing else is dropped for it."""
    return lambda: bytes(length if length >= 0 else 101)
