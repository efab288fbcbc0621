"""The benchmark's own Python environment: the yardstick's packages are not the product's, nor at its versions."""

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
    """Make it, or do nothing where it is as locked."""
    made, wanted = VENV / ".made", f"{crc32(LOCK.read_bytes())} {sys.version} {ROOT}"
    if made.exists() and made.read_text() == wanted:
        return
    print("bench: making its environment", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pip = [program("python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    made.write_text(wanted)
