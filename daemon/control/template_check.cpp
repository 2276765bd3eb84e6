#include "control/template_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/texts/locale.h"
#include "core/texts/message_text.h"
#include "core/texts/submit_tlvs.h"
#include "core/tlv_text.h"

namespace xion::control {
namespace {

bool is_template_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

/// Whether a submit_sm by any carrier would carry this tag without the template's help.
bool is_set_by_carriers(const Settings& settings, std::uint16_t tag) {
  return std::ranges::any_of(settings.carriers, [tag](const CarrierSettings& carrier) {
    return find_tlv(carrier.tlvs, tag) != nullptr ||
           std::ranges::any_of(carrier.sender_rules,
                               [tag](const SenderRule& rule) { return find_tlv(rule.tlvs, tag) != nullptr; });
  });
}

}  // namespace

std::optional<Refusal> trouble_in_template_name(const MessageTemplate& text) {
  if (!is_template_name(text.name))
    return Refusal{fmt::format("{} is no name for a template", text.name), "up to 64 of a-z, 0-9, _, . and -"};
  if (!text.locale.empty() && !is_language(text.locale))
    return Refusal{fmt::format("{} is no language", text.locale),
                   "such as en, pt-BR or zh-Hant; without one it is for all"};
  return std::nullopt;
}

std::string text_name(const AppEntry& app) { return app.policy.text_name ? *app.policy.text_name : app.app.name; }

void lint_tlvs(TextLint& lint, const std::vector<smpp::Tlv>& tlvs, const Settings& settings) {
  for (const smpp::Tlv& tlv : tlvs) {
    for (PatternFinding& finding : lint_tlv(tlv)) lint.findings.push_back(std::move(finding));
  }
  const bool has_template_id = find_tlv(tlvs, 0x1401) != nullptr;
  if (has_template_id && find_tlv(tlvs, 0x1400) == nullptr && !is_set_by_carriers(settings, 0x1400)) {
    lint.findings.push_back({false,
                             "TLV 0x1401 names a template of Indian DLT, but nothing sets 0x1400, the entity's id: "
                             "not this template, no sender rule, no carrier"});
  }
  std::ranges::stable_sort(lint.findings, std::ranges::greater(), &PatternFinding::is_error);
}

TextLint lint_for(const AppEntry& app, std::string_view pattern, TextVariables values, bool may_be_notice) {
  return lint_text({.pattern = pattern,
                    .app_name = text_name(app),
                    .code_length = app.policy.otp.code_length,
                    .minutes = std::chrono::floor<std::chrono::minutes>(app.policy.otp.ttl).count(),
                    .variables = values,
                    .segments_max = app.policy.otp.segments_max,
                    .is_notice = may_be_notice && !shows_code(pattern)});
}

TextLint lint_template(const AppEntry& app, const MessageTemplate& text, const Settings& settings) {
  TextLint lint = lint_for(app, text.text, {}, text.name != "default");
  lint_tlvs(lint, text.tlvs, settings);
  return lint;
}

std::string first_error_in(const TextLint& lint) {
  const auto found = std::ranges::find_if(lint.findings, &PatternFinding::is_error);
  return found == lint.findings.end() ? std::string() : found->text;
}

}  // namespace xion::control
