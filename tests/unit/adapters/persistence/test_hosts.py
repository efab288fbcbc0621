"""The first database server that can write is used, and one that comes before it again when it has come back."""

import pytest

from monitor.adapters.persistence.engine.hosts import LOOK, RETURNS, TRUSTED, Address, HostIsFull, Hosts, Opening
from monitor.domain.errors import StorageUnavailable

FIRST, SECOND, THIRD = (Address(f"db{number}", 3306) for number in (1, 2, 3))


class Connection:
    """*address*: where it leads to."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.is_cut = False

    def cut(self) -> None:
        self.is_cut = True


def connected(hosts: Hosts) -> Connection:
    connection: Connection = hosts.connect(opened)
    return connection


def opened(address: Address, opening: Opening) -> Connection:
    connection = Connection(address)
    opening(connection)
    return connection


class Servers:
    """*refused*: those that cannot write, and why."""

    def __init__(self) -> None:
        self.now = 100.0
        self.refused: dict[Address, str] = {}
        self.asked: list[Address] = []
        self.hosts = Hosts([FIRST, SECOND, THIRD], self.refusal, Connection.cut, lambda: self.now)

    def refusal(self, address: Address) -> str:
        self.asked.append(address)
        return self.refused.get(address, "")

    def connect(self) -> Connection:
        return connected(self.hosts)

    def watch(self, seconds: float) -> None:
        """Each second for so long."""
        for _ in range(round(seconds)):
            self.now += 1
            self.hosts.watch()


@pytest.fixture
def servers() -> Servers:
    return Servers()


def test_the_first_that_can_write_is_used(servers):
    assert FIRST == servers.connect().address
    other = Servers()
    other.refused = {FIRST: "read_only is ON"}
    assert SECOND == other.connect().address


def test_all_connections_move_and_the_old_ones_are_cut(servers):
    before = [servers.connect(), servers.connect()]
    servers.refused = {FIRST: "gone"}
    servers.watch(1)
    assert [True, True] == [connection.is_cut for connection in before]
    after = [servers.connect(), servers.connect()]
    assert [SECOND, SECOND] == [connection.address for connection in after]
    servers.refused = {SECOND: "gone", FIRST: "gone"}
    servers.watch(1)
    assert all(connection.is_cut for connection in after)
    assert THIRD == servers.connect().address


def test_it_moves_without_a_watch_too(servers):
    servers.connect()
    servers.refused = {FIRST: "gone"}
    servers.now += TRUSTED
    assert SECOND == servers.connect().address


def test_a_server_that_does_not_take_a_connection_is_asked_at_once(servers):
    servers.connect()
    servers.refused = {FIRST: "gone"}

    def connect_to(address: Address, opening: Opening) -> Connection:
        if address == FIRST:
            raise ConnectionRefusedError
        return opened(address, opening)

    assert SECOND == servers.hosts.connect(connect_to).address


def test_an_error_that_another_server_would_not_solve_is_raised(servers):
    def connect_to(_: Address, __: Opening) -> Connection:
        raise LookupError

    with pytest.raises(LookupError):
        servers.hosts.connect(connect_to)


@pytest.mark.parametrize("is_early", [True, False])
def test_a_connection_that_was_opened_while_another_was_chosen_is_cut(servers, is_early):
    made: list[Connection] = []

    def connect_to(address: Address, opening: Opening) -> Connection:
        made.append(Connection(address))
        if is_early:
            opening(made[-1])
        if len(made) == 1:
            servers.refused = {FIRST: "gone"}
            servers.watch(1)
        return made[-1]

    assert SECOND == servers.hosts.connect(connect_to).address
    assert [True, False] == [connection.is_cut for connection in made]


def test_a_preferred_one_that_can_write_again_is_used_within_half_a_minute(servers):
    servers.refused = {FIRST: "gone"}
    connection = servers.connect()
    servers.watch(60)
    servers.refused = {}
    servers.watch((RETURNS - 2) * LOOK)
    assert SECOND == servers.hosts.chosen
    servers.watch(30 - (RETURNS - 2) * LOOK)
    assert FIRST == servers.hosts.chosen
    assert connection.is_cut


def test_one_that_comes_and_goes_is_left_alone(servers):
    servers.refused = {FIRST: "gone"}
    connection = servers.connect()
    for _ in range(10):
        servers.refused = {}
        servers.watch(LOOK)
        servers.refused = {FIRST: "gone again"}
        servers.watch(LOOK)
    assert SECOND == servers.hosts.chosen
    assert not connection.is_cut


def test_while_none_can_write_the_error_says_why_and_nothing_is_cut(servers):
    connection = servers.connect()
    servers.refused = {FIRST: "read_only is ON", SECOND: "it is away", THIRD: "wsrep_ready is OFF"}
    with pytest.raises(StorageUnavailable, match="db1:3306: read_only is ON; db2:3306: it is away; db3:3306: wsrep_re"):
        servers.watch(1)
    assert not connection.is_cut, "reads may go on"
    asked = len(servers.asked)
    with pytest.raises(StorageUnavailable, match="no host can write"):
        servers.connect()
    assert asked == len(servers.asked), "not by each request"
    servers.refused = {}
    servers.watch(2)
    assert FIRST == servers.connect().address


def test_an_error_while_a_server_is_asked_is_its_refusal(servers):
    def refusal(address: Address) -> str:
        if address == FIRST:
            raise OSError(2003, "Can't connect")
        return ""

    hosts = Hosts([FIRST, SECOND], refusal, Connection.cut)
    assert SECOND == connected(hosts).address


def test_a_connection_is_cut_though_its_server_was_left_and_chosen_again_while_it_was_opened(servers):
    def connect_to(address: Address, opening: Opening) -> Connection:
        opening(made := Connection(address))
        for refused in (FIRST, SECOND):
            servers.refused = {refused: "gone"}
            servers.watch(1)
        made.is_cut = False  # there was nothing to cut yet
        return made

    connection = servers.hosts.connect(connect_to)
    assert FIRST == connection.address == servers.hosts.chosen
    servers.refused = {FIRST: "gone"}
    servers.watch(1)
    assert connection.is_cut


def test_a_server_that_takes_no_further_connection_is_neither_left_nor_used_again():
    full: set[Address] = set()
    now = 100.0

    def refusal(address: Address) -> str:
        if address in full:
            raise HostIsFull
        return ""

    hosts = Hosts([FIRST, SECOND], refusal, Connection.cut, lambda: now)
    connection = connected(hosts)
    full.add(FIRST)
    other = Hosts([FIRST, SECOND], refusal, Connection.cut, lambda: now)
    for _ in range(60):
        now += 1
        hosts.watch()
        other.watch()
    assert (FIRST, False) == (hosts.chosen, connection.is_cut)
    assert SECOND == other.chosen


def test_addresses_are_shown_as_they_are_written():
    assert ["db1:3306", "[::1]:3307"] == [str(FIRST), str(Address("::1", 3307))]
