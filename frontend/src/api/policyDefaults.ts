/** Made by scripts/policies.py from the domain. Thresholds: warning and critical. Times in seconds. */
export const POLICY_DEFAULTS = {
  thresholds: {"cpu": [70.0, 85.0], "memory": [80.0, 90.0], "disk": [85.0, 95.0]},
  sustained_for: 300.0,
  clear_for: 60.0,
  over: 86400.0,
  within: 172800.0,
  days: 7,
  beyond: 0.5,
}
