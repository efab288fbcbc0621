"""Commands work on the directory that `--data-dir` names."""

from pathlib import Path

from tests.integration.cli.running import PASSWORD, run


def test_commands_share_a_directory(tmp_path: Path) -> None:
    """One after the other, as somebody types them who set nothing."""
    copy, data, elsewhere = tmp_path / "copy.tar.gz", str(tmp_path / "a"), str(tmp_path / "b")
    for arguments in (
        ("--data-dir", data, "db", "upgrade"),
        ("db", "--data-dir", data, "check"),
        ("user", "create", "alice", "--admin", "--password-stdin", "--data-dir", data),
        ("--data-dir", data, "key", "create", "fleet", "--owner", "alice"),
        ("history", "status", "--data-dir", data),
        ("backup", str(copy), "--data-dir", data),
        ("--data-dir", elsewhere, "restore", str(copy)),
        ("db", "check", "--data-dir", elsewhere),
    ):
        done = run(tmp_path, *arguments, stdin=PASSWORD)
        assert 0 == done.returncode, f"{arguments}: {done.stdout}{done.stderr}"
    again = run(tmp_path, "user", "create", "alice", "--data-dir", elsewhere, stdin=PASSWORD)
    assert (1, 1) == (again.returncode, again.stderr.count("\n"))
    assert "no schema" not in run(tmp_path, "doctor", "--data-dir", data).stdout
    assert not (tmp_path / ".local").exists()
