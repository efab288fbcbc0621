"""What is measured.

`sampler` turns a measurement into an encoded sample; `probe` takes the measurement: CPU, memory and disk, the metrics
listed in `extra`, the busiest processes, and what scripts report (`custom`). The system is read through psutil, or on
Linux through `linux`, which has the same interface.
"""
