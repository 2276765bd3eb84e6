#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "app/services.h"
#include "ports/stored.h"

/// Receipts that belong to no message, as an operator looks at them and joins them by hand.
namespace xion {

/// The newest first. Nothing: the store can't be read.
void read_unmatched(Services& services, std::size_t limit,
                    std::move_only_function<void(std::optional<std::vector<StoredReceipt>>)> done);

/// A receipt, by its row, and the request that it is about.
struct JoinWish {
  RowId row{};
  OtpId otp;
  std::optional<MessageState> said;  ///< How the message ended, where the receipt does not say it or says it wrong.
};
/// What a receipt that is joined by hand did.
struct JoinedByHand {
  enum class Outcome : std::uint8_t { no_receipt, no_request, no_submission, no_state, nothing_new, joined };
  Outcome outcome = Outcome::no_receipt;
  MessageState state = MessageState::unknown;  ///< Of the message, after it.
};
/// Writes what the receipt says into the newest message that went by its carrier. Nothing: the store failed.
void join_by_hand(Services& services, const JoinWish& wish,
                  std::move_only_function<void(std::optional<JoinedByHand>)> done);

}  // namespace xion
