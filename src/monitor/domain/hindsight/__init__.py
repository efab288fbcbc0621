"""What policies would have done on stored history, and what people said of alerts."""
