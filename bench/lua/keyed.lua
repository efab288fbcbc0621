-- As single.lua, with one of many keys (API_KEYS, separated by commas): nginx chooses the process by the key.
dofile(os.getenv("BENCH_LUA") .. "/report.lua")
local servers = tonumber(os.getenv("N_SERVERS"))
local headers = {}
for key in os.getenv("API_KEYS"):gmatch("[^,]+") do
  headers[#headers + 1] = {["X-API-Key"] = key, ["Content-Type"] = "application/json"}
end
math.randomseed(os.time())

request = function()
  local i = math.random(0, servers - 1)
  local cpu = math.random() < 0.01 and 95 or math.random(0, 8900) / 100
  local body = string.format(
    '{"ip_address":"10.%d.%d.%d","metrics":{"cpu_value":%.2f,"memory_value":%.2f,"disk_value":42.50}}',
    math.floor(i / 65536), math.floor(i / 256) % 256, i % 256, cpu, math.random(0, 8900) / 100)
  return wrk.format("POST", "/api/monitor/data", headers[i % #headers + 1], body)
end
