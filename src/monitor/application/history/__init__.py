"""Reading, sealing and pruning of stored samples."""
