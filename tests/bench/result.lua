-- The last line of a run of wrk: requests, seconds, p50 and p99 in ms, answers that are not 2xx or 3xx, lost or late ones, p95 in
-- ms.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %.3f %.3f %.3f %d %d %.3f\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(95) / 1e3))
end
