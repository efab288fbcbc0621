"""What the product's work costs, counted in what does not depend on the machine."""
