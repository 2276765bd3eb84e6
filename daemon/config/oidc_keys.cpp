#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "config/files.h"
#include "config/forms.h"
#include "config/schema.h"
#include "core/owners/provider_url.h"

namespace xion::config {
namespace {

constexpr std::size_t grants_at_most = 100;
constexpr std::size_t secret_octets_limit = 512;

bool is_printable(std::string_view text, std::size_t limit_octets) {
  return !text.empty() && text.size() <= limit_octets &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

constexpr std::string_view discovery_path = "/.well-known/openid-configuration";

bool is_issuer(std::string_view text) {
  return is_provider_url(text) && !text.contains('?') && !text.ends_with(discovery_path);
}
std::string hint_for_issuer(std::string_view text) {
  if (text.ends_with(discovery_path)) {
    text.remove_suffix(discovery_path.size());
    return fmt::format("discovery is found behind it: \"{}\"", text);
  }
  if (text.starts_with("http://") && is_issuer(fmt::format("https://{}", text.substr(7))))
    return fmt::format("what people may do here must not come unencrypted: \"https://{}\"", text.substr(7));
  if (!text.contains("://") && is_issuer(fmt::format("https://{}", text)))
    return fmt::format("the scheme is missing: \"https://{}\"", text);
  return {};
}
constexpr Form issuer_form{"https://host and perhaps a path, as the provider has it; http on loopback", is_issuer,
                           hint_for_issuer};
constexpr Form client_form{"the client's id, 1–255 printable characters",
                           [](std::string_view text) { return !text.empty() && is_ascii(text, 255); }};
constexpr Form button_form{"1–60 characters", [](std::string_view text) { return is_printable(text, 120); }};
constexpr Form scope_form{"a scope, such as \"openid\"", [](std::string_view text) {
                            return !text.empty() && is_ascii(text, 64) &&
                                   text.find_first_of(" \"\\") == std::string_view::npos;
                          }};
constexpr Form claim_form{"a claim's name, such as \"groups\"",
                          [](std::string_view text) { return is_printable(text, 128); }};
constexpr Form group_form{"a group's name as the provider writes it",
                          [](std::string_view text) { return is_printable(text, 256); }};
constexpr Form grant_app_form{"an app's name",
                              [](std::string_view text) { return !text.empty() && is_ascii(text, 63); }};

Rule<OidcSettings> client_secret_file() {
  return {[](const Place& place, OidcSettings& oidc) {
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, "text, a path");
            oidc.client_secret_file.clear();
            oidc.client_secret = {};
            if (value->get().empty()) return;
            oidc.client_secret_file = secret_file(place.reading, value->get());
            auto text = secret_text(place, oidc.client_secret_file);
            if (!text) return;
            while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
            if (text->empty() || !is_ascii(*text, secret_octets_limit))
              return place.error("the file holds no client's secret: expected one line of printable ASCII");
            oidc.client_secret = Secret(std::move(*text));
          },
          [](JsonWriter& out, const OidcSettings& oidc) { out.value(oidc.client_secret_file); }};
}

/// A group's grant that says too much or too little.
void check_grant(const Place& place, const toml::table&, const OidcGrant& grant, bool is_read) {
  if (!is_read) return;
  if (grant.group.empty()) place.error("group is missing");
  if (grant.role.empty()) place.error("role is missing", "viewer, owner or operator");
  const bool is_operator = grant.role == "operator";
  if (is_operator && !grant.app.empty()) place.error("an operator sees every app", "leave app out");
  if (!is_operator && !grant.role.empty() && grant.app.empty())
    place.error("app is missing", "a viewer or an owner is one app's");
}

Rule<OidcSettings> grants() {
  auto rule = tables(&OidcSettings::grants, oidc_grant_keys, "{ group, app, role }", check_grant);
  rule.read = [read = std::move(rule.read)](const Place& place, OidcSettings& oidc) {
    if (const auto* array = place.node.as_array(); array != nullptr && array->size() > grants_at_most)
      return place.error(fmt::format("expected at most {} grants", grants_at_most));
    read(place, oidc);
  };
  return rule;
}

void check_oidc(const Place& place, const toml::table& table, const OidcSettings& oidc) {
  for (const std::string_view key : {"issuer", "client_id"}) {
    if (!table.contains(key)) place.reading.draft.error(place.at(), fmt::format("{}.{} is missing", place.path, key));
  }
  if (std::ranges::find(oidc.scopes, "openid") == oidc.scopes.end())
    place.reading.draft.error(place.at(), fmt::format("{}.scopes lacks \"openid\"", place.path),
                              "without it the provider tells of nobody");
  if (!table.contains("grants"))
    place.reading.draft.warning(place.at(), fmt::format("{}.grants is missing: nobody may do anything", place.path),
                                "such as grants = [{ group = \"support\", app = \"shop\", role = \"viewer\" }]");
}

}  // namespace

const Keys<OidcGrant>& oidc_grant_keys() {
  static const Keys<OidcGrant> keys{
      {"group", text(&OidcGrant::group, group_form), "A group, as the provider's claim has it."},
      {"app", text(&OidcGrant::app, grant_app_form), "The app that its people see; operators see all."},
      {"role",
       word(&OidcGrant::role,
            std::vector<std::pair<std::string_view, std::string>>{
                {"viewer", "viewer"}, {"owner", "owner"}, {"operator", "operator"}}),
       "What they may do there."},
  };
  return keys;
}

const Keys<OidcSettings>& oidc_keys() {
  static const Keys<OidcSettings> keys{
      {"issuer", text(&OidcSettings::issuer, issuer_form), "The provider, by the name that its discovery gives it."},
      {"client_id", text(&OidcSettings::client_id, client_form), "What the provider knows this gateway by."},
      {"client_secret_file", client_secret_file(), "File of the client's secret; none for a public client."},
      {"name", text(&OidcSettings::name, button_form), "What the button of the page says."},
      {"scopes", texts(&OidcSettings::scopes, scope_form), "What the provider is asked to tell; openid among them."},
      {"groups_claim", text(&OidcSettings::groups_claim, claim_form), "The claim of the ID token that lists groups."},
      {"ca", readable_file(&OidcSettings::ca), "File of the CAs of the provider's certificate; the system's without."},
      {"grants", grants(), "Which groups may do what; the first that fits decides."},
  };
  return keys;
}

Rule<Settings> oidc() {
  return {[](const Place& place, Settings& settings) {
            const auto* table = place.node.as_table();
            if (table == nullptr) return wrong_type(place, "a table, [dashboard.oidc]");
            read_keys(*table, place.path, oidc_keys(), settings.oidc, place.reading);
            check_oidc(place, *table, settings.oidc);
          },
          [](JsonWriter& out, const Settings& settings) {
            out.begin_object();
            show_keys(out, oidc_keys(), settings.oidc);
            out.end_object();
          }};
}

}  // namespace xion::config
