"""Checks whether a host answers ICMP echo requests (ping)."""

from secrets import randbits

from monitor.adapters.checks.outcomes import Answer, Failed, Run
from monitor.domain.checks.targets import host_of

TRIES = 3
"""Requests, the next if the last was not answered in its share of the time: networks lose some."""
NOT_PERMITTED = (
    "ping needs the group of this process in the system's net.ipv4.ping_group_range, or the capability CAP_NET_RAW"
)


def probe(run: Run) -> Answer:
    from icmplib.exceptions import ICMPLibError, SocketPermissionError  # only for those who ping

    [address, *_] = run.addresses(host_of(run.check.target), 0)
    try:
        ms = _round_trip(run, address, privileged=False)
    except SocketPermissionError:
        try:
            ms = _round_trip(run, address, privileged=True)
        except SocketPermissionError:
            raise Failed(NOT_PERMITTED) from None
        except ICMPLibError as error:
            raise Failed(str(error)) from None
    except ICMPLibError as error:
        raise Failed(str(error)) from None
    if ms is None:
        raise Failed("no answer to a ping")
    return Answer(ms=ms)


def _round_trip(run: Run, address: str, *, privileged: bool) -> float | None:
    """Return the milliseconds until an answer; None if there was none. Raises ICMPLibError."""
    from icmplib import ping

    for left in range(TRIES, 0, -1):
        # Where all sockets get all answers, the id distinguishes those of another process.
        answer = ping(address, 1, timeout=run.deadline.left() / left, id=randbits(16), privileged=privileged)
        if answer.is_alive:
            return float(answer.max_rtt)
    return None
