#include "app/codes/end_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/codes/phone_lock.h"
#include "core/limits/limits.h"

namespace xion {

std::uint32_t tag_of(const Fingerprint& phone) {
  return static_cast<std::uint32_t>(phone[0]) << 24 | static_cast<std::uint32_t>(phone[1]) << 16 |
         static_cast<std::uint32_t>(phone[2]) << 8 | phone[3];
}

Fingerprint user_fingerprint(Vault& vault, std::string_view user_id) {
  return vault.address_fingerprint(fmt::format("user {}", user_id));
}

Fingerprint limit_key_fingerprint(Vault& vault, std::string_view name, std::string_view value) {
  return vault.address_fingerprint(fmt::format("key {}={}", name, value));
}

std::vector<EndUser> end_users(const SendPlan& plan, Vault& vault) {
  const SendRequest& request = plan.request;
  const LimitSettings& limits = plan.policy.limits;
  std::vector<EndUser> users;
  if (request.user_ip)
    users.push_back({HistoryKind::sends_of_user_ip, vault.address_fingerprint(*request.user_ip), "sends_per_user_ip",
                     limits.sends_per_user_ip, "phones_per_user_ip", limits.phones_per_user_ip});
  if (const auto net = request.user_ip ? user_net(*request.user_ip, vault) : std::nullopt)
    users.push_back({HistoryKind::sends_of_user_net, *net, "sends_per_user_net", limits.sends_per_user_net,
                     "phones_per_user_net", limits.phones_per_user_net});
  if (!request.user_id.empty())
    users.push_back({HistoryKind::sends_of_end_user, user_fingerprint(vault, request.user_id), "sends_per_user_id",
                     limits.sends_per_user_id, "phones_per_user_id", limits.phones_per_user_id});
  for (const auto& [name, value] : request.limit_keys) {
    EndUser user{.name = limit_key_fingerprint(vault, name, value), .sends_policy = "limit_keys." + name};
    for (const LimitKeyRule& key : plan.policy.limit_keys)
      if (key.name == name) user.sends.push_back(key.rule);
    users.push_back(std::move(user));
  }
  return users;
}

std::vector<Violation> check_end_user(Txn& txn, const SendPlan& plan, const Fingerprint& phone, const EndUser& user) {
  const Seconds window = std::max(longest(user.sends), user.phones.window);
  const WallTime since = counted_since(txn, plan.app, user.name, plan.now - window);
  const auto sends = txn.history({user.kind, plan.app, user.name}, since);
  auto violations = check_rates(user.sends_policy, user.sends, times_of(sends), plan.now);
  // The newest send to each other phone: one more phone is one more event.
  std::map<std::uint32_t, WallTime> phones;
  for (const HistoryEntry& entry : sends) {
    if (entry.tag != tag_of(phone)) phones[entry.tag] = std::max(phones[entry.tag], entry.at);
  }
  std::vector<WallTime> times;
  for (const auto& [tag, at] : phones) times.push_back(at);
  std::ranges::move(check_rates(user.phones_policy, std::span(&user.phones, 1), times, plan.now),
                    std::back_inserter(violations));
  return violations;
}

void note_end_users(Txn& txn, const SendPlan& plan, const Fingerprint& phone, const std::vector<EndUser>& users) {
  for (const EndUser& user : users)
    if (user.kind != HistoryKind::sends_of_user_ip)  // Follow from the request.
      txn.note({user.kind, plan.app, user.name}, {plan.now, tag_of(phone)});
}

Seconds longest(std::span<const RateRule> rules) {
  Seconds window{0};
  for (const RateRule& rule : rules) window = std::max(window, rule.window);
  return window;
}

std::vector<WallTime> times_of(const std::vector<HistoryEntry>& entries) {
  std::vector<WallTime> times;
  times.reserve(entries.size());
  for (const HistoryEntry& entry : entries) times.push_back(entry.at);
  return times;
}

}  // namespace xion
