-- The same GET repeatedly, with the given token.
dofile(os.getenv("BENCH_LUA") .. "/report.lua")
if os.getenv("TOKEN") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end
