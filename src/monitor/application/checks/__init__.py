"""Checks, which this server runs, and check-ins, which jobs make.

Checks ask for a store and for a prober (`ports`), and put each result as a sample on the intake queue.
"""
