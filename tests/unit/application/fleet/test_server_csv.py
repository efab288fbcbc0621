"""What is exported can be imported again, and a spreadsheet runs none of it."""

import csv

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.server_csv import COLUMNS, written
from monitor.domain.accounts.users import username_key
from monitor.domain.errors import MonitorError
from monitor.domain.text import has_invisible_characters
from tests.unit.application.core import ROOT, Core

HOSTILE = st.text(st.sampled_from("=+-@＝＋－＠'\"`;,\\ aZé漢\u00a0\u3000\ufeff🖥|%"), min_size=1, max_size=6)
NAMES = (HOSTILE | st.text(min_size=1, max_size=20)).filter(lambda n: n.strip() and not has_invisible_characters(n))
TAGS = NAMES.filter(lambda tag: ";" not in tag and "," not in tag)


def exported(core: Core) -> str:
    servers = core.store.queries.servers.find(ROOT, ServerFilter())
    names = core.store.queries.servers.usernames({user_id for server in servers for user_id in server.user_ids})
    return written(servers, names)


@given(
    names=st.lists(NAMES, min_size=1, max_size=4),
    tags=st.frozensets(TAGS, max_size=3),
    users=st.lists(NAMES, max_size=3, unique_by=username_key),
)
def test_an_export_imported_again_changes_nothing(names: list[str], tags: frozenset[str], users: list[str]) -> None:
    core = Core()
    try:
        linked = [core.user(name) for name in users]
    except MonitorError:
        assume(False)
    for number, name in enumerate(names):
        core.server(f"10.0.0.{number}", linked, name=name, tags=tags, port=number + 1)
    lines = core.import_servers(core.admin("\u00b7 the importer"), exported(core), dry_run=True)
    assert [(line.action, line.changes) for line in lines] == [("unchanged", ())] * len(names)


@given(names=st.lists(NAMES, min_size=1, max_size=4), tags=st.frozensets(TAGS, max_size=3))
def test_an_export_imported_elsewhere_gives_the_same_servers(names: list[str], tags: frozenset[str]) -> None:
    here, there = Core(), Core()
    for number, name in enumerate(names):
        here.server(f"2001:db8::{number}", name=name, tags=tags, port=number + 1)
    there.import_servers(there.admin(), exported(here), dry_run=False)
    found = there.store.queries.servers.find(ROOT, ServerFilter())
    assert found == here.store.queries.servers.find(ROOT, ServerFilter())


@given(name=NAMES, tags=st.frozensets(TAGS, max_size=3), user=NAMES)
def test_no_cell_begins_like_a_formula(name: str, tags: frozenset[str], user: str) -> None:
    """Whichever separator a spreadsheet splits at."""
    core = Core()
    try:
        linked = [core.user("=cmd|' /C calc'!A0"), core.user(user)]
    except MonitorError:
        assume(False)
    core.server(linked=linked, name=name, tags=tags)
    for delimiter in ",;\t":
        for row in csv.reader(exported(core).splitlines(keepends=False), delimiter=delimiter):
            begins = [cell.lstrip(' "\u00a0\u3000')[:1] for cell in row]
            assert not set(begins) & set("=+-@＝＋－＠\t\r")


@pytest.mark.parametrize("name", ["x;=1+1", "x; =1+1", 'x;"=1+1', "x;'=1+1", 'a,b;"";@x', "；=1;＝1;-", ";+1"])
def test_a_formula_after_a_semicolon_is_text(core: Core, root, name: str) -> None:
    core.server(linked=[core.user(name)], name=name)
    line = exported(core).splitlines()[1]
    assert [] == [cell for cell in line.split(";") if cell.strip(' "')[:1] in {*"=+-@＝"}]
    assert core.import_servers(root, exported(core), dry_run=True)[0].action == "unchanged"


@pytest.mark.parametrize("name", ["=1+1", "'=1+1", "''=1+1", "'quoted'", "'", "-", "@home", "+49", '="x";y,z', "＝1"])
def test_names_that_need_care_come_back_as_they_were(core: Core, root, name: str) -> None:
    core.server(linked=[core.user(name)], name=name)
    assert core.import_servers(root, exported(core), dry_run=True)[0].action == "unchanged"


def test_the_columns_are_those_of_the_contract(core: Core, ann, bob) -> None:
    core.server("10.0.0.1", [bob, ann], name="Web服务器", port=2222, tags=["web", "eu"])
    assert exported(core) == ("server_name,ip_address,port,tags,users\r\nWeb服务器,10.0.0.1,2222,eu;web,ann;bob\r\n")
    assert exported(Core()) == ",".join(COLUMNS) + "\r\n"


def test_a_user_name_with_a_semicolon_stays_one_name(core: Core, root, ann) -> None:
    odd = core.user("ann;bob")
    server = core.server("10.0.0.1", [ann, odd])
    text = exported(core)
    core.update_server(root, server.id, user_ids=[])
    core.import_servers(root, text, dry_run=False)
    assert core.stored_server(server.id).user_ids == {ann.user_id, odd.user_id}


def test_cells_typed_by_hand_may_hold_spaces(core: Core, root, ann, bob) -> None:
    odd = core.user("a;b")
    text = 'server_name, ip_address ,tags,users\n web , 10.0.0.1 , eu ; web ,"ann ; Bob; ""a;b"";"\n'
    core.import_servers(root, text, dry_run=False)
    [server] = core.store.queries.servers.find(ROOT, ServerFilter())
    assert server.name == "web"
    assert server.tags == {"eu", "web"}
    assert server.user_ids == {ann.user_id, bob.user_id, odd.user_id}
