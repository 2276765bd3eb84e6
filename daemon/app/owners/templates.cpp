#include "app/owners/templates.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "core/texts/locale.h"
#include "core/texts/message_text.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::string_view default_template = "default";

}  // namespace

void Templates::load(std::move_only_function<void(bool)> done) {
  run_task(
      store_, [](Txn& txn) { return txn.templates(); },
      [this, done = std::move(done)](Commit commit, std::vector<MessageTemplate>& found) mutable {
        if (commit == Commit::durable) {
          std::map<AppId, TextsOfApp> of_apps;
          for (MessageTemplate& text : found)
            of_apps[text.app][text.name].insert_or_assign(text.locale, std::move(text));
          texts_.clear();
          for (auto& [app, texts] : of_apps) texts_[app] = std::make_shared<const TextsOfApp>(std::move(texts));
        }
        done(commit == Commit::durable);
      });
}

std::shared_ptr<const TextsOfApp> Templates::of(AppId app) const {
  const auto known = texts_.find(app);
  return known == texts_.end() ? nullptr : known->second;
}

bool Templates::has(AppId app, std::string_view name) const {
  const auto texts = of(app);
  return name == default_template || (texts != nullptr && texts->contains(name));
}

const MessageTemplate* Templates::find(AppId app, std::string_view name, std::string_view locale,
                                       std::string_view country) const {
  return text_of(of(app).get(), name, locale, country);
}

const MessageTemplate* text_of(const TextsOfApp* texts, std::string_view name, std::string_view locale,
                               std::string_view country) {
  if (texts == nullptr) return nullptr;
  const auto known = texts->find(kept_template_name(name));
  return known == texts->end() ? nullptr : best_text(known->second, name, locale, country);
}

void Templates::change(AppId app, const std::function<void(TextsOfApp&)>& change_it) {
  const auto before = of(app);
  auto after = before != nullptr ? std::make_shared<TextsOfApp>(*before) : std::make_shared<TextsOfApp>();
  change_it(*after);
  if (after->empty())
    texts_.erase(app);
  else
    texts_[app] = std::move(after);
}

std::string_view kept_template_name(std::string_view name) { return name.empty() ? default_template : name; }

const MessageTemplate* best_text(const TextsOfName& texts, std::string_view name, std::string_view locale,
                                 std::string_view country) {
  if (texts.empty()) return nullptr;
  const bool is_default = kept_template_name(name) == default_template;
  auto chain = locale_chain(locale, country);
  const bool has_built_in = std::ranges::any_of(chain, [](const std::string& tag) {
    const auto languages = built_in_languages();
    return std::ranges::find(languages, tag) != languages.end();
  });
  chain.emplace_back();
  if (!is_default || !has_built_in) chain.emplace_back("en");
  for (const std::string& tag : chain) {
    if (const auto text = texts.find(tag); text != texts.end()) return &text->second;
  }
  // A default text may be the built-in one, in the person's own language; any other has to say what it says in some
  // language.
  return is_default ? nullptr : &texts.begin()->second;
}

std::vector<MessageTemplate> Templates::all(std::optional<AppId> app) const {
  std::vector<MessageTemplate> found;
  for (const auto& [owner, texts] : texts_) {
    if (app && owner != *app) continue;
    for (const auto& [name, locales] : *texts)
      for (const auto& [locale, text] : locales) found.push_back(text);
  }
  return found;
}

void Templates::put(MessageTemplate text, AdminDone<MessageTemplate> done) {
  if (all(text.app).size() >= templates_of_an_app) {
    return loop_.post([done = std::move(done)]() mutable {
      done(std::unexpected(Refusal{"the app has as many templates as it may have", "remove one first"}));
    });
  }
  run_task(
      store_, [text](Txn& txn) { return txn.put(text), true; },
      [this, text, done = std::move(done)](Commit commit, bool&) mutable {
        if (commit == Commit::failed)
          return done(
              std::unexpected(Refusal{"the store could not keep it; nothing was changed", "see `xionctl status`"}));
        change(text.app, [&text](TextsOfApp& texts) { texts[text.name].insert_or_assign(text.locale, text); });
        log::info("template.kept", "app={} template={} locale={}", text.app, text.name, text.locale);
        done(std::move(text));
      });
}

void Templates::remove(MessageTemplate text, AdminDone<MessageTemplate> done) {
  run_task(
      store_, [text](Txn& txn) { return txn.remove(text); },
      [this, text, done = std::move(done)](Commit commit, bool& was_there) mutable {
        if (commit == Commit::failed)
          return done(
              std::unexpected(Refusal{"the store could not keep it; nothing was changed", "see `xionctl status`"}));
        if (!was_there)
          return done(std::unexpected(Refusal{"there is no such template", "`xionctl template list` shows them"}));
        change(text.app, [&text](TextsOfApp& texts) {
          const auto known = texts.find(text.name);
          if (known == texts.end()) return;
          known->second.erase(text.locale);
          if (known->second.empty()) texts.erase(known);
        });
        log::info("template.removed", "app={} template={} locale={}", text.app, text.name, text.locale);
        done(std::move(text));
      });
}

}  // namespace xion
