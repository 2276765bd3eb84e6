#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/delivery/carrier_facts.h"
#include "app/delivery/dispatch_queue.h"
#include "app/delivery/smsc_link.h"
#include "app/ports.h"
#include "core/otp/delivery_rules.h"
#include "ports/foresee.h"
#include "ports/stored.h"

namespace xion {

class Dispatcher;

/// What a message needs to wait for a carrier, told from its record. Nothing where it is not to be sent.
std::optional<DispatchItem> dispatch_item(const Otp& otp, Vault& vault, const CarrierOverrides& overrides,
                                          WallTime now);
/// The same for a message in any state.
std::optional<DispatchItem> routing_of(const Otp& otp, std::size_t message, Vault& vault,
                                       const CarrierOverrides& overrides);

/// Makes outcomes of submissions durable, and gives back to the queue what is to be sent again.
class Submissions {
 public:
  Submissions(const Ports& ports, Dispatcher& dispatcher);
  /// Whether something is to be stored that the store has failed to: then messages may lack the ids that came for them.
  bool is_behind() const { return !failed_.empty(); }

  /// Calls `then` once all that carriers have said until now is stored, or has failed to be: see `is_behind`.
  void once_kept(std::move_only_function<void()> then);

  /// The carrier took one segment under this id (now, or late). Joins a receipt that came before.
  void accepted(const SubmissionRef& ref, std::string carrier, std::string smsc_message_id);
  /// It is not with the carrier. `try_elsewhere`: the message goes on by another one where one is left.
  void refused(const SubmissionRef& ref, std::uint32_t command_status, bool try_elsewhere);
  void outcome_unknown(const SubmissionRef& ref, Unanswered why);
  /// The wait for a receipt of an unknown outcome is over.
  void resend_unknown(const SubmissionRef& ref);
  /// A message's code was over before a carrier took it: what each carrier of its route said then goes on its timeline.
  void died_waiting(const OtpId& id, std::string why);
  /// No carrier is left for a queued message.
  void give_up(const OtpId& id, std::uint8_t message);

 private:
  using Change = std::function<bool(Otp&, Txn&, WallTime)>;
  /// A change of one request, and what it reads beside that.
  struct Work {
    OtpId id;
    Change change;
    Haste haste = Haste::now;
    std::function<void(Reads&)> foresee{};
  };
  void change(const OtpId& id, Change change) { run(std::make_shared<const Work>(Work{id, std::move(change)})); }
  void run(std::shared_ptr<const Work> work);
  /// What could not be kept is tried again: a carrier says it only once. No more can wait than binds have in flight,
  /// since nothing is claimed while the store fails.
  void try_again(std::move_only_function<void()> work);
  void kept(std::uint64_t change);
  Ports ports_;
  Dispatcher& dispatcher_;
  /// Changes on their way into the store, by the number of each. It need not keep them in their order.
  std::set<std::uint64_t> under_way_;
  std::uint64_t last_change_ = 0;
  /// Who waits for all changes up to one.
  std::multimap<std::uint64_t, std::move_only_function<void()>> waiting_;
  std::vector<std::move_only_function<void()>> failed_;
  std::unique_ptr<Timer> retry_timer_;
};

/// Counts what a change of state means for an app's day.
void count_delivery(Txn& txn, const Otp& otp, std::size_t message, MessageState before, WallTime now);

}  // namespace xion
