/** Made by scripts/screen_copies.py from the domain. In the order in which they are shown. */
export const METRICS = [
  {"name": "cpu", "zh-CN": "CPU", "en": "CPU", "unit": "percent", "chart": "cpu", "instances": false, "low": 0.0, "high": 100.0},
  {"name": "memory", "zh-CN": "内存", "en": "Memory", "unit": "percent", "chart": "memory", "instances": false, "low": 0.0, "high": 100.0},
  {"name": "disk", "zh-CN": "磁盘", "en": "Disk", "unit": "percent", "chart": "disk", "instances": false, "low": 0.0, "high": 100.0},
  {"name": "offline", "zh-CN": "离线", "en": "Offline", "unit": "seconds", "chart": null, "instances": false, "low": 0.0, "high": null},
  {"name": "clock_error", "zh-CN": "时钟误差", "en": "Clock error", "unit": "seconds", "chart": null, "instances": false, "low": 0.0, "high": null},
  {"name": "check_in", "zh-CN": "签到", "en": "Check-in", "unit": "none", "chart": null, "instances": false, "low": 0.0, "high": null},
  {"name": "load1", "zh-CN": "负载 1 分钟", "en": "Load 1 min", "unit": "none", "chart": "load1", "instances": false, "low": 0.0, "high": null},
  {"name": "load5", "zh-CN": "负载 5 分钟", "en": "Load 5 min", "unit": "none", "chart": "load1", "instances": false, "low": 0.0, "high": null},
  {"name": "load15", "zh-CN": "负载 15 分钟", "en": "Load 15 min", "unit": "none", "chart": "load1", "instances": false, "low": 0.0, "high": null},
  {"name": "swap", "zh-CN": "交换分区", "en": "Swap", "unit": "percent", "chart": "swap", "instances": false, "low": 0.0, "high": 100.0},
  {"name": "net_rx", "zh-CN": "网络接收", "en": "Network in", "unit": "bytes_per_second", "chart": "net_rx", "instances": false, "low": 0.0, "high": null},
  {"name": "net_tx", "zh-CN": "网络发送", "en": "Network out", "unit": "bytes_per_second", "chart": "net_rx", "instances": false, "low": 0.0, "high": null},
  {"name": "disk_read", "zh-CN": "磁盘读取", "en": "Disk read", "unit": "bytes_per_second", "chart": "disk_read", "instances": false, "low": 0.0, "high": null},
  {"name": "disk_write", "zh-CN": "磁盘写入", "en": "Disk write", "unit": "bytes_per_second", "chart": "disk_read", "instances": false, "low": 0.0, "high": null},
  {"name": "temperature", "zh-CN": "温度", "en": "Temperature", "unit": "celsius", "chart": "temperature", "instances": false, "low": null, "high": null},
  {"name": "uptime", "zh-CN": "运行时间", "en": "Uptime", "unit": "seconds", "chart": null, "instances": false, "low": 0.0, "high": null},
  {"name": "reboot_needed", "zh-CN": "需要重启", "en": "Reboot needed", "unit": "none", "chart": null, "instances": false, "low": 0.0, "high": 1.0},
  {"name": "unexpected_restart", "zh-CN": "意外重启", "en": "Unexpected restart", "unit": "none", "chart": null, "instances": false, "low": 0.0, "high": 1.0},
  {"name": "processes", "zh-CN": "进程数", "en": "Processes", "unit": "none", "chart": "processes", "instances": false, "low": 0.0, "high": null},
  {"name": "pressure_cpu", "zh-CN": "CPU 压力", "en": "CPU pressure", "unit": "percent", "chart": "pressure_cpu", "instances": false, "low": 0.0, "high": 100.0},
  {"name": "pressure_memory", "zh-CN": "内存压力", "en": "Memory pressure", "unit": "percent", "chart": "pressure_cpu", "instances": false, "low": 0.0, "high": 100.0},
  {"name": "pressure_io", "zh-CN": "I/O 压力", "en": "I/O pressure", "unit": "percent", "chart": "pressure_cpu", "instances": false, "low": 0.0, "high": 100.0},
  {"name": "units_failed", "zh-CN": "失败的单元", "en": "Failed units", "unit": "none", "chart": "units_failed", "instances": false, "low": 0.0, "high": null},
  {"name": "containers", "zh-CN": "运行中的容器", "en": "Running containers", "unit": "none", "chart": "containers", "instances": false, "low": 0.0, "high": null},
  {"name": "inodes", "zh-CN": "inode 用量", "en": "Inodes", "unit": "percent", "chart": "inodes", "instances": true, "low": 0.0, "high": 100.0},
  {"name": "temp", "zh-CN": "传感器温度", "en": "Sensor temperature", "unit": "celsius", "chart": "temp", "instances": true, "low": null, "high": null},
  {"name": "raid", "zh-CN": "RAID 阵列", "en": "RAID array", "unit": "none", "chart": "raid", "instances": true, "low": 0.0, "high": 1.0},
  {"name": "unit", "zh-CN": "单元", "en": "Unit", "unit": "none", "chart": "unit", "instances": true, "low": 0.0, "high": 1.0},
  {"name": "container:up", "zh-CN": "容器", "en": "Container", "unit": "none", "chart": "container:up", "instances": true, "low": 0.0, "high": 1.0},
  {"name": "container:cpu", "zh-CN": "容器 CPU", "en": "Container CPU", "unit": "percent", "chart": "container:cpu", "instances": true, "low": 0.0, "high": 100.0},
  {"name": "container:memory", "zh-CN": "容器内存", "en": "Container memory", "unit": "bytes", "chart": "container:memory", "instances": true, "low": 0.0, "high": null},
  {"name": "check:up", "zh-CN": "检查", "en": "Check", "unit": "none", "chart": "check:up", "instances": true, "low": 0.0, "high": 1.0},
  {"name": "check:ms", "zh-CN": "检查耗时", "en": "Check time", "unit": "milliseconds", "chart": "check:ms", "instances": true, "low": 0.0, "high": null},
  {"name": "check:cert_days", "zh-CN": "证书剩余天数", "en": "Certificate days left", "unit": "days", "chart": "check:cert_days", "instances": true, "low": null, "high": null},
  {"name": "up", "zh-CN": "可用性", "en": "Availability", "unit": "none", "chart": null, "instances": false, "low": 0.0, "high": null},
  {"name": "ms", "zh-CN": "响应时间", "en": "Response time", "unit": "milliseconds", "chart": null, "instances": false, "low": 0.0, "high": null},
  {"name": "cert_days", "zh-CN": "证书有效期", "en": "Certificate", "unit": "days", "chart": null, "instances": false, "low": null, "high": null},
] as const

/** What 0 and 1 mean, where a number would say less. */
export const READINGS = {"check_in": {"zh-CN": ["按时", "未按时或失败"], "en": ["on time", "missed or failed"]}, "reboot_needed": {"zh-CN": ["否", "是"], "en": ["no", "yes"]}, "unexpected_restart": {"zh-CN": ["否", "是"], "en": ["no", "yes"]}, "raid": {"zh-CN": ["降级", "完好"], "en": ["degraded", "whole"]}, "unit": {"zh-CN": ["未运行", "运行中"], "en": ["not active", "active"]}, "container:up": {"zh-CN": ["未运行", "运行中"], "en": ["not running", "running"]}, "check:up": {"zh-CN": ["不可用", "可用"], "en": ["down", "up"]}, "up": {"zh-CN": ["不可用", "可用"], "en": ["down", "up"]}} as const

/** Metrics that every sample has. */
export const COLUMN_METRICS = ["cpu", "memory", "disk"] as const
