#include "config/files.h"
#include "config/forms.h"
#include "config/schema.h"
#include "core/limits.h"

namespace xion::config {
namespace {

using Words = std::vector<std::pair<std::string_view, std::string>>;

constexpr Form stop_word_form{"one word of 1–32 octets", [](std::string_view text) {
                                return !text.empty() && text.size() <= 32 && text.find(' ') == std::string_view::npos;
                              }};
constexpr std::string_view rate_rule_form = "\"COUNT/WINDOW\", at most 100000 in at most 1d, such as \"5/10m\" or \"10/1d\"";

std::optional<RateRule> rate_rule_at(const Place& place) {
  const auto* value = place.node.as_string();
  if (value == nullptr) {
    wrong_type(place, rate_rule_form);
    return std::nullopt;
  }
  auto rule = parse_rate_rule(value->get());
  if (!rule) place.error(fmt::format("expected {}", rate_rule_form));
  return rule;
}

/// "none" switches the limit off.
Rule<LimitSettings> rate(RateRule LimitSettings::* member) {
  return {[=](const Place& place, LimitSettings& limits) {
            if (const auto* value = place.node.as_string(); value != nullptr && value->get() == "none") {
              limits.*member = RateRule{};
              return;
            }
            if (const auto rule = rate_rule_at(place)) limits.*member = *rule;
          },
          [=](JsonWriter& out, const LimitSettings& limits) {
            out.value((limits.*member).count == 0 ? "none" : to_string(limits.*member));
          }};
}

Rule<LimitSettings> rates(std::vector<RateRule> LimitSettings::* member) {
  return {[=](const Place& place, LimitSettings& limits) {
            const auto* array = place.node.as_array();
            if (array == nullptr) {
              return place.error(fmt::format("expected an array of {}", rate_rule_form), "put it in [ and ]");
            }
            std::vector<RateRule> rules;
            for (const auto& element : *array) {
              if (const auto rule = rate_rule_at(place.inside(element))) rules.push_back(*rule);
            }
            limits.*member = std::move(rules);
          },
          [=](JsonWriter& out, const LimitSettings& limits) {
            out.begin_array();
            for (const auto& rule : limits.*member) out.value(to_string(rule));
            out.end_array();
          }};
}

Rule<LimitSettings> cooldown() {
  return {[](const Place& place, LimitSettings& limits) {
            std::vector<Seconds> waits;
            const auto take = [&](const Place& part) {
              if (const auto value = whole_number(part, 0, 3600, "seconds")) waits.emplace_back(*value);
            };
            if (const auto* array = place.node.as_array()) {
              for (const auto& element : *array) take(place.inside(element));
            } else {
              take(place);
            }
            limits.cooldown = std::move(waits);
          },
          [](JsonWriter& out, const LimitSettings& limits) {
            out.begin_array();
            for (const auto& wait : limits.cooldown) out.value(std::int64_t{wait.count()});
            out.end_array();
          }};
}

}  // namespace

const Keys<Settings>& daemon_keys() {
  static const Keys<Settings> keys{
      {"data_dir", path(&Settings::data_dir), "Folder of the data file."},
      {"control_socket", path(&Settings::control_socket), "Unix socket that xionctl talks to."},
      {"control_group", text(&Settings::control_group, name_form), "Group whose members may command the daemon."},
      {"control_view_group", text(&Settings::control_view_group, name_form),
       "Group whose members may look and change nothing."},
      {"master_key_file", master_key_file(), "File of the master key: a credential, or beside this file."},
      {"log", word(&Settings::log, Words{{"auto", "auto"}, {"journal", "journal"}, {"stderr", "stderr"}}),
       "Where log lines go; \"auto\" is the journal under systemd, else stderr."},
      {"log_level",
       word(&Settings::log_level,
            Words{{"debug", "debug"}, {"info", "info"}, {"warning", "warning"}, {"error", "error"}}),
       "The least level that is logged."},
      {"retention_days", whole(&Settings::retention_days, 1, 3650),
       "Days for which requests and their events are kept."},
      {"stop_words", texts(&Settings::stop_words, stop_word_form),
       "Words besides the built-in ones by which a phone asks for no more messages."},
      {"queue_limit", whole(&Settings::queue_limit, 1, 10'000'000),
       "Messages that may wait for a carrier; above it the API answers 503."},
  };
  return keys;
}

const Keys<Settings>& api_keys() {
  static const Keys<Settings> keys{
      {"listen", texts(&Settings::api_listen, listen_address_form), "Addresses of the HTTP API."},
      {"tls_certificate", readable_file(&Settings::tls_certificate), "Certificate chain (PEM): with tls_key, HTTPS."},
      {"tls_key", readable_file(&Settings::tls_key), "Private key (PEM) of tls_certificate."},
      {"max_connections", whole(&Settings::max_connections, 1, 1'000'000), "Open HTTP connections at most."},
  };
  return keys;
}

const Keys<Settings>& operator_keys() {
  static const Keys<Settings> keys{
      {"listen", text(&Settings::operator_listen, listen_address_form), "Address of /metrics, /healthz and /readyz."},
  };
  return keys;
}

namespace {

/// Scheme, host and perhaps a port: the dashboard's paths begin behind it.
bool is_origin(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return scheme != 0 && text.size() > scheme && text.size() < 256 &&
         text.find_first_of("/?#@ \"\\", scheme) == std::string_view::npos;
}
constexpr Form origin_form{"https://host or https://host:port, no path", is_origin};

}  // namespace

const Keys<Settings>& dashboard_keys() {
  static const Keys<Settings> keys{
      {"enabled", truth(&Settings::dashboard), "Whether the API's listeners serve the dashboard."},
      {"url", text(&Settings::dashboard_url, origin_form),
       "Where people reach it; links of `xionctl dashboard invite` begin so."},
  };
  return keys;
}

const Keys<OtpSettings>& otp_keys() {
  static const Keys<OtpSettings> keys{
      {"ttl_seconds", seconds(&OtpSettings::ttl, 30, 3600), "Life of a code where the request doesn't say."},
      {"ttl_max_seconds", seconds(&OtpSettings::ttl_max, 30, 3600), "Longest life that a request may ask for."},
      {"code_length", whole(&OtpSettings::code_length, 4, 10), "Digits of a code where the request doesn't say."},
      {"attempts", whole(&OtpSettings::attempts, 1, 10), "Wrong codes after which a request is locked."},
      {"segments_max", whole(&OtpSettings::segments_max, 1, 10), "Parts of one text at most; a longer one is refused."},
      {"resend", word(&OtpSettings::resend_rotates, {{"same", false}, {"rotate", true}}),
       "Whether sending again sends the same code or makes a new one."},
  };
  return keys;
}

const Keys<LimitSettings>& limit_keys() {
  static const Keys<LimitSettings> keys{
      {"sends_per_phone", rates(&LimitSettings::sends_per_phone), "Messages to one phone."},
      {"sends_per_user_ip", rates(&LimitSettings::sends_per_user_ip),
       "Messages asked for from one end user's address."},
      {"phones_per_user_ip", rate(&LimitSettings::phones_per_user_ip), "Different phones from one end user's address."},
      {"failed_verifies_per_user_ip", rate(&LimitSettings::failed_verifies_per_user_ip),
       "Wrong codes from one end user's address."},
      {"locks_per_phone", rate(&LimitSettings::locks_per_phone), "Locked requests after which the phone is locked."},
      {"phone_lock_seconds", seconds(&LimitSettings::phone_lock, 0, 86'400), "For how long a phone is locked."},
      {"cooldown_seconds", cooldown(), "Wait after the 1st, 2nd, … send of a code; the last repeats."},
  };
  return keys;
}

const Keys<GuardSettings>& fraud_keys() {
  static const Keys<GuardSettings> keys{
      {"mode",
       word(&GuardSettings::mode,
            {{"off", GuardMode::off}, {"record", GuardMode::record}, {"enforce", GuardMode::enforce}}),
       "What the pumping guard does with a send that its budgets don't cover."},
      {"daily_floor", whole(&GuardSettings::daily_floor, 0, 1'000'000),
       "Unverified sends in 24 h that are always allowed."},
      {"daily_share", real(&GuardSettings::daily_share, 0, 100),
       "Share of the best verified day of 14, or of those verified in 24 h, that may be unverified."},
      {"hourly_floor", whole(&GuardSettings::hourly_floor, 0, 1'000'000),
       "Unverified sends in an hour that are always allowed."},
      {"hourly_share", real(&GuardSettings::hourly_share, 0, 100),
       "Share of a sixth of the best day, or of those verified in an hour, that may be unverified."},
      {"countries_per_user_ip", whole(&GuardSettings::countries_per_user_ip, 0, 250),
       "Countries a day to which one end user's address may send unverified; 0 for any number."},
  };
  return keys;
}

const Keys<WebhookSettings>& webhook_keys() {
  static const Keys<WebhookSettings> keys{
      {"allow_private", truth(&WebhookSettings::allow_private),
       "Whether webhooks may lead to loopback and private addresses."},
      {"timeout_seconds", fine_seconds(&WebhookSettings::time_limit, 1, 60), "Longest wait for a receiver's answer."},
  };
  return keys;
}

const Keys<Plan>& plan_keys() {
  static const Keys<Plan> keys{
      {"sms_per_month", whole(&Plan::sms_per_month, 0, 1'000'000'000'000), "Messages a month; 0 for no end."},
      {"requests_per_second", real(&Plan::requests_per_second, 0, 1'000'000),
       "Requests a second of one app; 0 for no limit."},
      {"overage", truth(&Plan::overage), "Whether messages go on beyond sms_per_month."},
  };
  return keys;
}

}  // namespace xion::config
