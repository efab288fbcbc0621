"""The lag of an event loop is how late it runs, without the pause between two measurements."""

import asyncio

from monitor.adapters.http.operations.living import KEPT, PAUSE, LoopLag


class GivenLoop(asyncio.SelectorEventLoop):
    """Its clock shows the seconds that it is given."""

    seconds = 0.0

    def time(self) -> float:
        return self.seconds


def measured(lags: list[float]) -> float:
    """Return the longest lag after measurements that came so late."""
    loop, lag = GivenLoop(), LoopLag()

    async def run() -> None:
        lag.start()
        for late in lags:
            loop.seconds += PAUSE + late
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        lag.stop()

    loop.run_until_complete(run())
    loop.close()
    return lag.longest


def test_it_is_nothing_while_the_loop_is_in_time() -> None:
    assert measured([0.0] * 3) == 0.0


def test_it_is_the_longest_of_the_last_minute() -> None:
    assert measured([0.25, 3.0, 0.5]) == 3.0
    assert measured([3.0, *[0.25] * (KEPT - 1)]) == 3.0
    assert measured([3.0, *[0.25] * KEPT]) == 0.25
