/** Made by scripts/screen_copies.py from the domain. What people look for metrics under, in that order. */
export const METRIC_SECTIONS = {
  system: ["cpu", "memory", "offline", "clock_error", "load1", "load5", "load15", "swap", "temperature", "uptime", "reboot_needed", "unexpected_restart", "processes", "pressure_cpu", "pressure_memory", "pressure_io", "temp"],
  disks: ["disk", "disk_read", "disk_write", "inodes", "raid"],
  network: ["net_rx", "net_tx"],
  services: ["units_failed", "unit"],
  containers: ["containers", "container:up", "container:cpu", "container:memory"],
  hostChecks: ["check:up", "check:ms", "check:cert_days"],
  checks: ["check_in", "up", "ms", "cert_days", "monitor_queue_samples", "monitor_commit_ms", "monitor_lag_ms", "monitor_outbox_age_seconds", "monitor_sealing_lag_seconds", "monitor_alert_states", "monitor_sessions"],
  others: [],
} as const
