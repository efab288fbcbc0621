-- Samples of a hundred servers at one time, prepared except for that time: the load generator runs on the measured
-- machine and must use little CPU.
local function address(i)
  return string.format("10.%d.%d.%d", math.floor(i / 65536), math.floor(i / 256) % 256, i % 256)
end

-- Return, per hundred of *servers*, the pieces of write(address, cpu, memory). The time goes between the pieces.
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
