"""POST /api/monitor/data and its batches.

And POST /api/prometheus/write, in `prometheus`. Begin with `endpoint`, the short way around the framework. `reports`
holds what agents send and what they are answered.
"""
