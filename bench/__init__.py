"""`make bench`: the product beside a yardstick and its peers. Not shipped."""
