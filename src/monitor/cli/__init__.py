"""The `monitor` command."""

import sys
from types import ModuleType
from typing import cast


def main() -> None:
    """Run the command that the arguments name.

    The agent starts before anything else is imported: it runs on every host and must stay small.
    """
    if sys.argv[1:2] == ["agent"]:
        from monitor.adapters.agent.main import main as agent

        sys.exit(agent(sys.argv[2:]))
    # structlog imports rich, if it is installed (litestar installs it), for tracebacks that we don't use. That takes a
    # tenth of a start.
    sys.modules.setdefault("rich", cast(ModuleType, None))
    from monitor.cli.commands import monitor

    monitor()
