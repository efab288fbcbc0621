"""Without undocumented parts of uvicorn the server is slower but works."""

import os
from pathlib import Path

from tests.integration.cli.running import process, wait_for


def test_it_works_without_httptools(tmp_path: Path) -> None:
    """uvicorn then reads connections in Python."""
    (tmp_path / "httptools.py").write_text("raise ImportError('no httptools')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    with process(tmp_path, "up", PYTHONPATH=path) as running:
        running.start()
        with running.admin() as admin:
            wait_for(lambda: admin.get("/api/monitor/data").data, "the agent's first sample")
            assert 404 == admin.get("/api/nothing").status
        assert "no httptools" in running.printed + running.said
        assert 0 == running.stop()
