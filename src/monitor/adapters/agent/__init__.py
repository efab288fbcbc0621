"""The agent: measures this host and reports to the server.

`probes` measures, `uplink` sends and keeps what could not be sent, `install` brings the agent to a host; `main` puts
them together. Runs on Python 3.9 and later, with the standard library alone (and psutil where the system is not Linux).

Values are NamedTuples, not dataclasses: `slots` and `kw_only` need Python 3.10, and importing dataclasses takes 0.7 MB
for the whole life of the agent.
"""

VERSION = "0.1.0"
"""The agent's own, which it reports with each sample: that of the server that it was downloaded from.

As in pyproject.toml, which a test compares. importlib.metadata would take 2 MB, and knows nothing of a bundle.
"""
