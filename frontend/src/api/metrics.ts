/** Made by scripts/metrics.py from src/monitor/domain/metrics.py. */
export const METRICS = [
  {"name": "cpu", "zh-CN": "CPU", "en": "CPU", "unit": "percent", "chart": "cpu", "canBeNegative": false},
  {"name": "memory", "zh-CN": "内存", "en": "Memory", "unit": "percent", "chart": "memory", "canBeNegative": false},
  {"name": "disk", "zh-CN": "磁盘", "en": "Disk", "unit": "percent", "chart": "disk", "canBeNegative": false},
  {"name": "offline", "zh-CN": "离线", "en": "Offline", "unit": "seconds", "chart": null, "canBeNegative": false},
  {"name": "load1", "zh-CN": "负载 1 分钟", "en": "Load 1 min", "unit": "none", "chart": "load1", "canBeNegative": false},
  {"name": "load5", "zh-CN": "负载 5 分钟", "en": "Load 5 min", "unit": "none", "chart": "load1", "canBeNegative": false},
  {"name": "load15", "zh-CN": "负载 15 分钟", "en": "Load 15 min", "unit": "none", "chart": "load1", "canBeNegative": false},
  {"name": "swap", "zh-CN": "交换分区", "en": "Swap", "unit": "percent", "chart": "swap", "canBeNegative": false},
  {"name": "net_rx", "zh-CN": "网络接收", "en": "Network in", "unit": "bytes_per_second", "chart": "net_rx", "canBeNegative": false},
  {"name": "net_tx", "zh-CN": "网络发送", "en": "Network out", "unit": "bytes_per_second", "chart": "net_rx", "canBeNegative": false},
  {"name": "disk_read", "zh-CN": "磁盘读取", "en": "Disk read", "unit": "bytes_per_second", "chart": "disk_read", "canBeNegative": false},
  {"name": "disk_write", "zh-CN": "磁盘写入", "en": "Disk write", "unit": "bytes_per_second", "chart": "disk_read", "canBeNegative": false},
  {"name": "temperature", "zh-CN": "温度", "en": "Temperature", "unit": "celsius", "chart": "temperature", "canBeNegative": true},
  {"name": "uptime", "zh-CN": "运行时间", "en": "Uptime", "unit": "seconds", "chart": null, "canBeNegative": false},
  {"name": "processes", "zh-CN": "进程数", "en": "Processes", "unit": "none", "chart": "processes", "canBeNegative": false},
] as const
