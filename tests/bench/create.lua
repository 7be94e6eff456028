-- Creates tickets, for wrk. From the environment: BENCH_DIR, this folder; TOKENS, a file of bearer tokens, one a line;
-- TEXT_MEMBER, what the server calls a ticket's text (body).
dofile(os.getenv("BENCH_DIR") .. "/result.lua")

local variants = 400
local text_bytes = 370
local requests, turn = {}, 0

local troubles = {
  {"Guest list forgets its answers", "Every RSVP that came in since yesterday evening has gone from the guest list, although the guests have their confirmations"},
  {"Card refused at the last step", "The deposit for the venue is refused at the last step, with two cards of two banks, and the bank sees no request from you"},
  {"Contract can't be signed", "The second page of the contract stays blank on the phone, so our clients can't sign it and their date is only held until Friday"},
  {"Gallery stuck at half", "The upload of the wedding photographs stops at about half and begins again from nothing whenever the tab loses the network"},
  {"Calendar shows double bookings", "Since the connection was renewed each booking stands in the calendar twice, once in our zone and once two hours later"},
  {"Site asks for a password", "The couple's page asks visitors for a password that nobody has set, and the invitations with its address went out last week"},
  {"Payout is on hold", "The payout of the last three weddings is on hold for a check of papers which we have sent twice and never heard of again"},
  {"How to sort the tables", "We would like the seating plan printed by table and then by name, and can't find where the order of the columns is changed"},
}

local function text(i, words)
  local out = "Wedding " .. i .. ". "
  while #out < text_bytes do out = out .. words .. "; " end
  return out:sub(1, text_bytes)
end

local function read_lines(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  return lines
end

function init()
  local tokens = read_lines(os.getenv("TOKENS"))
  local member = os.getenv("TEXT_MEMBER") or "body"
  for i = 1, variants do
    local trouble = troubles[i % #troubles + 1]
    local headers = {["Authorization"] = "Bearer " .. tokens[i % #tokens + 1], ["Content-Type"] = "application/json"}
    requests[i] = wrk.format("POST", "/api/support/tickets", headers, string.format(
      '{"subject":"%s (%d)","%s":"%s","channel":"web"}', trouble[1], i, member, text(i, trouble[2])))
  end
end

function request()
  turn = turn % variants + 1
  return requests[turn]
end
