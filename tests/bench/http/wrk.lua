-- wrk.lua: what wrk sends (as many requests at a time as its argument says), and one line with what came of it:
-- RESULT requests bytes microseconds p50 p99 connect-errors read-errors write-errors status-errors timeouts

local batch

function init(arguments)
	local depth = tonumber(arguments[1] or "1")
	if depth > 1 then
		local requests = {}
		for i = 1, depth do requests[i] = wrk.format() end
		batch = table.concat(requests)
		request = function() return batch end
	end
end

function done(summary, latency)
	local errors = summary.errors
	print(string.format("RESULT %d %d %d %d %d %d %d %d %d %d", summary.requests, summary.bytes, summary.duration,
		latency:percentile(50), latency:percentile(99),
		errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
