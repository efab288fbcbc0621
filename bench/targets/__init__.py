"""Measured systems: the product, the yardstick and peers. Each is a process that is started, filled and stopped."""
