-- wrk: each request sends a code to a number that no other request uses. Arguments: KEY FIRST
local head, next_number
function init(args)
  next_number = tonumber(args[2])
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
end
function request()
  next_number = next_number + 1
  return wrk.format("POST", "/v1/otp/send", nil, string.format('{"phone":"+79%09d","channel":"sms","ttlSeconds":300}', next_number))
end
