#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What systemd gives the daemon, as its unit files say it. Source: systemd.unit(5), systemd.exec(5).
namespace xion {

struct UnitFacts {
  std::string user;                                ///< Whom it runs as; empty: not said.
  std::map<std::string, std::string> credentials;  ///< Name → file, of LoadCredential=.
  std::optional<std::uint64_t> open_files;         ///< LimitNOFILE=
  bool may_use_low_ports = false;                  ///< AmbientCapabilities=CAP_NET_BIND_SERVICE
  bool has_runtime_directory = false;              ///< systemd makes its folder below /run.
};

/// Where a unit and its drop-ins lie, the strongest last.
std::vector<std::string> unit_folders();
/// Nothing where no xiond.service starts a daemon with this configuration. Later lines overrule earlier ones, drop-ins
/// the unit.
std::optional<UnitFacts> unit_facts(const std::string& config_path, const std::vector<std::string>& folders);

}  // namespace xion
