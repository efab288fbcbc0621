"""What other programs import, as names of `monitor` itself: the core by groups, hearing, time, and backtests."""
