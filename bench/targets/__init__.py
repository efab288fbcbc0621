"""What is measured: the product, the yardstick and peers, each a process that is started, filled and stopped alike."""
