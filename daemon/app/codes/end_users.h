#pragma once
#include <string>
#include <vector>

#include "app/codes/send_rules.h"

namespace xion {

/// Tells phones of one end user apart: the first octets of their keyed hash.
std::uint32_t tag_of(const Fingerprint& phone);

/// Under which names the sends of an end user are counted: no address reads like either.
Fingerprint user_fingerprint(Vault& vault, std::string_view user_id);
Fingerprint limit_key_fingerprint(Vault& vault, std::string_view name, std::string_view value);

/// Whom else beside the phone a send is counted for, and by which rules: an address, its network, a user, a value of a
/// limit key of the app's own.
struct EndUser {
  HistoryKind kind = HistoryKind::sends_of_end_user;
  Fingerprint name{};
  std::string sends_policy{};
  std::vector<RateRule> sends{};
  std::string phones_policy{};
  RateRule phones{};
};
std::vector<EndUser> end_users(const SendPlan& plan, Vault& vault);

/// The rules of an end user that one more send to this phone would break.
std::vector<Violation> check_end_user(Txn& txn, const SendPlan& plan, const Fingerprint& phone, const EndUser& user);

/// Sends of an address follow from the request's messages; those of networks, of users and of the app's own keys are
/// noted.
void note_end_users(Txn& txn, const SendPlan& plan, const Fingerprint& phone, const std::vector<EndUser>& users);

/// The longest window of some rules.
Seconds longest(std::span<const RateRule> rules);
std::vector<WallTime> times_of(const std::vector<HistoryEntry>& entries);

}  // namespace xion
