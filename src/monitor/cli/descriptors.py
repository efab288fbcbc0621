"""How many connections the system lets this process have."""

import resource

ENOUGH = 65_536
"""Descriptors: for as many agents as one process serves, and no more than memory is there for."""
RESERVED = 128
"""For the database, its files, and mails on their way."""


def raise_limit() -> int:
    """Raise the soft limit of descriptors to the hard one, or to what is enough; return what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return ENOUGH if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def most_connections(descriptors: int) -> int:
    """Of that many *descriptors*, after what the rest of the process needs."""
    usable = min(descriptors, ENOUGH)
    return max(usable - RESERVED, usable // 2)
