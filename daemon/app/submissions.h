#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "app/dispatch_queue.h"
#include "app/services.h"

namespace xion {

/// What a message needs to wait for a carrier, told from its record. Nothing where it is not to be sent.
std::optional<DispatchItem> dispatch_item(const Otp& otp, Vault& vault, WallTime now);
/// The same for a message in any state.
std::optional<DispatchItem> routing_of(const Otp& otp, std::size_t message, Vault& vault);

/// Makes outcomes of submissions durable, and gives back to the queue what is to be sent again.
class Submissions {
 public:
  explicit Submissions(Services& services) : services_(services) {}

  /// The carrier took one segment under this id (now, or late). Joins a receipt that came before.
  void accepted(const SubmissionRef& ref, std::string carrier, std::string smsc_message_id);
  /// It is not with the carrier. `try_elsewhere`: the message goes on by another one where one is left.
  void refused(const SubmissionRef& ref, std::uint32_t command_status, bool try_elsewhere);
  void outcome_unknown(const SubmissionRef& ref);
  /// The wait for a receipt of an unknown outcome is over.
  void resend_unknown(const SubmissionRef& ref);
  /// No carrier is left for a queued message.
  void give_up(const OtpId& id, std::uint8_t message);

 private:
  using Change = std::move_only_function<bool(Otp&, Txn&, WallTime)>;
  void change(const OtpId& id, Change change, std::move_only_function<void()> then = {});
  Services& services_;
};

/// Counts what a change of state means for an app's day.
void count_delivery(Txn& txn, const Otp& otp, std::size_t message, MessageState before, WallTime now);

}  // namespace xion
