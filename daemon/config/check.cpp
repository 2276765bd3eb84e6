#include <algorithm>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "config/database_url.h"
#include "config/forms.h"
#include "config/sections.h"

/// What can only be judged when everything is read.
namespace xion::config {
namespace {

/// Where a key was set; the file as a whole where it has its default.
Origin origin_of(const Draft& draft, const std::string& key) {
  const auto found = draft.set_at.find(key);
  return found != draft.set_at.end() ? found->second : Origin{draft.settings.config_path, 0, 0};
}

void check_carrier_names(Draft& draft) {
  const auto& carriers = draft.settings.carriers;
  for (std::size_t i = 0; i < carriers.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (carriers[i].name.empty() || carriers[i].name != carriers[j].name) continue;
      draft.error(draft.carrier_at[i],
                  fmt::format("carrier.name = \"{}\": a second carrier of that name", carriers[i].name),
                  fmt::format("the first is at {}:{}", draft.carrier_at[j].file, draft.carrier_at[j].line));
      break;
    }
  }
}

void check_routes_name_carriers(Draft& draft) {
  if (!draft.are_read({"carrier.name"})) return;
  std::vector<std::string_view> names;
  names.reserve(draft.settings.carriers.size());
  for (const auto& carrier : draft.settings.carriers) names.push_back(carrier.name);
  for (const auto& use : draft.carriers_used) {
    if (std::ranges::find(names, use.carrier) != names.end()) continue;
    draft.error(use.at, fmt::format("route.carriers = \"{}\": no carrier of that name", use.carrier),
                names.empty() ? "there is no [[carrier]]" : did_you_mean(use.carrier, names));
  }
}

void check_every_carrier_is_used(Draft& draft) {
  if (!draft.are_read({"carrier.name", "route.carriers"})) return;
  const auto& carriers = draft.settings.carriers;
  if (carriers.empty()) {
    return draft.warning({draft.settings.config_path, 0, 0}, "no [[carrier]]: no message can leave",
                         "see EXAMPLES in xionid.toml(5)");
  }
  for (std::size_t i = 0; i < carriers.size(); ++i) {
    const auto is_used = [&](const Draft::Use& use) { return use.carrier == carriers[i].name; };
    if (carriers[i].name.empty() || std::ranges::any_of(draft.carriers_used, is_used)) continue;
    draft.warning(draft.carrier_at[i], fmt::format("carrier.name = \"{}\": no route uses it", carriers[i].name),
                  fmt::format("add [[route]] with carriers = [\"{}\"]", carriers[i].name));
  }
}

void check_routes_differ(Draft& draft) {
  const auto& routes = draft.settings.routes;
  const auto match_of = [](const RouteSettings& route) {
    return std::tie(route.name, route.prefix, route.country, route.network, route.app, route.purpose);
  };
  if (!draft.are_read({"route.name", "route.match"})) return;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (match_of(routes[i]) != match_of(routes[j])) continue;
      draft.warning(draft.route_at[i], fmt::format("route \"{}\" is never taken", routes[i].name),
                    fmt::format("the one at {}:{} has the same match and comes first", draft.route_at[j].file,
                                draft.route_at[j].line));
      break;
    }
  }
}

/// Gives routes the prefixes of their networks.
void resolve_networks(Draft& draft) {
  Settings& settings = draft.settings;
  std::vector<std::string_view> names;
  for (const auto& [name, prefixes] : settings.networks) names.push_back(name);
  for (std::size_t i = 0; i < settings.routes.size(); ++i) {
    RouteSettings& route = settings.routes[i];
    if (route.network.empty()) continue;
    const auto known = settings.networks.find(route.network);
    if (known != settings.networks.end()) {
      route.network_prefixes = known->second;
    } else if (draft.are_read({"networks"})) {
      draft.error(draft.route_at[i],
                  fmt::format("route.match.network = \"{}\": [networks] does not list it", route.network),
                  names.empty() ? fmt::format("add [networks] with {} = [\"+…\"]", route.network)
                                : did_you_mean(route.network, names));
    }
  }
}

void check_api(Draft& draft) {
  if (!draft.are_read({"api.tls_certificate", "api.tls_key"})) return;
  const Settings& settings = draft.settings;
  const bool is_https = !settings.tls_certificate.empty();
  if (is_https != !settings.tls_key.empty()) {
    const std::string there = is_https ? "api.tls_certificate" : "api.tls_key";
    const std::string_view missing = is_https ? "tls_key" : "tls_certificate";
    draft.error(origin_of(draft, there), fmt::format("{} without {}", there, missing), "HTTPS needs both");
  }
  if (is_https) return;
  for (const auto& address : settings.api_listen) {
    if (is_local(address)) continue;
    draft.warning(origin_of(draft, "api.listen"),
                  fmt::format("api.listen = \"{}\": keys, phones and codes travel unencrypted", address),
                  "set tls_certificate and tls_key, or listen on 127.0.0.1 behind a proxy that has them");
  }
}

/// Both would want the same port: the second fails at start.
void check_listeners_differ(Draft& draft) {
  if (!draft.are_read({"api.listen", "operator.listen"})) return;
  const Settings& settings = draft.settings;
  const std::string& other = settings.operator_listen;
  const auto port_of = [](std::string_view address) { return address.substr(address.rfind(':') + 1); };
  const auto is_every = [](std::string_view address) {
    return address.starts_with("0.0.0.0:") || address.starts_with("[::]:") || address.starts_with("*:");
  };
  for (const auto& address : settings.api_listen) {
    const bool is_path = address.starts_with("unix:") || other.starts_with("unix:");
    const bool meets = !is_path && port_of(address) == port_of(other) && port_of(address) != "0" &&
                       (is_every(address) || is_every(other));
    if (other.empty() || (address != other && !meets)) continue;
    const std::string at = draft.set_at.contains("operator.listen") ? "operator.listen" : "api.listen";
    draft.error(origin_of(draft, at), fmt::format("operator.listen = \"{}\": the API listens at {}", other, address),
                "they are two: metrics are not for customers; take another port");
    return;
  }
}

/// What is read there needs no key: how much is sent by whom, and by which carriers.
void check_operator(Draft& draft) {
  const std::string& address = draft.settings.operator_listen;
  if (address.empty() || !is_on_every_address(address)) return;
  draft.warning(origin_of(draft, "operator.listen"),
                fmt::format("operator.listen = \"{}\": anybody who reaches this machine reads the metrics", address),
                "listen on 127.0.0.1:9090, or on the address of the network that Prometheus is in");
}

void check_plain_carriers(Draft& draft) {
  if (!draft.are_read({"carrier.tls"})) return;
  const auto& carriers = draft.settings.carriers;
  for (std::size_t i = 0; i < carriers.size(); ++i) {
    if (carriers[i].tls) continue;
    const auto leads_out = std::ranges::find_if(carriers[i].addresses, is_public);
    if (leads_out == carriers[i].addresses.end()) continue;
    draft.warning(
        draft.carrier_at[i],
        fmt::format("carrier.address = \"{}\" without tls: password, numbers and codes cross a public network "
                    "unencrypted",
                    *leads_out),
        "set `tls = true` where the carrier has it; else use a private line or a VPN, and its address");
  }
}

void check_old_suites(Draft& draft) {
  const auto& carriers = draft.settings.carriers;
  for (std::size_t i = 0; i < carriers.size(); ++i) {
    if (!carriers[i].tls || !carriers[i].tls->has_old_suites) continue;
    draft.warning(draft.carrier_at[i],
                  "carrier.tls.ciphers = \"legacy\": who records the connection reads password, numbers and codes "
                  "once the SMSC's key is stolen",
                  "take it out where `xionctl carrier test` says that the SMSC does without");
  }
}

/// Of how many requests one is guessed.
void check_guesses(Draft& draft) {
  if (!draft.are_read({"otp.code_length", "otp.attempts"})) return;
  constexpr double likeliest = 1.0 / 1'000;
  const OtpSettings& otp = draft.settings.otp;
  const double chance = otp.attempts / std::pow(10.0, otp.code_length);
  if (chance < likeliest) return;
  const std::string at = draft.set_at.contains("otp.code_length") ? "otp.code_length" : "otp.attempts";
  draft.warning(origin_of(draft, at),
                fmt::format("otp.code_length = {} with otp.attempts = {}: one request in {:.0f} is guessed",
                            otp.code_length, otp.attempts, 1 / chance),
                "take longer codes, or fewer attempts");
}

void check_otp(Draft& draft) {
  const OtpSettings& otp = draft.settings.otp;
  if (otp.ttl <= otp.ttl_max || !draft.are_read({"otp.ttl_seconds", "otp.ttl_max_seconds"})) return;
  const std::string at = draft.set_at.contains("otp.ttl_seconds") ? "otp.ttl_seconds" : "otp.ttl_max_seconds";
  draft.error(origin_of(draft, at),
              fmt::format("otp.ttl_seconds = {}: above ttl_max_seconds, {}", otp.ttl.count(), otp.ttl_max.count()));
}

/// The provider sends browsers back to an address that it knows beforehand.
void check_sign_in(Draft& draft) {
  const Settings& settings = draft.settings;
  if (settings.oidc.is_on() && settings.dashboard_url.empty() && draft.are_read({"dashboard.url"}))
    draft.error(origin_of(draft, "dashboard.oidc"), "dashboard.oidc without dashboard.url",
                "set url; the provider's client is registered with url + /dashboard/oidc/callback");
  if (settings.session_idle > std::chrono::days{settings.session_days} &&
      draft.are_read({"dashboard.session_idle_seconds", "dashboard.session_days"}))
    draft.warning(origin_of(draft, "dashboard.session_idle_seconds"),
                  fmt::format("dashboard.session_idle_seconds = {}: longer than session_days = {}, which ends a "
                              "session first",
                              settings.session_idle.count(), settings.session_days));
}

/// Where a price is and no currency, or the other way round, somebody believes in what doesn't hold.
void check_prices(Draft& draft) {
  const Settings& settings = draft.settings;
  const bool has_currency = !settings.prices.currency.empty();
  if (!draft.are_read({"billing.currency", "prices", "carrier.name"})) return;
  std::vector<std::string_view> names;
  for (const CarrierSettings& carrier : settings.carriers) names.push_back(carrier.name);
  for (const auto& [carrier, list] : settings.prices.carriers) {
    const Origin& at = draft.prices_at.at(carrier);
    if (std::ranges::find(names, carrier) == names.end()) {
      draft.error(at, fmt::format("prices.{}: no carrier of that name", carrier), did_you_mean(carrier, names));
    } else if (!list.contains(every_number)) {
      draft.warning(at, fmt::format("prices.{}: no default: numbers that begin otherwise cost nothing", carrier),
                    "add default = \"…\"");
    }
  }
  if (!settings.prices.carriers.empty() && !has_currency)
    draft.error(draft.prices_at.begin()->second, "[prices] without [billing] currency",
                "name it once: [billing] and currency = \"EUR\"");
  if (has_currency) {
    for (const std::string_view name : names) {
      if (!settings.prices.carriers.empty() && !settings.prices.carriers.contains(name))
        draft.warning(origin_of(draft, "billing.currency"),
                      fmt::format("no [prices.{}]: what goes by this carrier costs nothing", name));
    }
    return;
  }
  for (const auto& [name, plan] : settings.plans) {
    for (const auto& [key, amount] :
         {std::pair("price_per_month", plan.price_per_month), std::pair("spend_per_day", plan.spend_per_day),
          std::pair("spend_per_month", plan.spend_per_month)}) {
      if (amount == 0) continue;
      const std::string full = fmt::format("plans.{}.{}", name, key);
      draft.error(origin_of(draft, full), fmt::format("{} without [billing] currency", full),
                  "name it once: [billing] and currency = \"EUR\"");
    }
  }
}

void check_store(Draft& draft) {
  const StoreSettings& store = draft.settings.store;
  if (!draft.are_read({"store.engine", "store.url"}) || store.engine == StoreEngine::lmdb) return;
  if (store.url.empty())
    return draft.error(origin_of(draft, "store.engine"), "store.url is missing",
                       "where the database is: postgresql://xionid@db1.example.net/xionid?sslmode=verify-full");
  if (database_url::leads_away(store.url) && !database_url::checks_server(store.url))
    draft.warning(origin_of(draft, "store.url"), "store.url: nobody checks whose server it is",
                  "add ?sslmode=verify-full&sslrootcert=/etc/xionid/database-ca.pem");
}

/// Where there are no nodes this one binds whatever the list says: nobody else could.
void check_nodes_of_carriers(Draft& draft) {
  if (draft.settings.store.engine != StoreEngine::lmdb) return;
  const auto& carriers = draft.settings.carriers;
  for (std::size_t i = 0; i < carriers.size(); ++i) {
    if (carriers[i].nodes.empty()) continue;
    draft.warning(draft.carrier_at[i], fmt::format("carrier.nodes of \"{}\": not looked at", carriers[i].name),
                  "only nodes that share a database have names: [store] engine is lmdb, so this xiond binds");
  }
}

}  // namespace

void check_whole(Draft& draft) {
  check_store(draft);
  check_carrier_names(draft);
  check_routes_name_carriers(draft);
  check_every_carrier_is_used(draft);
  check_routes_differ(draft);
  resolve_networks(draft);
  check_api(draft);
  check_listeners_differ(draft);
  check_operator(draft);
  check_plain_carriers(draft);
  check_old_suites(draft);
  check_nodes_of_carriers(draft);
  check_guesses(draft);
  check_otp(draft);
  check_sign_in(draft);
  check_prices(draft);
}

}  // namespace xion::config
