"""`make bench`: measures the product, a yardstick and peers. Not part of the package."""
