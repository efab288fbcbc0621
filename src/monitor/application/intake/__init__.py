"""Samples from agents into storage, each exactly once.

Begin with `queue`: it gathers what requests submit, and `store_samples` stores it in one transaction and
evaluates alerts in it; `scrapes` makes samples of what a Prometheus sends. `hearing` proves that reports reach this
process. Storage is asked through the ports of alerts.
"""
