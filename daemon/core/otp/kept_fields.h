#pragma once
#include <string>
#include <utility>
#include <vector>

#include "smpp/tlv.h"

namespace xion {

/// What a send says and its request keeps as it was said: a new request takes all of it at once. `resend.h` says what
/// of it a later send may change, `otp_record.cpp` how it is stored; a field that one of them forgets fails the tests.
struct KeptFields {
  std::string locale;                ///< BCP 47; empty: from the country.
  std::string text_template;         ///< Name of the template; empty: the app's default.
  std::string text_pattern;          ///< That template's text as it was at the first send; empty: the built-in one.
  std::vector<smpp::Tlv> text_tlvs;  ///< That template's own, such as the id under which its text is registered.
  std::vector<std::pair<std::string, std::string>> variables;
  /// What the code is bound to (PSD2), sorted by name: in the text, and in `Otp::code_hash`. Gone when the request has
  /// ended.
  std::vector<std::pair<std::string, std::string>> bind;
  std::string app_hash;    ///< Android SMS Retriever hash, empty: none.
  std::string web_origin;  ///< For the `@host #code` last line, empty: none.
  std::string sender;      ///< Empty: the carrier's.
  std::string route;       ///< Route group asked for, empty: by the table.
  std::string reference;
  std::string callback_url;  ///< Where its events are told besides; empty: nowhere.
  std::string user_id;
  std::vector<std::pair<std::string, std::string>> metadata;
  bool operator==(const KeptFields&) const = default;
};

}  // namespace xion
