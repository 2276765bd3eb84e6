#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "core/otp/otp.h"

namespace xion {

/// Which carrier brought a request's newest message, as far as any did.
struct Carriage {
  std::string carrier;
  std::string calling_prefix;
};
std::optional<Carriage> carriage_of(const Otp& otp);

/// How well messages fare with each carrier, by calling prefix: receipts and verifications, counts that fade. In memory
/// only: what a carrier did hours ago says little of now.
class Conversions {
 public:
  /// After so long an outcome weighs half.
  static constexpr Millis half_life{30 * 60'000};
  /// A verification says more than a receipt: the code was on the handset, whatever the carrier claims.
  static constexpr double verification_weight = 3;
  /// Below so much weight nothing is said.
  static constexpr double weight_needed = 30;

  void note_delivery(std::string_view carrier, std::string_view calling_prefix, bool was_delivered, MonoTime now);
  void note_verification(std::string_view carrier, std::string_view calling_prefix, bool was_verified, MonoTime now);

  /// 0–1; nothing where too few messages ended lately to say.
  std::optional<double> rate(std::string_view carrier, std::string_view e164, MonoTime now) const;

 private:
  struct Counts {
    double good = 0;
    double bad = 0;
    MonoTime at{};
  };
  static Counts faded(Counts counts, MonoTime now);
  void note(std::string_view carrier, std::string_view calling_prefix, bool is_good, double weight, MonoTime now);

  std::map<std::string, std::map<std::string, Counts, std::less<>>, std::less<>> carriers_;
};

}  // namespace xion
