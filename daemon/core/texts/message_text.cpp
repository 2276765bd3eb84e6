#include "core/texts/message_text.h"

#include <algorithm>

#include "core/texts/locale.h"

namespace xion {
namespace {

/// One language's text. Where the script is Latin every letter is in GSM 03.38, so that a text is one segment of 160
/// characters: hence "clave", "PIN", Vietnamese as it is written in SMS, and no accents that the alphabet lacks.
struct Wording {
  std::string_view language;
  std::string_view named;
  std::string_view nameless;
};
constexpr Wording wordings[] = {
    {"en", "{code} is your {app} code. Don't share it.", "{code} is your code. Don't share it."},
    {"hy", "{code} – ձեր {app} կոդն է։ Ոչ մեկին մի՛ հայտնեք։", "{code} – ձեր կոդն է։ Ոչ մեկին մի՛ հայտնեք։"},
    {"ru", "{code} — ваш код {app}. Никому его не сообщайте.", "{code} — ваш код. Никому его не сообщайте."},
    {"es", "{code} es tu clave de {app}. No la compartas.", "{code} es tu clave. No la compartas."},
    {"fr", "{code} est votre code {app}. Ne le partagez pas.", "{code} est votre code. Ne le partagez pas."},
    {"de", "{code} ist Ihr Code für {app}. Nicht weitergeben.", "{code} ist Ihr Code. Nicht weitergeben."},
    {"pt", "{code} é o seu PIN {app}. Nunca o revele.", "{code} é o seu PIN. Nunca o revele."},
    {"ar", "{code} هو رمز {app} الخاص بك. لا تشاركه مع أحد.", "{code} هو رمزك. لا تشاركه مع أحد."},
    {"tr", "{code}, {app} kodunuz. Kimseye vermeyin.", "{code}, kodunuz. Kimseye vermeyin."},
    {"uk", "{code} — ваш код {app}. Нікому його не кажіть.", "{code} — ваш код. Нікому його не кажіть."},
    {"zh", "{code} 是您的 {app} 验证码，请勿告知他人。", "{code} 是您的验证码，请勿告知他人。"},
    {"zh-hant", "{code} 是您的 {app} 驗證碼，請勿告知他人。", "{code} 是您的驗證碼，請勿告知他人。"},
    {"it", "{code} è il tuo codice {app}. Non condividerlo.", "{code} è il tuo codice. Non condividerlo."},
    {"pl", "{code} to kod {app}. Nie podawaj go nikomu.", "{code} to kod weryfikacyjny. Nie podawaj go nikomu."},
    {"nl", "{code} is je code voor {app}. Deel hem met niemand.", "{code} is je code. Deel hem met niemand."},
    {"ja", "{code} は {app} の認証コードです。誰にも教えないでください。",
     "{code} は認証コードです。誰にも教えないでください。"},
    {"ko", "{code} - {app} 인증번호입니다. 타인에게 알려주지 마세요.",
     "{code} - 인증번호입니다. 타인에게 알려주지 마세요."},
    {"id", "{code} adalah kode {app} Anda. Jangan berikan kepada siapa pun.",
     "{code} adalah kode Anda. Jangan berikan kepada siapa pun."},
    {"vi", "{code} la ma {app} cua ban. Khong chia se ma nay voi ai.",
     "{code} la ma cua ban. Khong chia se ma nay voi ai."},
    {"hi", "{code} आपका {app} कोड है। इसे किसी को न बताएं।", "{code} आपका कोड है। इसे किसी को न बताएं।"},
    {"th", "{code} คือรหัส {app} ของคุณ ห้ามบอกผู้อื่น", "{code} คือรหัสของคุณ ห้ามบอกผู้อื่น"},
    {"fa", "{code} کد {app} شماست. آن را به کسی ندهید.", "{code} کد شماست. آن را به کسی ندهید."},
    {"he", "{code} הוא קוד {app} שלך. אין לשתף אותו.", "{code} הוא הקוד שלך. אין לשתף אותו."},
    {"ka", "{code} თქვენი {app} კოდია. არავის გაუზიაროთ.", "{code} თქვენი კოდია. არავის გაუზიაროთ."},
    {"ro", "{code} este codul pentru {app}. Nu divulga acest cod.",
     "{code} este codul de verificare. Nu divulga acest cod."},
    {"bg", "{code} е вашият код за {app}. Не го споделяйте.", "{code} е вашият код. Не го споделяйте."},
    {"el", "{code} είναι ο κωδικός {app}. Μην τον κοινοποιήσετε.",
     "{code} είναι ο κωδικός σας. Μην τον κοινοποιήσετε."},
    {"cs", "{code} je PIN pro {app}. Nikomu ho neukazujte.", "{code} je PIN. Nikomu ho neukazujte."},
    {"sv", "{code} är din kod för {app}. Dela den inte med någon.", "{code} är din kod. Dela den inte med någon."},
    {"uz", "{code} - {app} kodingiz. Uni hech kimga aytmang.", "{code} - kodingiz. Uni hech kimga aytmang."},
    {"kk", "{code} — {app} кодыңыз. Оны ешкімге айтпаңыз.", "{code} — кодыңыз. Оны ешкімге айтпаңыз."},
};

const Wording& wording_of(std::string_view locale, std::string_view country) {
  for (const std::string& tag : locale_chain(locale, country)) {
    const auto* found = std::ranges::find(wordings, std::string_view(tag), &Wording::language);
    if (found != std::end(wordings)) return *found;
  }
  return wordings[0];
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
  const std::string_view pattern = !request.pattern.empty()
                                       ? request.pattern
                                       : built_in_pattern(request.locale, request.country, !request.app_name.empty());
  const TextFilling filling{request.code, request.app_name, request.minutes, request.variables};
  std::string text;
  // Large enough never to move, which would leave a copy of the code behind.
  text.reserve(filled_octets_at_most(pattern, filling) + request.app_hash.size() + request.web_origin.size() +
               code.size() + 16);
  fill_pattern(text, pattern, filling);
  if (!request.app_hash.empty()) text.append("\n\n").append(request.app_hash);
  if (!request.web_origin.empty()) text.append("\n\n@").append(host_of(request.web_origin)).append(" #").append(code);
  return Secret(std::move(text));
}

std::vector<std::string_view> built_in_languages() {
  std::vector<std::string_view> languages;
  for (const Wording& wording : wordings) languages.push_back(wording.language);
  return languages;
}

std::string_view built_in_pattern(std::string_view locale, std::string_view country, bool has_app_name) {
  const Wording& wording = wording_of(locale, country);
  return has_app_name ? wording.named : wording.nameless;
}

}  // namespace xion
