#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/owners/directory.h"
#include "core/texts/message_template.h"
#include "ports/loop.h"
#include "ports/store.h"

namespace xion {

/// So many texts of one app are kept.
inline constexpr std::size_t templates_of_an_app = 1'000;

/// By their locales.
using TextsOfName = std::map<std::string, MessageTemplate, std::less<>>;
/// By their names. Never changed where it is: another takes its place.
using TextsOfApp = std::map<std::string, TextsOfName, std::less<>>;
/// That of the best locale among an app's texts of one name (empty: "default"): the chain of `locale_chain`, then the
/// one for all locales, then English, then any. Null: the built-in text is meant, which for "default" comes before
/// English and any where it speaks the person's language.
const MessageTemplate* best_text(const TextsOfName& texts, std::string_view name, std::string_view locale,
                                 std::string_view country);
/// `best_text` of those that an app has of the name; `texts` may be null: it has none.
const MessageTemplate* text_of(const TextsOfApp* texts, std::string_view name, std::string_view locale,
                               std::string_view country);
/// The name that a text is kept under.
std::string_view kept_template_name(std::string_view name);

/// The texts of all apps: in memory on the loop thread, every change durable before it counts.
class Templates {
 public:
  Templates(Store& store, Loop& loop) : store_(store), loop_(loop) {}

  /// Reads all of them, in the place of those that are known; `done(false)` where the store failed.
  void load(std::move_only_function<void(bool)> done);

  /// Whether the app has a text of that name in any locale. "default" always exists: it may be the built-in one.
  bool has(AppId app, std::string_view name) const;
  /// All that the app has now; null: none.
  std::shared_ptr<const TextsOfApp> of(AppId app) const;
  /// `text_of` those that the app has.
  const MessageTemplate* find(AppId app, std::string_view name, std::string_view locale,
                              std::string_view country) const;
  /// By app, name and locale; of one app, or of all.
  std::vector<MessageTemplate> all(std::optional<AppId> app) const;

  /// The text must be a right pattern: see `check_pattern`.
  void put(MessageTemplate text, AdminDone<MessageTemplate> done);
  void remove(MessageTemplate text, AdminDone<MessageTemplate> done);

 private:
  void change(AppId app, const std::function<void(TextsOfApp&)>& change_it);

  Store& store_;
  Loop& loop_;
  std::map<AppId, std::shared_ptr<const TextsOfApp>> texts_;  ///< None is empty.
};

}  // namespace xion
