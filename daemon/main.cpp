// xiond: builds the real ports, and the gateway over them. Read it to see the program.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include "api/call/call.h"
#include "api/router.h"
#include "app/codes/rates.h"
#include "app/gateway.h"
#include "app/owners/audit_trail.h"
#include "app/owners/backup_mark.h"
#include "base/key_pages.h"
#include "base/log.h"
#include "base/log_tail.h"
#include "base/plural.h"
#include "config/changes.h"
#include "config/config.h"
#include "control/commands.h"
#include "control/peer.h"
#include "core/guard/guess_budget.h"
#include "crypto/backup_mac.h"
#include "crypto/certificate.h"
#include "crypto/code_vault.h"
#include "crypto/entropy.h"
#include "crypto/in_key_pages.h"
#include "crypto/jws_check.h"
#include "crypto/master_key.h"
#include "crypto/sha256.h"
#include "dashboard/dashboard.h"
#include "docs/docs.h"
#include "engines/store_kit.h"
#include "errand.h"
#include "event/control_server.h"
#include "event/curl_client.h"
#include "event/event_loop.h"
#include "event/handed_sockets.h"
#include "event/http_server.h"
#include "journal/journal.h"
#include "metrics/exposition.h"
#include "metrics/process.h"
#include "otlp/otlp_exporter.h"
#include "preflight/start_check.h"
#include "preflight/store_marker.h"
#include "systemd/supervisor.h"

namespace xion {
namespace {

constexpr int exit_clean = 0;
constexpr int exit_bad_configuration = 1;
constexpr int exit_could_not_start = 2;
constexpr int exit_not_now = 3;
constexpr std::string_view version = XION_VERSION;
constexpr std::string_view socket_hint = "`xionctl config socket-unit` prints the unit that fits";

/// Why a daemon could not start, in one line.
struct StartTrouble {
  StartTrouble(std::string why, bool passes = false) : text(std::move(why)), may_pass(passes) {}
  std::string text;
  bool may_pass;  ///< By itself: another start may do.
};
using Started = std::expected<void, StartTrouble>;

std::string config_hash(const Settings& settings, Vault& vault) {
  const Digest digest = vault.body_hash(settings_json(settings));
  return hex(std::span(digest).first(6));
}

/// Of what nodes on one database have in common: where a machine listens and keeps its files, and what it is called, is
/// its own.
std::string common_config_hash(Settings settings, Vault& vault) {
  const Settings defaults;
  settings.cluster.node = defaults.cluster.node;
  settings.data_dir = defaults.data_dir;
  settings.control_socket = defaults.control_socket;
  settings.master_key_file = defaults.master_key_file;
  settings.log = defaults.log;
  settings.log_level = defaults.log_level;
  settings.api_listen = defaults.api_listen;
  settings.operator_listen = defaults.operator_listen;
  settings.tls_certificate = defaults.tls_certificate;
  settings.tls_key = defaults.tls_key;
  for (CarrierSettings& carrier : settings.carriers) carrier.local_address.clear();
  return config_hash(settings, vault);
}

/// Of the API and of each carrier, as they are read when they come into force.
std::vector<std::pair<std::string, WallTime>> certificate_ends(const Settings& settings) {
  std::vector<std::pair<std::string, WallTime>> ends;
  const auto note = [&](const std::string& use, const std::string& file) {
    if (file.empty()) return;
    if (const auto facts = read_certificates(file)) ends.emplace_back(use, facts->not_after);
  };
  note("api", settings.tls_certificate);
  for (const CarrierSettings& carrier : settings.carriers) {
    if (carrier.tls) note(carrier.name, carrier.tls->certificate);
  }
  return ends;
}

std::int64_t unix_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// The log's latest lines, for `xionctl log`. Lines are written until the end, so it is nobody's member.
LogTail log_tail;

std::optional<DiskSpace> disk_space(const std::string& directory) {
  struct statvfs found{};
  if (statvfs(directory.c_str(), &found) != 0) return std::nullopt;
  const std::uint64_t block = found.f_frsize;
  return DiskSpace{.free_octets = found.f_bavail * block, .total_octets = found.f_blocks * block};
}

/// Every error on a line of its own.
Refusal refusal_of(const Loaded& loaded) {
  std::string detail = "the configuration has errors";
  for (const Finding& finding : loaded.findings) {
    if (finding.is_error) detail += "\n" + format_finding(finding, false);
  }
  return {std::move(detail), "nothing was changed"};
}

class Daemon {
 public:
  Daemon(Settings settings, const MasterKey& master)
      : settings_(std::make_unique<Settings>(std::move(settings))), loop_vault_(master), store_vault_(master) {}

  /// Takes every port and file. Nothing is served yet. The error is one line.
  Started start() {
    const auto api = [this](std::unique_ptr<HttpExchange> exchange) {
      // Connections wait until there is somebody who answers: a restart refuses nobody.
      if (Dashboard::is_for(exchange->path())) {
        dashboard_->handle(std::move(exchange));
      } else if (docs::is_for(exchange->path())) {
        docs::handle(std::move(exchange));
      } else {
        api_->handle(std::move(exchange));
      }
    };
    const auto operators = [this](std::unique_ptr<HttpExchange> exchange) {
      if (is_ready_ && exchange->path() == "/metrics") {
        exchange->reply(
            {.status = 200, .content_type = std::string(metrics_content_type), .headers = {}, .body = metrics()});
      } else if (is_ready_) {
        api_->handle_operator(std::move(exchange));
      } else {
        answer_starting(*exchange);
      }
    };
    api_server_ = std::make_unique<HttpServer>(
        loop_, HttpServerSettings{.max_connections = settings_->max_connections, .waits_to_open = true}, api);
    operator_server_ = std::make_unique<HttpServer>(loop_, HttpServerSettings{.max_connections = 64}, operators);
    if (auto listening = listen(); !listening) return listening;

    if (auto opened = open_kit(); !opened) return opened;
    gateway_ = std::make_unique<Gateway>(
        Ports{loop_, *kit_.store, entropy_, loop_vault_, store_vault_, *cluster_, &http_client_}, *settings_);
    api_ = std::make_unique<Api>(gateway_->services(), commands());
    facts_ = {.version = std::string(version),
              .started_at = loop_.now(),
              .started_wall = started_at_,
              .config_hash = config_hash(*settings_, loop_vault_),
              .write_settings = [this](JsonWriter& json) { write_settings(json, *settings_); }};
    common_config_hash_ = common_config_hash(*settings_, loop_vault_);
    report_to_cluster();
    facts_.reconfigure = [this](bool apply) { return reconfigure(apply); };
    certificates_ = certificate_ends(*settings_);
    facts_.descriptors = [] { return DescriptorUse{open_descriptors(), descriptor_limit()}; };
    facts_.api_sockets = [this] { return api_sockets(); };
    offer_data_file();
    facts_.log_tail = &log_tail;
    rates_ = std::make_unique<Rates>(gateway_->services());
    facts_.rates = rates_.get();
    control_ = std::make_unique<Control>(gateway_->services(), facts_);
    dashboard_ = std::make_unique<Dashboard>(gateway_->services(), *control_, facts_.version, sign_in_ports_);
    return listen_for_operators();
  }

  int run() {
    loop_.on_signal(SIGTERM, [this] { stop(); });
    loop_.on_signal(SIGINT, [this] { stop(); });
    loop_.on_signal(SIGHUP, [this] { reload(); });
    tracing_.configure(settings_->tracing);
    gateway_->start([this](bool ready) {
      if (!ready) {
        log::error("daemon.start.failed", "reason=\"the store can't be used: {}\"", kit_.store->status().trouble);
        exit_code_ = exit_could_not_start;
        loop_.stop();
        return;
      }
      is_ready_ = true;
      read_backup_mark(*kit_.store, [this](std::optional<WallTime> at) { facts_.last_backup = at; });
      api_server_->open();
      log::info("daemon.ready", "version={} api={} carriers={}", version, fmt::join(api_server_->addresses(), ","),
                settings_->carriers.size());
      supervisor::ready(status_line());
      feed_watchdog();
    });
    loop_.run();
    return exit_code_;
  }

  /// It ended since others took it for dead, and may be one of their nodes anew.
  bool begins_again() const { return begins_again_; }

 private:
  /// The store, and who else shares it.
  Started open_kit() {
    auto kit =
        open_store(*settings_,
                   {.check_value = loop_vault_.check_value(),
                    .vault = store_vault_,
                    .post = [this](std::move_only_function<void()> work) { loop_.post(std::move(work)); },
                    .at_turn_end = [this](std::move_only_function<void()> work) { loop_.at_turn_end(std::move(work)); },
                    .loop = &loop_,
                    .taken_over = [this] { be_taken_over(); },
                    .changed_elsewhere = [this](const auto& things) { cluster_->tell_changed(things); }});
    if (!kit) return std::unexpected(StartTrouble(std::move(kit.error().text), kit.error().may_pass));
    if (auto adopted = adopt_key_ring(*kit, loop_vault_.master(), {&loop_vault_, &store_vault_}); !adopted)
      return std::unexpected(std::move(adopted.error()));
    kit_ = std::move(*kit);
    cluster_ = std::move(kit_.cluster);
    return {};
  }

  void report_to_cluster() {
    cluster_->report_by([this] {
      NodeReport report = gateway_->report();
      report.version = facts_.version;
      report.config_hash = common_config_hash_;
      return report;
    });
  }

  /// What operators may do with a data file; a database is its own administrator's.
  void offer_data_file() {
    if (!kit_.copy_to) return;
    facts_.disk = [directory = settings_->data_dir] { return disk_space(directory); };
    facts_.copy_store = [this](auto socket, auto done) {
      copy_store(std::move(socket), [this, done = std::move(done)](const std::expected<Digest, std::string>& made) {
        if (made) note_backup(*kit_.store, *(facts_.last_backup = loop_.wall_now()));
        done(made);
      });
    };
    facts_.compact_store = [this](auto done) { compact_store(std::move(done)); };
  }

  /// Nothing can be written any more: binds and clients are others' by now. The next start finds out whose turn it is:
  /// systemd's, which keeps sockets over it, or our own.
  void be_taken_over() {
    if (std::exchange(is_taken_over_, true)) return;  // The store and the cluster both find it.
    begins_again_ = cluster_->is_shared() && !is_stopping_ && !supervisor::is_there();
    log::error("daemon.taken_over", "reason=\"another xiond writes to the store\" begins_again={}", begins_again_);
    exit_code_ = exit_not_now;
    if (!is_stopping_) stop();
  }

  std::string metrics() {
    return metrics_text(gateway_->services(),
                        {.version = version,
                         .config_hash = facts_.config_hash,
                         .started_at = started_at_,
                         .log_lines_dropped = dropped_log_lines(),
                         .api_connections = api_server_->connections(),
                         .api_connections_limit = settings_->max_connections,
                         .disk_free_octets = free_octets(),
                         .last_reload = last_reload_at(),
                         .is_last_reload_taken = !facts_.last_reload || facts_.last_reload->was_taken,
                         .certificates = certificates_,
                         .last_backup = facts_.last_backup,
                         .trace_spans_exported = tracing_.counts().exported,
                         .trace_spans_dropped = tracing_.counts().dropped});
  }

  std::optional<WallTime> last_reload_at() const {
    return facts_.last_reload ? std::optional(facts_.last_reload->at) : std::nullopt;
  }

  std::optional<std::uint64_t> free_octets() const {
    const auto disk = facts_.disk ? facts_.disk() : std::nullopt;
    return disk ? std::optional(disk->free_octets) : std::nullopt;
  }

  Started listen() {
    if (!settings_->tls_certificate.empty()) {
      if (auto tls = api_server_->use_tls({settings_->tls_certificate, settings_->tls_key}); !tls) return tls;
    }
    // A socket that systemd holds stays open over a restart, so that no connection is refused.
    const int handed = supervisor::handed_sockets();
    has_handed_sockets_ = handed > 0;
    for (int i = 0; i < handed; ++i) {
      if (auto adopted = api_server_->adopt(supervisor::first_handed_socket + i); !adopted) return adopted;
    }
    if (has_handed_sockets_) {
      if (const std::string why = sockets_differ(*settings_); !why.empty())
        log::warning("api.sockets.differ", "reason=\"{}\" hint=\"{}\"", why, socket_hint);
    } else {
      for (const std::string& address : settings_->api_listen) {
        if (auto bound = api_server_->listen(address); !bound) return bound;
      }
    }
    return settings_->operator_listen.empty() ? Started() : operator_server_->listen(settings_->operator_listen);
  }

  /// Where the sockets of systemd are not those that a configuration wants; empty: they are, or there are none.
  std::string sockets_differ(const Settings& wanted) const {
    if (!has_handed_sockets_) return {};
    const auto listening = api_server_->addresses();
    const SocketDifference difference = compare_sockets(wanted.api_listen, listening);
    if (difference.is_empty()) return {};
    return fmt::format("systemd holds {}, and api.listen is {}", fmt::join(listening, ", "),
                       fmt::join(wanted.api_listen, ", "));
  }

  /// The control socket's, for keys that manage.
  RunCommand commands() {
    return [this](wire::Request request, Actor who, const KeyAsker& asker, std::function<void(wire::Answer)> answer) {
      control_->run(std::move(request), std::move(who), asker, std::move(answer));
    };
  }
  ApiSockets api_sockets() const {
    return {.listening = api_server_->addresses(),
            .is_handed_over = has_handed_sockets_,
            .difference = sockets_differ(*settings_)};
  }

  /// What `systemctl status` shows.
  std::string status_line() const {
    if (facts_.last_reload && !facts_.last_reload->was_taken)
      return fmt::format("serving by an older configuration: the last reload was refused: {}",
                         facts_.last_reload->reason);
    if (const std::string why = sockets_differ(*settings_); !why.empty()) return fmt::format("serving, but {}", why);
    return fmt::format("serving at {}, {}", fmt::join(api_server_->addresses(), ", "),
                       counted(settings_->carriers.size(), "carrier"));
  }

  Started listen_for_operators() {
    control_server_ = std::make_unique<ControlServer>(
        loop_,
        [this](const ControlPeer& peer, std::string_view line, ControlReply reply) {
          control_->handle(peer, line, std::move(reply));
        },
        ControlServerSettings{},
        [this](const ControlPeer& peer) {
          return role_of(peer, settings_->control_group, settings_->control_view_group) == Role::commander;
        });
    return control_server_->listen(settings_->control_socket, settings_->control_group, settings_->control_view_group);
  }

  /// Half the time that systemd allows, and only while the loop turns and the store can write: otherwise a restart
  /// helps.
  void feed_watchdog() {
    const auto period = supervisor::watchdog_period();
    if (!period) return;
    watchdog_ = loop_.timer([this] {
      supervisor::feed_watchdog();
      feed_watchdog();
    });
    watchdog_->start(*period);
  }

  /// SIGHUP. systemd is told when it is over, and how it ended.
  void reload() {
    supervisor::reloading();
    keep_reload(reconfigure(true));  // What was wrong with it is in the log, in the status and in the metrics.
    supervisor::ready(status_line());
  }

  /// Whoever sends a signal has no name.
  void keep_reload(const std::expected<std::string, Refusal>& changes) {
    if (!is_ready_) return;
    AuditEvent event{.at = loop_.wall_now(),
                     .who = {.uid = static_cast<std::uint32_t>(::geteuid()),
                             .name = {},
                             .sudo_user = {},
                             .person = {},
                             .from = "SIGHUP"},
                     .command = "config apply",
                     .arguments = {},
                     .before = {},
                     .after = changes.value_or(""),
                     .outcome = changes ? AuditOutcome::done : AuditOutcome::refused,
                     .reason = changes ? std::string() : changes.error().detail};
    begin_audit(gateway_->services().store, event, [](RowId) {});
  }

  /// Reads the file again and takes over what a running daemon can. A bad file changes nothing.
  std::expected<std::string, Refusal> reconfigure(bool apply) {
    Loaded loaded = load_checked(settings_->config_path, true);
    if (apply) {
      for (const Finding& finding : loaded.findings)
        log::warning("config.finding", "what={}", format_finding(finding, false));
    }
    std::optional<Refusal> refusal;
    if (!loaded.is_usable()) refusal = refusal_of(loaded);
    if (!refusal && apply && is_ready_ && has_certificate(loaded.settings)) {
      const auto tls = api_server_->use_tls({loaded.settings.tls_certificate, loaded.settings.tls_key});
      if (!tls) refusal = Refusal{tls.error(), "nothing was changed"};
    }
    if (!refusal && apply && (!is_ready_ || is_stopping_))
      refusal = Refusal{"the daemon is starting or stopping", "try again in a moment"};
    if (refusal) {
      if (apply) note_refusal(loaded, *refusal);
      return std::unexpected(std::move(*refusal));
    }
    auto changes = config_changes(*settings_, loaded.settings);
    tell_of_sockets(changes, loaded.settings);
    std::string json = changes_json(changes);
    if (apply) take_over(std::make_unique<Settings>(std::move(loaded.settings)), changes);
    return json;
  }

  void note_refusal(const Loaded& loaded, const Refusal& refusal) {
    const auto error = std::ranges::find_if(loaded.findings, &Finding::is_error);
    std::string reason = error != loaded.findings.end() ? format_finding(*error, false) : refusal.detail;
    facts_.last_reload = {.at = loop_.wall_now(), .was_taken = false, .reason = first_line(reason)};
    log::error("config.refused", "reason=\"{}\" hint=\"{}\"", first_line(refusal.detail), refusal.hint);
  }

  /// Sockets that systemd holds are not ours to move: what a file says of them takes effect by its unit.
  void tell_of_sockets(std::vector<ConfigChange>& changes, const Settings& wanted) const {
    if (!has_handed_sockets_) return;
    std::erase_if(changes, [](const ConfigChange& change) { return change.key == "api.listen"; });
    if (sockets_differ(wanted).empty()) return;
    const auto json = [](const std::vector<std::string>& texts) {
      JsonWriter out;
      out.begin_array();
      for (const std::string& text : texts) out.value(text);
      out.end_array();
      return std::move(out).str();
    };
    changes.push_back({"api.listen", json(api_server_->addresses()), json(wanted.api_listen), true,
                       "with xiond.socket: `xionctl config socket-unit` makes it"});
  }

  bool has_certificate(const Settings& wanted) const {
    return !wanted.tls_certificate.empty() && !settings_->tls_certificate.empty();
  }

  void take_over(std::unique_ptr<Settings> wanted, const std::vector<ConfigChange>& changes) {
    log::set_level(parse_log_level(wanted->log_level));
    gateway_->configure(*wanted);
    tracing_.configure(wanted->tracing);
    replaced_ =
        std::exchange(settings_, std::move(wanted));  // Kept until the next one: a call of this turn may look at it.
    facts_.config_hash = config_hash(*settings_, loop_vault_);
    common_config_hash_ = common_config_hash(*settings_, loop_vault_);
    facts_.last_reload = {.at = loop_.wall_now(), .was_taken = true, .reason = {}};
    certificates_ = certificate_ends(*settings_);
    control_->reconfigured();
    const auto late = std::ranges::count_if(changes, &ConfigChange::needs_restart);
    log::info("config.reloaded", "changes={} with_next_start={} config_hash={}", changes.size(), late,
              facts_.config_hash);
  }

  /// What is copied is signed as it leaves, so that nothing else can be: a restore asks for it.
  void copy_store(std::shared_ptr<OpenFile> socket, std::function<void(std::expected<Digest, std::string>)> done) {
    struct Copied {
      Sha256 hash;
      std::uint64_t octets = 0;
    };
    auto copied = std::make_shared<Copied>();
    kit_.copy_to(
        std::move(socket),
        [this, copied, done = std::move(done)](const std::expected<void, std::string>& outcome) {
          if (!outcome) return done(std::unexpected(outcome.error()));
          done(backup_mac(loop_vault_.master(), copied->octets, copied->hash.digest()));
        },
        [copied](std::string_view octets) {
          copied->hash.add(octets);
          copied->octets += octets.size();
        });
  }

  void compact_store(std::function<void(std::expected<StoreCompacted, std::string>)> done) {
    kit_.compact([done = std::move(done)](const std::expected<Compacted, std::string>& made) {
      if (!made) return done(std::unexpected(made.error()));
      done(StoreCompacted{.octets_before = made->octets_before,
                          .octets_after = made->octets_after,
                          .octets_caught_up = made->octets_caught_up,
                          .took = made->took,
                          .paused_ms = made->paused_ms});
    });
  }

  /// No new requests, then no new submits; windows drain, binds unbind, answers leave.
  void stop() {
    // A second signal: the operator means it. Everything accepted is on disk; what lives as long as the program is left
    // to the kernel, since the other threads still use it.
    if (is_stopping_) std::_Exit(exit_clean);
    is_stopping_ = true;
    log::info("daemon.stopping", "in_flight={}", gateway_->services().carriers->queue_size());
    supervisor::stopping();
    dashboard_->stop();
    tracing_.flush();
    api_server_->stop([this] {
      gateway_->stop([this] {
        log::info("daemon.stopped", "exit_code={}", exit_code_);
        loop_.stop();
      });
    });
  }

  std::unique_ptr<const Settings> settings_, replaced_;
  EventLoop loop_;
  const WallTime started_at_ = loop_.wall_now();
  OpenSslEntropy entropy_;
  CurlClient http_client_{loop_};
  OtlpExporter tracing_{loop_, http_client_, entropy_, &unix_nanoseconds, std::string(version)};
  OpenSslSignatureCheck signatures_;
  const dashboard::SignInPorts sign_in_ports_{http_client_, signatures_};
  OpenSslVault loop_vault_, store_vault_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<HttpServer> api_server_, operator_server_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Rates> rates_;
  DaemonFacts facts_;
  std::string common_config_hash_;  ///< What other nodes compare.
  std::unique_ptr<Control> control_;
  std::unique_ptr<Dashboard> dashboard_;
  std::unique_ptr<ControlServer> control_server_;
  StoreKit kit_;  // Its store dies before what its tasks' answers speak to.
  std::unique_ptr<Timer> watchdog_;
  std::vector<std::pair<std::string, WallTime>> certificates_;  ///< What each is for, and its end.
  bool has_handed_sockets_ = false;  ///< By systemd: they are what is listened at, whatever `api.listen` says.
  bool is_ready_ = false;
  bool is_stopping_ = false;
  bool is_taken_over_ = false;
  bool begins_again_ = false;
  int exit_code_ = exit_clean;
};

/// Prints every finding.
void report(const Loaded& loaded) {
  for (const Finding& finding : loaded.findings) {
    std::fprintf(stderr, "%s\n", format_finding(finding, isatty(STDERR_FILENO) != 0).c_str());
  }
}

/// Said on stderr, which is the journal under systemd, and as the unit's status.
int fail(const std::string& why, int code = exit_could_not_start) {
  stop_journal();
  std::fprintf(stderr, "xiond: %s\n", why.c_str());
  supervisor::status(why);
  return code;
}

/// Codes and keys are in this memory: no core file and no debugger of the same user gets them. Source: prctl(2).
void keep_memory_to_itself() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

/// The first thing that keeps a daemon from starting, in one line; empty: nothing does.
std::string why_not_start(const Loaded& checked) {
  const auto errors = std::ranges::count_if(checked.findings, &Finding::is_error);
  if (errors == 0) return {};
  Finding first = *std::ranges::find_if(checked.findings, &Finding::is_error);
  const std::string hint = std::exchange(first.hint, {});
  std::string line = format_finding(first, false);
  if (!hint.empty()) line += fmt::format(" ({})", hint);
  if (errors > 1) line += fmt::format("; and {} more: xiond --check", errors - 1);
  return line;
}

/// Whether the database of a configuration is there is a finding like others.
void look_for_store(Loaded& loaded) {
  const std::string why = why_no_store(loaded.settings.store);
  if (!why.empty())
    loaded.add({loaded.finding_at("store.url", why, "xiond --schema prints what makes its tables", true)});
}

/// How a daemon ended.
struct Ended {
  int code = exit_clean;
  bool begins_again = false;
};

Ended serve(Loaded loaded, bool may_make_store, bool keys_stay) {
  keep_memory_to_itself();
  loaded.add(check_start(
      loaded, {.now = std::chrono::floor<Millis>(std::chrono::system_clock::now()), .unit = {}, .is_start = true}));
  if (const std::string why = why_not_start(loaded); !why.empty()) return {fail(why)};
  auto master = read_master_key(loaded.settings.master_key_file);
  if (!master) return {fail(master.error())};
  start_journal(loaded.settings.log, parse_log_level(loaded.settings.log_level));
  log::set_listener([](log::Level level, std::string_view line) {
    log_tail.add(level, std::chrono::floor<Millis>(std::chrono::system_clock::now()), line);
  });
  if (!keys_stay || !KeyPages::own().are_locked())
    log::warning("key.pages.unlocked", "hint=\"let the unit have LimitMEMLOCK=8M\"");
  const StoreMarker marker(loaded.settings.config_path);
  const bool has_data_file = loaded.settings.store.engine == StoreEngine::lmdb;
  const std::string data_dir = loaded.settings.data_dir;
  if (const auto why_not = has_data_file ? marker.why_no_new_store(data_dir) : std::nullopt; why_not && !may_make_store)
    return {fail(*why_not)};
  Daemon daemon(std::move(loaded.settings), *master);
  master = std::unexpected(std::string());  // The vaults have it, for as long as it is in use.
  if (const auto started = daemon.start(); !started)
    return {fail(started.error().text, started.error().may_pass ? exit_not_now : exit_could_not_start)};
  if (has_data_file) marker.set(data_dir);
  for (const Finding& finding : loaded.findings)
    log::warning("config.finding", "what={}", format_finding(finding, false));
  std::signal(SIGXFSZ, SIG_IGN);  // A data file at its size limit is a failed commit, told as such, and not the end.
  const int code = daemon.run();
  stop_journal();
  return {code, daemon.begins_again()};
}

}  // namespace
}  // namespace xion

int main(int argc, char** argv) {
  const bool keys_stay = xion::keep_openssl_keys_in_key_pages();
  CLI::App app{"xiond: the XionID daemon. Sends and verifies one-time codes over SMPP."};
  std::string config = "/etc/xionid/xionid.toml";
  bool only_check = false;
  app.add_option("--config", config, "Configuration file")->capture_default_str();
  app.add_flag("--check", only_check,
               "Print every finding about the configuration, with its place and a hint; exit 1 on an error");
  bool prints_schema = false;
  app.add_flag("--schema", prints_schema,
               "Print the SQL that makes the tables of [store], for where xiond may not make them itself");
  xion::Errand errand;
  app.add_option("--import", errand.import_from, "Copy the store of this data directory into that of [store], and end");
  app.add_option("--export", errand.export_to, "Copy the store of [store] into a data directory, and end");
  app.add_flag("--forget-live", errand.forgets_live, "End every pending request as expired, and end");
  app.add_flag("--json", errand.is_json, "Tell what --import, --export or --forget-live came to as JSON");
  bool may_make_store = false;
  app.add_flag("--init", may_make_store,
               "Make a new store though there was one: the data directory is empty on purpose");
  app.set_version_flag("--version", "xiond " + std::string(xion::version));
  app.footer(
      "Exit codes: 0 clean stop, 1 bad configuration, 2 could not start, 3 could not now.\n\nExample: xiond --config "
      "/etc/xionid/xionid.toml --check");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? xion::exit_clean : xion::exit_could_not_start;
  }
  auto loaded = only_check ? xion::load_checked(config, false) : xion::load_config(config);
  if (prints_schema && loaded.is_usable()) {
    std::fputs(xion::store_schema(loaded.settings.store).c_str(), stdout);
    return xion::exit_clean;
  }
  if (only_check && loaded.is_usable()) xion::look_for_store(loaded);
  if (only_check || !loaded.is_usable()) xion::report(loaded);
  if (!loaded.is_usable()) {
    xion::supervisor::status(xion::why_not_start(loaded));
    return xion::exit_bad_configuration;
  }
  if (only_check) {
    std::printf("%s: fine: %s, %s\n", config.c_str(), xion::counted(loaded.settings.carriers.size(), "carrier").c_str(),
                xion::counted(loaded.settings.routes.size(), "route").c_str());
    std::printf("%s\n", xion::describe(xion::guess_budget(loaded.settings.otp, loaded.settings.limits)).c_str());
    return xion::exit_clean;
  }
  if (errand.is_wanted()) {
    const std::string why = xion::run_errand(errand, loaded.settings);
    if (!why.empty()) std::fprintf(stderr, "xiond: %s\n", why.c_str());
    return why.empty() ? xion::exit_clean : xion::exit_could_not_start;
  }
  const xion::Ended ended = xion::serve(std::move(loaded), may_make_store, keys_stay);
  // The same program in the same process: nothing of its former life is left.
  if (ended.begins_again) execv("/proc/self/exe", argv);
  return ended.code;
}
