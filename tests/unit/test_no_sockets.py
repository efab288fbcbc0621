"""The guard that refuses sockets in unit tests works."""

import asyncio

import pytest

pytest_plugins = ["pytester"]


def test_an_event_loop_still_runs() -> None:
    """Its pair of local sockets is allowed."""
    assert asyncio.run(asyncio.sleep(0, result=1)) == 1


def test_a_swallowed_refusal_fails_the_test(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> None:
    """Code that retries on any error must not hide the use of a socket."""
    pytester.makeconftest((request.config.rootpath / "tests/unit/conftest.py").read_text())
    pytester.makepyfile(
        """
        import contextlib, socket

        def test_swallows():
            with contextlib.suppress(Exception):
                socket.create_connection(("127.0.0.1", 9))
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1, errors=1)
