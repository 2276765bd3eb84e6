#include "app/delivery/stop_requests.h"

#include <algorithm>
#include <set>
#include <utility>

#include "app/delivery/receipt_phone.h"
#include "app/owners/directory.h"
#include "base/log.h"
#include "core/phone.h"
#include "core/texts/sender.h"
#include "core/texts/stop_words.h"
#include "domain/txn.h"
#include "smpp/incoming_text.h"

namespace xion {
namespace {

/// A message is answered within so long.
constexpr std::chrono::hours answered_within{24};
/// And silence is kept for so long: who still wants none asks again.
constexpr std::chrono::days kept_for{30};
/// Of one carrier in an hour; more is no people's doing.
constexpr double taken_in_an_hour = 100;
/// Requests of the phone that are looked at, newest first.
constexpr std::size_t requests_looked_at = 50;
constexpr std::string_view stop_reason = "the phone asked for it (STOP)";

struct Asked {
  std::string e164, shown;
  std::string to;  ///< Our end, as the carrier tells it.
  CarrierSettings carrier;
  std::set<AppId> apps;  ///< Whose policy takes it.
  WallTime now{};
};

/// As an SMSC may spell it: without the +, in any case.
std::string folded(std::string_view sender) {
  std::string text;
  for (const char c : sender) {
    if (c == '+' || c == ' ') continue;
    text.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
  }
  return text;
}

/// Whether a message of the request went by this carrier, from the sender that was answered, lately.
bool is_answered(const Otp& otp, const Asked& asked) {
  const std::string from = source_address(asked.carrier, otp.sender, asked.e164, otp.country).digits;
  if (folded(from) != folded(asked.to)) return false;
  return std::ranges::any_of(otp.messages, [&](const Message& message) {
    return std::ranges::any_of(message.submissions, [&](const Submission& submission) {
      return submission.carrier == asked.carrier.name && submission.at > asked.now - answered_within;
    });
  });
}

/// Puts the phone on the block list of the apps whose messages it answers, and tells the request that it answers.
std::size_t block_phone(Txn& txn, const Fingerprint& phone, const Asked& asked) {
  std::set<AppId> lists;
  OtpFilter filter;
  filter.phone = phone;
  for (Otp& otp : txn.find(filter, std::nullopt, requests_looked_at).otps) {
    if (otp.phone != phone || otp.test || !asked.apps.contains(otp.app) || lists.contains(otp.app)) continue;
    if (!is_answered(otp, asked)) continue;
    lists.insert(otp.app);
    ListEntry entry;
    entry.kind = ListKind::block;
    entry.app = otp.app;
    entry.subject = ListSubject::phone;
    entry.phone = phone;
    entry.value = asked.shown;
    entry.reason = stop_reason;
    entry.created_at = asked.now;
    entry.expires_at = asked.now + kept_for;
    txn.put(entry);
    if (otp.policy_events.size() >= policy_events_max) continue;
    otp.policy_events.push_back({asked.now, false, 0, "stop: the phone asked for no more messages"});
    txn.put(otp);
  }
  return lists.size();
}

/// Takes off what the phone itself put there, and nothing that an operator did.
std::size_t unblock_phone(Txn& txn, const Fingerprint& phone) {
  std::size_t lists = 0;
  for (const ListEntry& entry : txn.list_entries(ListKind::block)) {
    const bool is_its_own = entry.subject == ListSubject::phone && entry.phone == phone && entry.reason == stop_reason;
    if (is_its_own && txn.remove(entry)) ++lists;
  }
  return lists;
}

}  // namespace

bool StopRequests::has_room(const std::string& carrier) {
  const auto [at, is_new] = room_.try_emplace(carrier, taken_in_an_hour / 3600, taken_in_an_hour);
  return at->second.take(ports_.loop.now());
}

bool StopRequests::take(const CarrierSettings& carrier, const smpp::DeliverSm& sm, Receipts::Acknowledge& acknowledge) {
  const auto phone = parse_phone(e164_of(sm.source));
  const std::string text = smpp::incoming_text(sm, carrier.default_alphabet);
  const bool is_stop = is_stop_request(text, settings_->stop_words);
  const bool is_start = !is_stop && is_start_request(text);
  if (!phone || (!is_stop && !is_start)) return false;
  if (!has_room(carrier.name)) {
    log::warning("sms.stop.flood", "smsc={} taken_in_an_hour={}", carrier.name, taken_in_an_hour);
    acknowledge(smpp::status::ok);
    return true;
  }
  Asked asked{phone->e164,           mask_phone(phone->e164, phone->country_code), sm.destination.digits, carrier, {},
              ports_.loop.wall_now()};
  for (const auto& entry : directory_.apps())
    if (entry->policy.otp.stop_blocks) asked.apps.insert(entry->app.id);
  run_task(
      ports_.store,
      [asked = std::move(asked), is_stop, &vault = ports_.store_vault](Txn& txn) {
        const Fingerprint subject = vault.phone_fingerprint(asked.e164);
        return is_stop ? block_phone(txn, subject, asked) : unblock_phone(txn, subject);
      },
      [acknowledge = std::move(acknowledge), name = carrier.name, is_stop](Commit commit, std::size_t& lists) mutable {
        if (commit == Commit::durable && is_stop) log::info("sms.stop", "smsc={} lists={}", name, lists);
        if (commit == Commit::durable && !is_stop) log::info("sms.start", "smsc={} lists={}", name, lists);
        acknowledge(commit == Commit::durable ? smpp::status::ok : smpp::status::rmsgqful);
      });
  return true;
}

}  // namespace xion
