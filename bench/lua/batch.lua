-- A hundred samples per request: one each of a hundred servers, all with the same time, as from a relay.
dofile(os.getenv("BENCH_LUA") .. "/report.lua")
local headers = {["X-API-Key"] = os.getenv("API_KEY"), ["Content-Type"] = "application/json"}
local blocks = dofile(os.getenv("BENCH_LUA") .. "/blocks.lua")(tonumber(os.getenv("N_SERVERS")), function(ip, cpu, memory)
  return {string.format(
    '","ip_address":"%s","metrics":{"cpu_value":%.2f,"memory_value":%.2f,"disk_value":42.50}},{"recorded_at":"',
    ip, cpu, memory)}
end)
for _, pieces in ipairs(blocks) do
  table.insert(pieces, 1, '{"samples":[{"recorded_at":"')
  pieces[#pieces] = pieces[#pieces]:gsub(',{"recorded_at":"$', "]}")
end
local sent = 0

request = function()
  sent = sent + 1
  -- One microsecond later each time, so that no two samples of a server are equal.
  local pieces = blocks[sent % #blocks + 1]
  local at = string.format("%s.%06d", os.date("!%Y-%m-%d %H:%M:%S"), sent % 1000000)
  local body = table.concat(pieces, at)
  -- concat puts the time between the pieces, a hundred times.
  return wrk.format("POST", "/api/monitor/data/batch", headers, body)
end
