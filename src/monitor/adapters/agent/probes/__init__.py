"""What is measured.

`probe` takes a sample: CPU, memory and disk, the metrics listed in `extra` and those of scripts, and the busiest
processes. It reads the system through psutil, or on Linux through `linux`, which has the same interface.
"""
