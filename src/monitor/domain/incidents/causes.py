"""Find what hosts that are sick have in common and healthy ones have not: a tag, a network, what they depend on.

A cause says only what was measured: "4 of 5 in rack-7; web-3 is healthy". It is named if at least `LEAST_SICK` and
`LEAST_SHARE` of its hosts are sick, and the others of the fleet less often.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log2
from typing import NamedTuple

from monitor.domain.fleet.servers import ServerId, network_of

LEAST_SICK = 3
LEAST_SHARE = 0.8
LEAST_EVIDENCE = 10.0
"""Bits, beyond those that tell the groups of the fleet apart: chance finds as much once in about a thousand times."""
_LEAST_GROUPS = 64
"""As which fewer groups count: in a small fleet few hosts are most of a group."""


class CauseKind(StrEnum):
    """Of two that say the same, the first is named."""

    SERVER = "server"
    CHECK = "check"
    TAG = "tag"
    NETWORK = "network"


_ORDER = {kind: place for place, kind in enumerate(CauseKind)}


class Group(NamedTuple):
    """*value*: a tag, a network such as 192.0.2.0/24, or the id of what its hosts depend on."""

    kind: CauseKind
    value: str


@dataclass(frozen=True, slots=True)
class Cause:
    """*sick* and *healthy*: the hosts of the group, in id order."""

    group: Group
    sick: tuple[ServerId, ...]
    healthy: tuple[ServerId, ...]


Groups = Mapping[ServerId, Collection[Group]]
"""Those of each host of the fleet, healthy ones too."""


def causes(
    groups: Groups, sick: Collection[ServerId], others: Collection[ServerId] = ()
) -> tuple[list[Cause], list[ServerId]]:
    """Return the causes, the one that explains most first, and the sick hosts that none explains, in id order.

    *others*: hosts with a trouble of their own, which count as neither sick nor healthy.
    """
    groups = _without({*others} - {*sick}, groups)
    unexplained, found = {each for each in sick if each in groups}, list[Cause]()
    sizes = Counter(group for each in groups.values() for group in each)
    members: dict[Group, set[ServerId]] | None = None
    while (best := _best(groups, sizes, unexplained)) is not None:
        members = members_of(groups) if members is None else members
        held = members[best]
        found.append(Cause(best, tuple(sorted(held & unexplained)), tuple(sorted(held - {*sick}))))
        unexplained -= held
    return found, sorted(unexplained)


def related(groups: Groups, sick: Collection[ServerId], others: Collection[ServerId] = ()) -> list[set[ServerId]]:
    """Return the sick hosts of each group of which far more are sick than by chance, although too few to name it.

    A failure that spreads over minutes is one before four of five have it. *others*: see `causes`.
    """
    groups = _without({*others} - {*sick}, groups)
    left, found = {each for each in sick if each in groups}, list[set[ServerId]]()
    if len(left) < LEAST_SICK:
        return found
    sizes = Counter(group for each in groups.values() for group in each)
    evidence = (LEAST_EVIDENCE + log2(max(_LEAST_GROUPS, len(sizes)))) / len(groups)
    while (best := _best(groups, sizes, left, share=0.0, information=evidence)) is not None:
        found.append({each for each in left if best in groups[each]})
        left -= found[-1]
    return found


def _without(left_out: Collection[ServerId], groups: Groups) -> Groups:
    return {each: own for each, own in groups.items() if each not in left_out} if left_out else groups


def _best(
    groups: Groups,
    sizes: Mapping[Group, int],
    sick: Collection[ServerId],
    share: float = LEAST_SHARE,
    information: float = 0.0,
) -> Group | None:
    """Return the group that separates *sick* hosts from the others best, if that *share* of one is sick."""
    counts = Counter(group for server_id in sick for group in groups[server_id])
    fleet, all_sick = len(groups), len(sick)
    named = [
        (_information(count, sizes[group], all_sick, fleet), group)
        for group, count in counts.items()
        if count >= LEAST_SICK
        and count >= share * sizes[group]
        and count * (fleet - sizes[group]) > (all_sick - count) * sizes[group]
    ]
    enough = [each for each in named if each[0] >= information]
    return min(enough, key=lambda each: (-each[0], _ORDER[each[1].kind], each[1].value), default=(0.0, None))[1]


def _information(inside: int, size: int, sick: int, fleet: int) -> float:
    """Return the bits that membership of a group tells about sickness, rounded, for hosts of a fleet.

    *inside*: sick hosts among the *size* of the group.
    """
    without = _entropy(sick, fleet)
    within = size / fleet * _entropy(inside, size) + (fleet - size) / fleet * _entropy(sick - inside, fleet - size)
    return round(without - within, 12)


def _entropy(part: int, whole: int) -> float:
    if whole == 0 or part in (0, whole):
        return 0.0
    share = part / whole
    return -share * log2(share) - (1 - share) * log2(1 - share)


def members_of(groups: Groups) -> dict[Group, set[ServerId]]:
    """Return the hosts of each group."""
    members: dict[Group, set[ServerId]] = defaultdict(set)
    for server_id, each in groups.items():
        for group in each:
            members[group].add(server_id)
    return members


def groups_of(tags: Iterable[str], address: str | None, parents: Iterable[tuple[CauseKind, int]]) -> set[Group]:
    """Return the groups of one host. *address*: None for a check. *parents*: the kind and id of what it depends on."""
    found = {Group(CauseKind.TAG, tag) for tag in tags}
    if address is not None:
        found.add(Group(CauseKind.NETWORK, network_of(address)))
    return found | {Group(kind, str(number)) for kind, number in parents}
