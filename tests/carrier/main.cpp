// xionid-carrier: an SMSC to test against. `serve` runs it; the other verbs ask and tell a running one.
#include <CLI/CLI.hpp>
#include <string>

#include "carrier/admin_verbs.h"
#include "carrier/fault.h"

namespace {

using namespace xion;
using namespace xion::carrier;

const std::string examples = R"(
Examples:
  xionid-carrier serve --system-id xion --password secret
  xionid-carrier serve --listen 127.0.0.1:0 --fault throttle=10% --fault receipt-twice
  xionid-carrier serve --script phones.txt --max-tps 30 --latency-ms 80
  xionid-carrier inbox +37499123056 --wait 10 --code
  xionid-carrier fault drop-response=5% late-response=25000@3x
  xionid-carrier fault throttle=off
  xionid-carrier script '+37499*' outcome=UNDELIV err=011 delay=500
  xionid-carrier say +37499123056 XionID STOP
  xionid-carrier drop rst
  xionid-carrier stats --json

A script has one rule a line: a number, or the beginning of one and `*`, then any of outcome=STATE (DELIVRD, UNDELIV,
EXPIRED, REJECTD, DELETED, …, or none for no receipt), err=ABC, delay=MS, status=CODE (the submit is refused).

Exit codes: 0 done, 1 refused or nothing found, 2 usage, 3 no simulator answers.
)";

void add_serve(CLI::App& app, ServeOptions& o) {
  auto* serve = app.add_subcommand("serve", "Run the simulator until SIGTERM or Ctrl-C");
  serve
      ->add_option("--listen", o.listen,
                   "where ESMEs connect; port 0 chooses one, and `listening ADDRESS` on stdout tells which")
      ->capture_default_str();
  serve->add_option("--admin", o.admin, "where the other verbs connect: 127.0.0.1:PORT or unix:/path")
      ->capture_default_str();
  serve->add_option("--system-id", o.system_id, "who may bind; any without");
  serve->add_option("--password", o.password, "with --system-id")->needs("--system-id");
  // The table's sentences serve here too; the option and the fault are one thing.
  for (const Fault fault : {Fault::window, Fault::max_tps, Fault::latency_ms, Fault::receipt_delay_ms,
                            Fault::receipt_jitter_ms, Fault::receipt_retry_ms}) {
    const FaultRow& row = fault_table()[static_cast<std::size_t>(fault)];
    serve->add_option("--" + std::string(row.name), o.behaviour[std::string(row.name)], std::string(row.sentence))
        ->type_name(std::string(row.shape));
  }
  serve->add_flag("--no-receipts", o.has_no_receipts, "sends no receipts, whatever is asked for");
  serve
      ->add_option("--binds", o.binds_at_most,
                   "binds of each kind that an account may have; one more gets 0x05; 0: as many as it likes")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000));
  serve->add_option("--receipt-window", o.receipt_window, "receipts unanswered on one connection")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  serve->add_option("--receipt-timeout-ms", o.receipt_timeout_ms, "after which an unanswered receipt is sent again")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  serve->add_option("--enquire-link-ms", o.enquire_link_ms, "asks for a sign of life after this much quiet; 0: never")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  serve->add_option("--alphabet", o.alphabet, "what data_coding 0 means")
      ->capture_default_str()
      ->check(CLI::IsMember(alphabets));
  serve->add_option("--fault", o.faults, "see `Faults` in --help; several allowed")
      ->type_name("NAME[=VALUE]")
      ->allow_extra_args(false);
  serve->add_option("--script", o.script, "outcomes by phone")->type_name("FILE");
  serve->add_option("--seed", o.seed, "plays the same chances and message ids again");
  auto* certificate = serve->add_option("--tls-cert", o.tls_certificate, "speak TLS with this PEM certificate");
  auto* key = serve->add_option("--tls-key", o.tls_key, "and this PEM key");
  certificate->needs(key);
  key->needs(certificate);
  serve
      ->add_option("--tls-self-signed", o.tls_self_signed,
                   "speak TLS; make a certificate for localhost and write it here")
      ->type_name("FILE")
      ->excludes(certificate);
  serve
      ->add_option("--tls-client-ca", o.tls_client_ca,
                   "with TLS: let in only who shows a certificate that one of these authorities (PEM) signed")
      ->type_name("FILE");
  serve->add_flag("--no-inbox", o.has_no_inbox, "keep no messages: for load");
  serve->add_flag("--trace", o.traces, "print every PDU, texts and passwords left out");
  serve->add_flag("--quiet", o.is_quiet, "print nothing but the addresses");
  serve->footer(
      "\nFaults (--fault, or `fault` at run time), as NAME, NAME=VALUE, NAME=10%, NAME=VALUE@10%, NAME=VALUE@3x or "
      "NAME=off:\n" +
      fault_help());
}

void add_questions(CLI::App& app, AskOptions& o) {
  const auto add = [&](const std::string& name, const std::string& help) {
    auto* verb = app.add_subcommand(name, help);
    verb->add_option("--admin", o.admin, "the running simulator's admin address")->capture_default_str();
    return verb;
  };
  auto* inbox = add("inbox", "Print what arrived for a number, newest last");
  inbox->add_option("number", o.number, "such as +37499123056")->required();
  inbox->add_option("--wait", o.wait_seconds, "wait so long for a whole message")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  inbox->add_option("--after", o.after, "messages with a higher id only")->type_name("ID");
  inbox->add_flag("--code", o.only_code, "print only the code in the newest: its first run of 4 to 10 digits");
  inbox->add_flag("--json", o.as_json, "one object a line");
  auto* stats = add("stats", "Print what went by since the start");
  stats->add_flag("--json", o.as_json, "one object");
  auto* fault = add("fault", "Switch faults, or `fault list`");
  fault->add_option("settings", o.words, "NAME=VALUE, NAME=off, or list");
  fault->add_flag("--json", o.as_json, "one object a line");
  fault->footer("\nFaults:\n" + fault_help());
  add("drop", "End every connection now")
      ->add_option("how", o.words, "rst or fin (default)")
      ->check(CLI::IsMember({"rst", "fin"}));
  add("script", "Add one rule for a phone")->add_option("rule", o.words, "NUMBER key=value …")->required();
  add("say", "Send a message from a handset to every account")
      ->add_option("words", o.words, "FROM TO TEXT")
      ->required();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("xionid-carrier — an SMSC to test against: binds, windows, receipts, faults, and handsets to read");
  app.require_subcommand(1);
  ServeOptions serve_options;
  AskOptions ask_options;
  add_serve(app, serve_options);
  add_questions(app, ask_options);
  // Set last, because subcommands take over the footer that they find.
  app.footer(examples + "\nFaults, as NAME, NAME=VALUE, NAME=10%, NAME=VALUE@10%, NAME=VALUE@3x or NAME=off:\n" +
             fault_help());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  const std::string verb = app.get_subcommands().front()->get_name();
  if (verb == "serve") return serve(serve_options);
  if (verb == "inbox") return ask_inbox(ask_options);
  if (verb == "stats") return ask_stats(ask_options);
  if (verb == "fault") return ask_fault(ask_options);
  return tell(ask_options, verb);
}
