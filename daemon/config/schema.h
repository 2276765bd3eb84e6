#pragma once
#include <string_view>
#include <vector>

#include "config/key.h"
#include "core/settings.h"

/// The tables of keys: all that the configuration knows.
namespace xion::config {

const Keys<Settings>& daemon_keys();
const Keys<Settings>& api_keys();
const Keys<Settings>& operator_keys();
const Keys<Settings>& dashboard_keys();
const Keys<OtpSettings>& otp_keys();
const Keys<LimitSettings>& limit_keys();
const Keys<GuardSettings>& fraud_keys();
const Keys<WebhookSettings>& webhook_keys();
const Keys<Plan>& plan_keys();
const Keys<CarrierSettings>& carrier_keys();
const Keys<TlsClientSettings>& tls_keys();
const Keys<RouteSettings>& route_keys();
const Keys<RouteSettings>& match_keys();
const Keys<RouteCarrier>& weighted_keys();

/// Keys that a `[[carrier]]` can't do without.
const std::vector<std::string_view>& required_of_carrier();

}  // namespace xion::config
