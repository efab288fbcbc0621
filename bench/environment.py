"""Python environment of the benchmark: the yardstick needs other packages and versions than the product."""

import subprocess
import sys
from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".bench"
LOCK = ROOT / "bench" / "requirements.txt"


def program(name: str) -> str:
    return str(VENV / "bin" / name)


def ensure() -> None:
    """Create it, unless it exists as locked."""
    made, wanted = VENV / ".made", f"{crc32(LOCK.read_bytes())} {sys.version} {ROOT}"
    if made.exists() and made.read_text() == wanted:
        return
    print("bench: making its environment", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pip = [program("python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    made.write_text(wanted)
