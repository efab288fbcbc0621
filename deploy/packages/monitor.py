#!/usr/lib/monitor/bin/python -I
"""The command `monitor`. For root it takes the settings and the user of the server, whose files then stay its own."""

import os
import sys

SETTINGS = "/etc/monitor.env"


def become_the_server():
    """Take over what systemd gives the service. What is set already stays."""
    import pwd

    user = pwd.getpwnam("monitor")
    with open(SETTINGS, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    for name, _, value in (line.partition("=") for line in lines if "=" in line and line[0] not in "#;"):
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        os.environ.setdefault(name.strip(), value[1:-1] if quoted else value)
    os.environ.setdefault("MONITOR_DATA_DIR", user.pw_dir)
    os.environ["HOME"] = user.pw_dir
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.umask(0o077)


if os.geteuid() == 0 and os.path.exists(SETTINGS):
    become_the_server()

from monitor.cli import main  # noqa: E402 (only then may files be read or made)

sys.exit(main())
