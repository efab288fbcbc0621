"""What is measured.

`probe` takes a sample: CPU, memory and disk, the metrics listed in `extra`, the busiest processes, and what scripts
report (`custom`). It reads the system through psutil, or on Linux through `linux`, which has the same interface.
"""
