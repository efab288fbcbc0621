"""Senders that share a worker: who has taken least is next, and nobody saves up."""

from monitor.application.intake.shares import Shares


def test_who_has_taken_least_is_next() -> None:
    shares: Shares[str] = Shares()
    assert ["a"] == shares.next(["a", "b"])[:1]
    shares.took("a", 5.0)
    shares.took("b", 1.0)
    assert ["b"] == shares.next(["a", "b"])
    shares.took("b", 5.0)
    assert ["a"] == shares.next(["a", "b"])
    assert ["a", "b"] == shares.next(["b", "a"], slack=1.0)


def test_who_comes_later_has_saved_up_nothing() -> None:
    shares: Shares[str] = Shares()
    for _ in range(10):
        assert ["a"] == shares.next(["a"])
        shares.took("a", 1.0)
    assert ["new"] == shares.next(["a", "new"])
    shares.took("new", 1.5)
    assert ["a"] == shares.next(["a", "new"])


def test_who_has_not_come_for_long_is_forgotten() -> None:
    shares: Shares[int] = Shares()
    for sender in range(1_000):
        shares.next([sender])
        shares.took(sender, 1.0)
    shares.next([1_000])
    shares.took(1_000, 5.0)
    shares.next([1_000])
    assert not shares._taken
