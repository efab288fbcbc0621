"""Description of the measuring machine."""

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

import psutil

from bench.environment import ROOT
from scripts.system import SEARCH_PATH


def commit() -> str:
    """Return what is measured, with a `+` if it is not all committed."""
    command = ["git", "describe", "--always", "--abbrev=8", "--exclude=*", "--dirty=+"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def machine() -> dict[str, Any]:
    """Return hardware and versions. *load*: load average just before."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "mariadb": _version("mariadbd"),
        "load": round(os.getloadavg()[0], 1),
    }


def _cpu() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if _has_proc() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _has_proc() -> bool:
    return Path("/proc/cpuinfo").exists()


def _version(program: str) -> str:
    environment = {**os.environ, "PATH": SEARCH_PATH}
    output = subprocess.run([program, "--version"], env=environment, capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+\.\d+\.\d+)", output)
    return found[1] if found else "unknown"
