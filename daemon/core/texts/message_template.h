#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/ids.h"
#include "smpp/tlv.h"

namespace xion {

/// One text of an app for one locale.
struct MessageTemplate {
  AppId app = 0;
  std::string name = "default";  ///< What `template` of a send names; "default" where it names none.
  std::string locale;            ///< BCP 47 in lower case; empty: for all that have no text of their own.
  std::string text;              ///< With `{code}`, `{app}`, `{minutes}` and variables.
  WallTime created_at{};
  std::vector<smpp::Tlv> tlvs{};  ///< Of every submit_sm with this text.
};

std::string template_key(const MessageTemplate& text);
std::string to_record(const MessageTemplate& text);
std::optional<MessageTemplate> template_from_record(std::string_view record);

}  // namespace xion
