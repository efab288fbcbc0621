"""The `monitor` command."""

import sys


def main() -> None:
    """The agent starts before anything else of the product is imported: it runs on every host and must stay small."""
    if sys.argv[1:2] == ["agent"]:
        from monitor.adapters.agent.main import main as agent

        sys.exit(agent(sys.argv[2:]))
    from monitor.cli.commands import monitor

    monitor()
