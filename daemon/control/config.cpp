#include "control/verb.h"

namespace xion::control {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_rules(JsonWriter& json, std::string_view name, const std::vector<RateRule>& rules) {
  json.key(name).begin_array();
  for (const RateRule& rule : rules) json.value(to_string(rule));
  json.end_array();
}

void write_daemon(JsonWriter& json, const Settings& settings) {
  json.key("daemon")
      .begin_object()
      .field("data_dir", settings.data_dir)
      .field("control_socket", settings.control_socket);
  json.field("control_group", settings.control_group).field("control_view_group", settings.control_view_group);
  json.field("master_key_file", settings.master_key_file);
  json.field("log", settings.log)
      .field("log_level", settings.log_level)
      .field("retention_days", settings.retention_days);
  json.field("queue_limit", settings.queue_limit).end_object();
  json.key("api").begin_object();
  write_texts(json, "listen", settings.api_listen);
  json.field("tls_certificate", settings.tls_certificate).field("tls_key", settings.tls_key);
  json.field("max_connections", settings.max_connections).end_object();
  json.key("operator").begin_object().field("listen", settings.operator_listen).end_object();
}

void write_otp(JsonWriter& json, const OtpSettings& otp, const LimitSettings& limits) {
  json.key("otp").begin_object().field("ttl_seconds", otp.ttl.count()).field("ttl_max_seconds", otp.ttl_max.count());
  json.field("code_length", std::uint32_t{otp.code_length}).field("attempts", std::uint32_t{otp.attempts});
  json.field("resend", otp.resend_rotates ? "rotate" : "same");
  json.field("segments_max", std::uint32_t{otp.segments_max}).end_object();
  json.key("limits").begin_object();
  write_rules(json, "sends_per_phone", limits.sends_per_phone);
  write_rules(json, "sends_per_user_ip", limits.sends_per_user_ip);
  json.field("phones_per_user_ip", to_string(limits.phones_per_user_ip));
  json.field("failed_verifies_per_user_ip", to_string(limits.failed_verifies_per_user_ip));
  json.field("locks_per_phone", to_string(limits.locks_per_phone))
      .field("phone_lock_seconds", limits.phone_lock.count());
  json.key("cooldown_seconds").begin_array();
  for (const Seconds wait : limits.cooldown) json.value(std::int64_t{wait.count()});
  json.end_array().end_object();
}

void write_guard(JsonWriter& json, const GuardSettings& guard) {
  json.key("fraud").begin_object();
  json.field("mode", guard.mode == GuardMode::off ? "off" : guard.mode == GuardMode::record ? "record" : "enforce");
  json.field("daily_floor", guard.daily_floor).field("daily_share", guard.daily_share);
  json.field("hourly_floor", guard.hourly_floor).field("hourly_share", guard.hourly_share);
  json.field("countries_per_user_ip", guard.countries_per_user_ip).end_object();
}

void write_carrier(JsonWriter& json, const CarrierSettings& carrier) {
  json.begin_object().field("name", carrier.name);
  write_texts(json, "address", carrier.addresses);
  json.field("tls", carrier.tls.has_value()).field("system_id", carrier.system_id).field("bind", carrier.bind);
  json.field("binds", carrier.binds)
      .field("window", carrier.window)
      .field("rate", carrier.rate)
      .field("sender", carrier.sender);
  json.end_object();
}

void write_route(JsonWriter& json, const RouteSettings& route) {
  json.begin_object().field("name", route.name).key("match").begin_object();
  if (!route.prefix.empty()) json.field("prefix", route.prefix);
  if (!route.country.empty()) json.field("country", route.country);
  if (!route.app.empty()) json.field("app", route.app);
  if (!route.purpose.empty()) json.field("purpose", route.purpose);
  json.end_object().key("carriers").begin_array();
  for (const RouteCarrier& carrier : route.carriers) {
    json.begin_object().field("name", carrier.name).field("weight", carrier.weight).end_object();
  }
  json.end_array().field("failover_after_seconds", route.failover_after.count()).end_object();
}

/// The configuration in force, under the file's own names; passwords are left out.
void config_show(Command command) {
  const Settings& settings = *command.services.settings;
  JsonWriter json;
  json.begin_object().field("config", settings.config_path).field("configHash", command.facts.config_hash);
  write_daemon(json, settings);
  write_otp(json, settings.otp, settings.limits);
  write_guard(json, settings.guard);
  json.key("plans").begin_object();
  for (const auto& [name, plan] : settings.plans) {
    json.key(name)
        .begin_object()
        .field("sms_per_month", plan.sms_per_month)
        .field("requests_per_second", plan.requests_per_second)
        .field("overage", plan.overage)
        .end_object();
  }
  json.end_object().key("carrier").begin_array();
  for (const CarrierSettings& carrier : settings.carriers) write_carrier(json, carrier);
  json.end_array().key("route").begin_array();
  for (const RouteSettings& route : settings.routes) write_route(json, route);
  json.end_array().end_object();
  command.done(std::move(json).str());
}

void reconfigure(const Command& command, bool apply) {
  if (!command.facts.reconfigure) return command.refuse("this daemon can't read its configuration again");
  auto report = command.facts.reconfigure(apply);
  if (!report) return command.refuse(report.error());
  command.done(std::move(*report));
}

void config_diff(Command command) { reconfigure(command, false); }
void config_apply(Command command) { reconfigure(command, true); }

}  // namespace

Verbs config_verbs() {
  static constexpr Verb verbs[] = {
      {"config show", config_show}, {"config diff", config_diff}, {"config apply", config_apply}};
  static_assert(is_every_verb_of("config", verbs));
  return verbs;
}

}  // namespace xion::control
