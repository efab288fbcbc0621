"""Samples as agents send them.

Begin with `samples`. `metrics` lists all metrics with units and ranges, `intervals` says how long a gap between samples
may be, and `live` holds the newest sample and the status of a host. `prometheus`, `node_exporter` and `scrapes` make
samples of what a Prometheus sends.
"""
