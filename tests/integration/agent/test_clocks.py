"""Real agents on clocks that libfaketime makes wrong, and that step while they run."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tests.integration.agent.api import Api, serving, wait_for
from tests.integration.agent.clock import set_clock
from tests.integration.agent.running import MODULE, agent

DAYS = 2 * 86_400


def wait_for_more(api: Api, samples: int) -> None:
    enough = len(api.requests) + samples
    wait_for(lambda: len(api.requests) >= enough, "samples after a step")


def true_times(api: Api, begun: float) -> list[float]:
    """Return the times of all samples, in order, after the check that none is before *begun* or after now."""
    times = sorted(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() for at in api.recorded)
    assert begun - 0.5 <= times[0]
    assert times[-1] <= time.time() + 0.5
    assert len(times) == len(set(times))
    return times


def test_a_clock_that_is_days_ahead_and_steps_back_loses_and_doubles_nothing(tmp_path):
    begun, clock = time.time(), tmp_path / "clock"
    with serving(Api()) as api, agent(tmp_path, MODULE, API_URL=api.url, **set_clock(clock, DAYS)) as running:
        wait_for(lambda: len(api.requests) >= 2, "samples by a clock that is ahead")
        date = parsedate_to_datetime(api.requests[-1].headers["Date"]).timestamp()
        assert abs(date - time.time() - DAYS) < 5, "the server sees how wrong the clock is"
        for ahead in (DAYS - 3, -7_200, 0):
            set_clock(clock, ahead)
            wait_for_more(api, 3)
        true_times(api, begun)
        assert not (tmp_path / "agent.spool.rejected").exists()
    assert any("this host's clock is 172800 s ahead of the server's" in line for line in running.said)


def test_what_a_wrong_clock_stamped_before_the_first_answer_gets_its_true_time(tmp_path):
    with serving(Api()) as api:
        pass
    begun, clock = time.time(), tmp_path / "clock"
    with agent(tmp_path, MODULE, API_URL=api.url, **set_clock(clock, 3_600)) as running:
        wait_for(lambda: running.waiting >= 3, "samples that wait")
        set_clock(clock, -3_600)
        waiting = running.waiting
        wait_for(lambda: running.waiting >= waiting + 2, "samples after a step back")
        running.kill()
        waiting = running.waiting
    with serving(api), agent(tmp_path, MODULE, API_URL=api.url, **set_clock(clock, 86_400)):
        wait_for(lambda: len(api.recorded) > waiting, "what waited")
        true_times(api, begun)


def test_a_server_that_is_an_hour_behind_gets_samples_of_its_time(tmp_path):
    def behind() -> float:
        return time.time() - 3_600

    with serving(Api(clock=behind)) as api, agent(tmp_path, API_URL=api.url):
        wait_for(lambda: len(api.requests) >= 2, "samples")
        newest = datetime.fromisoformat(api.recorded[-1]).replace(tzinfo=UTC).timestamp()
    assert abs(newest - behind()) < 5
