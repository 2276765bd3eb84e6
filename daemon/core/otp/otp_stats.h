#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/month.h"
#include "core/otp/otp.h"

/// What requests add up to. Everything about a request counts for the day on which it was made (UTC), however late it
/// happens: so a day's numbers are what a count of the log's records of that day gives, and no rate exceeds one.
namespace xion {

/// The order is the order on disk: append only.
enum class Stat : std::uint8_t {
  requests,  ///< That were not refused.
  pending,   ///< Of those, still.
  verified,
  expired,
  locked,
  canceled,
  failed,
  converted,  ///< Verified another way, as the customer told.
  blocked,    ///< Sends that a rule refused.
  sent,       ///< Messages, resends too.
  delivered,
  undelivered,  ///< Messages that ended otherwise: undelivered, expired or rejected.
  unknown,      ///< Messages of which nobody knows.
  segments,     ///< Of messages that a carrier accepted.
  attempts,     ///< Wrong codes.
  count_
};
inline constexpr std::size_t stat_count = static_cast<std::size_t>(Stat::count_);

/// How long messages took from their acceptance to their delivery, in classes a quarter of an octave wide.
inline constexpr std::size_t latency_classes = 96;
/// The class of a latency; the first holds all up to 50 ms, the last all from a week on.
std::uint8_t latency_class(Millis latency);
/// The longest latency of a class.
Millis latency_bound(std::size_t latency_class);

/// Sums of any number of requests.
struct StatSums {
  std::array<std::int64_t, stat_count> counts{};
  std::array<std::int64_t, latency_classes> latencies{};
  OtpId latest{};  ///< Of the requests; zeros: there is none.

  std::int64_t operator[](Stat stat) const { return counts[static_cast<std::size_t>(stat)]; }
  void add(const StatSums& other);
};

/// The latency that `share` (0 to 1) of the delivered messages kept, interpolated within its class; 0 ms where nothing
/// was delivered.
Millis latency_at(const StatSums& sums, double share);
/// Delivered ÷ (delivered + undelivered); -1: neither.
double delivery_rate(const StatSums& sums);
/// Verified ÷ (requests − pending); -1: none has ended.
double verification_rate(const StatSums& sums);

/// What sums are kept for.
/// The order is the order on disk: append only.
enum class StatKind : std::uint8_t {
  all,
  country,
  route,
  error,
  blocked,
  carrier,
  spend,            ///< What messages cost, by currency: of the day and of the month in which they were made.
  destination,      ///< The same of a month, by currency and country.
  carrier_country,  ///< As `carrier`, by country and carrier. A message makes one name, so there are no more than both
                    ///< allow.
  country_error     ///< As `error`, by country and error.
};

/// What the counts of `spend` and `destination` are; messages count for the day on which they were made themselves.
/// The order is the order on disk: append only.
enum class Spent : std::uint8_t {
  messages,
  parts,          ///< That carriers accepted.
  price,          ///< Micros.
  held,           ///< Micros that messages on their way may cost besides.
  overage,        ///< Messages beyond those that the plan included.
  overage_parts,  ///< Theirs.
  overage_price,  ///< Micros.
  count_
};
inline std::int64_t spent(const StatSums& sums, Spent what) { return sums.counts[static_cast<std::size_t>(what)]; }
/// Names of StatKind::destination.
std::string destination_name(std::string_view currency, std::string_view country);
struct Destination {
  std::string currency;
  std::string country;  ///< ISO 3166 alpha-2; empty: none.
};
Destination read_destination_name(std::string_view name);

/// Names of StatKind::carrier_country. The country comes first, so that no carrier's name is taken apart for it.
std::string carrier_country_name(std::string_view carrier, std::string_view country);
struct CarrierCountry {
  std::string carrier;
  std::string country;  ///< ISO 3166 alpha-2; empty: none.
};
CarrierCountry read_carrier_country_name(std::string_view name);

/// What one message adds to the sums of the carrier that had it last; one that none had adds nothing.
struct CarrierShare {
  std::string carrier;
  Stat outcome = Stat::sent;              ///< delivered, undelivered or unknown; sent: not known yet.
  std::optional<std::uint8_t> latency{};  ///< Class of a delivered one.
  std::uint32_t segments = 0;             ///< That carriers accepted.
  bool operator==(const CarrierShare&) const = default;
};

/// What one message costs.
struct ChargeShare {
  Day day = 0;  ///< On which it was made.
  Month month{};
  std::array<std::int64_t, static_cast<std::size_t>(Spent::count_)> counts{};
  bool operator==(const ChargeShare&) const = default;
};

/// What one request adds to the sums of its world.
struct OtpShare {
  std::array<std::int32_t, stat_count> counts{};
  std::vector<std::uint8_t> latencies;  ///< Class of each delivered message.
  std::vector<std::string> errors;      ///< Of each undelivered message: see `error_name`.
  std::vector<std::string> refusals;    ///< Of each refused send: a code of the error catalogue.
  std::vector<CarrierShare> carriers;   ///< Of each message.
  std::vector<ChargeShare> charges;     ///< Of each message, where it has a price.
  std::string currency;                 ///< Of the charges.
  std::string country;                  ///< ISO 3166 alpha-2; empty: none.
  std::string route;                    ///< Name of the route that was taken; empty: not known.
  bool is_counted = false;
  bool operator==(const OtpShare&) const = default;
};
OtpShare share_of(const Otp& otp);

/// Names of StatKind::error: how a message ended, by which carrier, for which reason.
struct DeliveryError {
  std::string delivery;  ///< undelivered, expired, rejected
  std::string carrier;   ///< Empty: none had it.
  std::string error;     ///< As the receipt says, or the status of the response; empty: none was told.
};
std::string error_name(const DeliveryError& error);
DeliveryError read_error_name(std::string_view name);
/// Names of StatKind::country_error. The country comes first, which has no separator in it.
std::string country_error_name(std::string_view country, std::string_view error);
struct CountryError {
  std::string country;  ///< ISO 3166 alpha-2; empty: none.
  DeliveryError error;
};
CountryError read_country_error_name(std::string_view name);
/// What `error` says, in words; empty: it is not known, or there is none.
std::string_view meaning_of(const DeliveryError& error);

}  // namespace xion
