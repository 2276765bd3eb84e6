#include "core/owners/app_keys.h"

#include <fmt/format.h>

#include "core/limits/limits.h"
#include "core/texts/override_text.h"

namespace xion {
namespace {

using namespace override_text;

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

/// "30–3600"; "1–250, or none".
template <typename Number>
std::string range(Number least, Number most, const std::optional<Number>& least_unless_none) {
  return fmt::format("{}–{}{}", least_unless_none.value_or(least), most, least_unless_none ? ", or none" : "");
}

/// A number of an override; 0 for "none", where there is that.
template <typename Number>
std::optional<Number> number_or_none(std::string_view text, Number least, Number most,
                                     const std::optional<Number>& least_unless_none) {
  if (least_unless_none && is_off(text)) return Number{0};
  return override_text::number<Number>(text, least_unless_none.value_or(least), most);
}

/// "off, record or enforce"
template <typename Words>
std::string choice_of(const Words& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == words.size() ? " or " : ", ", words[i].first);
  return text;
}

template <typename Kind, typename Owner>
bool read_word(const Kind& kind, std::string_view text, Owner& owner) {
  for (const auto& [name, value] : kind.words) {
    if (name == text) return owner.*kind.member = value, true;
  }
  return false;
}

template <typename Kind, typename Owner>
void write_word(JsonWriter& json, const Kind& kind, const Owner& owner) {
  for (const auto& [name, value] : kind.words) {
    if (value == owner.*kind.member) return void(json.value(name));
  }
  json.null();
}

std::optional<std::int64_t> wait_of(std::string_view text, std::int64_t most) {
  return override_text::number<std::int64_t>(text, 0, most);
}

}  // namespace

const AppKeys<OtpSettings>& otp_app_keys() {
  using O = OtpSettings;
  static const AppKeys<O> keys{
      {"ttl_seconds", "ttl_seconds", SecondsKind<O>{&O::ttl, 30, 3600},
       "Life of a code where the request doesn't say."},
      {"ttl_max_seconds", "ttl_max_seconds", SecondsKind<O>{&O::ttl_max, 30, 3600},
       "Longest life that a request may ask for."},
      {"code_length", "code_length", WholeKind<O>{&O::code_length, 4, 10},
       "Digits of a code where the request doesn't say."},
      {"code_length_min", "code_length_min", WholeKind<O>{&O::code_length_min, 4, 10},
       "Fewest digits that a request may ask for."},
      {"attempts", "attempts", WholeKind<O>{&O::attempts, 1, 10}, "Wrong codes after which a request is locked."},
      {"segments_max", "segments_max", WholeKind<O>{&O::segments_max, 1, 10},
       "Parts of one text at most; a longer one is refused."},
      {"stop", "stop", WordKind<O, bool>{&O::stop_blocks, {{"block", true}, {"ignore", false}}},
       "What STOP from a phone does that answers a message of the app."},
      {"resend", "resend", WordKind<O, bool>{&O::resend_rotates, {{"same", false}, {"rotate", true}}},
       "Whether sending again sends the same code or makes a new one."},
      {"on_pending", "on_pending", WordKind<O, bool>{&O::returns_pending, {{"refuse", false}, {"return", true}}},
       "Whether a send within the cooldown is refused, or given the live request while nothing is sent."},
      {"own_codes", "own_codes", TruthKind<O>{&O::own_codes},
       "Whether a send may bring a code of its own, for auth servers that make their codes."},
  };
  return keys;
}

const AppKeys<LimitSettings>& limit_app_keys() {
  using L = LimitSettings;
  static const AppKeys<L> keys{
      {"sends_per_phone", "sends_per_phone", RatesKind<L>{&L::sends_per_phone}, "Messages to one phone."},
      {"sends_per_phone_overall", "", RatesKind<L>{&L::sends_per_phone_overall},
       "Messages to one phone by all apps together."},
      {"sends_per_user_ip", "sends_per_user_ip", RatesKind<L>{&L::sends_per_user_ip},
       "Messages asked for from one end user's address."},
      {"phones_per_user_ip", "phones_per_user_ip", RateKind<L>{&L::phones_per_user_ip},
       "Different phones from one end user's address."},
      {"sends_per_user_id", "sends_per_user_id", RatesKind<L>{&L::sends_per_user_id},
       "Messages asked for for one end user (userId)."},
      {"phones_per_user_id", "phones_per_user_id", RateKind<L>{&L::phones_per_user_id},
       "Different phones of one end user (userId)."},
      {"sends_per_user_net", "sends_per_user_net", RatesKind<L>{&L::sends_per_user_net},
       "Messages asked for from one network of an end user, an IPv6 /48."},
      {"phones_per_user_net", "phones_per_user_net", RateKind<L>{&L::phones_per_user_net},
       "Different phones from one network of an end user, an IPv6 /48."},
      {"failed_verifies_per_user_ip", "failed_verifies_per_user_ip", RateKind<L>{&L::failed_verifies_per_user_ip},
       "Wrong codes from one end user's address."},
      {"locks_per_phone", "locks_per_phone", RateKind<L>{&L::locks_per_phone},
       "Locked requests after which the phone is locked."},
      {"phone_lock_seconds", "phone_lock_seconds", SecondsKind<L>{&L::phone_lock, 0, 86'400, 0},
       "For how long a phone is locked."},
      {"cooldown_seconds", "cooldown_seconds", WaitsKind<L>{&L::cooldown, 3600},
       "Wait after the 1st, 2nd, … send of a code; the last repeats."},
  };
  return keys;
}

const AppKeys<GuardSettings>& guard_app_keys() {
  using G = GuardSettings;
  static const AppKeys<G> keys{
      {"mode", "fraud",
       WordKind<G, GuardMode>{&G::mode,
                              {{"off", GuardMode::off},
                               {"record", GuardMode::record},
                               {"enforce", GuardMode::enforce},
                               {"auto", GuardMode::automatic}}},
       "What the pumping guard does with a send that its budgets don't cover."},
      {"daily_floor", "fraud_daily_floor", WholeKind<G>{&G::daily_floor, 0, 1'000'000},
       "Unverified sends in 24 h that are always allowed."},
      {"daily_share", "fraud_daily_share", RealKind<G>{&G::daily_share, 0, 100},
       "Share of the best verified day of 14, or of those verified in 24 h, that may be unverified."},
      {"hourly_floor", "fraud_hourly_floor", WholeKind<G>{&G::hourly_floor, 0, 1'000'000},
       "Unverified sends in an hour that are always allowed."},
      {"hourly_share", "fraud_hourly_share", RealKind<G>{&G::hourly_share, 0, 100},
       "Share of a sixth of the best day, or of those verified in an hour, that may be unverified."},
      {"countries_per_user_ip", "fraud_countries_per_user_ip", WholeKind<G>{&G::countries_per_user_ip, 0, 250, 1},
       "Countries a day to which one end user's address may send unverified; 0 for any number."},
      {"countries_per_user_id", "fraud_countries_per_user_id", WholeKind<G>{&G::countries_per_user_id, 0, 250, 1},
       "Countries a day to which one end user (userId) may send unverified; 0 for any number."},
  };
  return keys;
}

const AppKeys<Plan>& plan_app_keys() {
  static const AppKeys<Plan> keys{
      {"sms_per_month", "sms_per_month", WholeKind<Plan>{&Plan::sms_per_month, 0, 1'000'000'000'000, 1},
       "Messages a month; 0 for no end."},
      {"requests_per_second", "requests_per_second", RealKind<Plan>{&Plan::requests_per_second, 0, 1'000'000, 0.1},
       "Requests a second of one app; 0 for no limit."},
      {"overage", "overage", TruthKind<Plan>{&Plan::overage}, "Whether messages go on beyond sms_per_month."},
      {"price_per_month", "price_per_month", MoneyKind<Plan>{&Plan::price_per_month},
       "What the plan costs a month, whatever is sent."},
      {"spend_per_day", "spend_per_day", MoneyKind<Plan>{&Plan::spend_per_day},
       "What an app's messages of a day (UTC) may cost; beyond it sends are refused. 0 for no end."},
      {"spend_per_month", "spend_per_month", MoneyKind<Plan>{&Plan::spend_per_month},
       "What an app's messages of a month (UTC) may cost; beyond it sends are refused. 0 for no end."},
  };
  return keys;
}

template <typename Owner>
std::string expected_of(const SettingKind<Owner>& kind) {
  return std::visit(
      Overloaded{
          [](const WholeKind<Owner>& k) { return range(k.least, k.most, k.least_unless_none); },
          [](const SecondsKind<Owner>& k) { return range(k.least, k.most, k.least_unless_none); },
          [](const RealKind<Owner>& k) { return range(k.least, k.most, k.least_unless_none); },
          [](const TruthKind<Owner>&) { return std::string("true or false"); },
          [](const WordKind<Owner, bool>& k) { return choice_of(k.words); },
          [](const WordKind<Owner, GuardMode>& k) { return choice_of(k.words); },
          [](const RateKind<Owner>&) { return std::string(R"(one rule such as "10/1h" (window up to 1d), or none)"); },
          [](const RatesKind<Owner>&) {
            return std::string(R"(rules such as "5/10m,10/1d" (windows up to 1d), or none)");
          },
          [](const WaitsKind<Owner>& k) {
            return fmt::format(R"(seconds such as "30,60,120" (each 0–{}), or none)", k.most);
          },
          [](const MoneyKind<Owner>&) { return std::string("an amount such as 49 or 0.035, or none"); },
      },
      kind);
}

template <typename Owner>
bool read_setting(const SettingKind<Owner>& kind, std::string_view text, Owner& owner) {
  return std::visit(
      Overloaded{
          [&](const WholeKind<Owner>& k) {
            const auto value = number_or_none(text, k.least, k.most, k.least_unless_none);
            const auto put = [&](auto member) {
              owner.*member = static_cast<std::remove_reference_t<decltype(owner.*member)>>(*value);
            };
            if (value) std::visit(put, k.member);
            return value.has_value();
          },
          [&](const SecondsKind<Owner>& k) {
            const auto value = number_or_none(text, k.least, k.most, k.least_unless_none);
            if (value) owner.*k.member = Seconds{*value};
            return value.has_value();
          },
          [&](const RealKind<Owner>& k) {
            return set(owner.*k.member, number_or_none(text, k.least, k.most, k.least_unless_none));
          },
          [&](const TruthKind<Owner>& k) {
            if (text != "true" && text != "false") return false;
            owner.*k.member = text == "true";
            return true;
          },
          [&](const WordKind<Owner, bool>& k) { return read_word(k, text, owner); },
          [&](const WordKind<Owner, GuardMode>& k) { return read_word(k, text, owner); },
          [&](const RateKind<Owner>& k) {
            if (is_off(text)) return owner.*k.member = RateRule{}, true;
            return set(owner.*k.member, parse_rate_rule(text));
          },
          [&](const RatesKind<Owner>& k) { return set_list(owner.*k.member, text, parse_rate_rule); },
          [&](const MoneyKind<Owner>& k) { return set(owner.*k.member, is_off(text) ? Micros{0} : read_money(text)); },
          [&](const WaitsKind<Owner>& k) {
            std::vector<std::int64_t> waits;
            if (!set_list(waits, text, [&](std::string_view one) { return wait_of(one, k.most); })) return false;
            (owner.*k.member).clear();
            for (const std::int64_t wait : waits) (owner.*k.member).emplace_back(wait);
            return true;
          },
      },
      kind);
}

template <typename Owner>
void write_setting(JsonWriter& json, const SettingKind<Owner>& kind, const Owner& owner) {
  const auto rule_text = [](const RateRule& rule) { return rule.count == 0 ? "none" : to_string(rule); };
  std::visit(Overloaded{
                 [&](const WholeKind<Owner>& k) {
                   std::visit([&](auto member) { json.value(static_cast<std::uint64_t>(owner.*member)); }, k.member);
                 },
                 [&](const SecondsKind<Owner>& k) { json.value(std::int64_t{(owner.*k.member).count()}); },
                 [&](const RealKind<Owner>& k) { json.value(owner.*k.member); },
                 [&](const TruthKind<Owner>& k) { json.value(owner.*k.member); },
                 [&](const WordKind<Owner, bool>& k) { write_word(json, k, owner); },
                 [&](const WordKind<Owner, GuardMode>& k) { write_word(json, k, owner); },
                 [&](const RateKind<Owner>& k) { json.value(rule_text(owner.*k.member)); },
                 [&](const RatesKind<Owner>& k) {
                   json.begin_array();
                   for (const RateRule& rule : owner.*k.member) json.value(to_string(rule));
                   json.end_array();
                 },
                 [&](const MoneyKind<Owner>& k) { json.value(shown_money(owner.*k.member)); },
                 [&](const WaitsKind<Owner>& k) {
                   json.begin_array();
                   for (const Seconds wait : owner.*k.member) json.value(std::int64_t{wait.count()});
                   json.end_array();
                 },
             },
             kind);
}

template std::string expected_of(const SettingKind<OtpSettings>&);
template std::string expected_of(const SettingKind<LimitSettings>&);
template std::string expected_of(const SettingKind<GuardSettings>&);
template std::string expected_of(const SettingKind<Plan>&);
template bool read_setting(const SettingKind<OtpSettings>&, std::string_view, OtpSettings&);
template bool read_setting(const SettingKind<LimitSettings>&, std::string_view, LimitSettings&);
template bool read_setting(const SettingKind<GuardSettings>&, std::string_view, GuardSettings&);
template bool read_setting(const SettingKind<Plan>&, std::string_view, Plan&);
template void write_setting(JsonWriter&, const SettingKind<OtpSettings>&, const OtpSettings&);
template void write_setting(JsonWriter&, const SettingKind<LimitSettings>&, const LimitSettings&);
template void write_setting(JsonWriter&, const SettingKind<GuardSettings>&, const GuardSettings&);
template void write_setting(JsonWriter&, const SettingKind<Plan>&, const Plan&);

}  // namespace xion
