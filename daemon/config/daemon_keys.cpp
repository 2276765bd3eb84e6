#include <algorithm>

#include <fmt/format.h>

#include "config/files.h"
#include "config/forms.h"
#include "config/schema.h"
#include "core/owners/webhook.h"
#include "smpp/ascii.h"

namespace xion::config {
namespace {

using enum Takes;
using Words = std::vector<std::pair<std::string_view, std::string>>;

constexpr Form stop_word_form{"one word of 1–32 octets", [](std::string_view text) {
                                return !text.empty() && text.size() <= 32 && text.find(' ') == std::string_view::npos;
                              }};

}  // namespace

const Keys<Settings>& daemon_keys() {
  static const Keys<Settings> keys{
      {"data_dir", path(&Settings::data_dir), "Folder of the data file.", next_start},
      {"control_socket", path(&Settings::control_socket), "Unix socket that xionctl talks to.", next_start},
      {"control_group", text(&Settings::control_group, name_form), "Group whose members may command the daemon.",
       next_start},
      {"control_view_group", text(&Settings::control_view_group, name_form),
       "Group whose members may look and change nothing.", next_start},
      {"master_key_file", master_key_file(), "File of the master key: a credential, or beside this file.", next_start},
      {"log", word(&Settings::log, Words{{"auto", "auto"}, {"journal", "journal"}, {"stderr", "stderr"}}),
       "Where log lines go; \"auto\" is the journal under systemd, else stderr.", next_start},
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
      {"listen", texts(&Settings::api_listen, listen_address_form), "Addresses of the HTTP API.", next_start},
      {"tls_certificate", readable_file(&Settings::tls_certificate), "Certificate chain (PEM): with tls_key, HTTPS.",
       next_start_where_it_ends},
      {"tls_key", readable_secret_file(&Settings::tls_key), "Private key (PEM) of tls_certificate.",
       next_start_where_it_ends},
      {"max_connections", whole(&Settings::max_connections, 1, 1'000'000), "Open HTTP connections at most.",
       next_start},
  };
  return keys;
}

const Keys<Settings>& operator_keys() {
  static const Keys<Settings> keys{
      {"listen", text(&Settings::operator_listen, listen_address_form), "Address of /metrics, /healthz and /readyz.",
       next_start},
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
      {"session_idle_seconds", seconds(&Settings::session_idle, 300, 30 * 86'400),
       "A session ends so long after it was last used."},
      {"session_days", whole(&Settings::session_days, 1, 90), "A session ends so long after it began, used or not."},
      {"oidc", oidc(), "Who signs people in: an OpenID provider."},
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

namespace {

constexpr Form currency_form{"three capital letters of ISO 4217, such as EUR",
                             [](std::string_view text) { return text.empty() || is_currency(text); },
                             [](std::string_view text) {
                               std::string capitals(text);
                               std::ranges::transform(capitals, capitals.begin(), smpp::ascii::upper);
                               return is_currency(capitals) ? fmt::format("\"{}\"", capitals) : std::string();
                             }};

}  // namespace

const Keys<Prices>& billing_keys() {
  static const Keys<Prices> keys{
      {"currency", text(&Prices::currency, currency_form), "The currency of every price; without it nothing has one."},
  };
  return keys;
}

namespace {

/// The whole URL, since a collector's path is its own affair; the usual one is missing most often.
bool is_endpoint(std::string_view text) {
  if (text.empty()) return true;
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const auto path = text.find('/', scheme);
  return scheme != 0 && path != std::string_view::npos && path > scheme && path + 1 < text.size() &&
         text.size() < 256 && text.find_first_of("@ \"\\") == std::string_view::npos;
}
std::string hint_for_endpoint(std::string_view text) {
  if (text.starts_with("http://") || text.starts_with("https://"))
    return text.find('@') != std::string_view::npos
               ? std::string("without a name or password in it: a collector on this machine needs none")
               : std::string(text.substr(0, text.find_last_not_of('/') + 1)) + "/v1/traces?";
  return "http://127.0.0.1:4318/v1/traces is a collector on this machine";
}
/// As who looks may see it: a collector may expect a secret in the query.
Rule<TracingSettings> endpoint(const Form& form) {
  Rule<TracingSettings> rule = text(&TracingSettings::endpoint, form);
  rule.show = [](JsonWriter& out, const TracingSettings& tracing) { out.value(masked_url(tracing.endpoint)); };
  return rule;
}
constexpr Form endpoint_form{"a URL such as http://127.0.0.1:4318/v1/traces", is_endpoint, hint_for_endpoint};

}  // namespace

const Keys<TracingSettings>& tracing_keys() {
  static const Keys<TracingSettings> keys{
      {"endpoint", endpoint(endpoint_form), "Where spans are posted to, as OTLP in JSON; empty: nothing is traced."},
      {"sample_ratio", real(&TracingSettings::sample_ratio, 0, 1),
       "Which part of the requests is traced that no caller traces already."},
  };
  return keys;
}

}  // namespace xion::config
