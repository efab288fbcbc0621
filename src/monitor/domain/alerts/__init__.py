"""When alerts fire and resolve.

`policies` are the rules, of several `kinds`. `engine` decides on each sample (fired, escalated, resolved), and `alert`
is the result with its timeline. `fold` runs the engine on stored history, for `backtest` and `past_alerts`. `offline`
decides when a host counts as offline, `silences` and `silencing` which alerts are muted. Open `engine` first.
"""
