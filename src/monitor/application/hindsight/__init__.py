"""Look back: backtests, explanations, noise, and verdicts on alerts."""
