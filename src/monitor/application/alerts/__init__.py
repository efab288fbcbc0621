"""Policies and silences, the evaluation of samples, offline hosts, and backtests."""
