#include "app/owners/import_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "app/owners/directory.h"
#include "app/owners/templates.h"
#include "app/owners/webhook_admin.h"
#include "core/tlv_text.h"

namespace xion {
namespace {

constexpr AppId first_new_app = std::numeric_limits<AppId>::max() / 2;

using Action = ImportChange::Action;
using SameSecret = std::function<bool(const WebhookSecret&, const WebhookSecret&)>;

/// The members that differ, as they were and as they will be.
class Differences {
 public:
  void of(std::string_view name, std::string_view before, std::string_view after) {
    if (before == after) return;
    const auto shown = [](std::string_view text) { return text.empty() ? std::string_view("(none)") : text; };
    text_ += fmt::format("{}{}: {} → {}", text_.empty() ? "" : ", ", name, shown(before), shown(after));
  }
  void of(std::string_view name, const std::optional<WallTime>& before, const std::optional<WallTime>& after) {
    of(name, before ? rfc3339(*before) : std::string(), after ? rfc3339(*after) : std::string());
  }
  /// Of what is not shown.
  void of_secret(std::string_view name, bool differs) {
    if (differs) text_ += fmt::format("{}another {}", text_.empty() ? "" : ", ", name);
  }
  bool is_empty() const { return text_.empty(); }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

std::string shown_tlvs(const MessageTemplate& text) {
  std::vector<std::string> all;
  for (const smpp::Tlv& tlv : text.tlvs)
    all.push_back(fmt::format("{}={}", shown_tlv_tag(tlv.tag), shown_tlv_value(tlv.value)));
  return fmt::format("{}", fmt::join(all, " "));
}

std::string shown_scopes(const ApiKey& key) { return fmt::format("{}", fmt::join(scope_names(key.scopes), " ")); }

std::string subject_of(const ListEntry& entry) { return entry.subject == ListSubject::everything ? "*" : entry.value; }

/// Phones of testers are nobody's to read where changes are told and kept.
std::string_view shown_setting(std::string_view key, std::string_view value) {
  return key == "test_phones" ? "(not shown)" : value;
}

WebhookSecret secret_of(const ApiKey& key) { return {key.secret_as, key.secret_sealed, {}}; }

class Planning {
 public:
  Planning(const StoredHoldings& here, const SameSecret& is_same_secret, WallTime now)
      : here_(here), is_same_secret_(is_same_secret), now_(now) {}

  void take(const AppHoldings& wanted) {
    const AppId id = take_app(wanted.app);
    const auto owned = [id](auto thing) {
      thing.app = id;
      return thing;
    };
    app_ = wanted.app.name;
    for (const ApiKey& key : wanted.keys) take_key(owned(key));
    for (const MessageTemplate& text : wanted.templates) take_template(owned(text));
    for (const ListEntry& entry : wanted.lists) take_entry(owned(entry));
    for (const Webhook& webhook : wanted.webhooks) take_webhook(owned(webhook));
    check_room(id);
  }
  void take_lists(const std::vector<ListEntry>& entries) {
    app_.clear();
    for (const ListEntry& entry : entries) take_entry(entry);
  }

  std::expected<ImportPlan, std::string> outcome() && {
    if (!trouble_.empty()) return std::unexpected(std::move(trouble_));
    return std::move(plan_);
  }

 private:
  void note(Action action, std::string_view kind, std::string name, std::string what) {
    plan_.changes.push_back({action, kind, app_, std::move(name), std::move(what)});
  }
  /// The first is told.
  void refuse(std::string sentence) {
    if (trouble_.empty()) trouble_ = std::move(sentence);
  }

  AppId take_app(App wanted) {
    app_ = wanted.name;
    const auto known = std::ranges::find(here_.apps, wanted.name, &App::name);
    if (known == here_.apps.end()) {
      wanted.id = first_new_app + ++new_apps_;
      std::vector<std::string> settings{"plan: " + wanted.plan};
      for (const auto& [key, value] : wanted.overrides)
        settings.push_back(fmt::format("{}: {}", key, shown_setting(key, value)));
      note(Action::add, "app", wanted.name, fmt::format("{}", fmt::join(settings, ", ")));
      plan_.writes.apps.push_back(wanted);
      return wanted.id;
    }
    Differences differences;
    differences.of("plan", known->plan, wanted.plan);
    auto keys = known->overrides;
    keys.insert(wanted.overrides.begin(), wanted.overrides.end());
    const auto value_in = [](const App& app, const std::string& key) {
      const auto found = app.overrides.find(key);
      return found == app.overrides.end() ? std::string() : found->second;
    };
    for (const auto& [key, value] : keys) {
      const auto before = value_in(*known, key), after = value_in(wanted, key);
      if (shown_setting(key, value) == value)
        differences.of(key, before, after);
      else
        differences.of_secret(key, before != after);
    }
    wanted.id = known->id;
    wanted.created_at = known->created_at;
    change(differences, "app", wanted.name, plan_.writes.apps, wanted);
    return wanted.id;
  }

  template <typename T>
  void change(const Differences& differences, std::string_view kind, std::string name, std::vector<T>& writes,
              T thing) {
    if (differences.is_empty()) return;
    note(Action::change, kind, std::move(name), differences.text());
    writes.push_back(std::move(thing));
  }

  void take_key(ApiKey wanted) {
    const auto known = std::ranges::find(here_.keys, wanted.id, &ApiKey::id);
    if (known == here_.keys.end()) {
      if (const auto same = std::ranges::find(here_.keys, wanted.hash, &ApiKey::hash); same != here_.keys.end())
        return refuse(fmt::format("{} of app {}: here the same key is {}", wanted.id, app_, same->id));
      note(Action::add, "key", wanted.id, shown_scopes(wanted));
      plan_.writes.keys.push_back(std::move(wanted));
      return;
    }
    if (known->app != wanted.app || known->hash != wanted.hash || known->hook != wanted.hook ||
        known->test != wanted.test)
      return refuse(fmt::format("{} of app {}: here this id is another key's", wanted.id, app_));
    if (known->revoked_at && !wanted.revoked_at)
      return note(Action::kept, "key", wanted.id, "it is revoked here, and stays so");
    const bool has_secret = !wanted.hook.empty();
    const bool is_same = !has_secret || is_same_secret_(secret_of(*known), secret_of(wanted));
    Differences differences;
    differences.of("scopes", shown_scopes(*known), shown_scopes(wanted));
    differences.of("networks", fmt::format("{}", fmt::join(known->networks, " ")),
                   fmt::format("{}", fmt::join(wanted.networks, " ")));
    differences.of("expiresAt", known->expires_at, wanted.expires_at);
    if (!known->revoked_at) differences.of("revokedAt", known->revoked_at, wanted.revoked_at);
    differences.of_secret("secret", !is_same);
    wanted.created_at = known->created_at;
    if (known->revoked_at) wanted.revoked_at = known->revoked_at;
    std::string name = wanted.id;
    change(differences, "key", std::move(name), plan_.writes.keys, std::move(wanted));
  }

  void take_template(MessageTemplate wanted) {
    std::string name = wanted.locale.empty() ? wanted.name : fmt::format("{} {}", wanted.name, wanted.locale);
    const auto known =
        std::ranges::find(here_.templates, template_key(wanted), [](const auto& text) { return template_key(text); });
    if (known == here_.templates.end()) {
      note(Action::add, "template", std::move(name), wanted.text);
      plan_.writes.templates.push_back(std::move(wanted));
      return;
    }
    Differences differences;
    differences.of("text", known->text, wanted.text);
    differences.of("tlvs", shown_tlvs(*known), shown_tlvs(wanted));
    change(differences, "template", std::move(name), plan_.writes.templates, std::move(wanted));
  }

  void take_entry(ListEntry wanted) {
    const auto known =
        std::ranges::find(here_.lists, list_key(wanted), [](const auto& entry) { return list_key(entry); });
    std::string name = subject_of(wanted);
    if (known == here_.lists.end() || !known->holds(now_)) {
      note(Action::add, to_string(wanted.kind), std::move(name), wanted.reason);
      plan_.writes.lists.push_back(std::move(wanted));
      return;
    }
    Differences differences;
    differences.of("reason", known->reason, wanted.reason);
    differences.of("expiresAt", known->expires_at, wanted.expires_at);
    const auto kind = to_string(wanted.kind);
    change(differences, kind, std::move(name), plan_.writes.lists, std::move(wanted));
  }

  void take_webhook(Webhook wanted) {
    const auto known = std::ranges::find(here_.webhooks, wanted.id, &Webhook::id);
    std::string name = wanted.id;
    if (known == here_.webhooks.end()) {
      note(Action::add, "webhook", std::move(name), masked_url(wanted.url));
      plan_.writes.webhooks.push_back(std::move(wanted));
      return;
    }
    if (known->app != wanted.app) return refuse(fmt::format("{} of app {}: here it is another app's", name, app_));
    const bool is_same = wanted.secrets.empty() || std::ranges::equal(known->secrets, wanted.secrets, is_same_secret_);
    if (is_same) wanted.secrets = known->secrets;
    Differences differences;
    const std::string before = masked_url(known->url), after = masked_url(wanted.url);
    if (before != after)
      differences.of("url", before, after);
    else
      differences.of_secret("query of its url", known->url != wanted.url);
    differences.of("types", fmt::format("{}", fmt::join(known->types, " ")),
                   fmt::format("{}", fmt::join(wanted.types, " ")));
    differences.of("batch", fmt::format("{}", known->batch), fmt::format("{}", wanted.batch));
    differences.of("callback", known->is_callback ? "true" : "false", wanted.is_callback ? "true" : "false");
    differences.of("disabled", known->disabled, wanted.disabled);
    differences.of_secret("secret", !is_same);
    wanted.created_at = known->created_at;
    change(differences, "webhook", std::move(name), plan_.writes.webhooks, std::move(wanted));
  }

  /// As many of a kind as an app will have: those here and those to come.
  template <typename T, typename Id, typename Counts>
  std::size_t count_after(const std::vector<T>& here, const std::vector<T>& writes, AppId app, Id id,
                          Counts counts) const {
    std::map<std::string, bool> all;
    for (const auto* things : {&here, &writes}) {
      for (const T& thing : *things)
        if (thing.app == app) all[id(thing)] = counts(thing);
    }
    return static_cast<std::size_t>(std::ranges::count(all, true, [](const auto& one) { return one.second; }));
  }
  void check_room(AppId app) {
    const auto always = [](const auto&) { return true; };
    const auto by_id = [](const auto& thing) { return thing.id; };
    const auto works = [this](const ApiKey& key) {
      return !key.revoked_at && (!key.expires_at || *key.expires_at > now_);
    };
    if (count_after(here_.keys, plan_.writes.keys, app, by_id, works) > keys_of_an_app)
      refuse(fmt::format("app {} would have more than {} keys", app_, keys_of_an_app));
    if (count_after(here_.webhooks, plan_.writes.webhooks, app, by_id, always) > webhooks_of_an_app)
      refuse(fmt::format("app {} would have more than {} webhooks", app_, webhooks_of_an_app));
    const auto by_key = [](const MessageTemplate& text) { return template_key(text); };
    if (count_after(here_.templates, plan_.writes.templates, app, by_key, always) > templates_of_an_app)
      refuse(fmt::format("app {} would have more than {} templates", app_, templates_of_an_app));
  }

  const StoredHoldings& here_;
  const SameSecret& is_same_secret_;
  WallTime now_;
  ImportPlan plan_;
  std::string app_;  ///< Whose things are taken; empty: of all apps.
  AppId new_apps_ = 0;
  std::string trouble_;
};

}  // namespace

std::string_view to_string(ImportChange::Action action) {
  switch (action) {
    case Action::add: return "add";
    case Action::change: return "change";
    case Action::kept: return "kept";
  }
  return "";
}

bool is_new_app(AppId id) { return id > first_new_app; }

std::expected<ImportPlan, std::string> plan_import(const StoredHoldings& here, const Holdings& wanted,
                                                   const SameSecret& is_same_secret, WallTime now) {
  Planning planning(here, is_same_secret, now);
  for (const AppHoldings& of : wanted.apps) planning.take(of);
  planning.take_lists(wanted.lists);
  return std::move(planning).outcome();
}

}  // namespace xion
