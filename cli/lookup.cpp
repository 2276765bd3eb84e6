// xionctl lookup: what a number is, as the send call would read it. No daemon is needed, and nobody is asked.
#include <fmt/format.h>

#include "base/json_writer.h"
#include "cli/local.h"
#include "cli/run.h"
#include "core/phone.h"

namespace xion::cli {

ExitCode lookup(const Invocation& wanted) {
  const auto phone = parse_phone(wanted.text("phone", ""), wanted.text("country", ""));
  if (!phone)
    return fail(refused, describe(phone.error()), "a number as +37499123456, or a national one with --country AM");
  if (wanted.json) {
    JsonWriter out;
    out.begin_object().field("phone", phone->e164).field("valid", phone->is_valid).field("country", phone->country);
    out.field("callingCode", phone->country_code).field("numberType", to_string(phone->type));
    fmt::print("{}\n", out.end_object().str());
    return done;
  }
  fmt::print("phone        {}\ncountry      {} (+{})\nnumber type  {}\nvalid        {}\n", phone->e164,
             phone->country.empty() ? "–" : phone->country, phone->country_code, to_string(phone->type),
             phone->is_valid ? "yes" : "no: the numbering plan of 2022 doesn't know its range");
  fmt::print("\n`xionctl route explain {}` says by which carrier it would go.\n", phone->e164);
  return done;
}

}  // namespace xion::cli
