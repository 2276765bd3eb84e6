#include "app/codes/spend.h"

#include <algorithm>

#include "app/codes/admit_send.h"
#include "domain/txn.h"
#include "smpp/text.h"

namespace xion {
namespace {

bool has_cap(const Plan& plan) { return plan.spend_per_day > 0 || plan.spend_per_month > 0; }

Micros price_by(const CarrierSettings& carrier, const Prices& prices, std::string_view text, std::string_view e164) {
  const Micros part = part_price(prices, carrier.name, e164);
  if (part == 0) return 0;
  const auto encoded = smpp::encode_text(text, carrier.default_alphabet, carrier.concat, 0, carrier.transliterate);
  return part * static_cast<Micros>(encoded.segments.size());
}

struct Cap {
  std::string_view period;
  Micros cap;
  CounterPeriod counted_as;
  WallTime resets_at;
};

}  // namespace

Micros quote_of(const Services& services, const SendPlan& plan, const RouteSettings* route, const AppEntry& app) {
  if (!has_cap(plan.policy.plan) || plan.prices->currency.empty() || plan.is_test) return 0;
  const Secret text = text_with_zeros(plan.request, app.policy, app.app.name);
  Micros dearest = 0;
  const auto look_at = [&](std::string_view name) {
    const auto carrier = std::ranges::find(services.settings->carriers, name, &CarrierSettings::name);
    if (carrier == services.settings->carriers.end()) return;
    dearest = std::max(dearest, price_by(*carrier, *plan.prices, text.reveal(), plan.request.phone.e164));
  };
  if (!plan.request.carrier.empty()) look_at(plan.request.carrier);
  if (route != nullptr) {
    for (const RouteCarrier& carrier : route->carriers) look_at(carrier.name);
  }
  return dearest;
}

bool keeps_spend(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  if (plan.quote == 0) return true;
  const Cap caps[] = {{"day", plan.policy.plan.spend_per_day, day_of(plan.now), next_day(plan.now)},
                      {"month", plan.policy.plan.spend_per_month, month_of(plan.now), end_of(month_of(plan.now))}};
  for (const Cap& cap : caps) {
    if (cap.cap == 0) continue;
    const StatSums sums = txn.spend(plan.app, cap.counted_as, plan.prices->currency);
    const Micros used = spent(sums, Spent::price) + spent(sums, Spent::held);
    if (used + plan.quote <= cap.cap) continue;
    outcome.verdict = SendVerdict::spend_cap_reached;
    outcome.period = cap.period;
    outcome.currency = plan.prices->currency;
    outcome.cap = cap.cap;
    outcome.spent = used;
    outcome.quote = plan.quote;
    outcome.resets_at = cap.resets_at;
    return false;
  }
  return true;
}

}  // namespace xion
