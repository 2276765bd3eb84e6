#include "app/codes/dry_run.h"

#include <algorithm>
#include <utility>

#include "app/codes/admit_send.h"
#include "app/codes/send_rules.h"
#include "app/delivery/carriers.h"
#include "core/texts/sender.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// The carrier whose alphabet and parts the text is told for: the one that would take it now, else the route's first.
const CarrierSettings* likely_carrier(const Settings& settings, const RouteExplanation& decision) {
  std::string_view name;
  if (decision.carrier) {
    name = *decision.carrier;
  } else if (decision.route != nullptr && !decision.route->carriers.empty()) {
    name = decision.route->carriers.front().name;
  }
  const auto found = std::ranges::find(settings.carriers, name, &CarrierSettings::name);
  return found == settings.carriers.end() ? nullptr : &*found;
}

/// How it would leave by the carrier, whose own rule about senders decides last.
void tell_message(DryRun& run, const CarrierSettings* carrier, const AppEntry& app) {
  const SendRequest& request = run.request;
  run.text = text_with_zeros(request, app.policy, app.app.name);
  const auto encoded =
      carrier != nullptr
          ? smpp::encode_text(run.text.reveal(), carrier->default_alphabet, carrier->concat, 0, carrier->transliterate)
          : smpp::encode_text(run.text.reveal(), smpp::Alphabet::gsm7, smpp::Concat::udh8, 0, false);
  run.alphabet = encoded.alphabet;
  run.segments = encoded.segments.size();
  run.sender = carrier != nullptr
                   ? source_address(*carrier, request.sender, request.phone.e164, request.phone.country).digits
                   : request.sender;
  if (carrier != nullptr)
    run.tlvs = submit_tlvs(*carrier, request.text_tlvs, {request.sender, request.phone.e164, request.phone.country});
}

/// `decided`: the request as it would be, a live one with what this send changes of it.
DryRun described(const Services& services, const SendPlan& plan, const Otp& decided, const AppEntry& app) {
  DryRun run;
  run.is_test = plan.is_test;
  run.request = plan.request;
  static_cast<KeptFields&>(run.request) = decided;
  run.ttl = run.request.ttl.value_or(plan.policy.otp.ttl);
  run.decision = services.carriers->explain(route_query(plan.app_name, run.request));
  const CarrierSettings* carrier = likely_carrier(*services.settings, run.decision);
  tell_message(run, carrier, app);
  if (plan.is_test || plan.prices->currency.empty()) return run;
  run.currency = plan.prices->currency;
  if (carrier != nullptr)
    run.price = part_price(*plan.prices, carrier->name, run.request.phone.e164) * static_cast<Micros>(run.segments);
  return run;
}

std::vector<RuleLeft> left_of(const std::vector<RateRule>& rules, const std::vector<HistoryEntry>& sends,
                              WallTime now) {
  std::vector<RuleLeft> left;
  for (const RateRule& rule : rules) {
    const auto used =
        std::ranges::count_if(sends, [&](const HistoryEntry& send) { return send.at > now - rule.window; });
    left.push_back({rule, rule.count - std::min(rule.count, static_cast<std::uint32_t>(used))});
  }
  return left;
}

/// What `rules` count of the phone. A test key's sends are counted nowhere.
std::vector<HistoryEntry> sends_of(Txn& txn, const SendPlan& plan, const std::vector<RateRule>& rules, Vault& vault) {
  if (plan.is_test) return {};
  Seconds longest{0};
  for (const RateRule& rule : rules) longest = std::max(longest, rule.window);
  const Fingerprint phone = vault.phone_fingerprint(plan.request.phone.e164);
  return txn.history({HistoryKind::sends_of_phone, plan.app, phone}, plan.now - longest);
}

}  // namespace

void dry_run(Services& services, const Caller& caller, SendRequest request,
             std::move_only_function<void(std::optional<DryRun>)> done) {
  auto plan = std::make_shared<SendPlan>();
  plan->is_dry_run = true;
  if (auto refused = plan_send(services, caller, std::move(request), *plan)) {
    DryRun run;
    run.outcome = std::move(*refused);
    return done(std::move(run));
  }
  struct Decided {
    SendOutcome outcome;
    std::vector<RuleLeft> left;
  };
  run_task(
      services.store,
      [plan, &vault = services.store_vault](Txn& txn) -> Decided {
        const std::vector<RateRule>& rules = plan->policy.limits.sends_per_phone;
        auto left = left_of(rules, sends_of(txn, *plan, rules, vault), plan->now);
        return {decide_send(txn, *plan, vault).outcome, std::move(left)};
      },
      [&services, plan, app = caller.app, done = std::move(done)](Commit commit, Decided& decided) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        DryRun run;
        if (decided.outcome.verdict == SendVerdict::sent) run = described(services, *plan, decided.outcome.otp, *app);
        run.outcome = std::move(decided.outcome);
        run.left = std::move(decided.left);
        done(std::move(run));
      });
}

}  // namespace xion
