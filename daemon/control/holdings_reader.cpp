// The document of `xionctl import`: each thing is checked by what checks it where a command makes it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/owners/app_checks.h"
#include "app/owners/lists.h"
#include "app/owners/move_holdings.h"
#include "app/owners/network.h"
#include "app/owners/webhook_admin.h"
#include "control/document_fields.h"
#include "control/holdings_json.h"
#include "control/template_check.h"
#include "core/owners/app_policy.h"
#include "core/texts/locale.h"
#include "core/tlv_text.h"

namespace xion::control {
namespace {

constexpr std::size_t reason_octets_max = 200;
constexpr std::size_t id_octets_max = 64;

template <typename Octets>
Octets octets_of(DocumentFields& fields, std::string_view name) {
  Octets octets{};
  std::ranges::copy(as_octets(fields.octets(name, octets.size())), octets.begin());
  return octets;
}

void note(DocumentFields& fields, std::string_view name, const std::optional<Refusal>& refusal) {
  if (refusal) fields.note(name, refusal->detail, refusal->hint);
}

/// `prefix` and lower-case letters, digits.
std::string id_of(DocumentFields& fields, std::string_view prefix) {
  std::string id = fields.text("id");
  const bool is_id = id.starts_with(prefix) && id.size() > prefix.size() && id.size() <= id_octets_max &&
                     std::ranges::all_of(id.substr(prefix.size()),
                                         [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  if (!is_id) fields.note("id", fmt::format("expected {} and letters or digits", prefix));
  return id;
}

class Reader {
 public:
  explicit Reader(const DocumentReading& by) : by_(by) {}

  std::expected<Holdings, Refusal> read(const wire::Value& document) {
    DocumentFields fields(document, "", {"format", "masterKey", "apps", "block", "allow"}, fault_);
    if (const std::string format = fields.text("format"); format != export_format)
      fields.note("format", fmt::format("expected {}", export_format), "it is another version's, or no export");
    check_mark(fields);
    Holdings all;
    std::size_t at = 0;
    for (const wire::Value& value : fields.objects("apps"))
      all.apps.push_back(read_app(value, fmt::format("apps[{}]", at++)));
    read_lists(fields, all.lists, true);
    if (fault_.is_any()) return std::unexpected(*fault_.first());
    return all;
  }

 private:
  void check_mark(DocumentFields& fields) {
    is_ours_ = fields.has("masterKey");
    if (is_ours_ && fields.text("masterKey") != key_mark(by_.vault))
      fields.note("masterKey", "API keys, phones and secrets in it are of another master key than this daemon's",
                  "`xionctl export --portable` leaves them out");
  }
  /// Of what only the right master key makes sense of.
  void need_mark(DocumentFields& fields, std::string_view name) {
    if (!is_ours_) fields.note(name, "the document doesn't say of which master key this is", "its masterKey would");
  }
  template <typename Names, typename Name>
  void once(DocumentFields& fields, std::string_view member, Names& names, Name name) {
    if (!names.insert(std::move(name)).second) fields.note(member, "the document has it twice");
  }

  AppHoldings read_app(const wire::Value& value, const std::string& where) {
    DocumentFields fields(value, where,
                          {"name", "plan", "createdAt", "settings", "keys", "templates", "webhooks", "block", "allow"},
                          fault_);
    AppHoldings of;
    of.app.name = fields.text("name");
    note(fields, "name", check_app_name(of.app.name));
    once(fields, "name", names_, of.app.name);
    of.app.plan = fields.text("plan");
    note(fields, "plan", check_app_plan(by_.settings, of.app.plan));
    of.app.created_at = fields.time_or("createdAt", by_.now);
    for (auto& [key, setting] : fields.pairs("settings")) of.app.overrides.insert_or_assign(key, std::move(setting));
    note(fields, "settings", check_app_settings(of.app.overrides));
    const AppEntry entry{of.app, policy_of(by_.settings, of.app.plan, of.app.overrides), TokenBucket(1, 1)};
    for (std::size_t at = 0; const wire::Value& key : fields.objects("keys"))
      of.keys.push_back(read_key(key, fmt::format("{}.keys[{}]", where, at++)));
    std::set<std::pair<std::string, std::string>> texts;
    for (std::size_t at = 0; const wire::Value& text : fields.objects("templates"))
      of.templates.push_back(read_template(text, fmt::format("{}.templates[{}]", where, at++), entry, texts));
    for (std::size_t at = 0; const wire::Value& webhook : fields.objects("webhooks"))
      of.webhooks.push_back(read_webhook(webhook, fmt::format("{}.webhooks[{}]", where, at++)));
    read_lists(fields, of.lists, false);
    return of;
  }

  ApiKey read_key(const wire::Value& value, std::string where) {
    DocumentFields fields(value, std::move(where),
                          {"id", "hash", "test", "name", "scopes", "networks", "createdAt", "expiresAt", "revokedAt",
                           "hook", "secretAs", "secret"},
                          fault_);
    need_mark(fields, "hash");
    ApiKey key;
    key.id = id_of(fields, "key_");
    once(fields, "id", ids_, key.id);
    key.hash = octets_of<Digest>(fields, "hash");
    once(fields, "hash", hashes_, key.hash);
    key.test = fields.truth_or("test", false);
    key.name = fields.text_or("name", "");
    key.scopes = read_scopes(fields);
    key.networks = fields.texts("networks");
    for (const std::string& network : key.networks) {
      if (!parse_network(network))
        fields.note("networks", fmt::format("{} is no network", network), "such as 192.0.2.0/24 or 2001:db8::/32");
    }
    key.created_at = fields.time_or("createdAt", by_.now);
    key.expires_at = fields.time("expiresAt");
    key.revoked_at = fields.time("revokedAt");
    key.hook = fields.text_or("hook", "");
    if (key.hook.empty()) return key;
    if (std::ranges::find(signing_hooks, key.hook) == std::end(signing_hooks))
      fields.note("hook", "there is no such hook that signs");
    key.secret_as.octets = octets_of<decltype(OtpId::octets)>(fields, "secretAs");
    key.secret_sealed = fields.octets("secret", 0);
    return key;
  }

  static Scopes read_scopes(DocumentFields& fields) {
    Scopes scopes = 0;
    for (const std::string& name : fields.texts("scopes")) {
      const auto scope = parse_scope(name);
      if (!scope) fields.note("scopes", fmt::format("there is no scope {}", name));
      if (scope) scopes = static_cast<Scopes>(scopes | static_cast<Scopes>(*scope));
    }
    if (scopes == 0) fields.note("scopes", "a key without a scope could do nothing");
    return scopes;
  }

  MessageTemplate read_template(const wire::Value& value, std::string where, const AppEntry& app,
                                std::set<std::pair<std::string, std::string>>& seen) {
    DocumentFields fields(value, std::move(where), {"name", "locale", "text", "tlvs", "createdAt"}, fault_);
    MessageTemplate text{.name = fields.text("name"),
                         .locale = normalized_locale(fields.text_or("locale", "")),
                         .text = fields.text("text"),
                         .created_at = fields.time_or("createdAt", by_.now)};
    note(fields, "name", trouble_in_template_name(text));
    once(fields, "name", seen, std::pair(text.name, text.locale));
    for (const auto& [name, octets] : fields.pairs("tlvs")) {
      const auto tag = read_tlv_tag(name);
      const auto read = read_tlv_value(octets);
      if (!tag || !read)
        fields.note("tlvs", fmt::format("{} = {} is no TLV", name, octets), "such as \"0x1401\": \"1107160000000000\"");
      else
        text.tlvs.push_back({*tag, *read});
    }
    std::ranges::sort(text.tlvs, {}, &smpp::Tlv::tag);
    if (std::ranges::adjacent_find(text.tlvs, {}, &smpp::Tlv::tag) != text.tlvs.end())
      fields.note("tlvs", "a tag is there twice");
    if (fault_.is_any()) return text;
    if (const auto error = first_error_in(lint_template(app, text, by_.settings)); !error.empty())
      fields.note("text", error, "`xionctl template lint` tells all");
    return text;
  }

  Webhook read_webhook(const wire::Value& value, std::string where) {
    DocumentFields fields(value, std::move(where),
                          {"id", "url", "types", "batch", "callback", "disabled", "createdAt", "secrets"}, fault_);
    Webhook webhook;
    webhook.id = id_of(fields, "wh_");
    once(fields, "id", ids_, webhook.id);
    webhook.url = fields.text("url");
    webhook.types = fields.texts("types");
    note(fields, "url", trouble_in_webhook(by_.settings, webhook));
    webhook.batch = static_cast<std::uint8_t>(fields.whole_or("batch", 0, webhook_batch_max, 0));
    webhook.is_callback = fields.truth_or("callback", false);
    webhook.disabled = fields.text_or("disabled", "");
    webhook.created_at = fields.time_or("createdAt", by_.now);
    for (std::size_t at = 0; const wire::Value& secret : fields.objects("secrets")) {
      DocumentFields of(secret, fields.where(fmt::format("secrets[{}]", at++)), {"secretAs", "secret", "until"},
                        fault_);
      need_mark(of, "secret");
      webhook.secrets.push_back(
          {{octets_of<decltype(OtpId::octets)>(of, "secretAs")}, of.octets("secret", 0), of.time("until")});
    }
    return webhook;
  }

  void read_lists(DocumentFields& fields, std::vector<ListEntry>& entries, bool is_of_all) {
    std::set<std::string> seen;
    for (const ListKind kind : {ListKind::block, ListKind::allow}) {
      for (std::size_t at = 0; const wire::Value& value : fields.objects(to_string(kind))) {
        DocumentFields of(value, fields.where(fmt::format("{}[{}]", to_string(kind), at++)),
                          {"subject", "value", "hash", "reason", "createdAt", "expiresAt"}, fault_);
        entries.push_back(read_entry(of, kind));
        once(of, "value", seen, list_key(entries.back()));
        if (is_of_all && kind == ListKind::block && entries.back().subject == ListSubject::everything)
          of.note("value", "everything of all apps can't be blocked");
      }
    }
  }

  ListEntry read_entry(DocumentFields& fields, ListKind kind) {
    ListEntry entry = fields.has("hash") ? read_hashed(fields, kind) : read_target(fields, kind);
    const std::string subject = fields.text_or("subject", to_string(entry.subject));
    if (subject != to_string(entry.subject))
      fields.note("subject", fmt::format("the value is a {}'s", to_string(entry.subject)));
    entry.reason = fields.text_or("reason", "");
    if (entry.reason.size() > reason_octets_max) fields.note("reason", "it is too long", "200 octets at most");
    entry.created_at = fields.time_or("createdAt", by_.now);
    entry.expires_at = fields.time("expiresAt");
    return entry;
  }
  /// A phone of which only its hash and its mask are known.
  ListEntry read_hashed(DocumentFields& fields, ListKind kind) {
    need_mark(fields, "hash");
    ListEntry entry;
    entry.kind = kind;
    entry.phone = octets_of<Fingerprint>(fields, "hash");
    entry.value = fields.text("value").substr(0, 32);
    return entry;
  }
  ListEntry read_target(DocumentFields& fields, ListKind kind) {
    const auto target = parse_list_target(fields.text("value"));
    if (target) return list_entry(kind, 0, *target, by_.vault);
    fields.note("value", "it names nothing that could be listed",
                "a phone such as +37499123456, a prefix such as +37499*, a country such as AM, or *");
    return {};
  }

  const DocumentReading& by_;
  DocumentFault fault_;
  bool is_ours_ = false;  ///< Hashes and secrets in it are under this daemon's master key.
  std::set<std::string> names_, ids_;
  std::set<Digest> hashes_;
};

}  // namespace

std::expected<Holdings, Refusal> read_holdings_json(const wire::Value& document, const DocumentReading& by) {
  return Reader(by).read(document);
}

}  // namespace xion::control
