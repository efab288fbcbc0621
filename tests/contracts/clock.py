from datetime import timedelta


class ClockContract:
    """`clock`: a Clock."""

    def test_time_is_aware_and_in_utc(self, clock):
        assert clock.now().utcoffset() == timedelta(0)

    def test_time_does_not_run_backwards(self, clock):
        times = [clock.now() for _ in range(100)]
        assert times == sorted(times)
