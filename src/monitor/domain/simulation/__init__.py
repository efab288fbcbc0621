"""A fleet that does not exist: for demonstrations and load tests. The same seed gives the same samples, always."""
