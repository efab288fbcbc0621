"""The library as other programs use it: through names of `monitor` alone."""
