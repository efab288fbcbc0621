"""A private nginx in front of a server, set up as docs/operations.md says. It ends with its test."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.system import SEARCH_PATH
from tests.documents import ROOT, documented
from tests.integration.cli.running import wait_for
from tests.integration.ports import free_port

TLS = ROOT / "tests" / "integration" / "agent" / "tls"
HOST = "monitor.example.com"
_CONFIGURATION = """
daemon off;
worker_processes 1;
{user}
pid nginx.pid;
events {{ }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {block}
}}
"""


@contextmanager
def nginx(directory: Path, server_port: int) -> Iterator[int]:
    """The port on which it speaks TLS for `monitor.example.com`, in front of *server_port*, both on 127.0.0.1."""
    port = free_port()
    block = documented("docs/operations.md", "nginx", "server {")
    for theirs, ours in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("/etc/ssl/monitor.pem", str(TLS / "cert.pem")),
        ("/etc/ssl/monitor.key", str(TLS / "key.pem")),
        ("http://127.0.0.1:8000;", f"http://127.0.0.1:{server_port};"),
    ):
        assert theirs in block
        block = block.replace(theirs, ours)
    user = "user root;" if os.geteuid() == 0 else ""  # the directory is nobody else's
    (directory / "nginx.conf").write_text(_CONFIGURATION.format(user=user, block=block))
    program = shutil.which("nginx", path=SEARCH_PATH)
    assert program is not None, "nginx is not installed"
    command = [program, "-p", str(directory), "-c", "nginx.conf", "-e", "error.log"]
    with subprocess.Popen(command) as running:
        try:
            wait_for(lambda: _answers(running, directory, port), "nginx")
            yield port
        finally:
            running.terminate()


def _answers(running: "subprocess.Popen[bytes]", directory: Path, port: int) -> bool:
    assert running.poll() is None, (directory / "error.log").read_text()
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False
