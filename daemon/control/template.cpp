#include <fmt/format.h>

#include <algorithm>

#include "app/owners/templates.h"
#include "control/template_check.h"
#include "control/verb.h"
#include "core/country.h"
#include "core/prices.h"
#include "core/texts/locale.h"
#include "core/texts/message_text.h"
#include "core/texts/submit_tlvs.h"
#include "core/texts/text_lint.h"
#include "core/texts/text_pattern.h"
#include "core/tlv_text.h"

namespace xion::control {
namespace {

std::shared_ptr<AppEntry> app_of(const Command& command) {
  auto app = command.services.directory.app_named(command.required("app"));
  if (!app) command.refuse(fmt::format("there is no app {}", command.required("app")), "`xionctl app list` shows them");
  return app;
}

std::string name_of_template(const Command& command) {
  return std::string(command.request.text("name").value_or("default"));
}

std::vector<std::pair<std::string, std::string>> given_variables(const Command& command) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& [name, value] : command.request.pairs("set")) values.emplace_back(name, value);
  return values;
}

/// The TLVs that `--tlv` names, by tag. Nothing: the misuse has been told.
std::optional<std::vector<smpp::Tlv>> given_tlvs(const Command& command) {
  std::vector<smpp::Tlv> tlvs;
  for (const auto& [name, text] : command.request.pairs("tlv")) {
    const auto tag = read_tlv_tag(name);
    const auto value = read_tlv_value(text);
    if (!tag || !value) {
      command.misuse(
          tag ? fmt::format("--tlv {}: expected at most 255 octets of ASCII, or hex: and pairs of digits", name)
              : fmt::format("--tlv {}: a tag is 1–65535, such as 0x1401", name),
          "such as --tlv 0x1401=1107160000000000123");
      return std::nullopt;
    }
    if (find_tlv(tlvs, *tag) != nullptr) {
      command.misuse(fmt::format("--tlv: {} is there twice", shown_tlv_tag(*tag)));
      return std::nullopt;
    }
    tlvs.push_back({*tag, *value});
  }
  std::ranges::sort(tlvs, {}, &smpp::Tlv::tag);
  return tlvs;
}

void write_tlvs(JsonWriter& json, const std::vector<smpp::Tlv>& tlvs) {
  json.key("tlvs").begin_object();
  for (const smpp::Tlv& tlv : tlvs) json.field(shown_tlv_tag(tlv.tag), shown_tlv_value(tlv.value));
  json.end_object();
}

void write_lint(JsonWriter& json, const TextLint& lint) {
  json.field("encoding", lint.encoding).field("characters", lint.characters).field("segments", lint.segments);
  json.field("charactersLeft", lint.left).field("cost", lint.segments).field("preview", lint.preview);
  json.key("variables").begin_array();
  for (const std::string& name : lint.variables) json.value(name);
  json.end_array().key("findings").begin_array();
  for (const PatternFinding& finding : lint.findings) {
    json.begin_object()
        .field("severity", finding.is_error ? "error" : "warning")
        .field("finding", finding.text)
        .end_object();
  }
  json.end_array();
}

/// What a message of so many parts costs, to wherever the app may send; nothing where nothing has a price.
void write_price(JsonWriter& json, const AppEntry& app, std::size_t segments, const Settings& settings) {
  std::vector<std::string> beginnings;
  for (const std::string& country : app.policy.rights.countries_allowed) {
    if (std::string one = beginning_of_numbers(country); !one.empty()) beginnings.push_back(std::move(one));
  }
  const auto span = part_price_span(settings.prices, beginnings);
  if (!span || settings.prices.currency.empty()) return;
  const auto parts = static_cast<Micros>(segments);
  json.key("price").begin_object().field("least", shown_money(parts * span->least));
  json.field("most", shown_money(parts * span->most)).field("currency", settings.prices.currency).end_object();
}

std::string app_name_of(const Services& services, AppId id) {
  const auto app = services.directory.app(id);
  return app ? app->app.name : fmt::format("#{}", id);
}

void template_add(Command command) {
  const auto app = app_of(command);
  if (!app) return;
  MessageTemplate text{.app = app->app.id,
                       .name = name_of_template(command),
                       .locale = normalized_locale(command.request.text("locale").value_or("")),
                       .text = command.required("text"),
                       .created_at = command.services.loop.wall_now()};
  if (const auto trouble = trouble_in_template_name(text)) return command.misuse(trouble->detail, trouble->hint);
  auto tlvs = given_tlvs(command);
  if (!tlvs) return;
  text.tlvs = std::move(*tlvs);
  const TextLint lint = lint_template(*app, text, *command.services.settings);
  if (lint.has_errors()) return command.refuse(first_error_in(lint), "`xionctl template lint` tells all");
  Templates& templates = *command.services.templates;
  templates.put(std::move(text), [command = std::move(command), lint](std::expected<MessageTemplate, Refusal> kept) {
    if (!kept) return command.refuse(kept.error());
    JsonWriter json;
    json.begin_object().field("app", app_name_of(command.services, kept->app)).field("name", kept->name);
    json.field("locale", kept->locale);
    write_tlvs(json, kept->tlvs);
    write_lint(json, lint);
    if (const auto entry = command.services.directory.app(kept->app))
      write_price(json, *entry, lint.segments, *command.services.settings);
    json.end_object();
    command.done(std::move(json).str());
  });
}

void template_list(Command command) {
  std::optional<AppId> app;
  if (const auto name = command.request.text("app")) {
    const auto known = command.services.directory.app_named(*name);
    if (!known) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    app = known->app.id;
  }
  JsonWriter json;
  json.begin_array();
  for (const MessageTemplate& text : command.services.templates->all(app)) {
    const auto entry = command.services.directory.app(text.app);
    if (!entry) continue;  // its app was removed
    const TextLint lint = lint_for(*entry, text.text, {});
    json.begin_object().field("app", entry->app.name).field("name", text.name).field("locale", text.locale);
    json.field("encoding", lint.encoding).field("segments", lint.segments).field("text", text.text);
    write_tlvs(json, text.tlvs);
    write_price(json, *entry, lint.segments, *command.services.settings);
    json.field("createdAt", rfc3339(text.created_at)).end_object();
  }
  json.end_array();
  command.done(std::move(json).str());
}

void template_lint(Command command) {
  const auto app = app_of(command);
  if (!app) return;
  const auto values = given_variables(command);
  const auto tlvs = given_tlvs(command);
  if (!tlvs) return;
  TextLint lint = lint_for(*app, command.required("text"), values);
  lint_tlvs(lint, *tlvs, *command.services.settings);
  JsonWriter json;
  json.begin_object().field("right", !lint.has_errors());
  write_lint(json, lint);
  write_price(json, *app, lint.segments, *command.services.settings);
  json.end_object();
  command.done(std::move(json).str());
}

/// The texts of a template in each locale that it has, or as one locale or country would get it.
void template_preview(Command command) {
  const auto app = app_of(command);
  if (!app) return;
  const std::string name = name_of_template(command);
  const auto values = given_variables(command);
  const std::string locale(command.request.text("locale").value_or(""));
  std::string country(command.request.text("country").value_or(""));
  if (!country.empty() && !is_country_code(country)) {
    const std::string meant = country_meant_by(country);
    if (meant.size() != country.size() || meant.empty())
      return command.misuse(fmt::format("--country: {} is no country", country), "two letters, such as AM");
    country = meant;
  }
  Templates& templates = *command.services.templates;
  if (!templates.has(app->app.id, name))
    return command.refuse(fmt::format("{} has no template {}", app->app.name, name),
                          "`xionctl template list` shows them");
  JsonWriter json;
  json.begin_array();
  const auto show = [&](std::string_view shown_locale, std::string_view source, std::string_view pattern,
                        const std::vector<smpp::Tlv>& tlvs) {
    json.begin_object().field("locale", shown_locale).field("source", source);
    write_tlvs(json, tlvs);
    const TextLint lint = lint_for(*app, pattern, values);
    write_lint(json, lint);
    write_price(json, *app, lint.segments, *command.services.settings);
    json.end_object();
  };
  if (!locale.empty() || !country.empty()) {
    const MessageTemplate* text = templates.find(app->app.id, name, locale, country);
    show(locale_chain(locale, country).front(), text ? "template" : "built-in",
         text ? std::string_view(text->text) : built_in_pattern(locale, country, !text_name(*app).empty()),
         text ? text->tlvs : std::vector<smpp::Tlv>());
  } else {
    std::vector<std::string> own;
    for (const MessageTemplate& text : templates.all(app->app.id)) {
      if (text.name != name) continue;
      own.push_back(text.locale);
      show(text.locale, "template", text.text, text.tlvs);
    }
    const bool is_for_all = std::ranges::any_of(own, [](const std::string& tag) { return tag.empty(); });
    if (name == "default" && !is_for_all) {
      for (const std::string_view language : built_in_languages()) {
        if (std::ranges::find(own, language) != own.end()) continue;
        show(language, "built-in", built_in_pattern(language, "", !text_name(*app).empty()), {});
      }
    }
  }
  json.end_array();
  command.done(std::move(json).str());
}

void template_remove(Command command) {
  const auto app = app_of(command);
  if (!app) return;
  MessageTemplate text;
  text.app = app->app.id;
  text.name = name_of_template(command);
  text.locale = normalized_locale(command.request.text("locale").value_or(""));
  Templates& templates = *command.services.templates;
  templates.remove(std::move(text), [command = std::move(command)](std::expected<MessageTemplate, Refusal> gone) {
    if (!gone) return command.refuse(gone.error());
    JsonWriter json;
    json.begin_object().field("name", gone->name).field("locale", gone->locale).field("removed", true).end_object();
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs template_verbs() {
  static constexpr Verb verbs[] = {{"template add", template_add},
                                   {"template list", template_list},
                                   {"template lint", template_lint},
                                   {"template preview", template_preview},
                                   {"template remove", template_remove}};
  static_assert(is_every_verb_of("template", verbs));
  return verbs;
}

}  // namespace xion::control
