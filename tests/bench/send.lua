-- wrk: each request sends a code to a number that no other request uses. Arguments: KEY FIRST [TTL-SECONDS]
local next_number, ttl
function init(args)
  next_number = tonumber(args[2])
  ttl = tonumber(args[3] or 300)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
end
function request()
  next_number = next_number + 1
  return wrk.format("POST", "/v1/otp/send", nil, string.format('{"phone":"+79%09d","channel":"sms","ttlSeconds":%d}', next_number, ttl))
end
