// However a stream is cut, the same PDUs come out, they are the stream itself, and no more is held than was given.
#include <optional>
#include <string>
#include <vector>

#include "fuzz_input.h"
#include "smpp/framer.h"

using namespace xion;
using smpp::FrameError;
using smpp::Framer;

namespace {

struct Outcome {
  std::vector<std::string> pdus;
  std::optional<FrameError> error;
  bool operator==(const Outcome&) const = default;
};

void drain(Framer& framer, Outcome& outcome) {
  while (!outcome.error) {
    const auto next = framer.next();
    if (!next) {
      outcome.error = next.error();
    } else if (*next) {
      XION_ASSERT((*next)->size() >= smpp::header_octets && (*next)->size() <= smpp::pdu_limit_octets);
      outcome.pdus.emplace_back(**next);
    } else {
      break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t step = input.octet() + 1U;
  const std::string stream(input.rest());

  Outcome whole;
  Framer at_once;
  at_once.append(stream);
  drain(at_once, whole);

  Outcome cut;
  Framer piecewise;
  for (std::size_t at = 0; at < stream.size(); at += step) {
    piecewise.append(std::string_view(stream).substr(at, step));
    drain(piecewise, cut);
    XION_ASSERT(piecewise.pending_octets() <= stream.size());
  }
  XION_ASSERT(whole == cut);

  std::string joined;
  for (const auto& pdu : whole.pdus) joined += pdu;
  XION_ASSERT(stream.starts_with(joined));
  XION_ASSERT(whole.error || at_once.pending_octets() == stream.size() - joined.size());
  return 0;
}
