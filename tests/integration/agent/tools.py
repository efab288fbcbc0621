"""What tools print, as their manuals and sources show it, shortened. Each is what a shell runs in the tool's place."""

SMARTCTL = r"""case "$*" in
*--scan*) cat <<'END'
{"json_format_version": [1, 0], "smartctl": {"version": [7, 4], "exit_status": 0},
 "devices": [{"name": "/dev/sda", "info_name": "/dev/sda", "type": "scsi", "protocol": "SCSI"},
             {"name": "/dev/nvme0", "info_name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
             {"name": "/dev/bus/0", "info_name": "/dev/bus/0 [megaraid_disk_07]", "type": "megaraid,7"},
             {"name": "/dev/sdb", "info_name": "/dev/sdb", "type": "scsi", "protocol": "SCSI"}]}
END
;;
*/dev/sda) cat <<'END'
{"json_format_version": [1, 0], "smartctl": {"version": [7, 4], "exit_status": 0},
 "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"}, "smart_status": {"passed": true},
 "ata_smart_attributes": {"revision": 16, "table": [
   {"id": 5, "name": "Reallocated_Sector_Ct", "value": 100, "worst": 100, "raw": {"value": 0, "string": "0"}},
   {"id": 9, "name": "Power_On_Hours", "value": 76, "worst": 76, "raw": {"value": 21843, "string": "21843"}},
   {"id": 197, "name": "Current_Pending_Sector", "value": 100, "worst": 100, "raw": {"value": 8, "string": "8"}},
   {"id": 198, "name": "Offline_Uncorrectable", "value": 100, "worst": 100, "raw": {"value": 8, "string": "8"}}]},
 "power_on_time": {"hours": 21843}, "power_cycle_count": 44, "temperature": {"current": 34}}
END
;;
*/dev/nvme0) cat <<'END'
{"json_format_version": [1, 0], "smartctl": {"version": [7, 4], "exit_status": 8},
 "device": {"name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
 "smart_status": {"passed": false, "nvme": {"value": 4}},
 "nvme_smart_health_information_log": {"critical_warning": 4, "temperature": 41, "available_spare": 100,
   "available_spare_threshold": 10, "percentage_used": 7, "media_errors": 2, "num_err_log_entries": 9},
 "temperature": {"current": 41}, "power_cycle_count": 12, "power_on_time": {"hours": 1204}}
END
exit 8 ;;
*megaraid,7*) echo '{"smartctl": {"exit_status": 0}, "smart_status": {"passed": true}}' ;;
*) cat <<'END'
{"json_format_version": [1, 0], "smartctl": {"version": [7, 4], "exit_status": 2,
 "messages": [{"string": "Device is in STANDBY mode, exit(2)", "severity": "information"}]}}
END
exit 2 ;;
esac
"""

UPSC = """case "$1" in
-l) echo rack; echo desk ;;
rack) cat <<'END'
battery.charge: 87
battery.charge.low: 20
battery.runtime: 2310
device.model: Smart-UPS: 1500
ups.load: 23
ups.status: OB DISCHRG RB
END
echo 'Init SSL without certificate database' >&2 ;;
desk) cat <<'END'
battery.charge: 100
battery.runtime: 1725
ups.status: OL CHRG
END
;;
esac
"""

NVIDIA_SMI = """[ "$1" = --format=csv,noheader,nounits ] || exit 2
cat <<'END'
0, 97, 18432, 24576, 71, 214.53
1, 0, 1, 8192, 35, [N/A]
END
"""

PVESH = r"""[ "$*" = "get /cluster/resources --output-format json" ] || exit 255
cat <<'END'
[{"id":"qemu/100","type":"qemu","vmid":100,"name":"web-1","node":"pve1","status":"running","template":0,"cpu":0.125,
  "maxcpu":4,"mem":2147483648,"maxmem":4294967296,"disk":0,"maxdisk":34359738368,"uptime":86400},
 {"id":"lxc/101","type":"lxc","vmid":101,"name":"db","node":"pve1","status":"stopped","template":0,"cpu":0,"maxcpu":2,
  "mem":0,"maxmem":1073741824,"disk":0,"maxdisk":8589934592,"uptime":0},
 {"id":"qemu/900","type":"qemu","vmid":900,"name":"golden","node":"pve1","status":"stopped","template":1,"maxmem":1},
 {"id":"qemu/102","type":"qemu","vmid":102,"name":"other","node":"pve2","status":"running","template":0,"maxmem":1},
 {"id":"node/pve1","type":"node","node":"pve1","status":"online","cpu":0.03,"maxcpu":16,"mem":1,"maxmem":2,"level":""},
 {"id":"storage/pve1/local-zfs","type":"storage","storage":"local-zfs","node":"pve1","status":"available",
  "plugintype":"zfspool","content":"images,rootdir","disk":107374182400,"maxdisk":429496729600,"shared":0},
 {"id":"storage/pve1/nas","type":"storage","storage":"nas","node":"pve1","status":"unknown","shared":1},
 {"id":"sdn/pve1/localnetwork","type":"sdn","sdn":"localnetwork","node":"pve1","status":"ok"}]
END
"""

SNMPGET = """case "$*" in
"-OqvtUe -t 2 -r 1 192.0.2.2 .1.3.6.1.2.1.2.2.1.8.1") echo 1 ;;
"-OqvtUe -t 2 -r 1 192.0.2.3 .1.3.6.1.2.1.33.1.2.4.0") echo 96 ;;
*) echo "No Such Object available on this agent at this OID" ;;
esac
"""

CURL = """[ "$4" = 'http://127.0.0.1:9116/snmp?target=192.0.2.2&module=if_mib' ] || exit 3
cat <<'END'
# HELP ifHighSpeed An estimate of the interface's current bandwidth in units of 1,000,000 bits per second
# TYPE ifHighSpeed gauge
ifHighSpeed{ifIndex="2",ifName="eth0"} 1000
ifHCInOctets{ifAlias="",ifDescr="eth0",ifIndex="2",ifName="eth0"} 1.234567e+09
# TYPE ifOperStatus gauge
ifOperStatus{ifIndex="1",ifName="lo"} 1
ifOperStatus{ifIndex="2",ifName="eth0"} 2
snmp_scrape_duration_seconds 0.05
END
"""
