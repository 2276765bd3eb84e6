#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "core/hours.h"
#include "core/limits/limits.h"
#include "core/money.h"
#include "core/otp/disposition.h"
#include "core/otp/otp.h"
#include "core/prices.h"
#include "core/receipt_pattern.h"
#include "smpp/message_id.h"
#include "smpp/pdu.h"
#include "smpp/receipt.h"
#include "smpp/text.h"

namespace xion {

/// `[otp]`, per app overridable.
struct OtpSettings {
  Seconds ttl{300};
  Seconds ttl_max{600};              ///< Ceiling of `ttlSeconds`; an operator may raise it to 3600.
  std::uint8_t code_length = 6;      ///< 4–10.
  std::uint8_t code_length_min = 6;  ///< Shortest that a request may ask for, 4–10.
  std::uint8_t attempts = 5;         ///< 1–10.
  bool resend_rotates = false;       ///< Default of `resend`: "same".
  bool returns_pending = false;      ///< Default of `onPending`: "refuse".
  bool own_codes = false;            ///< Whether a send may bring its code: of auth servers that make their own.
  bool stop_blocks = true;           ///< STOP from a phone, in answer to a message, puts it on the app's block list.
  std::uint8_t segments_max = 3;     ///< Parts of one text, 1–10; a longer one is refused before it is sent.
  bool operator==(const OtpSettings&) const = default;
};

/// What the pumping guard does with a send that its budgets don't cover. `automatic`: refuses it while the app never
/// verified, records it for two weeks from its first verification on, then refuses it.
enum class GuardMode : std::uint8_t { off, record, enforce, automatic };

/// `[fraud]`, per app overridable: how many unverified sends a destination, or an end user's address, may have. The
/// defaults let an app of ordinary conversion through, and stop who asks for codes that nobody enters.
struct GuardSettings {
  GuardMode mode = GuardMode::automatic;
  std::uint32_t daily_floor = 20;  ///< Unverified sends in 24 h that are always allowed.
  double daily_share = 0.3;        ///< … and this share of the best verified day of 14, or of the last 24 h.
  std::uint32_t hourly_floor = 3;  ///< Unverified sends in an hour that are always allowed.
  double hourly_share = 0.2;       ///< … and this share of a sixth of the best day, or of the last hour.
  std::uint32_t countries_per_user_ip =
      3;  ///< Countries a day to which one address may send unverified. 0: any number.
  std::uint32_t countries_per_user_id = 3;  ///< The same of one userId.
  bool operator==(const GuardSettings&) const = default;
};

/// What an app may do beside its limits. An empty list allows everything.
struct SendRights {
  std::vector<std::string> countries_allowed;  ///< ISO 3166 alpha-2.
  std::vector<std::string> countries_denied;
  std::vector<std::string> countries_monitored;  ///< Sent, and told of in the log and on the timeline.
  std::vector<std::string> number_types;         ///< As `to_string(NumberType)`, or `no_country`.
  std::vector<std::string> senders;              ///< Sender ids that a request may name.
  std::vector<std::string> routes;               ///< Routes that a request may name.
  std::string sender;                            ///< Where the request names none; empty: the carrier's.
  std::string route;                             ///< Where the request names none; empty: by the table.
  bool operator==(const SendRights&) const = default;
};

/// A rate for each value of a name of the app's own (`limitKeys` of a send).
struct LimitKeyRule {
  std::string name;
  RateRule rule;
  bool operator==(const LimitKeyRule&) const = default;
};

/// A phone of an app-store review: it gets no message, and its code is always the same.
struct TestPhone {
  std::string e164;
  std::string code;
  WallTime until{};
  bool operator==(const TestPhone&) const = default;
};

/// `[limits]`, per app overridable.
struct LimitSettings {
  std::vector<RateRule> sends_per_phone{{5, Seconds{600}}, {10, Seconds{86'400}}};
  std::vector<RateRule> sends_per_phone_overall{{50, Seconds{86'400}}};  ///< Of all apps together.
  std::vector<RateRule> sends_per_user_ip{{20, Seconds{3600}}};
  RateRule phones_per_user_ip{10, Seconds{3600}};
  std::vector<RateRule> sends_per_user_id{{20, Seconds{3600}}};
  RateRule phones_per_user_id{10, Seconds{3600}};
  std::vector<RateRule> sends_per_user_net{{100, Seconds{3600}}};  ///< Of an IPv6 /48, which one customer may have.
  RateRule phones_per_user_net{50, Seconds{3600}};
  RateRule failed_verifies_per_user_ip{30, Seconds{60}};
  RateRule locks_per_phone{3, Seconds{3600}};  ///< So many locked requests lock the phone …
  Seconds phone_lock{1800};                    ///< … for so long.
  std::vector<Seconds> cooldown{Seconds{30}, Seconds{60},
                                Seconds{120}};  ///< After the 1st, 2nd, … send; the last repeats.
  bool operator==(const LimitSettings&) const = default;
};

/// `[webhooks]`.
struct WebhookSettings {
  bool allow_private = false;  ///< Webhooks on loopback and private addresses: the operator's own network.
  Millis time_limit{15'000};   ///< For a receiver's answer, everything included.
  bool operator==(const WebhookSettings&) const = default;
};

/// What a group of the provider's people may do at the dashboard.
struct OidcGrant {
  std::string group;  ///< As the provider writes it.
  std::string role;   ///< viewer, owner, operator.
  std::string app;    ///< Its name; empty: an operator's.
  bool operator==(const OidcGrant&) const = default;
};

/// `[dashboard.oidc]`: who signs people in. Source: OpenID Connect Core 1.0.
struct OidcSettings {
  std::string issuer;  ///< As the provider's discovery has it, octet by octet; empty: nobody.
  std::string client_id;
  std::string client_secret_file;
  Secret client_secret;  ///< Empty: a public client, which PKCE alone protects.
  std::string name;      ///< What the button says.
  std::vector<std::string> scopes{"openid", "email", "profile"};
  std::string groups_claim = "groups";
  std::string ca;                 ///< File of the CAs that the provider's certificate is of; empty: the system's.
  std::vector<OidcGrant> grants;  ///< The first whose group a person has decides.
  bool is_on() const { return !issuer.empty(); }
  bool operator==(const OidcSettings&) const = default;
};

/// `[tracing]`.
struct TracingSettings {
  std::string endpoint;        ///< Of a collector of OpenTelemetry: OTLP over HTTP, JSON. Empty: nothing is traced.
  double sample_ratio = 0.01;  ///< Of requests that nobody traces yet.
  bool operator==(const TracingSettings&) const = default;
};

/// `[plans.NAME]`.
struct Plan {
  std::string name;
  std::uint64_t sms_per_month = 0;  ///< 0: no end.
  double requests_per_second = 5;   ///< Per app; the burst is twice as much. 0: no limit.
  bool overage = false;             ///< The month's end of messages is told of, but does not stop any.
  Micros price_per_month = 0;
  Micros spend_per_day = 0;    ///< What an app's messages may cost, UTC. 0: no end.
  Micros spend_per_month = 0;  ///< The same.
  bool operator==(const Plan&) const = default;
};

/// Settings of a TLS client (`tls = { … }` of a carrier).
struct TlsClientSettings {
  std::string ca;           ///< File; empty: the system's.
  std::string certificate;  ///< Client certificate chain, PEM file; empty: none.
  std::string key;
  std::string fingerprint;  ///< SHA-256 of the peer's certificate in hex; empty: verified by name and CA.
  /// Suites of TLS 1.2 without forward secrecy or AEAD are offered, too: for an SMSC that has no others.
  bool has_old_suites = false;
  bool operator==(const TlsClientSettings&) const = default;
};

/// Who a message comes from in a part of the world, where that is not the carrier's `sender`.
struct SenderRule {
  std::string prefix;   ///< "+1"; the longest wins.
  std::string country;  ///< ISO 3166 alpha-2; where no prefix fits.
  std::string sender;
  std::optional<std::uint8_t> ton;  ///< Nothing: they follow from the sender.
  std::optional<std::uint8_t> npi;
  bool is_only = false;           ///< Nothing else is taken there: it replaces the sender that a request names, too.
  std::vector<smpp::Tlv> tlvs{};  ///< Of every submit_sm with this sender there.
  bool operator==(const SenderRule&) const = default;
};

/// One `[[carrier]]`: an SMPP account and every quirk that it has.
struct CarrierSettings {
  std::string name;
  std::string profile;                          ///< Whose quirks it has besides its own keys; empty: nobody's.
  std::vector<std::string> addresses;           ///< host:port, tried in turn.
  std::vector<std::string> receiver_addresses;  ///< Of the receivers of pairs; empty: `addresses`.
  std::string local_address;  ///< Which address of ours connections come from; empty: the system chooses.
  std::optional<TlsClientSettings> tls;
  std::string system_id;
  Secret password;
  std::string system_type;
  std::uint8_t interface_version = 0x34;
  std::uint8_t bind_ton = 0, bind_npi = 0;  ///< Of `address_range`.
  std::string address_range;                ///< Whose messages the bind is for; most want it empty.
  std::string bind = "transceiver";         ///< or transmitter+receiver
  std::vector<std::string> nodes;           ///< Of the cluster, which alone bind; empty: every one.
  std::uint32_t binds = 1;
  std::uint32_t window = 10;  ///< Unanswered submits on each bind, 1–1000.
  double rate = 30;           ///< PDUs a second on each bind; 0: no limit.
  double account_rate = 0;    ///< PDUs a second of all binds together; 0: no limit but theirs.
  std::string sender;
  std::vector<SenderRule> sender_rules;
  smpp::Alphabet default_alphabet = smpp::Alphabet::gsm7;
  smpp::Concat concat = smpp::Concat::udh8;
  bool transliterate = false;
  Millis enquire_link{25'000};
  Millis enquire_link_timeout{10'000};
  Millis bind_timeout{30'000};
  Millis response_timeout{20'000};
  Millis reconnect_min{1'000};
  Millis reconnect_max{60'000};
  std::uint8_t source_ton = 5, source_npi = 0;  ///< 5: alphanumeric
  std::uint8_t dest_ton = 1, dest_npi = 1;
  bool dest_plus = false;
  std::string service_type;
  std::uint8_t priority = 0;
  std::uint8_t esm_class = 0;  ///< Besides the bit that says that a user data header is there.
  std::uint8_t registered_delivery = 1;
  std::string validity_format = "relative";  ///< relative, absolute, none
  Seconds validity_min{60};
  bool receipt_text_alone = false;     ///< A receipt may lack esm_class and TLVs.
  ReceiptPattern receipt_pattern;      ///< Texts of another shape; none: the usual one.
  smpp::ReceiptStates receipt_states;  ///< What this carrier means by words and numbers of its own.
  ReceiptsForLong receipts_for_long = ReceiptsForLong::each;
  std::optional<smpp::IdBase> receipt_id;  ///< How receipts write ids; nothing: learnt from what matches.
  std::vector<smpp::Tlv> tlvs;             ///< Of every submit_sm; a sender rule's and a template's come before them.
  StatusOverrides status_overrides;
  bool operator==(const CarrierSettings&) const = default;
};

struct RouteCarrier {
  std::string name;
  std::uint32_t weight = 0;      ///< 0: in order of preference.
  double cost = 0;               ///< Of a segment, in any unit; among carriers without a weight the cheaper goes first.
  std::optional<Hours> hours{};  ///< When it may be used; nothing: always.
  bool operator==(const RouteCarrier&) const = default;
};

/// One `[[route]]`. Empty fields match everything; the longest prefix wins, then country, network, app, purpose.
struct RouteSettings {
  std::string name;    ///< Shown as `delivery.route`; the prefix or "default" where not given.
  std::string prefix;  ///< "+374"
  std::string country;
  std::string network;                        ///< MCC and MNC, "28301"
  std::vector<std::string> network_prefixes;  ///< Whose numbers those are, from `[networks]`.
  std::string app;
  std::string purpose;
  std::vector<RouteCarrier> carriers;
  Seconds failover_after{8};
  bool operator==(const RouteSettings&) const = default;
};

enum class StoreEngine : std::uint8_t {
  lmdb,       ///< A data file of this machine, in `data_dir`.
  postgresql  ///< A database, which may be elsewhere.
};

/// Who vouches that what the database has said to be kept outlives the loss of its machine.
enum class Durability : std::uint8_t {
  synchronous,  ///< A standby that commits wait for; it is warned where there is none.
  engine,       ///< The database's own storage, as managed ones have it.
  asynchronous  ///< Nobody: with the machine the last commits may go.
};

/// `[store]`: what requests are kept in.
struct StoreSettings {
  StoreEngine engine = StoreEngine::lmdb;
  std::string url;  ///< Of the database, without a password.
  Secret password;
  std::string schema = "xionid";
  bool create = false;  ///< Makes and completes the tables when it starts.
  Durability durability = Durability::synchronous;
  bool operator==(const StoreSettings&) const = default;
};

/// This node among those that share the database.
struct ClusterSettings {
  std::string node;  ///< Its name; empty: what the host is called.
  Seconds lease{5};
  Seconds rebalance{60};
  bool operator==(const ClusterSettings&) const = default;
};

/// The whole configuration, valid by construction: `config` refuses what is not.
struct Settings {
  std::string config_path;
  std::string data_dir = "/var/lib/xionid";
  StoreSettings store;
  ClusterSettings cluster;
  std::string control_socket = "/run/xionid/control.sock";
  std::string control_group = "xionid";            ///< Whose members may command the daemon.
  std::string control_view_group = "xionid-view";  ///< Whose members may look.
  std::string master_key_file = "master.key";
  std::string log = "auto";
  std::string log_level = "info";
  std::uint32_t retention_days = 90;
  std::vector<std::string> stop_words;  ///< Besides the built-in ones.
  std::uint32_t queue_limit = 100'000;  ///< Messages waiting for a carrier; above it the API says 503.
  std::vector<std::string> api_listen{"127.0.0.1:8080"};
  std::string tls_certificate, tls_key;
  std::uint32_t max_connections = 10'000;
  std::string operator_listen = "127.0.0.1:9090";
  bool dashboard = true;      ///< Whether the API's listeners serve it.
  std::string dashboard_url;  ///< Where people reach it, such as "https://otp.example.net"; empty: the first listener.
  Seconds session_idle{12 * 3600};  ///< A session of the dashboard ends so long after it was last used …
  std::uint32_t session_days = 7;   ///< … and so long after it began, however it is used.
  OidcSettings oidc;
  OtpSettings otp;
  LimitSettings limits;
  GuardSettings guard;
  WebhookSettings webhooks;
  TracingSettings tracing;
  std::map<std::string, Plan> plans;  ///< starter, growth and custom are always there.
  Prices prices;
  std::vector<CarrierSettings> carriers;
  std::vector<RouteSettings> routes;
  std::map<std::string, std::vector<std::string>> networks;  ///< Prefixes of numbers by MCC and MNC.
};

/// What holds for one app: the configuration with the app's overrides laid over it. Overrides that don't parse are
/// ignored here; `xionctl app set` refuses them.
struct AppPolicy {
  OtpSettings otp;
  LimitSettings limits;
  Plan plan;
  GuardSettings guard;
  SendRights rights;
  std::vector<LimitKeyRule> limit_keys;  ///< In the order in which they were set; a name may have several.
  std::vector<TestPhone> test_phones;
  std::optional<std::string> text_name;  ///< The name in the SMS; nothing: the app's own, empty: none.
};

}  // namespace xion
