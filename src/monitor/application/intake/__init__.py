"""Samples from agents into storage, each exactly once.

Begin with `queue`: it gathers what requests submit, and `store_samples` stores it and evaluates alerts in one
transaction. `assembling` makes samples of what a Prometheus sends, out of the `scrapes` that are kept. `hearing` proves
that reports reach this process. Storage is asked through the ports of alerts.
"""
