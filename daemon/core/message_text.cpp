#include "core/message_text.h"

#include <algorithm>
#include <array>

namespace xion {
namespace {

/// One language's text. `%c` is the code, `%a` the app's name. Where the script is Latin every letter is in GSM 03.38,
/// so that a text is one segment of 160 characters: hence "clave", "PIN" and no accents that the alphabet lacks.
struct Wording {
  std::string_view language;
  std::string_view named;
  std::string_view nameless;
};
constexpr Wording wordings[] = {
    {"en", "%c is your %a code. Don't share it.", "%c is your code. Don't share it."},
    {"hy", "%c – ձեր %a կոդն է։ Ոչ մեկին մի՛ հայտնեք։", "%c – ձեր կոդն է։ Ոչ մեկին մի՛ հայտնեք։"},
    {"ru", "%c — ваш код %a. Никому его не сообщайте.", "%c — ваш код. Никому его не сообщайте."},
    {"es", "%c es tu clave de %a. No la compartas.", "%c es tu clave. No la compartas."},
    {"fr", "%c est votre code %a. Ne le partagez pas.", "%c est votre code. Ne le partagez pas."},
    {"de", "%c ist Ihr Code für %a. Nicht weitergeben.", "%c ist Ihr Code. Nicht weitergeben."},
    {"pt", "%c é o seu PIN %a. Nunca o revele.", "%c é o seu PIN. Nunca o revele."},
    {"ar", "%c هو رمز %a الخاص بك. لا تشاركه مع أحد.", "%c هو رمزك. لا تشاركه مع أحد."},
    {"tr", "%c, %a kodunuz. Kimseye vermeyin.", "%c, kodunuz. Kimseye vermeyin."},
    {"uk", "%c — ваш код %a. Нікому його не кажіть.", "%c — ваш код. Нікому його не кажіть."},
    {"zh", "%c 是您的 %a 验证码，请勿告知他人。", "%c 是您的验证码，请勿告知他人。"},
    {"zh-hant", "%c 是您的 %a 驗證碼，請勿告知他人。", "%c 是您的驗證碼，請勿告知他人。"},
};

/// The language that most people with a number of the country read. A country of many languages stays with English.
struct Readers {
  std::string_view language;
  std::string_view countries;
};
constexpr Readers readers[] = {
    {"hy", "AM"},
    {"ru", "RU BY KZ KG"},
    {"es", "ES AR BO CL CO CR CU DO EC GQ GT HN MX NI PA PE PR PY SV UY VE"},
    {"fr", "FR BF BJ CD CF CG CI GA GF GN GP HT MC ML MQ NE PF RE SN TG YT"},
    {"de", "DE AT CH LI"},
    {"pt", "PT AO BR CV GW MZ ST"},
    {"ar", "AE BH DZ EG IQ JO KW LB LY MA MR OM PS QA SA SD SY TN YE"},
    {"tr", "TR"},
    {"uk", "UA"},
    {"zh", "CN"},
    {"zh-hant", "TW HK MO"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
  return out;
}

std::string_view language_of_country(std::string_view country) {
  if (country.size() != 2) return "en";
  for (const auto& [language, countries] : readers) {
    if (countries.find(country) != std::string_view::npos) return language;
  }
  return "en";
}

/// "pt-BR" → "pt"; Chinese is written in two ways, told apart by script or else by region.
std::string language_of_locale(std::string_view locale) {
  const std::string tag = lower(locale);
  const std::string language = tag.substr(0, tag.find('-'));
  if (language != "zh" || tag.find("-hans") != std::string::npos) return language;
  constexpr std::array<std::string_view, 4> traditional{"-hant", "-tw", "-hk", "-mo"};
  const bool is_traditional =
      std::ranges::any_of(traditional, [&](auto part) { return tag.find(part) != std::string::npos; });
  return is_traditional ? "zh-hant" : "zh";
}

const Wording& wording_of(const TextRequest& request) {
  const std::string language =
      request.locale.empty() ? std::string(language_of_country(request.country)) : language_of_locale(request.locale);
  const auto* found = std::ranges::find(wordings, std::string_view(language), &Wording::language);
  return found != std::end(wordings) ? *found : wordings[0];
}

/// The host of a web origin: the last line names hosts only. Source: WICG "Origin-bound one-time codes delivered via
/// SMS".
std::string_view host_of(std::string_view web_origin) {
  constexpr std::string_view scheme = "https://";
  if (web_origin.starts_with(scheme)) web_origin.remove_prefix(scheme.size());
  return web_origin;
}

}  // namespace

Secret render_text(const TextRequest& request) {
  const std::string& code = request.code.reveal();
  const Wording& wording = wording_of(request);
  const std::string_view pattern = request.app_name.empty() ? wording.nameless : wording.named;
  std::string text;
  // Large enough never to move, which would leave a copy of the code behind.
  text.reserve(pattern.size() + request.app_name.size() + request.app_hash.size() + request.web_origin.size() +
               2 * code.size() + 16);
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      text.push_back(pattern[i]);
    } else {
      text.append(pattern[++i] == 'c' ? std::string_view(code) : request.app_name);
    }
  }
  if (!request.app_hash.empty()) text.append("\n\n").append(request.app_hash);
  if (!request.web_origin.empty()) text.append("\n\n@").append(host_of(request.web_origin)).append(" #").append(code);
  return Secret(std::move(text));
}

}  // namespace xion
