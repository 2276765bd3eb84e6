// xionctl smpp-status: a command_status as carriers' tickets name it, in words, and what xiond does about it.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/json_writer.h"
#include "cli/local.h"
#include "cli/run.h"
#include "core/otp/disposition.h"
#include "smpp/command.h"
#include "smpp/status_meaning.h"

namespace xion::cli {
namespace {

/// The highest that SMPP 3.4 and 5.0 give a name.
constexpr std::uint32_t last_named = 0x4FF;

/// "0x0A", "10", "ESME_RINVSRCADR", "rinvsrcadr".
std::optional<std::uint32_t> status_of(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = is_hex ? text.substr(2) : text;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hex ? 16 : 10);
  if (error == std::errc{} && end == digits.data() + digits.size()) return value;
  std::string name(text);
  for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (!name.starts_with("ESME_")) name = "ESME_" + name;
  for (std::uint32_t status = 0; status <= last_named; ++status) {
    if (smpp::status_name(status) == name) return status;
  }
  return std::nullopt;
}

std::string_view what_is_done(Disposition disposition) {
  switch (disposition) {
    case Disposition::accepted: return "taken: its receipt is waited for";
    case Disposition::slow_down:
      return "it waits, the bind rests and its rate halves; after 5 s another carrier takes it";
    case Disposition::queue_full: return "it is tried again, more and more seldom, then goes by another carrier";
    case Disposition::elsewhere: return "it goes by the route's next carrier";
    case Disposition::session_broken: return "it goes by another carrier, and the bind is made anew";
    case Disposition::refused_number:
      return "the next carrier is asked; two that say so end the request as invalid_number";
    case Disposition::our_mistake:
      return "it goes by the next carrier; the PDU is in the log, since something of it is wrong";
  }
  return "";
}

}  // namespace

ExitCode smpp_status(const Invocation& wanted) {
  const std::string text = wanted.text("status", "");
  const auto status = status_of(text);
  if (!status)
    return fail(misused, fmt::format("{} is no command_status", text),
                "a number such as 0x0A or 10, or a name such as ESME_RTHROTTLED");
  const std::string hex = fmt::format("0x{:08X}", *status), name = smpp::status_name(*status);
  const std::string_view known = smpp::status_meaning(*status);
  const std::string_view meaning = known.empty() ? "a vendor's own: ask the carrier" : known;
  const Disposition disposition = disposition_of(*status);
  if (wanted.json) {
    JsonWriter out;
    out.begin_object().field("status", hex).field("decimal", std::uint64_t{*status}).field("name", name);
    out.field("meaning", meaning).field("disposition", to_string(disposition)).field("done", what_is_done(disposition));
    fmt::print("{}\n", out.end_object().str());
    return done;
  }
  fmt::print(
      "{} ({})  {}\nmeans        {}\ndisposition  {}: {}\nchange it    status_overrides of the carrier, "
      "xionid.toml(5)\n",
      hex, *status, name, meaning, to_string(disposition), what_is_done(disposition));
  return done;
}

}  // namespace xion::cli
