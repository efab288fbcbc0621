"""Hypothesis strategies for frames."""

from hypothesis import strategies as st

from monitor.domain.history.frames import Frame

FINITE = st.floats(allow_nan=False, allow_infinity=False)
PERCENT = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
VALUES = FINITE | PERCENT | st.sampled_from([0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 2.0**53, 1e15])
NAMES = st.from_regex(r"[a-z0-9_.:/-]{1,64}", fullmatch=True)


@st.composite
def rising_times(draw, *, least: int = -(2**57), most: int = 2**57, size: int = 60) -> list[int]:
    """Draw regular times with some deviations, or irregular ones."""
    if draw(st.booleans()):
        return sorted(draw(st.sets(st.integers(least, most), max_size=size)))
    start, gap = draw(st.integers(least, most)), draw(st.sampled_from([1, 1000, 1_000_000, 15_000_000, 15_000_251]))
    steps = draw(st.lists(st.integers(1, 3) | st.just(1), max_size=size))
    at, found = start, []
    for step in steps:
        found.append(at + draw(st.integers(0, min(gap - 1, 900))))
        at += step * gap
    return [time for time in found if time <= most]


@st.composite
def frames(draw, *, times=None, values=VALUES, names=NAMES) -> Frame:
    """Draw a frame whose samples lack some metrics."""
    at = draw(rising_times() if times is None else times)
    columns = {}
    for name in draw(st.lists(names, unique=True, max_size=4)):
        column = values if draw(st.booleans()) else values | st.none()
        columns[name] = draw(st.lists(column, min_size=len(at), max_size=len(at)))
    return Frame(at, columns)
