#include "engines/store_kit.h"

#include <sys/utsname.h>

#include <cstdlib>
#include <utility>

#include "crypto/wrapped_key_ring.h"
#include "postgres/pg_session.h"
#include "postgres/pg_statements.h"
#include "postgres/pg_store.h"
#include "shared/shared_cluster.h"

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

/// The nodes on a database, with a way to it of their own: a batch under way keeps no beat waiting.
class DatabaseCluster final : public Cluster {
 public:
  DatabaseCluster(Loop& loop, PgRows::Settings rows, SharedCluster::Settings settings, NodeLife life)
      : rows_(std::move(rows), [&loop](std::move_only_function<void()> work) { loop.post(std::move(work)); }),
        nodes_(loop, rows_, std::move(settings)) {
    nodes_.begin(life);
  }
  NodeId self() const override { return nodes_.self(); }
  std::string name() const override { return nodes_.name(); }
  void when_seen(std::move_only_function<void()> then) override { nodes_.when_seen(std::move(then)); }
  std::unique_ptr<Lease> want(std::string name, LeaseChanged changed) override {
    return nodes_.want(std::move(name), std::move(changed));
  }
  void leave() override { nodes_.leave(); }
  void stand_aside(bool is_aside) override { nodes_.stand_aside(is_aside); }
  std::vector<Peer> peers() const override { return nodes_.peers(); }
  std::vector<NodeId> unfenced() const override { return nodes_.unfenced(); }
  std::vector<NodeId> bound_at(std::string_view carrier) const override { return nodes_.bound_at(carrier); }
  std::optional<ClusterView> view() const override { return nodes_.view(); }
  void report_by(std::function<NodeReport()> report) override { nodes_.report_by(std::move(report)); }
  void on_changed_elsewhere(ChangedElsewhere changed) override { nodes_.on_changed_elsewhere(std::move(changed)); }
  void tell_changed(std::span<const ThingName> things) override { nodes_.tell_changed(things); }
  void once(std::string name, Millis quiet_for, std::move_only_function<void()> act) override {
    nodes_.once(std::move(name), quiet_for, std::move(act));
  }

 private:
  PgRows rows_;
  SharedCluster nodes_;
};

std::expected<StoreKit, StoreTrouble> open_database(const Settings& settings, StoreHost host) {
  const PgRows::Settings rows{.target = target_of(settings.store),
                              .creates = settings.store.create,
                              .warns_of_no_standby = settings.store.durability == Durability::synchronous};
  const std::string node = host.is_for_copy ? std::string() : node_name(settings.cluster);
  auto opened = PgStore::open({.rows = rows,
                               .node = node,
                               .lease = settings.cluster.lease,
                               .check_value = host.check_value,
                               .vault = &host.vault,
                               .taken_over = host.taken_over,
                               .kept_after_all = host.changed_elsewhere,
                               .changed_elsewhere = host.changed_elsewhere,
                               .is_for_copy = host.is_for_copy},
                              host.post, std::move(host.at_turn_end));
  if (!opened) return std::unexpected(StoreTrouble{std::move(opened.error().text), opened.error().may_pass});
  auto key_ring = (*opened)->key_ring();
  StoreKit kit{.store = std::move(*opened), .key_ring = std::move(key_ring), .copy_to = {}, .compact = {}};
  if (host.is_for_copy) return kit;
  const NodeLife life = static_cast<const PgStore&>(*kit.store).life();
  kit.cluster = std::make_unique<DatabaseCluster>(*host.loop, PgRows::Settings{.target = rows.target},
                                                  SharedCluster::Settings{.name = node,
                                                                          .lease = settings.cluster.lease,
                                                                          .rebalance = settings.cluster.rebalance,
                                                                          .fenced = std::move(host.taken_over)},
                                                  life);
  return kit;
}

}  // namespace

std::string node_name(const ClusterSettings& settings) {
  if (!settings.node.empty()) return settings.node;
  if (const char* name = std::getenv("XIONID_NODE"); name != nullptr && *name != '\0') return name;
  utsname machine{};
  ::uname(&machine);
  return machine.nodename;
}

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
    case StoreEngine::postgresql: return open_database(settings, std::move(host));
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
