/** Made by scripts/metrics.py from the domain. In the order in which they are shown. */
export const METRICS = [
  {"name": "cpu", "zh-CN": "CPU", "en": "CPU", "unit": "percent", "chart": "cpu", "low": 0.0, "high": 100.0},
  {"name": "memory", "zh-CN": "内存", "en": "Memory", "unit": "percent", "chart": "memory", "low": 0.0, "high": 100.0},
  {"name": "disk", "zh-CN": "磁盘", "en": "Disk", "unit": "percent", "chart": "disk", "low": 0.0, "high": 100.0},
  {"name": "offline", "zh-CN": "离线", "en": "Offline", "unit": "seconds", "chart": null, "low": 0.0, "high": null},
  {"name": "check_in", "zh-CN": "签到", "en": "Check-in", "unit": "none", "chart": null, "low": 0.0, "high": null},
  {"name": "load1", "zh-CN": "负载 1 分钟", "en": "Load 1 min", "unit": "none", "chart": "load1", "low": 0.0, "high": null},
  {"name": "load5", "zh-CN": "负载 5 分钟", "en": "Load 5 min", "unit": "none", "chart": "load1", "low": 0.0, "high": null},
  {"name": "load15", "zh-CN": "负载 15 分钟", "en": "Load 15 min", "unit": "none", "chart": "load1", "low": 0.0, "high": null},
  {"name": "swap", "zh-CN": "交换分区", "en": "Swap", "unit": "percent", "chart": "swap", "low": 0.0, "high": 100.0},
  {"name": "net_rx", "zh-CN": "网络接收", "en": "Network in", "unit": "bytes_per_second", "chart": "net_rx", "low": 0.0, "high": null},
  {"name": "net_tx", "zh-CN": "网络发送", "en": "Network out", "unit": "bytes_per_second", "chart": "net_rx", "low": 0.0, "high": null},
  {"name": "disk_read", "zh-CN": "磁盘读取", "en": "Disk read", "unit": "bytes_per_second", "chart": "disk_read", "low": 0.0, "high": null},
  {"name": "disk_write", "zh-CN": "磁盘写入", "en": "Disk write", "unit": "bytes_per_second", "chart": "disk_read", "low": 0.0, "high": null},
  {"name": "temperature", "zh-CN": "温度", "en": "Temperature", "unit": "celsius", "chart": "temperature", "low": null, "high": null},
  {"name": "uptime", "zh-CN": "运行时间", "en": "Uptime", "unit": "seconds", "chart": null, "low": 0.0, "high": null},
  {"name": "processes", "zh-CN": "进程数", "en": "Processes", "unit": "none", "chart": "processes", "low": 0.0, "high": null},
] as const

/** Metrics that every sample has. */
export const COLUMN_METRICS = ["cpu", "memory", "disk"] as const
