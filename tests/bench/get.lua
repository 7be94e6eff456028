-- Reads tickets by id, for wrk. From the environment: BENCH_DIR, this folder; TICKETS, a file with an id and the token
-- of somebody who may see it on each line.
dofile(os.getenv("BENCH_DIR") .. "/result.lua")

local requests, turn = {}, 0

function init()
  for line in io.lines(os.getenv("TICKETS")) do
    local id, token = line:match("(%S+) (%S+)")
    requests[#requests + 1] = wrk.format("GET", "/api/support/tickets/" .. id, {["Authorization"] = "Bearer " .. token})
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
