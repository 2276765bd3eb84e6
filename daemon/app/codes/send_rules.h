#pragma once
#include "app/codes/send_otp.h"
#include "app/delivery/outgoing.h"
#include "app/owners/templates.h"
#include "core/route.h"

namespace xion {

/// Everything about one send that is fixed before its transaction: who, what, when, and the randomness.
struct SendPlan {
  SendRequest request;
  std::optional<SendOutcome> text_fault{};  ///< Why its text can't be sent, unless it is a resend.
  AppId app = 0;
  std::string app_name;
  AppPolicy policy;
  bool is_test = false;      ///< Of a test key, or to a test phone.
  Secret test_phone_code{};  ///< Of a test phone of a live app; empty: it is none.
  OtpId seal_id;             ///< Random: what a code of the caller's own is sealed under.
  bool is_dry_run = false;   ///< Only decide: nothing is written or told.
  WallTime now{};
  OtpId fresh_id;
  std::array<std::uint8_t, 16> salt{};
  std::string route;                        ///< Its name; empty: none leads to the number.
  std::string route_prefix;                 ///< The numbers that it names.
  std::shared_ptr<const TextsOfApp> texts;  ///< Of the app, as they are now; null: it has none.
  std::shared_ptr<const Prices> prices = std::make_shared<Prices>();
  Micros quote = 0;            ///< The most that it may cost; 0: its app has no cap.
  CarrierSettingsRef carrier;  ///< Holds room for this message; null: it waits in the queue.
};

struct SendDecision {
  SendOutcome outcome;
  std::optional<Outgoing> outgoing;  ///< Claimed for `carrier` in the same transaction.
};

/// What can be said of a send before its transaction: whether it is admitted (`admit_send`), and how the gateway is, at
/// `plan.now`. Nothing of it is kept. `plan` is filled in with all but `carrier`. Nothing: the transaction decides.
std::optional<SendOutcome> plan_send(Services& services, const Caller& caller, SendRequest request, SendPlan& plan);

/// Where a request goes. Views of the arguments, which must outlive it.
RouteQuery route_query(const std::string& app_name, const SendRequest& request);

/// What `decide_send` is going to read.
void foresee_send(Reads& reads, const SendPlan& plan, Vault& vault);

/// The whole decision of a send, inside its transaction.
SendDecision decide_send(Txn& txn, const SendPlan& plan, Vault& vault);

/// The IPv6 /48 of an end user's address; nothing for IPv4.
std::optional<Fingerprint> user_net(std::string_view user_ip, Vault& vault);

/// Names the ten thousand numbers that differ from this one in their last four digits only; 0: it is too short.
std::uint32_t number_block(std::string_view e164, Vault& vault);

}  // namespace xion
