"""Look back: backtests, explanations, noise, verdicts on alerts, and drills."""
