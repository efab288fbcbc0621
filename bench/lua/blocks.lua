-- Samples of a hundred servers at one moment, written beforehand but for their time: the load generator sits on the
-- machine that it measures, and is to leave it most of its time.
local function address(i)
  return string.format("10.%d.%d.%d", math.floor(i / 65536), math.floor(i / 256) % 256, i % 256)
end

-- For each hundred of *servers*, the pieces that write(address, cpu, memory) makes, between which the time is put.
return function(servers, write)
  math.randomseed(os.time())
  local blocks = {}
  for first = 0, servers - 1, 100 do
    local pieces = {}
    for i = first, math.min(first + 99, servers - 1) do
      local cpu = math.random() < 0.01 and 95 or math.random(0, 8900) / 100
      for _, piece in ipairs(write(address(i), cpu, math.random(0, 8900) / 100)) do pieces[#pieces + 1] = piece end
    end
    blocks[#blocks + 1] = pieces
  end
  return blocks
end
