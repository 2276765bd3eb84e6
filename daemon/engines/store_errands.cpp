#include "engines/store_errands.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "core/otp/marks.h"
#include "core/otp/otp_rules.h"
#include "core/otp/world.h"
#include "crypto/code_vault.h"
#include "domain/txn.h"
#include "engines/store_kit.h"
#include "postgres/store_loop.h"

namespace xion {
namespace {

using store_copy::Applied;
using store_copy::Page;
using store_copy::Part;
using store_copy::Place;
using store_copy::SumsCheck;

constexpr std::size_t records_of_page = 512;
constexpr std::size_t sums_of_page = 4'096;
constexpr std::string_view data_file = "data.mdb";
/// Beside a data file that is being made: what is there may be written over.
constexpr std::string_view unfinished = "export.unfinished";

/// No request lives longer.
constexpr std::chrono::hours longest_life{24};

/// A store, and the one thread that asks it and waits.
class Workshop {
 public:
  explicit Workshop(const MasterKey& master) : loop_vault_(master), store_vault_(master) {}

  std::expected<void, std::string> open(const Settings& settings, const MasterKey& master) {
    auto kit = open_store(settings, {.check_value = loop_vault_.check_value(),
                                     .vault = store_vault_,
                                     .post = [this](auto work) { loop_.post(std::move(work)); },
                                     .at_turn_end = [](auto work) { work(); },
                                     .taken_over = [] {},
                                     .is_for_copy = true});
    if (!kit) return std::unexpected(std::move(kit.error().text));
    kit_ = std::move(*kit);
    return adopt_key_ring(kit_, master, {&store_vault_});
  }

  /// Nothing: the store let it down, as `why` tells.
  template <typename Ask, typename Foresee = Unforeseen>
  auto ask(Ask question, Foresee foresee = {}) {
    using Answer = std::invoke_result_t<Ask&, Txn&>;
    std::optional<std::optional<Answer>> answer;
    run_task(
        *kit_.store, std::move(question),
        [&answer](Commit commit, Answer& said) {
          answer.emplace(commit == Commit::durable ? std::optional(std::move(said)) : std::nullopt);
        },
        std::move(foresee));
    loop_.run_until([&answer] { return answer.has_value(); });
    return std::move(*answer);
  }

  WallTime now() const { return loop_.wall_now(); }
  std::string why() const { return fmt::format("the store is {}", kit_.store->status().trouble); }

 private:
  OpenSslVault loop_vault_, store_vault_;
  StoreLoop loop_;
  StoreKit kit_;  // Dies before the loop that it posts to.
};

Settings with_data_file(Settings settings, const std::string& directory) {
  settings.store.engine = StoreEngine::lmdb;
  settings.data_dir = directory;
  return settings;
}

bool has_data_file(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::path(directory) / data_file, ignored);
}

/// What root has made there belongs to whom the directory does, so that the daemon can use it.
bool is_given_to_owner_of(const std::filesystem::path& directory) {
  struct stat of_directory{};
  if (::stat(directory.c_str(), &of_directory) != 0) return false;
  bool is_given = true;
  for (const auto& file : std::filesystem::directory_iterator(directory))
    is_given &= ::lchown(file.path().c_str(), of_directory.st_uid, of_directory.st_gid) == 0;
  return is_given;
}

/// All pages of one store into the other.
std::expected<StoreCopied, std::string> copy_all(Workshop& source, Workshop& target, const ShowProgress& show) {
  StoreCopied copied;
  ErrandProgress progress;
  for (std::optional<Place> place = Place{}; place;) {
    const bool is_of_sums = place->part == Part::counters || place->part == Part::sums;
    const std::size_t limit = is_of_sums ? sums_of_page : records_of_page;
    const WallTime now = source.now();
    auto page =
        source.ask([&](Txn& txn) { return store_copy::read_page(txn.records(), now, *place, {.records = limit}); });
    if (!page) return std::unexpected(source.why());
    copied.left_out.add(page->left_out);
    progress.part = place->part;
    place = std::move(page->next);
    for (const Page& piece : store_copy::in_pieces(std::move(*page), limit)) {
      const auto applied = target.ask([&](Txn& txn) { return store_copy::apply(txn.records(), piece); },
                                      [&](Reads& reads) { store_copy::foresee(piece, reads); });
      if (!applied) return std::unexpected(target.why());
      if (!is_of_sums) {
        (progress.part == Part::requests ? copied.requests : copied.others) += piece.size();
        copied.changed += applied->put + applied->erased;
      }
      progress.records += piece.size();
      progress.changed = copied.changed;
      show(progress);
    }
  }
  return copied;
}

std::expected<SumsCheck, std::string> sums_of(Workshop& store) {
  SumsCheck check;
  do {
    const WallTime now = store.now();
    const auto more =
        store.ask([&](Txn& txn) { return store_copy::check_sums(txn.records(), now, check, sums_of_page); });
    if (!more) return std::unexpected(store.why());
    check = *more;
  } while (check.next);
  return check;
}

/// Copies, then compares all of it once more.
std::expected<StoreCopied, std::string> copy_and_compare(Workshop& source, Workshop& target, const ShowProgress& show) {
  const auto copied = copy_all(source, target, show);
  if (!copied) return copied;
  auto compared = copy_all(source, target, show);
  if (!compared) return compared;
  const auto wanted = sums_of(source), there = sums_of(target);
  if (!wanted || !there) return std::unexpected(!wanted ? wanted.error() : there.error());
  if (compared->changed > 0 || !(*wanted == *there))
    return std::unexpected(
        fmt::format("{} records and {} of {} sums are not what they were copied from: run it again, "
                    "and tell us if it stays",
                    compared->changed, *wanted == *there ? 0 : wanted->rows, wanted->rows));
  compared->sums = wanted->rows;
  compared->changed = copied->changed;
  return compared;
}

/// Empty: the store takes a copy, or goes on with one.
std::string why_not_a_target(Txn& txn) {
  if (txn.records().thing(ThingKind::mark, import_mark_key)) return {};
  const std::size_t apps = txn.apps().size();
  if (apps > 0 || !txn.recent({}, 1).empty())
    return fmt::format(
        "there is a store already, of {} {}: an import goes into an empty one (drop its schema, or name "
        "another in store.schema)",
        apps, apps == 1 ? "app" : "apps");
  txn.records().put_thing(ThingKind::mark, import_mark_key, import_begun);
  return {};
}

}  // namespace

std::expected<StoreCopied, std::string> import_store(const Settings& settings, const MasterKey& master,
                                                     const std::string& from_directory, const ShowProgress& show) {
  if (settings.store.engine == StoreEngine::lmdb)
    return std::unexpected("store.engine is lmdb: name the database that takes it in [store] first");
  if (!has_data_file(from_directory))
    return std::unexpected(fmt::format("{}: there is no {}", from_directory, data_file));
  Workshop source(master), target(master);
  if (auto opened = source.open(with_data_file(settings, from_directory), master); !opened)
    return std::unexpected(fmt::format("{}: {}", from_directory, opened.error()));
  if (auto opened = target.open(settings, master); !opened) return std::unexpected(opened.error());
  const auto why_not = target.ask(why_not_a_target);
  if (!why_not || !why_not->empty()) return std::unexpected(why_not ? *why_not : target.why());
  auto copied = copy_and_compare(source, target, show);
  if (!copied) return copied;
  const auto ended = target.ask([](Txn& txn) {
    txn.records().put_thing(ThingKind::mark, import_mark_key, import_done);
    return true;
  });
  if (!ended) return std::unexpected(target.why());
  return copied;
}

std::expected<StoreCopied, std::string> export_store(const Settings& settings, const MasterKey& master,
                                                     const std::string& to_directory, const ShowProgress& show) {
  if (settings.store.engine == StoreEngine::lmdb)
    return std::unexpected("store.engine is lmdb: its data file is what an export would make (`xionctl backup`)");
  const std::filesystem::path directory(to_directory);
  std::error_code trouble;
  std::filesystem::create_directories(directory, trouble);
  if (trouble) return std::unexpected(fmt::format("{}: {}", to_directory, trouble.message()));
  if (has_data_file(to_directory) && !std::filesystem::exists(directory / unfinished, trouble))
    return std::unexpected(fmt::format("{}: there is a data file already: name an empty directory", to_directory));
  if (!std::ofstream(directory / unfinished))
    return std::unexpected(fmt::format("{}: can't be written to: be root, or its owner", to_directory));
  Workshop source(master);
  if (auto opened = source.open(settings, master); !opened) return std::unexpected(opened.error());
  std::expected<StoreCopied, std::string> copied;
  {
    Workshop target(master);
    if (auto opened = target.open(with_data_file(settings, to_directory), master); !opened)
      return std::unexpected(fmt::format("{}: {}", to_directory, opened.error()));
    copied = copy_and_compare(source, target, show);
  }
  if (!copied) return copied;
  std::filesystem::remove(directory / unfinished, trouble);
  return is_given_to_owner_of(directory) ? copied
                                         : std::unexpected(fmt::format("{}: its files could not be given to the "
                                                                       "directory's owner: chown them",
                                                                       to_directory));
}

std::expected<std::size_t, std::string> forget_live(const Settings& settings, const MasterKey& master) {
  Workshop store(master);
  if (auto opened = store.open(settings, master); !opened) return std::unexpected(opened.error());
  std::size_t forgotten = 0;
  for (;;) {
    // Outside, so that a task which runs again asks for the same again.
    const WallTime now = store.now();
    const auto ended = store.ask([now](Txn& txn) {
      std::size_t expired = 0;
      for (const OtpId& id : txn.expiring(now + longest_life, records_of_page)) {
        auto otp = txn.otp(id);
        if (!otp) continue;
        otp->expires_at = std::min(otp->expires_at, now);
        if (!otp_rules::expire(*otp, now)) continue;
        txn.put(*otp);
        txn.count(world_of(*otp).counted_as(), day_of(now), Counter::expired);
        ++expired;
      }
      return expired;
    });
    if (!ended) return std::unexpected(store.why());
    if (*ended == 0) return forgotten;
    forgotten += *ended;
  }
}

}  // namespace xion
