#include <cctype>

#include "config/files.h"
#include "config/forms.h"
#include "config/schema.h"

namespace xion::config {
namespace {

using Words = std::vector<std::pair<std::string_view, std::string>>;
using smpp::Alphabet;
using smpp::Concat;

/// The lengths of SMPP 3.4 §4.1.1 and §4.4.1 less the NUL; libsmpp34 would cut longer ones without a word.
constexpr Form system_id_form{"1–15 characters of ASCII",
                              [](std::string_view text) { return !text.empty() && is_ascii(text, 15); }};
constexpr Form system_type_form{"at most 12 characters of ASCII", [](std::string_view text) { return is_ascii(text, 12); }};
constexpr Form service_type_form{"at most 5 characters of ASCII", [](std::string_view text) { return is_ascii(text, 5); }};
constexpr Form sender_form{"at most 11 characters of ASCII, or a number of at most 15 digits", [](std::string_view text) {
                             const std::string_view number = text.starts_with('+') ? text.substr(1) : text;
                             return is_ascii(text, 11) || (number.size() <= 15 && is_all_digits(number));
                           }};

/// 64 hexadecimal digits, colons between octets allowed, as `openssl x509 -fingerprint -sha256` prints them.
Rule<TlsClientSettings> certificate_fingerprint() {
  return {[](const Place& place, TlsClientSettings& tls) {
            constexpr std::string_view expected = "the certificate's SHA-256 in hexadecimal, 64 digits";
            const auto* value = place.node.as_string();
            if (value == nullptr) return wrong_type(place, fmt::format("text, {}", expected));
            std::string digits;
            for (const char c : value->get()) {
              if (c == ':') continue;
              if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return place.error(fmt::format("expected {}", expected));
              digits.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
            }
            if (!digits.empty() && digits.size() != 64) return place.error(fmt::format("expected {}", expected));
            tls.fingerprint = std::move(digits);
          },
          [](JsonWriter& out, const TlsClientSettings& tls) { out.value(tls.fingerprint); }};
}

/// `tls = true` checks by name and the system's authorities; a table says more.
Rule<CarrierSettings> tls() {
  return {[](const Place& place, CarrierSettings& carrier) {
            if (const auto* wanted = place.node.as_boolean()) {
              carrier.tls = wanted->get() ? std::optional(TlsClientSettings{}) : std::nullopt;
              return;
            }
            const auto* table = place.node.as_table();
            if (table == nullptr) return wrong_type(place, "true, false or { ca, certificate, key, fingerprint }");
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
      {"ca", readable_file(&TlsClientSettings::ca), "Authorities (PEM) that may have signed the carrier's certificate."},
      {"certificate", readable_file(&TlsClientSettings::certificate), "Our certificate chain (PEM), where the carrier wants one."},
      {"key", readable_file(&TlsClientSettings::key), "Private key (PEM) of certificate."},
      {"fingerprint", certificate_fingerprint(), "SHA-256 of the one certificate that is accepted."},
  };
  return keys;
}

const Keys<CarrierSettings>& carrier_keys() {
  using C = CarrierSettings;
  static const Keys<C> keys{
      {"name", text(&C::name, name_form), "What routes, logs and xionctl call it."},
      {"address", texts(&C::addresses, host_and_port_form), "The SMSC; several are tried in turn."},
      {"tls", tls(), "Whether, and how, the connection is encrypted."},
      {"system_id", text(&C::system_id, system_id_form), "The account's name, from the carrier."},
      {"password_file", password_file(), "File of the account's password: a credential, or beside this file."},
      {"password", inline_password(), "The password itself; password_file is safer."},
      {"system_type", text(&C::system_type, system_type_form), "Some carriers ask for one; most want it empty."},
      {"bind", word(&C::bind, Words{{"transceiver", "transceiver"}, {"transmitter+receiver", "transmitter+receiver"}}),
       "One session for both directions, or a pair."},
      {"binds", whole(&C::binds, 1, 64), "Sessions at once, as many as the account allows."},
      {"window", whole(&C::window, 1, 1000), "Unanswered submits on each bind; the default is 10."},
      {"rate", real(&C::rate, 0, 100'000), "PDUs a second on each bind; 0 for no limit."},
      {"sender", text(&C::sender, sender_form), "Sender that phones show."},
      {"default_alphabet",
       word(&C::default_alphabet, {{"gsm7", Alphabet::gsm7},
                                   {"gsm7packed", Alphabet::gsm7packed},
                                   {"latin1", Alphabet::latin1},
                                   {"ascii", Alphabet::ascii}}),
       "What this carrier takes data_coding 0 for."},
      {"concat",
       word(&C::concat, {{"udh8", Concat::udh8}, {"udh16", Concat::udh16}, {"sar", Concat::sar}, {"payload", Concat::payload}}),
       "How the parts of a long text find each other."},
      {"transliterate", truth(&C::transliterate), "Whether typographic punctuation is replaced where that avoids UCS-2."},
      {"enquire_link_seconds", fine_seconds(&C::enquire_link, 0.1, 3600), "Silence after which the link is asked for life."},
      {"enquire_link_timeout_seconds", fine_seconds(&C::enquire_link_timeout, 0.1, 600), "Longest wait for that answer."},
      {"bind_timeout_seconds", fine_seconds(&C::bind_timeout, 0.1, 600), "Longest wait for the answer to a bind."},
      {"response_timeout_seconds", fine_seconds(&C::response_timeout, 0.1, 600),
       "Longest wait for the answer to a submit; then its outcome is unknown."},
      {"reconnect_min_seconds", fine_seconds(&C::reconnect_min, 0.1, 3600), "Wait before the first reconnect; some want 30."},
      {"reconnect_max_seconds", fine_seconds(&C::reconnect_max, 0.1, 3600), "Longest wait between reconnects."},
      {"source_ton", whole(&C::source_ton, 0, 7), "Type of number of the sender: 5 letters, 1 international, 3 short code."},
      {"source_npi", whole(&C::source_npi, 0, 18), "Numbering plan of the sender: 0 for letters, 1 for numbers."},
      {"dest_ton", whole(&C::dest_ton, 0, 7), "Type of number of the phone: 1 international."},
      {"dest_npi", whole(&C::dest_npi, 0, 18), "Numbering plan of the phone: 1 telephone."},
      {"dest_plus", truth(&C::dest_plus), "Whether phones are sent with their +."},
      {"service_type", text(&C::service_type, service_type_form), "service_type of every submit; most want it empty."},
      {"priority", whole(&C::priority, 0, 3), "priority_flag of every submit."},
      {"registered_delivery", whole(&C::registered_delivery, 0, 31), "1: a receipt for every outcome; 0: none."},
      {"validity_format", word(&C::validity_format, Words{{"relative", "relative"}, {"absolute", "absolute"}, {"none", "none"}}),
       "How the carrier is told when a code dies."},
      {"validity_min_seconds", seconds(&C::validity_min, 0, 86'400), "Shortest validity that the carrier takes."},
      {"receipt_text_alone", truth(&C::receipt_text_alone), "Whether a receipt may be known by its text alone."},
  };
  return keys;
}

const std::vector<std::string_view>& required_of_carrier() {
  static const std::vector<std::string_view> names{"name", "address", "system_id"};
  return names;
}

}  // namespace xion::config
