"""What was measured: every sample in compressed chunks, summaries of ten minutes and of an hour, and series of them."""
