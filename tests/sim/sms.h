#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "smpp/pdu.h"
#include "smpp/text.h"

namespace xion::sim {

/// Which part of which text a message is; a whole text is part 1 of 1.
struct Part {
  std::uint16_t reference = 0;
  std::uint8_t total = 1;
  std::uint8_t number = 1;
  std::string text;  ///< UTF-8, without the user data header.
};
Part part_of(const smpp::Sm& sm, smpp::Alphabet default_alphabet);

/// The first run of 4 to 10 ASCII digits, which is the code wherever a text begins.
std::optional<std::string> code_in(std::string_view text);
/// E.164 with its +, whichever way the address is written.
std::string e164_of(const smpp::Address& address);

/// Puts long texts together again, as a handset does.
class PartCollector {
 public:
  /// The whole text, once its last part is there.
  std::optional<std::string> add(const std::string& phone, Part part);

 private:
  using Key = std::tuple<std::string, std::uint16_t, std::uint8_t>;
  std::map<Key, std::map<std::uint8_t, std::string>> waiting_;
};

}  // namespace xion::sim
