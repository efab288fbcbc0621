"""Look back: backtests, explanations, noise, and drills."""
