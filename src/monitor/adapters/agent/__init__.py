"""The agent: measures this host and reports it.

It runs on every host, so it works on the Python that old hosts have (3.9 and later), and imports nothing but the
standard library and itself; psutil where the system is not Linux. Values are NamedTuples here and not dataclasses for
both reasons: `slots` and `kw_only` need Python 3.10, and importing dataclasses costs 0.7 MB of the memory that the
agent keeps for good.
"""
