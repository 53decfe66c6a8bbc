# One call a request, over a pool of kept connections that all threads share.
require "net/http"

UPSTREAM = Integer(ENV.fetch("UPSTREAM"))
IDLE = Queue.new
RECORDS = File.open(File.join(ENV.fetch("RECORDS"), "calls-ruby"), "a")
RECORDS.sync = true

def borrow
  IDLE.pop(true)
rescue ThreadError
  http = Net::HTTP.new("127.0.0.1", UPSTREAM)
  http.keep_alive_timeout = 60
  http.start
end

def call(path, label)
  sleep(rand * 0.002)
  http = borrow
  RECORDS.write("#{label}\n")
  request = Net::HTTP::Get.new(path, "x-label" => label, "host" => "b")
  ["accept", "accept-encoding", "user-agent"].each { |name| request.delete(name) }
  http.request(request)
  IDLE << http
end

run lambda { |env|
  call(env["PATH_INFO"], "#{env["HTTP_X_LABEL"][0..-2]}1")
  [200, { "content-length" => "2" }, ["ok"]]
}
