#include "control/holdings_json.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "core/tlv_text.h"

namespace xion::control {
namespace {

void write_texts(JsonWriter& json, std::string_view name, const auto& texts) {
  json.key(name).begin_array();
  for (const auto& text : texts) json.value(text);
  json.end_array();
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<WallTime>& at) {
  if (at) json.field(name, rfc3339_millis(*at));
}

void write(JsonWriter& json, const ApiKey& key) {
  json.begin_object().field("id", key.id).field("hash", hex(key.hash)).field("test", key.test);
  if (!key.name.empty()) json.field("name", key.name);
  write_texts(json, "scopes", scope_names(key.scopes));
  write_texts(json, "networks", key.networks);
  write_time(json, "createdAt", key.created_at);
  write_time(json, "expiresAt", key.expires_at);
  write_time(json, "revokedAt", key.revoked_at);
  if (!key.hook.empty()) {
    json.field("hook", key.hook).field("secretAs", hex(key.secret_as.octets));
    json.field("secret", hex(as_octets(key.secret_sealed)));
  }
  json.end_object();
}

void write(JsonWriter& json, const MessageTemplate& text) {
  json.begin_object().field("name", text.name).field("locale", text.locale).field("text", text.text);
  json.key("tlvs").begin_object();
  for (const smpp::Tlv& tlv : text.tlvs) json.field(shown_tlv_tag(tlv.tag), shown_tlv_value(tlv.value));
  json.end_object();
  write_time(json, "createdAt", text.created_at);
  json.end_object();
}

/// As `block add` takes it; a phone's is a mask.
std::string shown_value(const ListEntry& entry) {
  switch (entry.subject) {
    case ListSubject::everything: return "*";
    case ListSubject::prefix: return entry.value + "*";
    case ListSubject::country:
    case ListSubject::phone: return entry.value;
  }
  return {};
}

void write(JsonWriter& json, const ListEntry& entry) {
  json.begin_object().field("subject", to_string(entry.subject));
  json.field("value", shown_value(entry));
  if (entry.subject == ListSubject::phone) json.field("hash", hex(entry.phone));
  json.field("reason", entry.reason);
  write_time(json, "createdAt", entry.created_at);
  write_time(json, "expiresAt", entry.expires_at);
  json.end_object();
}

void write(JsonWriter& json, const Webhook& webhook, bool is_portable) {
  json.begin_object().field("id", webhook.id).field("url", webhook.url);
  write_texts(json, "types", webhook.types);
  json.field("batch", std::uint32_t{webhook.batch}).field("callback", webhook.is_callback);
  json.field("disabled", webhook.disabled);
  write_time(json, "createdAt", webhook.created_at);
  if (!is_portable) {
    json.key("secrets").begin_array();
    for (const WebhookSecret& secret : webhook.secrets) {
      json.begin_object().field("secretAs", hex(secret.sealed_as.octets));
      json.field("secret", hex(as_octets(secret.sealed)));
      write_time(json, "until", secret.until);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write_list(JsonWriter& json, const std::vector<ListEntry>& entries, ListKind kind, bool is_portable) {
  json.key(to_string(kind)).begin_array();
  for (const ListEntry& entry : entries) {
    if (entry.kind == kind && !(is_portable && entry.subject == ListSubject::phone)) write(json, entry);
  }
  json.end_array();
}

void write(JsonWriter& json, const AppHoldings& of, bool is_portable) {
  json.begin_object().field("name", of.app.name).field("plan", of.app.plan);
  write_time(json, "createdAt", of.app.created_at);
  json.key("settings").begin_object();
  for (const auto& [key, value] : of.app.overrides) json.field(key, value);
  json.end_object();
  if (!is_portable) {
    json.key("keys").begin_array();
    for (const ApiKey& key : of.keys) write(json, key);
    json.end_array();
  }
  json.key("templates").begin_array();
  for (const MessageTemplate& text : of.templates) write(json, text);
  json.end_array().key("webhooks").begin_array();
  for (const Webhook& webhook : of.webhooks) write(json, webhook, is_portable);
  json.end_array();
  write_list(json, of.lists, ListKind::block, is_portable);
  write_list(json, of.lists, ListKind::allow, is_portable);
  json.end_object();
}

}  // namespace

std::string holdings_json(const Holdings& holdings, std::string_view mark) {
  const bool is_portable = mark.empty();
  JsonWriter json;
  json.begin_object().field("format", export_format);
  if (!is_portable) json.field("masterKey", mark);
  json.key("apps").begin_array();
  for (const AppHoldings& of : holdings.apps) write(json, of, is_portable);
  json.end_array();
  write_list(json, holdings.lists, ListKind::block, is_portable);
  write_list(json, holdings.lists, ListKind::allow, is_portable);
  json.end_object();
  return std::move(json).str();
}

}  // namespace xion::control
