#include "core/texts/stop_words.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"

namespace xion {
namespace {

/// In capitals, as `folded` writes them. Source: CTIA's and Ofcom's opt-out words, and what carriers of the countries
/// that have built-in texts tell their subscribers to send.
constexpr std::u32string_view stop_words[] = {
    U"STOP",     U"STOPALL",    U"UNSUBSCRIBE", U"END",      U"QUIT",       U"CANCEL", U"OPTOUT", U"REVOKE",  // en
    U"СТОП",     U"ОТПИСКА",    U"ОТПИСАТЬСЯ",  U"ОТМЕНА",                                                    // ru
    U"ВІДПИСКА", U"ВІДМІНА",                                                                                  // uk
    U"ՍՏՈՊ",     U"ԴԱԴԱՐ",                                                                                    // hy
    U"ALTO",     U"BAJA",       U"PARAR",       U"CANCELAR", U"SAIR",                                         // es, pt
    U"ARRET",    U"ARRÊT",                                                                                    // fr
    U"STOPP",    U"ABMELDEN",   U"ABBESTELLEN",                                                               // de
    U"DUR",      U"IPTAL",      U"İPTAL",       U"RET",                                                       // tr
    U"توقف",     U"إيقاف",      U"ايقاف",       U"الغاء",    U"إلغاء",                                        // ar
    U"停止",     U"退订",       U"退訂",        U"取消",     U"TD",                                           // zh
    U"FERMA",    U"DISISCRIVI", U"WYPISZ",      U"AFMELDEN", U"AVSLUTA",     // it, pl, nl, sv
    U"配信停止", U"수신거부",   U"BERHENTI",    U"HUY",      U"ยกเลิก",       // ja, ko, id, vi, th
    U"لغو",      U"הסר",        U"הסרה",        U"სტოპ",     U"DEZABONARE",  // fa, he, ka, ro
    U"ΔΙΑΚΟΠΗ",  U"ODHLASIT",   U"TOXTATISH",   U"ТОҚТАТУ",                  // el, cs, uz, kk
};
constexpr std::u32string_view start_words[] = {
    U"START", U"UNSTOP",   U"SUBSCRIBE", U"OPTIN", U"CONTINUE",  // en
    U"СТАРТ", U"ПОДПИСКА",                                       // ru
    U"ՍՏԱՐՏ", U"INICIAR",  U"INICIO",    U"ALTA",                // hy, es, pt
    U"DEBUT", U"DÉBUT",    U"BASLA",     U"开始",  U"開始",      // fr, tr, zh
};
/// What may stand beside it.
constexpr std::u32string_view courtesies[] = {U"PLEASE",     U"ALL", U"SMS", U"PLZ",
                                              U"ПОЖАЛУЙСТА", U"СМС", U"SVP", U"BITTE"};
/// Longer messages say more than that. Characters.
constexpr std::size_t length_limit = 40;

/// Capitals of Latin, Greek, Cyrillic and Armenian letters; others have none, or need none here.
char32_t folded(char32_t c) {
  if (c >= U'a' && c <= U'z') return c - 32;
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x430 && c <= 0x44F)) return c - 32;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if (c >= 0x561 && c <= 0x586) return c - 48;
  return c;
}

/// Digits are part of a word: "STOP123" is a text for somebody else.
bool is_between_words(char32_t c) {
  if (c < 0x80) return !((c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z'));
  return c == 0xA0 || c == 0xAB || c == 0xBB || c == 0x589 || (c >= 0x2000 && c <= 0x206F) ||
         (c >= 0x3000 && c <= 0x3011) || c == 0xFF01 || c == 0xFF0C || c == 0xFEFF;
}

std::vector<std::u32string> words_of(std::u32string_view text) {
  std::vector<std::u32string> words;
  bool is_inside = false;
  for (const char32_t c : text) {
    if (is_between_words(c)) {
      is_inside = false;
      continue;
    }
    if (!is_inside) words.emplace_back();
    is_inside = true;
    words.back().push_back(folded(c));
  }
  return words;
}

/// Whether a message is nothing but one of the words, or several, with courtesy.
template <typename IsAsked>
bool is_nothing_but(std::string_view utf8, IsAsked is_word) {
  const auto text = from_utf8(utf8);
  if (!text || text->size() > length_limit) return false;
  bool is_asked = false;
  for (const std::u32string& word : words_of(*text)) {
    const bool is_polite = std::ranges::find(courtesies, std::u32string_view(word)) != std::end(courtesies);
    if (!is_word(word) && !is_polite) return false;
    is_asked = is_asked || is_word(word);
  }
  return is_asked;
}

}  // namespace

bool is_stop_request(std::string_view utf8, std::span<const std::string> more) {
  std::vector<std::u32string> own;
  for (const std::string& word : more) {
    for (auto& part : words_of(from_utf8(word).value_or(U""))) own.push_back(std::move(part));
  }
  return is_nothing_but(utf8, [&](const std::u32string& word) {
    return std::ranges::find(stop_words, std::u32string_view(word)) != std::end(stop_words) ||
           std::ranges::find(own, word) != own.end();
  });
}

bool is_start_request(std::string_view utf8) {
  return is_nothing_but(utf8, [](const std::u32string& word) {
    return std::ranges::find(start_words, std::u32string_view(word)) != std::end(start_words);
  });
}

}  // namespace xion
