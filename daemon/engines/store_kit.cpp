#include "engines/store_kit.h"

#include <utility>

#include "crypto/wrapped_key_ring.h"
#include "postgres/pg_session.h"
#include "postgres/pg_statements.h"
#include "postgres/pg_store.h"

namespace xion {
namespace {

std::expected<StoreKit, StoreTrouble> open_data_file(const Settings& settings, StoreHost host) {
  auto opened = LmdbStore::open({.directory = settings.data_dir, .check_value = host.check_value, .vault = &host.vault},
                                std::move(host.post), std::move(host.at_turn_end));
  if (!opened) return std::unexpected(StoreTrouble{std::move(opened.error().text)});
  LmdbStore& store = **opened;
  return StoreKit{.store = std::move(*opened),
                  .key_ring = store.key_ring(),
                  .copy_to = [&store](auto socket, auto done,
                                      auto tap) { store.copy_to(std::move(socket), std::move(done), std::move(tap)); },
                  .compact = [&store](auto done) { store.compact(std::move(done)); }};
}

pg::Session::Target target_of(const StoreSettings& settings) {
  return {.conninfo = settings.url, .password = settings.password, .schema = settings.schema};
}

std::expected<StoreKit, StoreTrouble> open_database(const StoreSettings& settings, StoreHost host) {
  auto opened = PgStore::open({.rows = {.target = target_of(settings),
                                        .creates = settings.create,
                                        .warns_of_no_standby = settings.durability == Durability::synchronous},
                               .check_value = host.check_value,
                               .vault = &host.vault,
                               .taken_over = std::move(host.taken_over),
                               .kept_after_all = std::move(host.kept_after_all),
                               .is_for_copy = host.is_for_copy},
                              std::move(host.post), std::move(host.at_turn_end));
  if (!opened) return std::unexpected(StoreTrouble{std::move(opened.error().text), opened.error().may_pass});
  auto key_ring = (*opened)->key_ring();
  return StoreKit{.store = std::move(*opened), .key_ring = std::move(key_ring), .copy_to = {}, .compact = {}};
}

}  // namespace

std::string why_no_store(const StoreSettings& settings) {
  if (settings.engine == StoreEngine::lmdb) return {};
  std::string why;
  const auto session = pg::Session::open(target_of(settings), why);
  if (!session) return why;
  return settings.create ? std::string() : session->run(pg::probe_statement());
}

std::string store_schema(const StoreSettings& settings) {
  std::string sql;
  for (const std::string& statement : pg::schema_statements(settings.schema)) sql += statement + ";\n";
  return sql;
}

std::expected<StoreKit, StoreTrouble> open_store(const Settings& settings, StoreHost host) {
  switch (settings.store.engine) {
    case StoreEngine::lmdb: return open_data_file(settings, std::move(host));
    case StoreEngine::postgresql: return open_database(settings.store, std::move(host));
  }
  return std::unexpected(StoreTrouble{"no such engine"});
}

std::expected<void, std::string> adopt_key_ring(const StoreKit& kit, const MasterKey& master,
                                                std::initializer_list<OpenSslVault*> vaults) {
  if (!kit.key_ring) return {};
  const auto ring = unwrap(*kit.key_ring, master);
  if (!ring) return std::unexpected("the store's keys are damaged: restore a backup");
  for (OpenSslVault* vault : vaults) vault->adopt(*ring, master);
  return {};
}

}  // namespace xion
