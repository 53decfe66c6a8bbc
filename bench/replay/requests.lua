-- Requests as a browser behind a gateway sends them: ten headers, a context and a request id of their own, 300 paths.
math.randomseed(20)

local DIGITS = "0123456789abcdef"

local function hex(length)
  local digits = {}
  for i = 1, length do
    local at = math.random(1, 16)
    digits[i] = DIGITS:sub(at, at)
  end
  return table.concat(digits)
end

local headers = {
  ["Host"] = "shop.example.com",
  ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  ["Accept"] = "application/json, text/plain, */*",
  ["Accept-Language"] = "en-US,en;q=0.5",
  ["Accept-Encoding"] = "gzip, deflate, br",
  ["X-Forwarded-For"] = "203.0.113.7",
  ["X-Forwarded-Proto"] = "https",
  ["Cache-Control"] = "no-cache",
}

request = function()
  headers["traceparent"] = "00-" .. hex(32) .. "-" .. hex(16) .. "-01"
  headers["x-request-id"] = hex(32)
  return wrk.format("GET", "/api/orders/" .. math.random(1, 300) .. "?page=" .. math.random(1, 9), headers)
end
