#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/owners/directory.h"
#include "core/settings.h"
#include "core/texts/message_template.h"
#include "core/texts/text_lint.h"

/// What a text of an app has to be before it is kept, wherever it comes from.
namespace xion::control {

/// What is wrong with its name or language; nothing: they are right.
std::optional<Refusal> trouble_in_template_name(const MessageTemplate& text);

/// As the app calls itself in its texts.
std::string text_name(const AppEntry& app);
TextLint lint_for(const AppEntry& app, std::string_view pattern, TextVariables values, bool may_be_notice = true);
void lint_tlvs(TextLint& lint, const std::vector<smpp::Tlv>& tlvs, const Settings& settings);
/// Both, of a text that is to be kept.
TextLint lint_template(const AppEntry& app, const MessageTemplate& text, const Settings& settings);
/// Empty: there is none.
std::string first_error_in(const TextLint& lint);

}  // namespace xion::control
