#pragma once
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "core/limits/guess_budget.h"
#include "core/owners/app.h"
#include "core/owners/dashboard_pass.h"
#include "core/owners/list_entry.h"
#include "core/owners/webhook.h"
#include "core/row_id.h"
#include "core/texts/message_template.h"
#include "ports/stored.h"

/// The things that there are few of: of which kind each is, under what it is kept, how it is read.
namespace xion {

template <typename T>
struct ThingTraits;

/// How names of keys are shown where a record can't be read.
std::string shown_number(std::string_view key);
std::string shown_text(std::string_view key);
std::string shown_octets(std::string_view key);

template <>
struct ThingTraits<App> {
  static constexpr ThingKind kind = ThingKind::app;
  static constexpr auto shown = shown_number;
  static std::string key(const App& app) { return std::string(BigEndian(app.id).view()); }
  static std::optional<App> read(std::string_view, std::string_view record) { return app_from_record(record); }
};
template <>
struct ThingTraits<ApiKey> {
  static constexpr ThingKind kind = ThingKind::api_key;
  static constexpr auto shown = shown_text;
  static std::string key(const ApiKey& key) { return key.id; }
  static std::optional<ApiKey> read(std::string_view, std::string_view record) { return api_key_from_record(record); }
};
template <>
struct ThingTraits<MessageTemplate> {
  static constexpr ThingKind kind = ThingKind::message_template;
  static constexpr auto shown = shown_octets;
  static std::string key(const MessageTemplate& text) { return template_key(text); }
  static std::optional<MessageTemplate> read(std::string_view, std::string_view record) {
    return template_from_record(record);
  }
};
template <>
struct ThingTraits<ListEntry> {
  static constexpr ThingKind kind = ThingKind::list_entry;
  static constexpr auto shown = shown_octets;
  static std::string key(const ListEntry& entry) { return list_key(entry); }
  static std::optional<ListEntry> read(std::string_view, std::string_view record) {
    return list_entry_from_record(record);
  }
};
template <>
struct ThingTraits<Webhook> {
  static constexpr ThingKind kind = ThingKind::webhook;
  static constexpr auto shown = shown_text;
  static std::string key(const Webhook& webhook) { return webhook.id; }
  static std::optional<Webhook> read(std::string_view key, std::string_view record) {
    return webhook_from_record(key, record);
  }
};
template <>
struct ThingTraits<DashboardPass> {
  static constexpr ThingKind kind = ThingKind::dashboard_pass;
  static constexpr auto shown = shown_text;
  static std::string key(const DashboardPass& pass) { return pass.id; }
  static std::optional<DashboardPass> read(std::string_view, std::string_view record) {
    return dashboard_pass_from_record(record);
  }
};

template <>
struct ThingTraits<GuessRow> {
  static constexpr ThingKind kind = ThingKind::guesses;
  static constexpr auto shown = shown_octets;
  static std::string key(const GuessRow& row) { return guess_key(row.app, row.phone); }
  static std::optional<GuessRow> read(std::string_view key, std::string_view record) {
    return guess_row_from_record(key, record);
  }
};

template <typename T>
concept Thing = requires { ThingTraits<T>::kind; };

/// What a kind is called in messages: as its table on disk is.
std::string_view to_string(ThingKind kind);

}  // namespace xion
