// `serve`: options in, a running simulator out.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "carrier/admin.h"
#include "carrier/admin_verbs.h"
#include "carrier/server.h"

namespace xion::carrier {
namespace {

CarrierSettings settings_of(const ServeOptions& options) {
  const auto started = static_cast<std::uint64_t>(unix_millis(moment().wall));
  // A given seed plays the same run again, ids included; otherwise ids go on rising from one run to the next.
  return {.system_id = options.system_id,
          .password = Secret(options.password),
          .default_alphabet = alphabets.at(options.alphabet),
          .keeps_inbox = !options.has_no_inbox,
          .binds_at_most = options.binds_at_most,
          .receipt_window = options.receipt_window,
          .receipt_timeout = Millis{options.receipt_timeout_ms},
          .enquire_link_idle = Millis{options.enquire_link_ms},
          .seed = options.seed.value_or(started),
          .first_number = options.seed ? 1'000'000'000 + *options.seed % 1'000'000 : started * 1000,
          .trace = options.traces};
}

std::expected<void, std::string> apply_behaviour(const ServeOptions& options, Carrier& carrier) {
  std::vector<std::string> all;
  for (const auto& [name, value] : options.behaviour) {
    if (!value.empty()) all.push_back(fmt::format("{}={}", name, value));
  }
  if (options.has_no_receipts) all.push_back("no-receipts");
  all.insert(all.end(), options.faults.begin(), options.faults.end());
  for (const std::string& fault : all) {
    if (const auto set = carrier.faults().set(fault); !set) return set;
  }
  if (!options.script.empty()) return carrier.script().load(options.script);
  return {};
}

std::expected<SslContext, std::string> server_tls_of(const ServeOptions& options, bool is_expired) {
  if (!options.tls_self_signed.empty()) return tls_self_signed(options.tls_self_signed, is_expired);
  if (!options.tls_certificate.empty()) return tls_from_files(options.tls_certificate, options.tls_key);
  return SslContext{};
}

std::expected<SslContext, std::string> tls_of(const ServeOptions& options, bool is_expired) {
  auto tls = server_tls_of(options, is_expired);
  if (!tls || options.tls_client_ca.empty()) return tls;
  if (!*tls) return std::unexpected("--tls-client-ca: add --tls-cert and --tls-key, or --tls-self-signed");
  if (const auto demanded = demand_client_certificate(tls->get(), options.tls_client_ca); !demanded)
    return std::unexpected(demanded.error());
  return tls;
}

void stop(evutil_socket_t, short, void* base) { event_base_loopbreak(static_cast<event_base*>(base)); }

}  // namespace

int serve(const ServeOptions& options) {
  if (options.is_quiet) log::set_level(log::Level::warning);
  log::set_sink([](log::Level, std::string_view line) { fmt::print(stderr, "{}\n", line); });
  const auto listen = parse_address(options.listen);
  const auto admin_address = parse_address(options.admin);
  if (!listen) return fail(exit_usage, "--listen " + listen.error());
  if (!admin_address) return fail(exit_usage, "--admin " + admin_address.error());

  Carrier carrier(settings_of(options));
  if (const auto applied = apply_behaviour(options, carrier); !applied) return fail(exit_usage, applied.error());
  auto tls = tls_of(options, carrier.faults().is_on(Fault::expired_certificate));
  if (!tls) return fail(exit_usage, tls.error());

  std::signal(SIGPIPE, SIG_IGN);
  const Handle<event_base> base(event_base_new());
  Server server(base.get(), carrier, std::move(*tls));
  Admin admin(base.get(), server);
  if (const auto opened = server.listen(*listen); !opened) return fail(exit_refused, opened.error());
  if (const auto opened = admin.listen(*admin_address); !opened) return fail(exit_refused, opened.error());
  const Handle<event> on_term(evsignal_new(base.get(), SIGTERM, stop, base.get()));
  const Handle<event> on_int(evsignal_new(base.get(), SIGINT, stop, base.get()));
  event_add(on_term.get(), nullptr);
  event_add(on_int.get(), nullptr);

  fmt::print("listening {}\nadmin {}\n", server.address(), admin.address());
  std::fflush(stdout);
  event_base_dispatch(base.get());
  if (options.admin.starts_with("unix:")) unlink(options.admin.c_str() + 5);
  return 0;
}

}  // namespace xion::carrier
