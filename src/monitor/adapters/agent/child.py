"""`python -m monitor.adapters.agent.child`: an agent that ends when its parent process ends, even by kill -9.

To stay small it imports only the agent.
"""

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    """Wait for the end of the pipe from the parent, then terminate."""
    # Not sys.stdin: this thread must not hold its lock when the interpreter exits.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from monitor.adapters.agent.main import main

    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main([]))
