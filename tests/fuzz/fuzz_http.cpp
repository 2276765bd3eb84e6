// However a connection's octets come, the same requests end at the same octets or are refused for the same reason,
// nothing is taken twice, and what is let through has what a request must have.
#include <string>
#include <string_view>
#include <vector>

#include "event/http_scan.h"
#include "fuzz_input.h"

using namespace xion;

namespace {

constexpr HttpScanLimits limits{.head_octets = 512, .body_octets = 256, .fields = 16, .chunks = 16};

struct Outcome {
  std::vector<std::size_t> ends;  ///< Where each request ended.
  std::string refusal;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view stream, std::size_t step) {
  Outcome outcome;
  HttpScan scan(limits);
  std::size_t at = 0, begin = 0;
  while (at < stream.size()) {
    const auto piece = stream.substr(at, step);
    const std::size_t taken = scan.take(piece);
    XION_ASSERT(taken <= piece.size() && (taken == piece.size() || scan.is_over()));
    at += taken;
    XION_ASSERT(scan.taken() == at - begin);
    if (const HttpRefusal* refusal = scan.refusal()) {
      XION_ASSERT(!scan.is_whole() && scan.take(stream) == 0 && (refusal->status == 400 || refusal->status == 413));
      outcome.refusal = refusal->detail;
      return outcome;
    }
    if (!scan.is_whole()) continue;
    const auto request = stream.substr(begin, at - begin);
    XION_ASSERT(request.contains(" HTTP/1.") && request.contains("\r\n\r\n") &&
                request.find('\0') >= request.find("\r\n\r\n"));
    outcome.ends.push_back(at);
    begin = at;
    scan.begin_next();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t step = input.octet() + 1U;
  const auto stream = input.rest();
  const Outcome whole = read(stream, stream.size());
  const Outcome cut = read(stream, step);
  XION_ASSERT(whole.ends == cut.ends);
  // A line that no end could mend is refused before it has one, perhaps for another reason.
  XION_ASSERT(whole.refusal.empty() == cut.refusal.empty());
  const auto target = path_of_target(stream);
  XION_ASSERT(target.size() <= stream.size() + 1);
  return 0;
}
