// xionctl config socket-unit: the addresses of api.listen as systemd writes them.
#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "cli/local.h"
#include "cli/run.h"
#include "config/config.h"

namespace xion::cli {
namespace {

struct Listen {
  std::string stream;  ///< As ListenStream= wants it; empty: systemd can't.
  bool is_path = false;
};

/// Source: systemd.socket(5). It takes addresses, not names; `*` is written as the port alone.
Listen listen_of(const std::string& address) {
  if (address.starts_with("unix:")) return {address.substr(5), true};
  if (address.starts_with("*:")) return {address.substr(2)};
  if (address.starts_with("localhost:")) return {"127.0.0.1" + address.substr(9)};
  const std::string host = address.substr(0, address.rfind(':'));
  const bool is_literal = host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string::npos;
  return {is_literal ? address : std::string()};
}

std::string unit_of(const std::vector<Listen>& listens) {
  std::string unit =
      "# Made by `xionctl config socket-unit` from api.listen. Make it anew after a change there.\n"
      "[Unit]\nDescription=Socket of XionID's HTTP API\nDocumentation=man:xiond(8)\n\n[Socket]\n";
  for (const Listen& listen : listens) unit += fmt::format("ListenStream={}\n", listen.stream);
  // "[::]" and "0.0.0.0" are two listeners, as they are for xiond.
  unit += "BindIPv6Only=ipv6-only\nBacklog=4096\nNoDelay=yes\n";
  if (std::ranges::any_of(listens, &Listen::is_path)) unit += "SocketMode=0666\n";
  return unit + "\n[Install]\nWantedBy=sockets.target\n";
}

}  // namespace

ExitCode print_socket_unit(const Invocation& wanted) {
  const Loaded loaded = load_config(wanted.text("config", default_config));
  if (!loaded.is_usable()) {
    for (const Finding& finding : loaded.findings) fmt::print(stderr, "{}\n", format_finding(finding, false));
    return refused;
  }
  std::vector<Listen> listens;
  for (const std::string& address : loaded.settings.api_listen) {
    listens.push_back(listen_of(address));
    if (listens.back().stream.empty()) {
      return fail(refused, fmt::format("{}: systemd listens at addresses, not at names", address),
                  "write the address itself into api.listen");
    }
  }
  const std::string unit = unit_of(listens);
  if (wanted.json)
    fmt::print("{}\n", JsonWriter().begin_object().field("unit", unit).end_object().str());
  else
    fmt::print("{}", unit);
  return done;
}

}  // namespace xion::cli
