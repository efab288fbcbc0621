"""Checks: what administrators let this server ask of addresses, and the runs of them.

It asks for a store of checks and for a prober (`ports`), and puts each result as a sample on the intake queue.
"""
