#include "carrier/stats.h"

#include "base/json_writer.h"
#include "smpp/command.h"

namespace xion::carrier {

std::string Stats::json() const {
  struct Row {
    std::string_view name;
    std::uint64_t value;
  };
  const Row rows[] = {
      {"connections", connections},
      {"binds", binds},
      {"bindsAccepted", binds_accepted},
      {"bindsRefused", binds_refused},
      {"submits", submits},
      {"accepted", accepted},
      {"throttled", throttled},
      {"unanswered", unanswered},
      {"distinct", distinct},
      {"duplicates", duplicates},
      {"windowExceeded", window_exceeded},
      {"receiptsSent", receipts_sent},
      {"receiptsAcknowledged", receipts_acknowledged},
      {"receiptsRefused", receipts_refused},
      {"receiptsUnanswered", receipts_unanswered},
      {"receiptsPending", receipts_pending},
      {"enquireLinks", enquire_links},
      {"malformed", malformed},
      {"unmatched", unmatched},
  };
  JsonWriter json;
  json.begin_object();
  for (const Row& row : rows) json.field(row.name, row.value);
  json.key("answers").begin_object();
  for (const auto& [status, count] : answers) json.field(smpp::status_name(status), count);
  json.end_object().end_object();
  return std::move(json).str();
}

}  // namespace xion::carrier
