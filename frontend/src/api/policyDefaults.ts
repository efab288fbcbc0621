/** Made by scripts/screen_copies.py from the domain. Thresholds: warning and critical. Times in seconds. */
export const POLICY_DEFAULTS = {
  thresholds: {"cpu": [70.0, 85.0], "memory": [80.0, 90.0], "disk": [85.0, 95.0], "cert_days": [14.0, 3.0], "ms": [1000.0, 3000.0]},
  sustained_for: 300.0,
  clear_for: 60.0,
  own: {"over": 86400.0, "within": 172800.0, "days": 7, "beyond": 0.5, "level": "warning"},
} as const
