// xionctl carrier test: the first ten minutes with a carrier. It connects from here, as the daemon would: with its
// configuration, its certificates, its local address.
#include "cli/carrier_test.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "base/suggest.h"
#include "cli/connection.h"
#include "cli/conversation.h"
#include "cli/local.h"
#include "cli/parse.h"
#include "cli/run.h"
#include "config/config.h"
#include "core/phone.h"
#include "core/receipt_quirks.h"
#include "core/texts/submit_sm.h"
#include "smpp/message_id.h"
#include "smpp/receipt.h"
#include "smpp/status_meaning.h"
#include "smpp/validity.h"

namespace xion::cli {
namespace {

constexpr std::int64_t limit_default_s = 30, limit_most_s = 600;
/// A certificate that ends so soon is told of, though it is good.
constexpr std::chrono::days soon{30};
constexpr std::string_view test_text = "This is a test of XionID.";
constexpr Seconds test_life{300};

struct Step {
  std::string name;
  bool is_good = true;
  Millis took{0};
  std::string detail;
  std::string hint;
};

/// One address of the carrier, by one type of bind.
struct Target {
  std::string address;
  smpp::BindType type = smpp::BindType::transceiver;
  std::vector<Step> steps;

  bool is_good() const { return std::ranges::all_of(steps, &Step::is_good); }
};

std::string_view name_of(smpp::BindType type) {
  switch (type) {
    case smpp::BindType::receiver: return "receiver";
    case smpp::BindType::transmitter: return "transmitter";
    case smpp::BindType::transceiver: return "transceiver";
  }
  return "";
}

std::string version_of(std::uint8_t version) { return fmt::format("{}.{}", version >> 4, version & 15); }

std::string in_words(std::uint32_t status) {
  const std::string_view meaning = smpp::status_meaning(status);
  return meaning.empty() ? fmt::format("{}: a status of the carrier's own", smpp::status_name(status))
                         : fmt::format("{}: {}", smpp::status_name(status), meaning);
}

/// What is asked for, and by whom.
struct Plan {
  const CarrierSettings& carrier;
  bool is_live = false;              ///< The daemon has binds of the account now.
  std::optional<Phone> destination;  ///< Of `--send`.
  Deadline deadline;
};

/// One run through all steps against one address; it ends with the first that fails.
class Run {
 public:
  Run(const Plan& plan, Target& target) : plan_(plan), target_(target) {}

  void go() {
    const auto address = parse_tcp_address(target_.address);
    if (!address) return failed("dns", {address.error(), ""});
    const auto addresses = look_up(*address);
    if (!addresses) return;
    auto socket = connect(*addresses);
    if (!socket) return;
    ProbeLine line(std::move(*socket), plan_.deadline);
    if (plan_.carrier.tls && !secure(line, address->host)) return;
    Conversation conversation(line);
    if (!bind(conversation)) return;
    if (!enquire(conversation)) return;
    if (plan_.destination && target_.type != smpp::BindType::receiver) send(conversation);
    unbind(conversation);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Millis took() {
    const auto now = Clock::now();
    return std::chrono::round<Millis>(now - std::exchange(since_, now));
  }
  void good(std::string_view name, std::string detail, std::string hint = {}) {
    target_.steps.push_back({std::string(name), true, took(), std::move(detail), std::move(hint)});
  }
  void failed(std::string_view name, ProbeTrouble trouble) {
    target_.steps.push_back({std::string(name), false, took(), std::move(trouble.detail), std::move(trouble.hint)});
  }

  std::optional<std::vector<SocketAddress>> look_up(const TcpAddress& address) {
    auto found = find_addresses(address, plan_.deadline);
    if (!found) return failed("dns", found.error()), std::nullopt;
    std::vector<std::string> texts;
    for (const SocketAddress& each : *found) texts.push_back(to_text(each));
    const bool is_literal = !literal(address).empty();
    good("dns", is_literal ? "an address: there is nothing to look up"
                           : fmt::format("{} is {}", address.host, fmt::join(texts, ", ")));
    return std::move(*found);
  }

  std::optional<OpenFile> connect(const std::vector<SocketAddress>& addresses) {
    auto connected = connect_to(addresses, plan_.carrier.local_address, plan_.deadline);
    if (!connected) return failed("tcp", connected.error()), std::nullopt;
    std::string hint;
    if (!connected->in_vain.empty())
      hint = fmt::format("not every address answers: {}", fmt::join(connected->in_vain, "; "));
    good("tcp", fmt::format("connected to {} from {}", connected->peer, connected->local), std::move(hint));
    return std::move(connected->socket);
  }

  bool secure(ProbeLine& line, const std::string& host) {
    const auto report = line.secure(*plan_.carrier.tls, host);
    if (!report) return failed("tls", report.error()), false;
    const auto left = std::chrono::floor<std::chrono::days>(report->not_after - std::chrono::system_clock::now());
    const std::string shown = fmt::format(
        "{}, {}; {}; names: {}; signed by {}; chain of {}; until {} ({} days); SHA-256 {}", report->protocol,
        report->cipher, report->subject, report->names.empty() ? "none" : report->names, report->issuer,
        report->chain.size(), rfc3339(report->not_after), left.count(), report->fingerprint);
    if (report->troubles.empty()) {
      good("tls", shown, left < soon ? fmt::format("the certificate ends in {} days", left.count()) : std::string());
      return true;
    }
    std::vector<std::string> details, hints;
    for (const ProbeTrouble& trouble : report->troubles) {
      details.push_back(trouble.detail);
      if (!trouble.hint.empty()) hints.push_back(trouble.hint);
    }
    failed("tls", {fmt::format("{}; shown was: {}", fmt::join(details, "; "), shown),
                   fmt::format("{}", fmt::join(hints, "; "))});
    return false;
  }

  bool bind(Conversation& conversation) {
    const CarrierSettings& carrier = plan_.carrier;
    const auto answer =
        conversation.ask(smpp::Bind{.type = target_.type,
                                    .system_id = carrier.system_id,
                                    .password = carrier.password,
                                    .system_type = carrier.system_type,
                                    .interface_version = carrier.interface_version,
                                    .address_range = {carrier.bind_ton, carrier.bind_npi, carrier.address_range}});
    if (!answer) {
      return failed("bind", {fmt::format("bind_{}: {}", name_of(target_.type), answer.error()),
                             "is that port SMPP's, with TLS as configured? some carriers hang up on an address or a "
                             "system_id that they don't know"}),
             false;
    }
    if (answer->pdu.status != smpp::status::ok || std::holds_alternative<smpp::GenericNack>(answer->pdu.body)) {
      return failed("bind", {fmt::format("bind_{}: {}", name_of(target_.type), in_words(answer->pdu.status)),
                             std::string(hint_of_bind(answer->pdu.status, plan_.is_live))}),
             false;
    }
    good("bind", fmt::format("bound as {} with version {}; {}", name_of(target_.type),
                             version_of(carrier.interface_version), self_told(answer->pdu)));
    return true;
  }

  static std::string self_told(const smpp::Pdu& pdu) {
    const auto* resp = std::get_if<smpp::BindResp>(&pdu.body);
    if (resp == nullptr) return "the SMSC says nothing of itself";
    std::string told = resp->system_id.empty() ? "the SMSC names itself not"
                                               : fmt::format("the SMSC calls itself \"{}\"", resp->system_id);
    const smpp::Tlv* version = smpp::find_tlv(resp->tlvs, smpp::tag::sc_interface_version);
    const auto number = version != nullptr ? smpp::number_of(*version) : std::nullopt;
    return told + (number ? fmt::format(", sc_interface_version {}", version_of(static_cast<std::uint8_t>(*number)))
                          : std::string(", no sc_interface_version"));
  }

  bool enquire(Conversation& conversation) {
    const auto answer = conversation.ask(smpp::EnquireLink{});
    if (!answer) {
      return failed("enquire_link", {answer.error(),
                                     "the SMSC took the bind and fell silent or hung up: ask the carrier whether the "
                                     "account is enabled, and for how many binds"}),
             false;
    }
    if (answer->pdu.status != smpp::status::ok)
      return failed("enquire_link", {in_words(answer->pdu.status), ""}), false;
    good("enquire_link", fmt::format("answered in {} ms", answer->took.count()));
    return true;
  }

  void send(Conversation& conversation) {
    const Phone& phone = *plan_.destination;
    const std::string masked = mask_phone(phone.e164, phone.country_code);
    const SenderQuestion question{.asked = "", .e164 = phone.e164, .country = phone.country};
    const auto encoded = smpp::encode_text(test_text, plan_.carrier.default_alphabet, plan_.carrier.concat, 0, false);
    auto submits = submits_of(plan_.carrier, encoded, {}, question);
    submits.front().validity_period = validity();
    const auto answer = conversation.ask(submits.front());
    if (!answer) return failed("submit", {answer.error(), "whether the message was taken is not known"});
    const auto* resp = std::get_if<smpp::SubmitSmResp>(&answer->pdu.body);
    if (answer->pdu.status != smpp::status::ok || resp == nullptr) {
      return failed(
          "submit",
          {fmt::format("to {} from \"{}\": {}", masked, submits.front().source.digits, in_words(answer->pdu.status)),
           "the sender, its TON and NPI, and what the account may send to are the carrier's to tell"});
    }
    const std::string id(smpp::trimmed_id(resp->message_id));
    good("submit", fmt::format("to {} from \"{}\": taken in {} ms, message id \"{}\"", masked,
                               submits.front().source.digits, answer->took.count(), id));
    if (target_.type == smpp::BindType::transceiver && plan_.carrier.registered_delivery != 0) await(conversation, id);
  }

  std::string validity() const {
    const Seconds life = std::max(test_life, plan_.carrier.validity_min);
    if (plan_.carrier.validity_format == "none") return {};
    if (plan_.carrier.validity_format == "relative") return smpp::relative_time(life);
    return smpp::absolute_time(std::chrono::ceil<Millis>(std::chrono::system_clock::now() + life));
  }

  void await(Conversation& conversation, const std::string& id) {
    const smpp::ReceiptQuirks quirks = receipt_quirks(plan_.carrier);
    const auto is_ours = [&](const smpp::DeliverSm& sm) {
      const auto receipt = smpp::parse_receipt(sm, quirks);
      return receipt && base_of(*receipt, id);
    };
    const auto brought = conversation.await(is_ours);
    const auto receipt = brought ? smpp::parse_receipt(*brought, quirks) : std::nullopt;
    if (receipt) return say_receipt(*receipt, *base_of(*receipt, id));
    good("receipt", "none came to this bind in time",
         plan_.is_live ? "carriers bring it by any bind of the account: see `xionctl receipt unmatched`"
                       : "a phone that is off, or a carrier that brings it later, is no fault: try --timeout 120");
  }

  /// In which base the receipt's id is that of the response; nothing where it is another message's.
  static std::optional<smpp::IdBase> base_of(const smpp::Receipt& receipt, const std::string& id) {
    for (const smpp::IdBase base : smpp::id_bases) {
      for (const std::string& told : {receipt.message_id, receipt.other_id})
        if (!told.empty() && smpp::response_id_of(told, base) == id) return base;
    }
    return std::nullopt;
  }

  void say_receipt(const smpp::Receipt& receipt, smpp::IdBase base) {
    std::string said(smpp::receipt_state_text(receipt.state));
    if (said != receipt.state_word) said += fmt::format(", told as \"{}\"", receipt.state_word);
    if (!receipt.error.empty()) said += fmt::format(", err {}", receipt.error);
    if (base == smpp::IdBase::same) return good("receipt", std::move(said));
    const std::string_view spelt = smpp::id_base_text(base);
    good("receipt", fmt::format("{}; its id is the response's in {}", said, spelt),
         fmt::format("the daemon learns that by itself; `receipt_id = \"{}\"` of the carrier says it from the start",
                     spelt));
  }

  void unbind(Conversation& conversation) {
    const auto answer = conversation.ask(smpp::Unbind{});
    std::string hint;
    if (conversation.given_back() > 0) {
      hint =
          fmt::format("{} deliveries for the account came meanwhile and were given back (ESME_RMSGQFUL), to come again",
                      conversation.given_back());
    }
    good("unbind", answer ? "answered" : "not answered: " + answer.error(), std::move(hint));
  }

  const Plan& plan_;
  Target& target_;
  Clock::time_point since_ = Clock::now();
};

std::vector<Target> targets_of(const CarrierSettings& carrier) {
  std::vector<Target> targets;
  const bool is_pair = carrier.bind == "transmitter+receiver";
  for (const std::string& address : carrier.addresses)
    targets.push_back({address, is_pair ? smpp::BindType::transmitter : smpp::BindType::transceiver, {}});
  if (!is_pair) return targets;
  for (const std::string& address : carrier.receiver_addresses.empty() ? carrier.addresses : carrier.receiver_addresses)
    targets.push_back({address, smpp::BindType::receiver, {}});
  return targets;
}

void write_target(JsonWriter& json, const Target& target) {
  json.begin_object().field("address", target.address).field("bind", name_of(target.type));
  json.field("ok", target.is_good()).key("steps").begin_array();
  for (const Step& step : target.steps) {
    json.begin_object().field("step", step.name).field("ok", step.is_good).field("tookMs", step.took.count());
    json.field("detail", step.detail);
    if (!step.hint.empty()) json.field("hint", step.hint);
    json.end_object();
  }
  json.end_array().end_object();
}

void print_json(const CarrierSettings& carrier, const std::vector<Target>& targets) {
  JsonWriter json;
  json.begin_object().field("name", carrier.name).field("ok", std::ranges::all_of(targets, &Target::is_good));
  json.key("addresses").begin_array();
  for (const Target& target : targets) write_target(json, target);
  json.end_array().end_object();
  fmt::print("{}\n", json.str());
}

void print_for_people(const Target& target) {
  for (const Step& step : target.steps) {
    fmt::print("  {:<13} {:<7} {} ({} ms)\n", step.name, step.is_good ? "ok" : "FAILED", step.detail,
               step.took.count());
    if (!step.hint.empty()) fmt::print("  {:<13} {:<7} → {}\n", "", "", step.hint);
  }
}

/// What the daemon knows of the carrier: its file, and whether it is bound.
struct Live {
  std::string config;
  bool is_bound = false;
};
std::expected<Live, ExitCode> ask_daemon(const Invocation& wanted) {
  const auto line = ask(wanted.socket, wire::encode(wire::Request{std::string(wanted.entry().name), wanted.args}));
  if (!line) {
    const std::string& hint = line.error().hint;
    return std::unexpected(
        fail(line.error().code, line.error().detail,
             fmt::format("{}{}or name the configuration: --config FILE", hint, hint.empty() ? "" : "; ")));
  }
  const auto answer = wire::decode_answer(*line);
  if (!answer) return std::unexpected(fail(no_daemon, answer.error(), ""));
  if (!answer->ok) {
    return std::unexpected(
        fail(answer->code == wire::Refusal::usage ? misused : refused, answer->detail, answer->hint));
  }
  const auto result = wire::parse_json(answer->result);
  const wire::Value* config = result ? result->find("config") : nullptr;
  const wire::Value* state = result ? result->find("state") : nullptr;
  if (config == nullptr || config->text() == nullptr)
    return std::unexpected(fail(no_daemon, "no answer of xiond's", ""));
  return Live{*config->text(), state != nullptr && state->text() != nullptr && *state->text() == "bound"};
}

ExitCode complain_of(const std::string& file, const Loaded& loaded, const std::string& name) {
  for (const Finding& finding : loaded.findings) {
    if (finding.is_error) fmt::print(stderr, "{}\n", format_finding(finding, false));
  }
  if (!loaded.was_read) return refused;
  std::vector<std::string_view> names;
  for (const CarrierSettings& carrier : loaded.settings.carriers) names.push_back(carrier.name);
  const auto meant = closest(name, names);
  return fail(refused, fmt::format("{} has no carrier {}", file, name),
              meant ? fmt::format("did you mean {}?", *meant) : fmt::format("it has: {}", fmt::join(names, ", ")));
}

}  // namespace

std::string_view hint_of_bind(std::uint32_t status, bool is_live) {
  switch (status) {
    case smpp::status::rinvpaswd:
      return "compare password_file with what the carrier gave: case, blanks, a newline too much; don't try often, "
             "carriers lock accounts";
    case smpp::status::rinvsysid: return "compare system_id with what the carrier gave; is this the right host for it?";
    case smpp::status::rinvsystyp: return "ask the carrier which system_type it wants; most want it empty";
    case smpp::status::ralybnd:
      return is_live ? "the account takes no bind beside the live ones: `xionctl carrier drain NAME` frees one"
                     : "somebody is bound by this account already, or the carrier has not noticed yet that a bind is "
                       "gone: try again in a minute";
    case smpp::status::rbindfail:
      return is_live ? "the account may take no more binds than the live ones: `xionctl carrier drain NAME` frees one"
                     : "the carrier doesn't say more: is this machine's address let in, the account enabled, the type "
                       "of bind allowed (`bind`)?";
    case smpp::status::rinvcmdid: return "the carrier may not take this type of bind: see `bind`";
    case smpp::status::rsyserr: return "the carrier has trouble of its own; try again later";
    case smpp::status::rthrottled: return "the carrier wants fewer binds in a time: see reconnect_min_seconds";
    default: return "the carrier's support can look this up by system_id and time";
  }
}

ExitCode test_carrier(const Invocation& wanted) {
  const std::string name = wanted.text("name", "");
  std::optional<Phone> destination;
  if (const std::string to = wanted.text("send", ""); !to.empty()) {
    const auto phone = parse_phone(to);
    if (!phone)
      return fail(misused, "--send: expected a phone number such as +37499123456", describe(phone.error(), to));
    destination = *phone;
  }
  Live live{wanted.text("config", ""), false};
  if (live.config.empty()) {
    auto asked = ask_daemon(wanted);
    if (!asked) return asked.error();
    live = std::move(*asked);
  }
  const Loaded loaded = load_config(live.config);
  const auto found = std::ranges::find(loaded.settings.carriers, name, &CarrierSettings::name);
  if (!loaded.was_read || found == loaded.settings.carriers.end()) return complain_of(live.config, loaded, name);
  if (found->password.empty()) {
    for (const Finding& finding : loaded.findings) fmt::print(stderr, "{}\n", format_finding(finding, false));
    return fail(refused, fmt::format("the password of {} can't be had", name), "be root, or who may read its file");
  }

  const Seconds limit{std::clamp(wanted.number("timeout").value_or(limit_default_s), std::int64_t{1}, limit_most_s)};
  auto targets = targets_of(*found);
  if (!wanted.json && live.is_bound) fmt::print("{} is bound; this is one bind more beside it.\n", name);
  for (Target& target : targets) {
    const Plan plan{*found, live.is_bound, destination, Deadline(limit)};
    Run(plan, target).go();
    if (wanted.json) continue;
    fmt::print("{} at {} as {}{}\n", name, target.address, name_of(target.type), found->tls ? " over TLS" : "");
    print_for_people(target);
  }
  if (wanted.json) print_json(*found, targets);
  return std::ranges::all_of(targets, &Target::is_good) ? done : refused;
}

}  // namespace xion::cli
