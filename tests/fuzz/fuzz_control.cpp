// The control socket's wire: whatever comes, a request is one that can be written and read again, and an answer that we
// write is one that xionctl reads. The log's lines, which `xionctl log` takes apart, lose nothing.
#include <string>

#include "control/log_filter.h"
#include "fuzz_input.h"
#include "wire/wire.h"

using namespace xion;

namespace {

void as_request(std::string_view line) {
  const auto request = wire::decode_request(line);
  if (!request) {
    XION_ASSERT(!request.error().empty());
    return;
  }
  const std::string written = wire::encode(*request);
  XION_ASSERT(written.ends_with('\n') && written.find('\n') == written.size() - 1);
  const auto again = wire::decode_request(written);
  XION_ASSERT(again && again->command == request->command);
  XION_ASSERT(wire::encode(*again) == written);
  for (const auto& [name, value] : *request->args.object()) {
    (void)request->text(name);
    (void)request->number(name);
    (void)request->texts(name);
    (void)request->pairs(name);
  }
}

void as_answer(std::string_view line) {
  const auto answer = wire::decode_answer(line);
  if (!answer) return;
  const auto again = wire::decode_answer(wire::encode(*answer));
  XION_ASSERT(again && again->ok == answer->ok && again->more == answer->more && again->result == answer->result);
  XION_ASSERT(again->detail == answer->detail && again->hint == answer->hint);
}

void as_refusal(std::string_view detail) {
  const std::string line = wire::encode(wire::Answer::refused(std::string(detail), "hint"));
  XION_ASSERT(line.find('\n') == line.size() - 1);
  const auto answer = wire::decode_answer(line);
  XION_ASSERT(answer && !answer->ok);
}

void as_log_line(std::string_view text) {
  const LogLine line{.level = log::Level::info, .at = {}, .text = std::string(text)};
  const auto fields = control::parse_log_line(line.text);
  XION_ASSERT(line.text.starts_with(fields.event));
  const std::string json = control::log_json(line, fields);
  XION_ASSERT(json.find('\n') == std::string::npos);
  XION_ASSERT(wire::parse_json(json));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  as_request(line);
  as_answer(line);
  as_refusal(line);
  as_log_line(line);
  return 0;
}
