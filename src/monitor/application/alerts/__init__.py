"""What fires, and what users do about it.

Knows the policies, the silences, and the states of pending and firing alerts (`state_cache`). Compares samples with
policies (`evaluation`), finds offline hosts (`offline`), and writes every
change of an alert with its timeline and its notifications (`announcing`). `maintenance` sends reminders; `backtest`
tries policies on stored history.

Asks for the storage in `ports`. Open `evaluation` first.
`domain.alerts.engine` decides when an alert fires or resolves.
"""
