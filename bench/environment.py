"""Python environments of the benchmark, which are neither that of development nor each other's.

Packages that only development needs would be loaded at each start of the product; the yardstick needs other versions.
"""

import os
import subprocess
import sys
from pathlib import Path
from zlib import crc32

ROOT = Path(__file__).resolve().parent.parent
PRODUCT, YARDSTICK = ROOT / ".bench" / "product", ROOT / ".bench" / "yardstick"
LOCK = ROOT / "bench" / "requirements.txt"


def product() -> str:
    """Return the Python that runs the product."""
    return str(PRODUCT / "bin" / "python")


def yardstick(name: str) -> str:
    """Return a program of the yardstick's."""
    return str(YARDSTICK / "bin" / name)


def ensure() -> None:
    """Create them, unless they exist as locked."""
    setup = [str(ROOT / "scripts" / "setup"), "runtime", str(PRODUCT.relative_to(ROOT))]
    subprocess.run(setup, env={**os.environ, "PYTHON": sys.executable}, check=True)
    made, wanted = YARDSTICK / ".made", f"{crc32(LOCK.read_bytes())} {sys.version} {ROOT}"
    if made.exists() and made.read_text() == wanted:
        return
    print("bench: making the environment of the yardstick", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(YARDSTICK)], check=True)
    pip = [yardstick("python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    made.write_text(wanted)
