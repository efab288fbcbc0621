"""Many servers from a CSV file."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.server_csv import ImportLine
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server, ServerId
from tests.unit.application.core import ROOT, Core

HEADER = "server_name,ip_address,port,tags,users\r\n"


def stored(core: Core) -> list[Server]:
    return core.store.queries.servers.find(ROOT, ServerFilter())


def problems(core: Core, actor: Actor, text: str) -> dict[str, Problem]:
    """Return the problems, which a dry run also finds. Neither stores anything."""
    before, log, refusals = stored(core), core.audit(), []
    for dry_run in (True, False):
        with pytest.raises(InvalidInput) as refusal:
            core.import_servers(actor, text, dry_run=dry_run)
        refusals.append(refusal.value.problems)
    assert (stored(core), core.audit()) == (before, log)
    assert refusals[0] == refusals[1]
    return refusals[0]


def test_new_servers_are_created_known_ones_updated(core: Core, root, ann) -> None:
    old = core.server("10.0.0.1", name="old", port=2222, tags=["x"])
    same = core.server("10.0.0.2", [ann], name="same", tags=["eu", "web"])
    text = HEADER + 'web,10.0.0.1,22,"eu;web",Ann\r\nsame,10.0.0.2,22,web;eu,ann\r\nnew,2001:DB8::0001,,,\r\n'

    lines = core.import_servers(root, text, dry_run=False)

    assert [(line.line, line.action, line.changes) for line in lines] == [
        (2, "update", ("name", "port", "tags", "user_ids")),
        (3, "unchanged", ()),
        (4, "create", ()),
    ]
    changed, kept, created = stored(core)
    assert (changed.id, changed.name, changed.port) == (old.id, "web", 22)
    assert changed.tags == {"eu", "web"}
    assert changed.user_ids == {ann.user_id}
    assert kept == same
    assert (created.name, created.ip_address, created.port, created.tags) == ("new", "2001:db8::1", 22, frozenset())
    assert lines[2].server == created


def test_omitted_columns_keep_the_stored_values(core: Core, root, ann) -> None:
    before = core.server("10.0.0.1", [ann], name="web", port=2222, tags=["eu"])
    assert core.import_servers(root, "ip_address,server_name\n10.0.0.1,api\n", dry_run=False)[0].changes == ("name",)
    assert stored(core) == [replace(before, name="api")]


def test_empty_cells_empty_tags_and_users_and_leave_the_port(core: Core, root, ann) -> None:
    before = core.server("10.0.0.1", [ann], name="web", port=2222, tags=["eu"])
    core.import_servers(root, HEADER + "web,10.0.0.1,,,\n", dry_run=False)
    assert stored(core) == [replace(before, tags=frozenset(), user_ids=frozenset())]


def test_a_user_is_linked_to_imported_servers(core: Core, ann, bob) -> None:
    core.server("10.0.0.1", [ann, bob], name="ours")
    core.import_servers(ann, HEADER + "ours,10.0.0.1,,,bob\nmine,10.0.0.2,,,\n", dry_run=False)
    assert [server.user_ids for server in stored(core)] == [{ann.user_id, bob.user_id}, {ann.user_id}]


def test_a_hidden_server_is_taken_and_nothing_more(core: Core, ann, bob) -> None:
    core.server("10.0.0.1", [bob], name="theirs")
    assert problems(core, ann, HEADER + "mine,10.0.0.1,,,\n") == {"line 2.ip_address": Problem("taken")}


def test_every_bad_line_is_named_at_once_in_order(core: Core, ann, bob) -> None:
    core.server("10.0.0.9", [bob])
    text = HEADER + "\n".join(
        [
            "ok,10.0.0.1,22,,",
            ",10.0.0.2,,,",
            "a,nowhere,,,",
            "b,10.0.0.3,70000,,",
            'c,10.0.0.4,,"x,y",',
            "",
            "d,10.0.0.5,,,nobody;ann;noone",
            "again,10.0.0.1,,,",
            "theirs,10.0.0.9,,,",
            "too few,10.0.0.6",
            "tab\there,10.0.0.7,,,",
            "zeros,10.0.0.8,0000199999,,",
        ]
    )
    named = problems(core, ann, text)
    assert list(named.items()) == [
        ("line 3.server_name", Problem("empty")),
        ("line 4.ip_address", Problem("invalid_ip")),
        ("line 5.port", Problem("out_of_range", {"low": 1, "high": 65535})),
        ("line 6.tags", Problem("invalid_tag", {"limit": 50})),
        ("line 8.users", Problem("unknown_users", {"ids": "nobody, noone"})),
        ("line 9.ip_address", Problem("repeated_in_file", {"line": 2})),
        ("line 10.ip_address", Problem("taken")),
        ("line 11.columns", Problem("wrong_column_count", {"expected": 5, "got": 2})),
        ("line 12.server_name", Problem("control_characters")),
        ("line 13.port", Problem("out_of_range", {"low": 1, "high": 65535})),
    ]


@pytest.mark.parametrize("port", ["0", "65536", "-22", "22.0", "９０", "022222", "9" * 5000])
def test_a_port_is_a_plain_number_in_range(core: Core, root, port: str) -> None:
    assert set(problems(core, root, HEADER + f"web,10.0.0.1,{port},,\n")) == {"line 2.port"}


def test_one_line_may_have_two_problems(core: Core, ann, bob) -> None:
    core.server("10.0.0.1", [bob])
    assert set(problems(core, ann, HEADER + "x,10.0.0.1,,,nobody\n")) == {"line 2.ip_address", "line 2.users"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a,b\n1,2\n",
        "server_name,port\nweb,22\n",
        HEADER.strip() + ",owner\nweb,10.0.0.1,,,,me\n",
        "server_name,ip_address,ip_address\nweb,10.0.0.1,10.0.0.2\n",
    ],
)
def test_a_file_without_our_header_is_refused(core: Core, root, text: str) -> None:
    assert set(problems(core, root, text)) == {"line 1"}


def test_broken_quoting_is_named_together_with_the_lines_before_it(core: Core, root) -> None:
    named = problems(core, root, HEADER + ',10.0.0.1,,,\n"web"x,10.0.0.2,,,\n')
    assert named == {"line 2.server_name": Problem("empty"), "line 3": Problem("invalid_csv")}


def test_a_byte_order_mark_is_no_part_of_the_header(core: Core, root) -> None:
    """Spreadsheets write one."""
    assert core.import_servers(root, "\ufeff" + HEADER, dry_run=False) == []


def test_a_dry_run_stores_nothing(core: Core, root) -> None:
    core.server("10.0.0.1", name="old")
    before, log, revision = stored(core), core.audit(), core.store.queries.fleet.revision()
    lines = core.import_servers(root, HEADER + "web,10.0.0.1,,,\nnew,10.0.0.2,,,\n", dry_run=True)
    assert [line.action for line in lines] == ["update", "create"]
    assert (stored(core), core.audit(), core.store.queries.fleet.revision()) == (before, log, revision)


def test_an_import_is_in_the_audit_log(core: Core, root) -> None:
    core.server("10.0.0.1", name="old")
    core.server("10.0.0.3", name="same")
    core.import_servers(root, HEADER + "web,10.0.0.1,,,\nnew,10.0.0.2,,,\nsame,10.0.0.3,,,\n", dry_run=False)
    assert [(e.action, e.target, e.detail) for e in core.audit()[:2]] == [
        ("server.create", "new", 'import, ip_address: null -> "10.0.0.2", port: null -> 22'),
        ("server.update", "web", 'import, name: "old" -> "web"'),
    ]


cells = st.sampled_from(["", "ann", "bob", "ANN;bob", "nobody"])
rows = st.tuples(
    st.sampled_from(["web", "db", " web ", "", "=1+1", "'=1+1"]),
    st.sampled_from([*(f"10.0.0.{number}" for number in range(6)), "::ffff:10.0.0.1", "2001:DB8::1", "nowhere"]),
    st.sampled_from(["", "22", "2222", "0", "65535", "65536"]),
    st.sampled_from(["", "eu", "eu;web", ";", "a,b"]),
    cells,
)


@given(file=st.lists(rows, max_size=8), is_admin=st.booleans())
def test_a_dry_run_says_what_the_import_does(file: list[tuple[str, ...]], is_admin: bool) -> None:
    core = Core()
    ann, bob = core.user("ann", Role.ADMIN if is_admin else Role.USER), core.user("bob")
    core.server("10.0.0.0", [ann], name="web", tags=["eu"])
    core.server("10.0.0.1", [ann, bob], name="db", port=2222)
    core.server("10.0.0.2", [bob], name="hidden from ann")
    text = HEADER + "\n".join(",".join(f'"{cell}"' for cell in row) for row in file)

    preview = report(core, ann, text, dry_run=True)
    assert preview == report(core, ann, text, dry_run=False)


def report(core: Core, actor: Actor, text: str, *, dry_run: bool) -> list[ImportLine] | dict[str, Problem]:
    try:
        lines = core.import_servers(actor, text, dry_run=dry_run)
    except InvalidInput as error:
        return error.problems
    # A server that is only to be created has no id.
    return [
        replace(line, server=replace(line.server, id=ServerId(0))) if line.action == "create" else line
        for line in lines
    ]
