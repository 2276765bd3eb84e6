-- wrk: the same request as send.lua's, for the bare server.
local n = 0
wrk.headers["Authorization"] = "Bearer xk_live_0000000000000000000000000000000000000000"
wrk.headers["Content-Type"] = "application/json"
function request()
  n = n + 1
  return wrk.format("POST", "/v1/otp/send", nil, string.format('{"phone":"+79%09d","channel":"sms","ttlSeconds":300}', n))
end
