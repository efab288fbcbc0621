"""Policies, the engine that decides alerts, silences, and backtests."""
