-- Lists of 25 by two filters, for wrk. From the environment: BENCH_DIR, this folder; STAFF, a token of somebody who sees
-- all tickets; TOKENS, a file of customers' tokens. `list.sql` asks the same questions.
dofile(os.getenv("BENCH_DIR") .. "/result.lua")

local questions = {
  "status=open&priority=high",
  "tier=FREE&category=rsvp",
  "category=guest_data&priority=medium&sort=priority",
  "status=open&tier=ENTERPRISE&sort=due_at",
  "organization_id=0b000000-0000-8000-8000-000000000007&priority=low",
}
local requests, turn = {}, 0

local function ask(token, question)
  requests[#requests + 1] = wrk.format("GET", "/api/support/tickets?" .. question, {["Authorization"] = "Bearer " .. token})
end

function init()
  for _, question in ipairs(questions) do ask(os.getenv("STAFF"), question) end
  for token in io.lines(os.getenv("TOKENS")) do ask(token, "status=open&priority=medium,high") end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
