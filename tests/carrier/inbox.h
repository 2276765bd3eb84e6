#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "smpp/pdu.h"
#include "smpp/text.h"

namespace xion::carrier {

/// One text as the handset shows it: its parts joined.
struct Shown {
  std::uint64_t id = 0;  ///< grows with each arrival; of the part that came last
  WallTime at{};         ///< when its last part came
  std::string from;
  std::string to;  ///< as the submit_sm had it
  std::string text{};
  std::size_t parts = 1;  ///< that have come
  std::size_t parts_wanted = 1;
  bool is_whole() const { return parts == parts_wanted; }
};

/// The handsets: what was accepted, the last 100,000 parts of it.
class Inbox {
 public:
  static constexpr std::size_t limit_parts = 100'000;
  explicit Inbox(smpp::Alphabet default_alphabet) : default_alphabet_(default_alphabet) {}

  void put(const std::string& plain_number, const smpp::Sm& sm, WallTime at);
  /// Newest last. Messages with an id above `after` only.
  std::vector<Shown> read(std::string_view plain_number, std::uint64_t after = 0) const;
  /// Every message of one part that has a code, oldest first, as lines of `+NUMBER CODE`: what a load test verifies.
  std::string codes() const;
  std::uint64_t last_id() const { return first_id_ + parts_.size() - 1; }

 private:
  /// What was submitted, undecoded: reading is rare, arriving is not.
  struct Part {
    std::string number;
    std::string from;
    std::string to;
    std::string octets;
    WallTime at;
    std::uint8_t data_coding = 0;
    bool has_udh = false;
    std::uint16_t reference = 0;  ///< of sar_msg_ref_num
    std::uint8_t total = 1;
    std::uint8_t sequence = 1;
    std::uint64_t next = 0;  ///< id of the next part for the same number; 0: none yet
  };
  /// The parts of one number, linked by `Part::next`: an arrival costs no allocation but the first.
  struct Chain {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  const Part& part(std::uint64_t id) const { return parts_[id - first_id_]; }
  Part& part(std::uint64_t id) { return parts_[id - first_id_]; }
  void forget_oldest();
  std::string text_of(const Part& part) const;

  smpp::Alphabet default_alphabet_;
  std::deque<Part> parts_;
  std::uint64_t first_id_ = 1;
  std::unordered_map<std::string, Chain> by_number_;
};

/// The first run of 4–10 digits: the code in an OTP text. Empty where there is none.
std::string_view code_in(std::string_view text);

}  // namespace xion::carrier
