"""When alerts fire and resolve.

`engine` decides on each sample (fired, escalated, resolved), and `alert` is the result with its timeline. `fold` runs
the engine on stored history; `anew` finds the alerts that late samples or a changed policy give. `offline` decides when
a host counts as offline, `quiet` when people are notified. Open `engine` first.
"""
