"""HAProxy takes its configuration as it is shipped. The tests of the cluster run it in front of real nodes."""

import subprocess
import sys

import pytest

from scripts.system import SEARCH_PATH
from tests.documents import ROOT


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no cluster is tested")
def test_it_has_nothing_to_warn_of():
    command = ("haproxy", "-c", "-dW", "-f", ROOT / "deploy" / "haproxy" / "haproxy.cfg")
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": SEARCH_PATH}, check=False)
    assert (0, "") == (done.returncode, done.stderr)
