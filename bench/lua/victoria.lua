-- The same hundred samples in VictoriaMetrics' fastest format over HTTP: Prometheus text, a line per value.
dofile(os.getenv("BENCH_LUA") .. "/report.lua")
local blocks = dofile(os.getenv("BENCH_LUA") .. "/blocks.lua")(tonumber(os.getenv("N_SERVERS")), function(ip, cpu, memory)
  return {
    string.format('cpu{server="%s"} %.2f ', ip, cpu),
    string.format('\nmemory{server="%s"} %.2f ', ip, memory),
    string.format('\ndisk{server="%s"} 42.50 ', ip),
  }
end)
for _, pieces in ipairs(blocks) do
  for i = 4, #pieces, 3 do pieces[i] = "\n" .. pieces[i] end
  pieces[#pieces + 1] = "\n"
end
local start, sent = os.time() * 1000, 0

request = function()
  sent = sent + 1
  return wrk.format("POST", "/api/v1/import/prometheus", {}, table.concat(blocks[sent % #blocks + 1], tostring(start + sent)))
end
