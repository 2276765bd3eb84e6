#include "core/number_ranges.h"

#include <array>
#include <bitset>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include <phonenumbers/phonemetadata.pb.h>
#include <re2/re2.h>
#include <re2/set.h>

// Of libphonenumber's metadata.h, which it exports and doesn't install. Weak: a build that hides them is one without.
namespace i18n::phonenumbers {
int metadata_size() __attribute__((weak));
const void* metadata_get() __attribute__((weak));
}  // namespace i18n::phonenumbers

namespace xion::phone_plan {
namespace {

using i18n::phonenumbers::PhoneMetadata;
using i18n::phonenumbers::PhoneMetadataCollection;
using i18n::phonenumbers::PhoneNumberDesc;

/// Of a region's automaton; what is seen of it takes some 20 KiB.
constexpr std::int64_t automaton_octets_max = 1 << 20;

/// Of a number without its country code; the library takes no longer one.
constexpr std::size_t national_digits_max = 17;

re2::StringPiece piece_of(std::string_view text) { return {text.data(), text.size()}; }

RE2::Options options() {
  RE2::Options made;
  made.set_log_errors(false);
  made.set_max_mem(automaton_octets_max);
  return made;
}

/// A kind of number, and where the metadata of a region describes it.
struct Kind {
  NumberType type;
  const PhoneNumberDesc& (PhoneMetadata::*describes)() const;
};
/// In the order in which the library asks: the first that fits is a number's type.
constexpr std::array special_kinds{Kind{NumberType::premium_rate, &PhoneMetadata::premium_rate},
                                   Kind{NumberType::toll_free, &PhoneMetadata::toll_free},
                                   Kind{NumberType::other, &PhoneMetadata::shared_cost},
                                   Kind{NumberType::voip, &PhoneMetadata::voip},
                                   Kind{NumberType::other, &PhoneMetadata::personal_number},
                                   Kind{NumberType::other, &PhoneMetadata::pager},
                                   Kind{NumberType::other, &PhoneMetadata::uan},
                                   Kind{NumberType::other, &PhoneMetadata::voicemail}};

/// Of the expressions that a region's automaton is made of, the first three; those of `special_kinds` follow.
enum Row : std::size_t { any_number, fixed_line, mobile, special };
constexpr std::size_t row_count = special + special_kinds.size();
using Rows = std::bitset<row_count>;

/// The numbers of one region.
class Region {
 public:
  explicit Region(const PhoneMetadata& metadata);
  const std::string& name() const { return name_; }
  /// Whether a number of the country code is this region's, where several share the code. Nothing: ask the library.
  std::optional<bool> has(std::string_view national) const;
  std::optional<NumberType> type_of(std::string_view national) const;

 private:
  void add(const PhoneNumberDesc& described);
  std::optional<Rows> rows_of(std::string_view national) const;

  std::string name_;
  std::unique_ptr<RE2> leading_digits_;  ///< Null: who has a range for the number is its region.
  bool is_mobile_where_fixed_;
  bool is_complete_ = true;  ///< Every expression is one of RE2's.
  RE2::Set expressions_{options(), RE2::ANCHOR_BOTH};
  std::vector<std::uint32_t> lengths_;  ///< Of each row, a bit for each length that its numbers have; 0: any.
};

Region::Region(const PhoneMetadata& metadata)
    : name_(metadata.id()), is_mobile_where_fixed_(metadata.same_mobile_and_fixed_line_pattern()) {
  if (metadata.has_leading_digits()) {
    leading_digits_ = std::make_unique<RE2>(metadata.leading_digits(), options());
    is_complete_ = leading_digits_->ok();
  }
  add(metadata.general_desc());
  add(metadata.fixed_line());
  add(metadata.mobile());
  for (const Kind& kind : special_kinds) add((metadata.*kind.describes)());
  if (!expressions_.Compile()) is_complete_ = false;
}

void Region::add(const PhoneNumberDesc& described) {
  // What a region doesn't have has an empty expression, which is no number's, and the length -1.
  std::string error;
  if (expressions_.Add(piece_of(described.national_number_pattern()), &error) < 0) is_complete_ = false;
  std::uint32_t& lengths = lengths_.emplace_back(0);
  for (const int length : described.possible_length()) lengths |= 1U << (static_cast<unsigned>(length) % 32);
}

std::optional<Rows> Region::rows_of(std::string_view national) const {
  if (!is_complete_ || national.empty() || national.size() > national_digits_max) return std::nullopt;
  thread_local std::vector<int> matched;
  matched.clear();
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  if (!expressions_.Match(piece_of(national), &matched, &error) && error.kind != RE2::Set::kNoError)
    return std::nullopt;
  Rows rows;
  for (const int row : matched) {
    const std::uint32_t lengths = lengths_[static_cast<std::size_t>(row)];
    rows.set(static_cast<std::size_t>(row), lengths == 0 || (lengths >> national.size() & 1) != 0);
  }
  return rows;
}

std::optional<bool> Region::has(std::string_view national) const {
  if (!is_complete_) return std::nullopt;
  if (leading_digits_)
    return leading_digits_->Match(piece_of(national), 0, national.size(), RE2::ANCHOR_START, nullptr, 0);
  const auto type = type_of(national);
  return type ? std::optional(*type != NumberType::unknown) : std::nullopt;
}

std::optional<NumberType> Region::type_of(std::string_view national) const {
  const auto rows = rows_of(national);
  if (!rows) return std::nullopt;
  if (!rows->test(any_number)) return NumberType::unknown;
  for (std::size_t i = 0; i < special_kinds.size(); ++i)
    if (rows->test(special + i)) return special_kinds[i].type;
  if (rows->test(fixed_line))
    return is_mobile_where_fixed_ || rows->test(mobile) ? NumberType::fixed_line_or_mobile : NumberType::fixed_line;
  return !is_mobile_where_fixed_ && rows->test(mobile) ? NumberType::mobile : NumberType::unknown;
}

/// The regions of one country code, the main one first. Compiled when the first of their numbers comes.
class CountryCode {
 public:
  void add(const PhoneMetadata& region) {
    metadata_.insert(region.main_country_for_code() ? metadata_.begin() : metadata_.end(), &region);
  }
  std::optional<Range> range_of(std::string_view national) const;

 private:
  std::vector<const PhoneMetadata*> metadata_;
  mutable std::once_flag compiled_;
  mutable std::deque<Region> regions_;
};

std::optional<Range> CountryCode::range_of(std::string_view national) const {
  std::call_once(compiled_, [this] {
    for (const PhoneMetadata* metadata : metadata_) regions_.emplace_back(*metadata);
  });
  for (const Region& region : regions_) {
    const auto is_there = regions_.size() == 1 ? std::optional(true) : region.has(national);
    if (!is_there) return std::nullopt;
    if (!*is_there) continue;
    const auto type = region.type_of(national);
    return type ? std::optional(Range{region.name(), *type}) : std::nullopt;
  }
  return Range{};
}

/// Made once, a millisecond and 1 MiB.
class Metadata {
 public:
  Metadata() {
    if (i18n::phonenumbers::metadata_get == nullptr || i18n::phonenumbers::metadata_size == nullptr) return;
    if (!all_.ParseFromArray(i18n::phonenumbers::metadata_get(), i18n::phonenumbers::metadata_size())) return;
    for (const PhoneMetadata& region : all_.metadata()) of_codes_[region.country_code()].add(region);
  }
  const CountryCode* of(std::int32_t country_code) const {
    const auto found = of_codes_.find(country_code);
    return found == of_codes_.end() ? nullptr : &found->second;
  }

 private:
  PhoneMetadataCollection all_;
  std::map<std::int32_t, CountryCode> of_codes_;
};

}  // namespace

std::optional<Range> range_of(std::int32_t country_code, std::string_view national) {
  static const Metadata metadata;
  const CountryCode* const plan = metadata.of(country_code);
  return plan == nullptr ? std::nullopt : plan->range_of(national);
}

}  // namespace xion::phone_plan
