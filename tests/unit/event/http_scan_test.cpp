#include <doctest/doctest.h>

#include <string>

#include "event/http_scan.h"

using namespace xion;

namespace {

constexpr HttpScanLimits limits{.head_octets = 200, .body_octets = 20, .fields = 5, .chunks = 3};
const std::string post = "POST /a HTTP/1.1\r\nHost: x\r\n";

/// What a scan makes of a stream: "whole", "more", or why it is refused; and how many octets it took of it.
struct Verdict {
  std::string text;
  std::size_t taken = 0;
};
Verdict scan(std::string_view stream, std::size_t step = std::string_view::npos) {
  HttpScan scan(limits);
  for (std::size_t at = 0; at < stream.size() && !scan.is_over();) at += scan.take(stream.substr(at, step));
  return {scan.refusal() != nullptr ? scan.refusal()->detail : scan.is_whole() ? "whole" : "more", scan.taken()};
}

}  // namespace

TEST_CASE("a request ends where its framing says, however its octets come") {
  for (const auto& [request, next] :
       {std::pair(std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "GET"),
        std::pair(post + "Content-Length: 2\r\n\r\nhi", "GET"), std::pair(post + "Content-Length: 0\r\n\r\n", "hi"),
        std::pair(post + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "\r\n"),
        std::pair(post + "transfer-encoding: chunked\r\n\r\n"
                         "3\r\na\r\n\r\n0A\r\n0123456789\r\n00\r\n\r\n",
                  "0")}) {
    CAPTURE(request);
    for (const std::size_t step : {std::string_view::npos, std::size_t{1}, std::size_t{7}}) {
      const Verdict verdict = scan(request + next, step);
      CHECK(verdict.text == "whole");
      CHECK(verdict.taken == request.size());
    }
    CHECK(scan(std::string_view(request).substr(0, request.size() - 1)).text == "more");
  }
}

TEST_CASE("one scan reads request after request, and forgets the one before") {
  HttpScan scan(limits);
  const std::string first = post + "X-Request-Id: one\r\nContent-Length: 2\r\n\r\nhi";
  CHECK(scan.take(first + "more") == first.size());
  CHECK(scan.request_id() == "one");
  CHECK(scan.take("more") == 0);
  scan.begin_next();
  CHECK(scan.request_id().empty());
  const std::string_view second = "HEAD / HTTP/1.0\r\n\r\n";
  CHECK(scan.take(second) == second.size());
  CHECK(scan.is_whole());
  CHECK(scan.is_head());
}

TEST_CASE("what is too much is refused as soon as it is") {
  CHECK(scan("GET /" + std::string(196, 'a')).text.contains("more than 200 octets"));
  CHECK(scan("GET / HTTP/1.1\r\na:\r\na:\r\na:\r\na:\r\na:\r\na:\r\n").text.contains("more than 5 header"));
  CHECK(scan(post + "Content-Length: 21\r\n\r\n").text.contains("more than 20 octets"));
  CHECK(scan(post + "Content-Length: 18446744073709551617\r\n\r\n").text.contains("more than 20 octets"));
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  CHECK(scan(chunked + "B\r\n01234567890\r\nA\r\n").text.contains("more than 20 octets"));
  CHECK(scan(chunked + "1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\n").text.contains("more than 3 chunks"));
  CHECK(scan(chunked + std::string(18, '0')).text.contains("hexadecimal"));
  CHECK(scan(chunked + "1\r\nab").text.contains("longer than it says"));
  CHECK(scan(chunked + "0\r\nA").text.contains("Trailers"));
  CHECK(scan("\x16").text.contains("TLS"));
}

TEST_CASE("a refused client's id is looked for in what came with the fault") {
  HttpScan scan(limits);
  scan.take("GARBAGE\r\nX-Request-Id: mine\r\n\r\nX-Request-Id: not this\r\n");
  CHECK(scan.refusal() != nullptr);
  CHECK(scan.request_id() == "mine");
  HttpScan cut(limits);
  cut.take("GARBAGE\r\nX-Request-Id: mi");
  CHECK(cut.request_id().empty());
}

TEST_CASE("a target's path is what follows its host") {
  CHECK(path_of_target("/v1/otp?limit=1") == "/v1/otp?limit=1");
  CHECK(path_of_target("http://x/v1/otp?limit=1") == "/v1/otp?limit=1");
  CHECK(path_of_target("HTTPS://x:1//v1") == "//v1");
  CHECK(path_of_target("http://x") == "/");
  CHECK(path_of_target("http://x?a=/b") == "/");
  CHECK(path_of_target("//x/v1") == "//x/v1");
}
