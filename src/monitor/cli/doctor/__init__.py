"""`monitor doctor`: what is wrong with an installation, and a bundle for those who help."""
