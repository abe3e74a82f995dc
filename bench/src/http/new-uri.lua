-- Another URI for each request: none of them has been asked for before.
local count = 0
local run = tostring(os.time()) .. tostring(math.random(1, 1e9))

function request()
  count = count + 1
  return wrk.format(nil, wrk.path .. "?" .. run .. "-" .. count)
end
