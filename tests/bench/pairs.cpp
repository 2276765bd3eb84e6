// Asks two servers the same, one after the other in turns, over one connection each: whatever else the machine does
// meets both.
//
//   bench_pairs COUNT PORT KEY PORT KEY get PATH
//   bench_pairs COUNT PORT KEY PORT KEY send FIRST          sends to +79FIRST, +79(FIRST+1), …
//   bench_pairs COUNT PORT KEY PORT KEY verify FILE FILE    verifies the "phone code" lines of each one's file
//
// Prints one JSON object: p50_ms, p99_ms and refused (answers that are not 2xx), two values each.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "load_connection.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Server {
  int fd = -1;
  std::string key;
  std::vector<std::pair<std::string, std::string>> codes;  ///< verify
  std::vector<double> took_ms;
  std::size_t refused = 0;

  std::string request(const std::string& mode, const std::string& what, std::size_t n) const {
    if (mode == "get")
      return fmt::format("GET {} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\r\n", what, key);
    const std::string body = mode == "send"
                                 ? fmt::format(R"({{"phone":"+79{:09}"}})", std::stoull(what) + n)
                                 : fmt::format(R"({{"phone":"{}","code":"{}"}})", codes[n].first, codes[n].second);
    return fmt::format(
        "POST /v1/otp/{} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        mode, key, body.size(), body);
  }

  void ask(const std::string& request) {
    const auto began = Clock::now();
    if (write(fd, request.data(), request.size()) != static_cast<ssize_t>(request.size())) std::exit(1);
    std::string answer;
    while (!bench::is_whole(answer)) {
      std::array<char, 65536> buffer;
      const ssize_t got = read(fd, buffer.data(), buffer.size());
      if (got <= 0) {
        std::fputs("the server closed a connection\n", stderr);
        std::exit(1);
      }
      answer.append(buffer.data(), static_cast<std::size_t>(got));
    }
    took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
    if (answer.compare(9, 1, "2") != 0) ++refused;
  }

  double percentile(double part) {
    if (took_ms.empty()) return 0;
    std::sort(took_ms.begin(), took_ms.end());
    return took_ms[static_cast<std::size_t>(part * static_cast<double>(took_ms.size() - 1))];
  }
};

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 6 ? argv[6] : "";
  if (argc != (mode == "verify" ? 9 : 8)) {
    std::fputs("usage: bench_pairs COUNT PORT KEY PORT KEY get PATH | send FIRST | verify FILE FILE\n", stderr);
    return 2;
  }
  std::size_t count = std::strtoull(argv[1], nullptr, 10);
  std::array<Server, 2> servers;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers[i].fd = bench::connect_to(static_cast<std::uint16_t>(std::atoi(argv[2 + 2 * i])));
    servers[i].key = argv[3 + 2 * i];
    if (mode != "verify") continue;
    std::ifstream file(argv[7 + i]);
    for (std::string phone, code; file >> phone >> code;) servers[i].codes.emplace_back(phone, code);
    count = std::min(count, servers[i].codes.size());
  }
  for (std::size_t n = 0; n < count; ++n) {
    // The order changes: who comes second finds warmer caches.
    for (const std::size_t i : {n % 2, 1 - n % 2}) servers[i].ask(servers[i].request(mode, argv[7], n));
  }
  fmt::print(R"({{"p50_ms":[{:.4f},{:.4f}],"p99_ms":[{:.4f},{:.4f}],"refused":[{},{}]}})"
             "\n",
             servers[0].percentile(0.5), servers[1].percentile(0.5), servers[0].percentile(0.99),
             servers[1].percentile(0.99), servers[0].refused, servers[1].refused);
  return 0;
}
