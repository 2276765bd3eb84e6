#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/codes/send_otp.h"
#include "core/route.h"
#include "core/texts/submit_tlvs.h"
#include "smpp/text.h"

namespace xion {

/// One rule of `sends_per_phone` and how much of it is left.
struct RuleLeft {
  RateRule rule;
  std::uint32_t left = 0;
};

/// What a send would do. Where `outcome` is a refusal, nothing else is known.
struct DryRun {
  SendOutcome outcome;
  bool is_test = false;  ///< By a test key, or to a test phone: no message would go.
  SendRequest request;   ///< As it would be sent: with the app's own route, sender and text where it named none.
  Seconds ttl{0};
  Secret text;  ///< Zeros in the place of the code.
  smpp::Alphabet alphabet = smpp::Alphabet::gsm7;
  std::size_t segments = 0;
  std::string currency;         ///< Empty: nothing has a price.
  Micros price = 0;             ///< By the carrier that the text is told for.
  std::string sender;           ///< As the handset shows it; empty: the carrier puts in its own.
  std::vector<SubmitTlv> tlvs;  ///< What it carries beside the text.
  RouteExplanation decision;    ///< At this moment; its route is the configuration's own.
  std::vector<RuleLeft> left;   ///< For this phone.
};

/// Decides a send like any other, and sends, stores and charges nothing. `done` is called once, on the loop thread;
/// nothing: the store can't be read.
void dry_run(Services& services, const Caller& caller, SendRequest request,
             std::move_only_function<void(std::optional<DryRun>)> done);

}  // namespace xion
