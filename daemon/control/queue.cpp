#include <algorithm>

#include "control/verbs.h"

namespace xion::control {
namespace {

constexpr std::string_view unreadable = "the store can't be read";

std::size_t limit_of(const Command& command) {
  return static_cast<std::size_t>(std::clamp<std::int64_t>(command.request.number("limit").value_or(20), 1, 1000));
}

}  // namespace

void queue_show(Command command) {
  const std::size_t limit = limit_of(command);
  run_task(
      command.services.store, [limit](Txn& txn) { return txn.outbox(limit); },
      [command](Commit commit, std::vector<OutboxEntry>& waiting) {
        if (commit == Commit::failed) return command.refuse(std::string(unreadable), "see `xionctl status`");
        JsonWriter json;
        json.begin_object().field("size", static_cast<std::uint64_t>(command.services.carriers->queue_size()));
        json.field("limit", command.services.settings->queue_limit).key("waiting").begin_array();
        for (const OutboxEntry& entry : waiting) {
          json.begin_object().field("requestId", to_string(entry.otp)).field("send", std::uint32_t{entry.message} + 1);
          json.field("expiresAt", rfc3339(entry.expires_at)).end_object();
        }
        json.end_array().end_object();
        command.done(std::move(json).str());
      });
}

void receipt_unmatched(Command command) {
  const std::size_t limit = limit_of(command);
  run_task(
      command.services.store, [limit](Txn& txn) { return txn.unmatched(limit); },
      [command](Commit commit, std::vector<StoredReceipt>& receipts) {
        if (commit == Commit::failed) return command.refuse(std::string(unreadable), "see `xionctl status`");
        JsonWriter json;
        json.begin_array();
        for (const StoredReceipt& receipt : receipts) {
          json.begin_object()
              .field("receivedAt", rfc3339_millis(receipt.received_at))
              .field("carrier", receipt.carrier);
          json.field("messageId", receipt.smsc_message_id).field("state", to_string(receipt.state));
          json.field("error", receipt.error).end_object();
        }
        json.end_array();
        command.done(std::move(json).str());
      });
}

}  // namespace xion::control
