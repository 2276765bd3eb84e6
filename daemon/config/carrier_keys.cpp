#include <algorithm>
#include <cctype>
#include <charconv>

#include "config/files.h"
#include "config/forms.h"
#include "config/schema.h"
#include "core/texts/submit_tlvs.h"
#include "core/tlv_text.h"

namespace xion::config {
namespace {

using Words = std::vector<std::pair<std::string_view, std::string>>;
using smpp::Alphabet;
using smpp::Concat;

/// The lengths of SMPP 3.4 §4.1.1 and §4.4.1 less the NUL; libsmpp34 would cut longer ones without a word.
constexpr Form system_id_form{"1–15 characters of ASCII",
                              [](std::string_view text) { return !text.empty() && is_ascii(text, 15); }};
constexpr Form system_type_form{"at most 12 characters of ASCII",
                                [](std::string_view text) { return is_ascii(text, 12); }};
constexpr Form address_range_form{"at most 40 characters of ASCII",
                                  [](std::string_view text) { return is_ascii(text, 40); }};
constexpr Form local_address_form{"an address of this machine without a port, such as 192.0.2.7",
                                  [](std::string_view text) { return text.empty() || is_ip_literal(text); }};
constexpr Form profile_form{"the name of a profile, such as \"jasmin\"",
                            [](std::string_view text) { return text.empty() || is_name(text); }};
constexpr Form service_type_form{"at most 5 characters of ASCII",
                                 [](std::string_view text) { return is_ascii(text, 5); }};
constexpr Form sender_form{"at most 11 characters of ASCII, or a number of at most 15 digits",
                           [](std::string_view text) {
                             const std::string_view number = text.starts_with('+') ? text.substr(1) : text;
                             return is_ascii(text, 11) || (number.size() <= 15 && is_all_digits(number));
                           }};

/// A number of a key, 0x for hexadecimal.
std::optional<std::uint64_t> number_of(std::string_view text, std::uint64_t most) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, is_hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

/// A number in a key that is written as people write hexadecimal, but without its 0x: what it is, and what was meant.
std::string hint_for_decimal(std::string_view text, std::uint64_t value, std::string_view format) {
  return fmt::format("{} is decimal, {}: did you mean 0x{}?", text, fmt::format(fmt::runtime(format), value), text);
}

/// 64 hexadecimal digits, colons between octets allowed, as `openssl x509 -fingerprint -sha256` prints them.
Rule<TlsClientSettings> certificate_fingerprint() {
  return {[](const Place& place, TlsClientSettings& tls) {
            constexpr std::string_view expected = "the certificate's SHA-256 in hexadecimal, 64 digits";
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, fmt::format("text, {}", expected));
            std::string digits;
            for (const char c : value->get()) {
              if (c == ':') continue;
              if (std::isxdigit(static_cast<unsigned char>(c)) == 0)
                return place.error(fmt::format("expected {}", expected));
              digits.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
            }
            if (!digits.empty() && digits.size() != 64) return place.error(fmt::format("expected {}", expected));
            tls.fingerprint = std::move(digits);
          },
          [](JsonWriter& out, const TlsClientSettings& tls) { out.value(tls.fingerprint); }};
}

/// `{ "0x1400" = "1107…", "0x1402" = "hex:0A0B" }`: octets of ASCII as they stand, or in hexadecimal.
template <typename Owner>
Rule<Owner> extra_tlvs(std::vector<smpp::Tlv> Owner::* member) {
  return {[=](const Place& place, Owner& owner) {
            const auto* table = place.node.as_table();
            if (table == nullptr) return wrong_type(place, "a table of tags, such as { \"0x1400\" = \"text\" }");
            auto& tlvs = owner.*member;
            tlvs.clear();
            for (const auto& [name, node] : *table) {
              const Place part = place.inside(node);
              const auto tag = read_tlv_tag(name.str());
              if (!tag) return part.error("a tag is 1–65535, such as 0x1400");
              if (!name.str().starts_with("0x") && !name.str().starts_with("0X")) {
                return place.reading.draft.error(place.reading.at(name.source()),
                                                 fmt::format("{}.{}: a tag is written with 0x", place.path, name.str()),
                                                 hint_for_decimal(name.str(), *tag, "0x{:04X}"));
              }
              const auto* value = node.as_string();
              if (value == nullptr) return wrong_type(part, "text, or \"hex:\" and octets in hexadecimal");
              auto octets = read_tlv_value(value->get());
              if (!octets)
                return part.error("expected at most 255 octets of ASCII, or \"hex:\" and pairs of hexadecimal digits");
              if (find_tlv(tlvs, *tag) != nullptr)
                return part.error(fmt::format("TLV {} is there twice", shown_tlv_tag(*tag)));
              tlvs.push_back({*tag, std::move(*octets)});
              for (const PatternFinding& finding : lint_tlv(tlvs.back()))
                finding.is_error ? part.error(finding.text) : part.warning(finding.text);
            }
          },
          [=](JsonWriter& out, const Owner& owner) {
            out.begin_object();
            for (const smpp::Tlv& tlv : owner.*member) out.field(shown_tlv_tag(tlv.tag), shown_tlv_value(tlv.value));
            out.end_object();
          }};
}

/// A number that may be left out.
Rule<SenderRule> optional_whole(std::optional<std::uint8_t> SenderRule::* member, std::int64_t most) {
  return {[=](const Place& place, SenderRule& rule) {
            if (const auto value = whole_number(place, 0, most)) rule.*member = static_cast<std::uint8_t>(*value);
          },
          [=](JsonWriter& out, const SenderRule& rule) {
            if (rule.*member) {
              out.value(std::uint64_t{*(rule.*member)});
            } else {
              out.null();
            }
          }};
}

const Keys<SenderRule>& sender_rule_keys() {
  static const Keys<SenderRule> keys{
      {"prefix", text(&SenderRule::prefix, number_prefix_form), "Beginning of the phone number; the longest wins."},
      {"country", text(&SenderRule::country, country_form), "Country of the phone number."},
      {"sender", text(&SenderRule::sender, sender_form), "Sender that phones there show."},
      {"ton", optional_whole(&SenderRule::ton, 7), "Type of number; it follows from the sender where it isn't given."},
      {"npi", optional_whole(&SenderRule::npi, 18), "Numbering plan; it follows from the sender where it isn't given."},
      {"only", truth(&SenderRule::is_only), "Whether it replaces the sender that a request names, too."},
      {"tlvs", extra_tlvs(&SenderRule::tlvs), "Extra TLVs of every submit_sm with this sender there."},
  };
  return keys;
}

void check_sender_rule(const Place& place, const toml::table& table, const SenderRule&, bool) {
  if (!table.contains("sender")) place.error("sender is missing");
  if (!table.contains("prefix") && !table.contains("country"))
    place.error("prefix or country is missing", "for everywhere, set the carrier's own sender");
}

/// `[{ country = "US", sender = "12025550123", only = true }]`
Rule<CarrierSettings> sender_rules() {
  return tables(&CarrierSettings::sender_rules, sender_rule_keys, "{ prefix, country, sender, ton, npi, only, tlvs }",
                check_sender_rule);
}

constexpr Disposition overridable[] = {Disposition::slow_down,      Disposition::queue_full,
                                       Disposition::elsewhere,      Disposition::session_broken,
                                       Disposition::refused_number, Disposition::our_mistake};

std::vector<std::string_view> disposition_names() {
  std::vector<std::string_view> names;
  for (const Disposition each : overridable) names.push_back(to_string(each));
  return names;
}

/// `{ "0x0A" = "elsewhere" }`: rows of the table of statuses that this carrier means otherwise.
Rule<CarrierSettings> overridden_statuses() {
  return {[](const Place& place, CarrierSettings& carrier) {
            const auto* table = place.node.as_table();
            if (table == nullptr) return wrong_type(place, "a table of statuses, such as { \"0x0A\" = \"elsewhere\" }");
            carrier.status_overrides.clear();
            for (const auto& [name, node] : *table) {
              const Place part = place.inside(node);
              const auto status = number_of(name.str(), 0xFFFFFFFF);
              if (!status || *status == 0) return part.error("a status is a number above 0, such as 0x58");
              const auto* word = node.as_string();
              const auto* meant = word == nullptr ? std::end(overridable)
                                                  : std::ranges::find(overridable, word->get(),
                                                                      [](Disposition d) { return to_string(d); });
              if (meant == std::end(overridable)) {
                return part.error(
                    "expected \"slow_down\", \"queue_full\", \"elsewhere\", \"session_broken\", \"refused_number\" or "
                    "\"our_mistake\"",
                    word == nullptr ? std::string() : word_meant_by(word->get(), disposition_names()));
              }
              if (*status > 9 && *status < 256 && name.str().find_first_of("xX") == std::string_view::npos) {
                place.reading.draft.warning(place.reading.at(name.source()),
                                            fmt::format("{}.{}: a status without 0x", place.path, name.str()),
                                            hint_for_decimal(name.str(), *status, "0x{:02X}"));
              }
              carrier.status_overrides[static_cast<std::uint32_t>(*status)] = *meant;
            }
          },
          [](JsonWriter& out, const CarrierSettings& carrier) {
            out.begin_object();
            for (const auto& [status, meant] : carrier.status_overrides)
              out.field(fmt::format("0x{:02X}", status), to_string(meant));
            out.end_object();
          }};
}

/// How receipts write ids; "auto" learns it.
Rule<CarrierSettings> receipt_id() {
  return {[](const Place& place, CarrierSettings& carrier) {
            const auto* word = place.node.as_string();
            carrier.receipt_id.reset();
            if (word != nullptr && word->get() == "auto") return;
            for (const smpp::IdBase base : smpp::id_bases) {
              if (word != nullptr && word->get() == smpp::id_base_text(base)) carrier.receipt_id = base;
            }
            if (!carrier.receipt_id)
              place.error(
                  "expected \"auto\", \"same\", \"hex\" or \"decimal\"",
                  word == nullptr ? std::string() : word_meant_by(word->get(), {"auto", "same", "hex", "decimal"}));
          },
          [](JsonWriter& out, const CarrierSettings& carrier) {
            out.value(carrier.receipt_id ? smpp::id_base_text(*carrier.receipt_id) : std::string_view("auto"));
          }};
}

std::vector<std::string_view> state_names() {
  std::vector<std::string_view> names;
  for (const smpp::ReceiptStateName& each : smpp::receipt_state_names()) names.push_back(each.name);
  return names;
}

/// `{ FAILED = "undelivered", "10" = "expired" }`: words behind `stat:`, and numbers of message_state.
Rule<CarrierSettings> receipt_states() {
  return {
      [](const Place& place, CarrierSettings& carrier) {
        const auto* table = place.node.as_table();
        if (table == nullptr) return wrong_type(place, "a table of words, such as { FAILED = \"undelivered\" }");
        carrier.receipt_states.clear();
        const auto names = smpp::receipt_state_names();
        for (const auto& [word, node] : *table) {
          const Place part = place.inside(node);
          if (word.str().empty() || word.str().size() > 32 || !is_ascii(word.str(), 32))
            return part.error("a word is 1–32 characters of ASCII, or the number of a message_state");
          const auto* meant = node.as_string();
          const auto state =
              meant == nullptr ? names.end() : std::ranges::find(names, meant->get(), &smpp::ReceiptStateName::name);
          if (state == names.end())
            return part.error(
                "expected \"delivered\", \"undelivered\", \"expired\", \"deleted\", \"rejected\", \"skipped\", "
                "\"enroute\", \"accepted\", \"buffered\" or \"unknown\"",
                meant == nullptr ? std::string() : word_meant_by(meant->get(), state_names()));
          std::string capitals(word.str());
          std::ranges::transform(capitals, capitals.begin(), [](unsigned char c) { return std::toupper(c); });
          carrier.receipt_states[capitals] = state->state;
        }
      },
      [](JsonWriter& out, const CarrierSettings& carrier) {
        out.begin_object();
        for (const auto& [word, state] : carrier.receipt_states)
          out.field(word, std::ranges::find(smpp::receipt_state_names(), state, &smpp::ReceiptStateName::state)->name);
        out.end_object();
      }};
}

Rule<CarrierSettings> receipt_pattern() {
  return {[](const Place& place, CarrierSettings& carrier) {
            const auto* expression = place.node.as_string();
            if (expression == nullptr) return wrong_type(place, "a regular expression in quotes");
            auto pattern = ReceiptPattern::compile(expression->get());
            if (!pattern) return place.error(pattern.error());
            carrier.receipt_pattern = std::move(*pattern);
          },
          [](JsonWriter& out, const CarrierSettings& carrier) { out.value(carrier.receipt_pattern.text()); }};
}

/// The bit of a user data header is ours to set, and receipts' types are no submit's.
Rule<CarrierSettings> esm_class() {
  return {[](const Place& place, CarrierSettings& carrier) {
            const auto value = whole_number(place, 0, 255);
            if (!value) return;
            if ((*value & 0x7C) != 0) return place.error("expected 0–3, or 128 (reply path) and one of them");
            carrier.esm_class = static_cast<std::uint8_t>(*value);
          },
          [](JsonWriter& out, const CarrierSettings& carrier) { out.value(std::uint64_t{carrier.esm_class}); }};
}

/// `tls = true` checks by name and the system's authorities; a table says more.
Rule<CarrierSettings> tls() {
  return {[](const Place& place, CarrierSettings& carrier) {
            if (const auto* wanted = place.node.as_boolean()) {
              carrier.tls = wanted->get() ? std::optional(TlsClientSettings{}) : std::nullopt;
              return;
            }
            const auto* table = place.node.as_table();
            if (table == nullptr)
              return place.error("expected true, false or { ca, certificate, key, fingerprint, ciphers }",
                                 truth_meant_by(place.node));
            TlsClientSettings settings;
            read_keys(*table, place.path, tls_keys(), settings, place.reading);
            if (table->contains("certificate") != table->contains("key")) {
              place.error("a certificate and its key belong together",
                          table->contains("key") ? "add certificate = \"…\"" : "add key = \"…\"");
            }
            carrier.tls = std::move(settings);
          },
          [](JsonWriter& out, const CarrierSettings& carrier) {
            if (!carrier.tls) return void(out.value(false));
            out.begin_object();
            show_keys(out, tls_keys(), *carrier.tls);
            out.end_object();
          }};
}

}  // namespace

const Keys<TlsClientSettings>& tls_keys() {
  static const Keys<TlsClientSettings> keys{
      {"ca", readable_file(&TlsClientSettings::ca),
       "Authorities (PEM) that may have signed the carrier's certificate."},
      {"certificate", readable_file(&TlsClientSettings::certificate),
       "Our certificate chain (PEM), where the carrier wants one."},
      {"key", readable_secret_file(&TlsClientSettings::key), "Private key (PEM) of certificate."},
      {"fingerprint", certificate_fingerprint(), "SHA-256 of the one certificate that is accepted."},
      {"ciphers", word(&TlsClientSettings::has_old_suites, {{"modern", false}, {"legacy", true}}),
       "Whether suites of TLS 1.2 without forward secrecy are offered, too."},
  };
  return keys;
}

const Keys<CarrierSettings>& carrier_keys() {
  using C = CarrierSettings;
  static const Keys<C> keys{
      {"name", text(&C::name, name_form), "What routes, logs and xionctl call it."},
      {"profile", text(&C::profile, profile_form),
       "A named set of quirks, such as \"jasmin\"; keys of the block itself win."},
      {"address", texts(&C::addresses, host_and_port_form), "The SMSC; several are tried in turn."},
      {"receiver_address", texts(&C::receiver_addresses, host_and_port_form),
       "Where the receivers of pairs connect to, if that is another address."},
      {"local_address", text(&C::local_address, local_address_form),
       "The address of ours that connections come from, where the carrier lets in only one."},
      {"tls", tls(), "Whether, and how, the connection is encrypted."},
      {"system_id", text(&C::system_id, system_id_form), "The account's name, from the carrier."},
      {"password_file", password_file(), "File of the account's password: a credential, or beside this file."},
      {"password", inline_password(), "The password itself; password_file is safer."},
      {"system_type", text(&C::system_type, system_type_form), "Some carriers ask for one; most want it empty."},
      {"interface_version",
       word(&C::interface_version,
            {{"3.3", std::uint8_t{0x33}}, {"3.4", std::uint8_t{0x34}}, {"5.0", std::uint8_t{0x50}}}),
       "The SMPP version that the bind names."},
      {"address_range", text(&C::address_range, address_range_form),
       "Whose messages the bind is for; most want it empty."},
      {"bind_ton", whole(&C::bind_ton, 0, 7), "Type of number of address_range."},
      {"bind_npi", whole(&C::bind_npi, 0, 18), "Numbering plan of address_range."},
      {"bind", word(&C::bind, Words{{"transceiver", "transceiver"}, {"transmitter+receiver", "transmitter+receiver"}}),
       "One session for both directions, or a pair."},
      {"binds", whole(&C::binds, 1, 64), "Sessions at once, as many as the account allows."},
      {"nodes", texts(&C::nodes, node_name_form),
       "Nodes of a cluster that alone bind, as a carrier's allow list of addresses has it; none: every one."},
      {"window", whole(&C::window, 1, 1000), "Unanswered submits on each bind; the default is 10."},
      {"rate", real(&C::rate, 0, 100'000), "PDUs a second on each bind; 0 for no limit."},
      {"account_rate", real(&C::account_rate, 0, 100'000), "PDUs a second of all binds together; 0 for no such limit."},
      {"sender", text(&C::sender, sender_form), "Sender that phones show."},
      {"sender_rules", sender_rules(),
       "Senders of single countries or prefixes, where they are not the carrier's sender."},
      {"default_alphabet",
       word(&C::default_alphabet, {{"gsm7", Alphabet::gsm7},
                                   {"gsm7packed", Alphabet::gsm7packed},
                                   {"latin1", Alphabet::latin1},
                                   {"ascii", Alphabet::ascii}}),
       "What this carrier takes data_coding 0 for."},
      {"concat",
       word(&C::concat,
            {{"udh8", Concat::udh8}, {"udh16", Concat::udh16}, {"sar", Concat::sar}, {"payload", Concat::payload}}),
       "How the parts of a long text find each other."},
      {"transliterate", truth(&C::transliterate),
       "Whether typographic punctuation is replaced where that avoids UCS-2."},
      {"enquire_link_seconds", fine_seconds(&C::enquire_link, 0.1, 3600),
       "Silence after which the link is asked for life."},
      {"enquire_link_timeout_seconds", fine_seconds(&C::enquire_link_timeout, 0.1, 600),
       "Longest wait for that answer."},
      {"bind_timeout_seconds", fine_seconds(&C::bind_timeout, 0.1, 600), "Longest wait for the answer to a bind."},
      {"response_timeout_seconds", fine_seconds(&C::response_timeout, 0.1, 600),
       "Longest wait for the answer to a submit; then its outcome is unknown."},
      {"reconnect_min_seconds", fine_seconds(&C::reconnect_min, 0.1, 3600),
       "Wait before the first reconnect; some want 30."},
      {"reconnect_max_seconds", fine_seconds(&C::reconnect_max, 0.1, 3600), "Longest wait between reconnects."},
      {"source_ton", whole(&C::source_ton, 0, 7),
       "Type of number of the sender: 5 letters, 1 international, 3 short code."},
      {"source_npi", whole(&C::source_npi, 0, 18), "Numbering plan of the sender: 0 for letters, 1 for numbers."},
      {"dest_ton", whole(&C::dest_ton, 0, 7), "Type of number of the phone: 1 international."},
      {"dest_npi", whole(&C::dest_npi, 0, 18), "Numbering plan of the phone: 1 telephone."},
      {"dest_plus", truth(&C::dest_plus), "Whether phones are sent with their +."},
      {"service_type", text(&C::service_type, service_type_form), "service_type of every submit; most want it empty."},
      {"priority", whole(&C::priority, 0, 3), "priority_flag of every submit."},
      {"esm_class", esm_class(),
       "esm_class of every submit: the messaging mode in its two lowest bits, 0 the carrier's own."},
      {"registered_delivery", whole(&C::registered_delivery, 0, 31),
       "1: a receipt for every outcome; 17: and news on the way; 0: none."},
      {"validity_format",
       word(&C::validity_format, Words{{"relative", "relative"}, {"absolute", "absolute"}, {"none", "none"}}),
       "How the carrier is told when a code dies."},
      {"validity_min_seconds", seconds(&C::validity_min, 0, 86'400), "Shortest validity that the carrier takes."},
      {"receipt_id", receipt_id(), "How receipts write the id of the response; \"auto\" learns it."},
      {"tlvs", extra_tlvs(&C::tlvs),
       "Extra TLVs of every submit_sm, such as 0x1400 to 0x1402 for Indian DLT; a sender rule's and a template's win."},
      {"status_overrides", overridden_statuses(),
       "What this carrier means by a status, where that is not the common meaning."},
      {"receipt_states", receipt_states(),
       "What this carrier's receipts mean by words and numbers of its own, such as { GONE = \"undelivered\" }."},
      {"receipt_pattern", receipt_pattern(),
       "Regular expression (RE2) of receipts of another shape, with groups (?P<id>…), (?P<stat>…), (?P<err>…), "
       "(?P<done>…)."},
      {"receipts_for_long",
       word(&C::receipts_for_long,
            {{"each", ReceiptsForLong::each}, {"any", ReceiptsForLong::any}, {"last", ReceiptsForLong::last}}),
       "Receipts for a text of several parts: one each, or one for all under any part's id, or under the last one's."},
      {"receipt_text_alone", truth(&C::receipt_text_alone), "Whether a receipt may be known by its text alone."},
  };
  return keys;
}

const std::vector<std::string_view>& required_of_carrier() {
  static const std::vector<std::string_view> names{"name", "address", "system_id"};
  return names;
}

}  // namespace xion::config
