#include "preflight/start_check.h"

#include <fmt/format.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/plural.h"
#include "crypto/certificate.h"
#include "crypto/master_key.h"
#include "preflight/addresses.h"
#include "preflight/data_file.h"
#include "preflight/store_marker.h"
#include "preflight/unix_account.h"

namespace xion {
namespace {

namespace fs = std::filesystem;

/// File descriptors that a daemon needs beside connections and binds: store, journal, timers, webhooks.
constexpr std::uint64_t other_descriptors = 128;

class Check {
 public:
  Check(const Loaded& loaded, const StartCheck& check)
      : loaded_(loaded), settings_(loaded.settings), check_(check), account_(account_of(check.unit)) {}

  std::vector<Finding> all() {
    master_key();
    if (has_data_file()) data_directory();
    control_socket();
    groups();
    listeners();
    descriptors();
    certificates();
    password_files();
    return std::move(findings_);
  }

 private:
  Finding& at(const std::string& key, const std::string& complaint, std::string hint, bool is_error = true) {
    return findings_.emplace_back(loaded_.finding_at(key, complaint, std::move(hint), is_error));
  }

  bool has_data_file() const { return settings_.store.engine == StoreEngine::lmdb; }

  // --- files and folders ------------------------------------------------------------------------------------------

  void master_key() {
    const std::string& path = settings_.master_key_file;
    const auto key = read_master_key(path);
    if (!key) {
      const std::string hint = errno == EACCES                     ? "ask as root, or as the user whom xiond runs as"
                               : ::access(path.c_str(), F_OK) != 0 ? "`xionctl init-key` makes one, once"
                                                                   : "";
      return void(at("daemon.master_key_file", key.error(), hint));
    }
    const bool is_credential = check_.unit && std::ranges::any_of(check_.unit->credentials, [&](const auto& each) {
                                 return each.second == path;
                               });
    if (!is_credential && !account_.may_read(path)) {
      at("daemon.master_key_file", fmt::format("{}: {} can't read it", path, account_.name),
         fmt::format("chown {} {}, or give it as a credential (LoadCredential=)", account_.name, path));
    }
    if (!has_data_file()) return;
    if (auto why_not = why_data_refuses(settings_.data_dir, *key); !why_not.empty())
      at("daemon.master_key_file", why_not, "");
  }

  void data_directory() {
    const std::string& path = settings_.data_dir;
    struct stat found{};
    const std::string make =
        fmt::format("make it: install -d -m 0700 -o {0} -g {0} {1}", account_.name_or("xionid"), path);
    if (::stat(path.c_str(), &found) != 0)
      return void(at("daemon.data_dir", fmt::format("{}: {}", path, std::strerror(errno)), make));
    if (!S_ISDIR(found.st_mode)) return void(at("daemon.data_dir", fmt::format("{} is no folder", path), make));
    // A start has its own word on it, since it may be told to make one.
    const auto lost = check_.is_start ? std::nullopt : StoreMarker(settings_.config_path).why_no_new_store(path);
    if (lost) at("daemon.data_dir", *lost, "");
    if (!account_.may_write(path)) {
      at("daemon.data_dir", fmt::format("{}: {} can't write there", path, account_.name_or("whoever asks")),
         fmt::format("chown {0}:{0} {1}", account_.name_or("xionid"), path));
    }
  }

  void control_socket() {
    const fs::path path = settings_.control_socket;
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    if (path.native().size() > longest) {
      at("daemon.control_socket",
         fmt::format("the path has {} octets: a socket's has at most {}", path.native().size(), longest),
         "name a shorter one, such as /run/xionid/control.sock");
    }
    check_socket_file("daemon.control_socket", path);
  }

  void check_socket_file(const std::string& key, const fs::path& path) {
    std::error_code ignored;
    const fs::path folder = path.parent_path();
    const bool is_made_by_systemd = folder.parent_path().filename() == "run";  // RuntimeDirectory=, while it runs.
    if (!fs::exists(folder, ignored)) {
      if (!is_made_by_systemd)
        at(key, fmt::format("there is no folder {}", folder.string()),
           fmt::format("make it: install -d -m 0751 {}", folder.string()));
      return;
    }
    if (!fs::is_directory(folder, ignored)) return void(at(key, fmt::format("{} is no folder", folder.string()), ""));
    if (fs::exists(path, ignored) && !fs::is_socket(path, ignored))
      at(key, "there is a file of that name, and it is no socket", "move it away, or name another");
    if (!account_.may_write(folder.string()) && !is_made_by_systemd)
      at(key, fmt::format("{} can't make a socket in {}", account_.name_or("whoever asks"), folder.string()), "");
  }

  // --- who and where ----------------------------------------------------------------------------------------------

  void groups() {
    for (const auto& [key, name] : {std::pair("daemon.control_group", &settings_.control_group),
                                    std::pair("daemon.control_view_group", &settings_.control_view_group)}) {
      if (!loaded_.is_set(key) || ::getgrnam(name->c_str()) != nullptr) continue;
      at(key, "there is no such group",
         fmt::format("make it (groupadd --system {}), or name one of /etc/group", *name));
    }
  }

  void listeners() {
    for (const std::string& address : settings_.api_listen) {
      if (address.starts_with("unix:")) {
        check_socket_file("api.listen", address.substr(5));
      } else if (const auto trouble = why_no_listener(address, account_.is_root(), check_.unit)) {
        at("api.listen", fmt::format("{}: {}", address, trouble->complaint), trouble->hint);
      }
    }
    if (settings_.operator_listen.empty()) return;
    if (const auto trouble = why_no_listener(settings_.operator_listen, account_.is_root(), check_.unit))
      at("operator.listen", trouble->complaint, trouble->hint);
  }

  void descriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::uint64_t allowed = check_.unit && check_.unit->open_files ? *check_.unit->open_files : limit.rlim_max;
    std::uint64_t binds = 0;
    for (const CarrierSettings& carrier : settings_.carriers) binds += carrier.binds;
    const std::uint64_t needed = settings_.max_connections + binds + other_descriptors;
    if (needed <= allowed) return;
    const bool is_wanted = loaded_.is_set("api.max_connections");
    at("api.max_connections", fmt::format("needs {} file descriptors, and {} are allowed", needed, allowed),
       check_.unit ? fmt::format("raise it: systemctl edit xiond, [Service] LimitNOFILE={}", needed)
                   : fmt::format("raise it (ulimit -n {}), or lower max_connections", needed),
       is_wanted);
  }

  // --- certificates and passwords ---------------------------------------------------------------------------------

  void certificates() {
    pair("api.tls_certificate", settings_.tls_certificate, "api.tls_key", settings_.tls_key);
    for (const CarrierSettings& carrier : settings_.carriers) {
      if (!carrier.tls) continue;
      const std::string base = fmt::format("carrier.{}.tls.", carrier.name);
      pair(base + "certificate", carrier.tls->certificate, base + "key", carrier.tls->key);
      if (!carrier.tls->ca.empty()) one_certificate(base + "ca", carrier.tls->ca);
    }
  }

  void pair(const std::string& certificate_at, const std::string& certificate, const std::string& key_at,
            const std::string& key) {
    if (certificate.empty() || key.empty() || !one_certificate(certificate_at, certificate)) return;
    readable(key_at, key);
    if (const auto fits = check_key_pair(certificate, key); !fits)
      at(key_at, fits.error(), fmt::format("it has to be the private key of {}", certificate));
  }

  bool one_certificate(const std::string& key, const std::string& file) {
    const auto facts = read_certificates(file);
    if (!facts) {
      at(key, facts.error(), fmt::format("looked at {}", file));
      return false;
    }
    readable(key, file);
    const auto day = [](WallTime moment) { return rfc3339(moment).substr(0, 10); };
    if (facts->not_before > check_.now)
      at(key, fmt::format("it is valid from {} on only ({})", day(facts->not_before), facts->subject),
         "is the clock right?", !check_.is_start);
    else if (facts->not_after <= check_.now)
      at(key, fmt::format("it has expired on {} ({})", day(facts->not_after), facts->subject), "renew it",
         !check_.is_start);
    else if (facts->not_after <= check_.now + std::chrono::days(certificate_warning_days))
      at(key, fmt::format("it expires on {} ({})", day(facts->not_after), facts->subject),
         "renew it; a reload takes it over", false);
    return true;
  }

  void readable(const std::string& key, const std::string& file) {
    if (!account_.may_read(file))
      at(key, fmt::format("{}: {} can't read it", file, account_.name),
         fmt::format("chgrp {0} {1} && chmod g+r {1}", account_.name, file));
  }

  void password_files() {
    std::vector<std::string> keys{"store.password_file"};
    for (const CarrierSettings& carrier : settings_.carriers)
      keys.push_back(fmt::format("carrier.{}.password_file", carrier.name));
    for (const std::string& key : keys) {
      const auto found = loaded_.values.find(key);
      if (found == loaded_.values.end() || account_.may_read(found->second.read_from)) continue;
      const std::string& file = found->second.read_from;
      const bool is_credential = check_.unit && check_.unit->credentials.contains(found->second.text);
      if (!is_credential)
        at(key, fmt::format("{}: {} can't read it", file, account_.name),
           fmt::format("chgrp {0} {1} && chmod 0640 {1}", account_.name, file));
    }
  }

  const Loaded& loaded_;
  const Settings& settings_;
  const StartCheck& check_;
  const Account account_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_start(const Loaded& loaded, const StartCheck& check) { return Check(loaded, check).all(); }

Loaded load_checked(const std::string& path, bool is_start) {
  Loaded loaded = load_config(path);
  if (!loaded.is_usable()) return loaded;
  StartCheck check{
      .now = std::chrono::floor<Millis>(std::chrono::system_clock::now()), .unit = {}, .is_start = is_start};
  // A daemon knows for itself what it may; who asks as root asks for the one that systemd starts.
  if (!is_start && ::geteuid() == 0) check.unit = unit_facts(loaded.settings.config_path, unit_folders());
  loaded.add(check_start(loaded, check));
  return loaded;
}

}  // namespace xion
