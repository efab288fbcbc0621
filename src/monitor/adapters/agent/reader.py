"""What reads this system."""

from __future__ import annotations

import sys
from typing import Any

from .problems import MissingError


def system_reader(platform: str = sys.platform) -> Any:
    """psutil, or on Linux what answers like it without being there. Raises MissingError."""
    if platform == "linux":
        from .linux import Linux

        return Linux()
    try:
        import psutil
    except ImportError:
        raise MissingError(
            "the Python package psutil is missing, which any system but Linux needs; get it with "
            "`python3 -m pip install psutil`"
        ) from None
    import warnings

    # It warns of files that a container hides; what can't be read is left out anyway.
    warnings.filterwarnings("ignore", module="psutil")
    return psutil
