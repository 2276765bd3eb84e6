// The keys that an app may have its own values of: their rows are core/owners/app_keys; here is how they are written.
#include "core/owners/app_keys.h"

#include "config/forms.h"
#include "config/rules.h"
#include "config/schema.h"
#include "core/limits/limits.h"

namespace xion::config {
namespace {

constexpr std::string_view rate_rule_form =
    "\"COUNT/WINDOW\", at most 100000 in at most 1d, such as \"5/10m\" or \"10/1d\"";

/// What is wrong with a rate that doesn't parse, as it should be written.
std::string hint_for_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return "a count, a slash, a window with its unit: \"5/10m\"";
  const std::string_view count = text.substr(0, slash), window = text.substr(slash + 1);
  if (text.find(' ') != std::string_view::npos) return "written without blanks: \"5/10m\"";
  if (is_all_digits(window)) return fmt::format("the window needs a unit, s, m, h or d: \"{}/{}m\"", count, window);
  const bool has_unit = !window.empty() && std::string_view("smhdw").find(window.back()) != std::string_view::npos;
  const bool is_window = has_unit && (window.size() == 1 || is_all_digits(window.substr(0, window.size() - 1)));
  if (is_window && window.size() == 1) return fmt::format("the window needs a number: \"{}/1{}\"", count, window);
  if (is_window && parse_rate_rule(fmt::format("{}/1d", count)) && !window.starts_with('0'))
    return fmt::format("the window is a day at most: \"{}/1d\"", count);
  if (is_window && is_all_digits(count) && count.find_first_not_of('0') == std::string_view::npos)
    return "the count is 1 at least";
  return {};
}

std::optional<RateRule> rate_rule_at(const Place& place) {
  const auto* value = place.node.as_string();
  if (value == nullptr) {
    wrong_type(place, rate_rule_form);
    return std::nullopt;
  }
  auto rule = parse_rate_rule(value->get());
  if (!rule) place.error(fmt::format("expected {}", rate_rule_form), hint_for_rate(value->get()));
  return rule;
}

template <typename Owner>
using Read = std::function<void(const Place&, Owner&)>;

template <typename Owner>
Read<Owner> reader_of(const WholeKind<Owner>& kind) {
  return std::visit([&](auto member) { return whole(member, kind.least, kind.most).read; }, kind.member);
}
template <typename Owner>
Read<Owner> reader_of(const SecondsKind<Owner>& kind) {
  return seconds(kind.member, kind.least, kind.most).read;
}
template <typename Owner>
Read<Owner> reader_of(const RealKind<Owner>& kind) {
  return real(kind.member, kind.least, kind.most).read;
}
template <typename Owner>
Read<Owner> reader_of(const TruthKind<Owner>& kind) {
  return truth(kind.member).read;
}
template <typename Owner, typename Value>
Read<Owner> reader_of(const WordKind<Owner, Value>& kind) {
  return word(kind.member, kind.words).read;
}

/// "none" switches the limit off.
template <typename Owner>
Read<Owner> reader_of(const RateKind<Owner>& kind) {
  return [member = kind.member](const Place& place, Owner& owner) {
    if (const auto* value = place.node.as_string(); value != nullptr && value->get() == "none") {
      owner.*member = RateRule{};
      return;
    }
    if (const auto rule = rate_rule_at(place)) owner.*member = *rule;
  };
}

template <typename Owner>
Read<Owner> reader_of(const RatesKind<Owner>& kind) {
  return [member = kind.member](const Place& place, Owner& owner) {
    const auto* array = place.node.as_array();
    if (array == nullptr) {
      const auto* single = place.node.as_string();
      return place.error(fmt::format("expected an array of {}", rate_rule_form),
                         single == nullptr ? "put it in [ and ]" : fmt::format("write [\"{}\"]", single->get()));
    }
    std::vector<RateRule> rules;
    for (const auto& element : *array) {
      if (const auto rule = rate_rule_at(place.inside(element))) rules.push_back(*rule);
    }
    owner.*member = std::move(rules);
  };
}

template <typename Owner>
Read<Owner> reader_of(const MoneyKind<Owner>& kind) {
  return [member = kind.member](const Place& place, Owner& owner) {
    if (const auto amount = money_at(place, amount_max)) owner.*member = *amount;
  };
}

template <typename Owner>
Read<Owner> reader_of(const WaitsKind<Owner>& kind) {
  return [kind](const Place& place, Owner& owner) {
    std::vector<Seconds> waits;
    const auto take = [&](const Place& part) {
      if (const auto value = whole_number(part, 0, kind.most, "seconds")) waits.emplace_back(*value);
    };
    if (const auto* array = place.node.as_array()) {
      for (const auto& element : *array) take(place.inside(element));
    } else {
      take(place);
    }
    owner.*kind.member = std::move(waits);
  };
}

template <typename Owner>
Keys<Owner> keys_of(const AppKeys<Owner>& rows) {
  Keys<Owner> keys;
  for (const AppKey<Owner>& row : rows) {
    Rule<Owner> rule{std::visit([](const auto& kind) { return reader_of(kind); }, row.kind),
                     [&row](JsonWriter& out, const Owner& owner) { write_setting(out, row.kind, owner); }};
    keys.push_back({row.name, std::move(rule), row.meaning, Takes::now, row.name_of_app});
  }
  return keys;
}

}  // namespace

const Keys<OtpSettings>& otp_keys() {
  static const auto keys = keys_of(otp_app_keys());
  return keys;
}

const Keys<LimitSettings>& limit_keys() {
  static const auto keys = keys_of(limit_app_keys());
  return keys;
}

const Keys<GuardSettings>& fraud_keys() {
  static const auto keys = keys_of(guard_app_keys());
  return keys;
}

const Keys<Plan>& plan_keys() {
  static const auto keys = keys_of(plan_app_keys());
  return keys;
}

}  // namespace xion::config
