"""What is used of libraries beyond their documented interface is there in the installed release."""

import pytest
import uvicorn
from pymysql.connections import Connection
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from monitor.adapters.http.edge.uvicorn_parts import MISSING, missing_parts
from monitor.adapters.persistence.engine.pipelining_connection import PRIVATE_PARTS


@pytest.mark.parametrize("name", PRIVATE_PARTS)
def test_pymysql_has_the_private_parts_that_are_used(name: str) -> None:
    connection = Connection(defer_connect=True)
    assert hasattr(connection, name), f"PyMySQL's Connection has no {name}: adapt pipelining_connection.py"


def test_uvicorn_has_the_undocumented_parts_that_are_used() -> None:
    assert MISSING == [], f"this uvicorn has no {', '.join(MISSING)}: adapt the modules that import uvicorn_parts.py"


@pytest.mark.parametrize("name", ["startup", "shutdown", "handle_exit", "started", "should_exit", "force_exit"])
def test_uvicorns_server_has_what_ours_overrides_and_reads(name: str) -> None:
    assert hasattr(uvicorn.Server(uvicorn.Config("none:none")), name), f"uvicorn.Server has no {name}: adapt serving.py"


def test_a_part_that_uvicorn_lacks_is_named() -> None:
    assert missing_parts({RequestResponseCycle: ("send", "transport", "no_such_part")}) == [
        "RequestResponseCycle.no_such_part"
    ]
