#pragma once
#include <string>

namespace xion {

/// A PostgreSQL of the tests' own: initdb in a temporary folder, on a Unix socket there, not as root. One for the whole
/// process, which goes with it.
class PostgresServer {
 public:
  /// Null where the server is not installed: then its tests say so.
  static PostgresServer* instance();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  std::string conninfo() const { return "host=" + folder_ + " dbname=postgres user=xion"; }
  /// As `kill -9` ends it: nothing is flushed, no connection is told.
  void kill();
  void start();
  /// A schema that nobody has had.
  std::string fresh_schema();

 private:
  PostgresServer();
  bool run(const std::string& command) const;

  std::string folder_;
  bool is_up_ = false;
  int schemas_ = 0;
};

}  // namespace xion
