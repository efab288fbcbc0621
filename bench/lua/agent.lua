-- What an agent sends: one sample per request, of a random server of N_SERVERS, RATE a second on CONNECTIONS in all.
dofile(os.getenv("BENCH_LUA") .. "/report.lua")
local servers = tonumber(os.getenv("N_SERVERS"))
local pause = 1000 * tonumber(os.getenv("CONNECTIONS")) / tonumber(os.getenv("RATE"))
local headers = {["X-API-Key"] = os.getenv("API_KEY"), ["Content-Type"] = "application/json"}
local template = os.getenv("SAMPLE")
math.randomseed(os.time())

delay = function()
  return math.floor(pause * (0.5 + math.random()))
end

-- One value in a hundred is over its threshold: a fleet that has trouble, but not on each host.
local function value()
  return string.format("%.1f", math.random(100) == 1 and 95 or math.random(0, 600) / 10)
end

request = function()
  local i = math.random(0, servers - 1)
  local address = string.format("10.%d.%d.%d", math.floor(i / 65536), math.floor(i / 256) % 256, i % 256)
  local body = template:gsub("ADDRESS", address):gsub("VALUE", value)
  return wrk.format("POST", "/api/monitor/data", headers, body)
end
