-- The same GET again and again, as whoever holds the token.
dofile(os.getenv("BENCH_LUA") .. "/report.lua")
if os.getenv("TOKEN") then wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end
