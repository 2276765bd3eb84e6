#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "core/texts/text_pattern.h"

namespace xion {

/// The text with the code: the app's own pattern, or the built-in one of a locale (BCP 47; unknown languages give
/// English): "123456 is your code. …". With `app_hash` the Android SMS Retriever line, with `web_origin` the `@host
/// #code` line comes last.
struct TextRequest {
  std::string_view locale;
  std::string_view country;  ///< Chooses the language where `locale` is empty.
  std::string_view app_name;
  std::string_view app_hash;
  std::string_view web_origin;
  const Secret& code;
  std::string_view pattern{};  ///< Empty: the built-in text.
  std::int64_t minutes = 5;    ///< Of the code's life.
  TextVariables variables{};
};
Secret render_text(const TextRequest& request);

/// The languages that have a built-in text.
std::vector<std::string_view> built_in_languages();
/// The built-in pattern of the best language of a chain; without a name for the app, the one that needs none.
std::string_view built_in_pattern(std::string_view locale, std::string_view country, bool has_app_name);

}  // namespace xion
