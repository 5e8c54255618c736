-- Sends the requests of a file, one after the other and round again.
-- Arguments: the file, with lines of METHOD <tab> PATH <tab> HEADERS <tab> BODY, and the number from which "############" counts.

local requests = {}
local numbered = {}
local last = 0
local number = 0
local placeholder = "############"

function init(args)
  number = tonumber(args[2])
  for line in io.lines(args[1]) do
    local method, path, given, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = {}
    for name, value in given:gmatch("([^:]+): ([^\31]*)\31") do
      headers[name] = value
    end
    local request
    if body == "" then
      request = wrk.format(method, path, headers)
    else
      headers["Content-Type"] = "application/json"
      request = wrk.format(method, path, headers, body)
    end
    local from, to = request:find(placeholder, 1, true)
    requests[#requests + 1] = request
    if from then
      -- The number is as wide as its placeholder, so that the request's length stays.
      numbered[#requests] = { request:sub(1, from - 1), request:sub(to + 1) }
    end
  end
end

function request()
  last = last % #requests + 1
  local parts = numbered[last]
  if parts then
    number = number + 1
    return parts[1] .. string.format("%012d", number) .. parts[2]
  end
  return requests[last]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"micros":%d,"unanswered":%d,"refused":%d,"p50_micros":%d,"p99_micros":%d}\n',
    summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99)))
end
