"""A fleet that does not exist, with a history: for demonstrations and load tests."""
