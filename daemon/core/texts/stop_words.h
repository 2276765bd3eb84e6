#pragma once
#include <span>
#include <string>
#include <string_view>

namespace xion {

/// Whether a message from a phone asks for no more messages: one of the words that people are taught for it ("STOP",
/// "СТОП", "ARRÊT", …) in any case, alone or with punctuation and a word of courtesy about it. A sentence that only has
/// the word in it is none: "don't stop" must not silence a login. `more` are the operator's own words.
bool is_stop_request(std::string_view utf8, std::span<const std::string> more = {});
/// Whether it takes that back: START, UNSTOP, SUBSCRIBE and their like, alone or with courtesy.
bool is_start_request(std::string_view utf8);

}  // namespace xion
