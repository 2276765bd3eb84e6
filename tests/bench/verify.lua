-- wrk: verifies each "phone code" line of a file once. Arguments: KEY FILE
local codes = {}
local at = 0
function init(args)
  wrk.headers["Authorization"] = "Bearer " .. args[1]
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines(args[2]) do codes[#codes + 1] = line end
end
function request()
  at = at + 1
  local phone, code = string.match(codes[(at - 1) % #codes + 1], "(%S+) (%S+)")
  return wrk.format("POST", "/v1/otp/verify", nil, '{"phone":"' .. phone .. '","code":"' .. code .. '"}')
end
