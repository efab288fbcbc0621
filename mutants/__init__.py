"""Single faults put into the product, one at a time, each of which the tests must notice: `make mutants`."""
