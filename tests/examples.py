"""How many examples of Hypothesis a test draws that has its own number of them."""

from hypothesis import settings

ALL = 100
"""Examples of a test without its own number, where all tests run."""


def examples(count: int) -> int:
    """Return *count* where all tests run, else the same share of it as other tests draw."""
    return max(1, count * settings().max_examples // ALL)
