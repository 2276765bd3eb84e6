#include "postgres_server.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

namespace xion {
namespace {

constexpr auto programs = "/usr/lib/postgresql/15/bin";

}  // namespace

PostgresServer* PostgresServer::instance() {
  static std::unique_ptr<PostgresServer> server(
      std::filesystem::exists(fmt::format("{}/initdb", programs)) ? new PostgresServer() : nullptr);
  return server && server->is_up_ ? server.get() : nullptr;
}

/// The server refuses to run as root: then it runs as the user whom its package made.
bool PostgresServer::run(const std::string& command) const {
  const std::string as = ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
  return std::system(
             fmt::format("cd {} && {}{}/{} >>{}/output 2>&1", folder_, as, programs, command, folder_).c_str()) == 0;
}

PostgresServer::PostgresServer() {
  std::string pattern = (std::filesystem::temp_directory_path() / "xion-pg-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return;
  folder_ = pattern;
  if (::geteuid() == 0 && std::system(fmt::format("chown postgres:postgres {}", folder_).c_str()) != 0) return;
  if (!run(fmt::format("initdb -D {}/data -U xion -A trust -E UTF8 --locale=C --no-sync", folder_))) return;
  start();
}

void PostgresServer::start() {
  is_up_ =
      run(fmt::format("pg_ctl -D {0}/data -w -l {0}/log -o \"-k {0} -c listen_addresses= -c fsync=off "
                      "-c shared_buffers=32MB\" start",
                      folder_));
}

void PostgresServer::kill() { run(fmt::format("pg_ctl -D {}/data -m immediate -w stop", folder_)); }

std::string PostgresServer::fresh_schema() { return fmt::format("test_{}", ++schemas_); }

PostgresServer::~PostgresServer() {
  if (is_up_) kill();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace xion
