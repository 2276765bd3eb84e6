#pragma once
#include <string_view>
#include <vector>

#include "config/key.h"
#include "core/settings.h"

/// The tables of keys: all that the configuration knows.
namespace xion::config {

const Keys<Settings>& daemon_keys();
const Keys<StoreSettings>& store_keys();
const Keys<ClusterSettings>& cluster_keys();
const Keys<Settings>& api_keys();
const Keys<Settings>& operator_keys();
const Keys<Settings>& dashboard_keys();
const Keys<OidcSettings>& oidc_keys();
const Keys<OidcGrant>& oidc_grant_keys();
/// `[dashboard.oidc]`, which stands in [dashboard].
Rule<Settings> oidc();
const Keys<OtpSettings>& otp_keys();
const Keys<LimitSettings>& limit_keys();
const Keys<GuardSettings>& fraud_keys();
const Keys<WebhookSettings>& webhook_keys();
const Keys<TracingSettings>& tracing_keys();
const Keys<Plan>& plan_keys();
const Keys<Prices>& billing_keys();
const Keys<CarrierSettings>& carrier_keys();
const Keys<TlsClientSettings>& tls_keys();
const Keys<RouteSettings>& route_keys();
const Keys<RouteSettings>& match_keys();
const Keys<RouteCarrier>& weighted_keys();

/// Every table that a file has once, in the order of the shipped file: its name, its keys, and the part of the settings
/// that it is read into.
template <typename Visit>
void each_table(const Visit& visit) {
  const auto whole = [](auto& settings) -> auto& { return settings; };
  visit("daemon", daemon_keys(), whole);
  visit("store", store_keys(), [](auto& settings) -> auto& { return settings.store; });
  visit("cluster", cluster_keys(), [](auto& settings) -> auto& { return settings.cluster; });
  visit("api", api_keys(), whole);
  visit("operator", operator_keys(), whole);
  visit("dashboard", dashboard_keys(), whole);
  visit("otp", otp_keys(), [](auto& settings) -> auto& { return settings.otp; });
  visit("limits", limit_keys(), [](auto& settings) -> auto& { return settings.limits; });
  visit("fraud", fraud_keys(), [](auto& settings) -> auto& { return settings.guard; });
  visit("webhooks", webhook_keys(), [](auto& settings) -> auto& { return settings.webhooks; });
  visit("billing", billing_keys(), [](auto& settings) -> auto& { return settings.prices; });
  visit("tracing", tracing_keys(), [](auto& settings) -> auto& { return settings.tracing; });
}

/// Keys that a `[[carrier]]` can't do without.
const std::vector<std::string_view>& required_of_carrier();

}  // namespace xion::config
