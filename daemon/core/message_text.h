#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace xion {

/// The default text with the code for a locale (BCP 47; unknown languages give English): "123456 is your code. …".
/// With `app_hash` the Android SMS Retriever line, with `web_origin` the `@host #code` line comes last.
struct TextRequest {
  std::string_view locale;
  std::string_view country;     ///< Chooses the language where `locale` is empty.
  std::string_view app_name;
  std::string_view app_hash;
  std::string_view web_origin;
  const Secret& code;
};
Secret render_text(const TextRequest& request);

}  // namespace xion
