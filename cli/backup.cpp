#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>

#include "backup/backup_file.h"
#include "backup/restore.h"
#include "base/bytes.h"
#include "base/json_writer.h"
#include "cli/connection.h"
#include "cli/local.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "cli/run.h"
#include "cli/screen.h"
#include "config/config.h"
#include "crypto/master_key.h"

namespace xion::cli {
namespace {

/// The daemon reads its disk in less.
constexpr timeval disk_patience{60, 0};

ExitCode fail(const BackupTrouble& trouble) { return cli::fail(refused, trouble.detail, trouble.hint); }

WallTime wall_now() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

/// The file that Ctrl-C leaves nothing of.
std::string unfinished;

void remove_unfinished(int signal) {
  ::unlink(unfinished.c_str());
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

void remove_when_interrupted(std::string part) {
  unfinished = std::move(part);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, &remove_unfinished);
}

/// In a directory the backup is named by when it was made: xionid-20260212T120000Z.backup
std::string file_named(std::string target, WallTime now) {
  struct stat found{};
  if (::stat(target.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) return target;
  std::string when;
  for (const char c : rfc3339(now)) {
    if (c != '-' && c != ':') when.push_back(c);
  }
  if (!target.ends_with('/')) target.push_back('/');
  return target + "xionid-" + when + ".backup";
}

/// What both commands tell.
ExitCode show(const Invocation& wanted, const std::string& path, const CheckedBackup& backup,
              std::chrono::steady_clock::time_point began) {
  const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began);
  JsonWriter json;
  json.begin_object().field("path", path).field("madeAt", rfc3339(backup.seal.made_at));
  json.field("sizeBytes", backup.seal.data_octets).field("requests", backup.census.of(Table::otps));
  json.field("records", backup.census.total())
      .field("unreadable", backup.census.unreadable)
      .field("tookMs", took.count());
  json.key("tables").begin_object();
  for (std::size_t i = 0; i < table_count; ++i) json.field(table_facts[i].name, backup.census.rows[i]);
  json.end_object().end_object();
  if (wanted.json) {
    fmt::print("{}\n", json.str());
  } else {
    const auto result = wire::parse_json(json.str());
    fmt::print("{}", render(*wanted.command, *result, Screen::of(STDOUT_FILENO)));
    if (!wanted.entry().note.empty()) fmt::print("\n{}\n", wanted.entry().note);
  }
  return std::fflush(stdout) == 0 ? done : refused;
}

/// What the daemon writes into the other end goes into the file, until it closes that.
std::expected<void, BackupTrouble> receive(const OpenFile& from, BackupFile& file, std::uint64_t expected,
                                           Progress& progress) {
  std::array<char, std::size_t{256} * 1024> piece{};
  for (;;) {
    const ssize_t got = ::recv(from.get(), piece.data(), piece.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return std::unexpected(BackupTrouble{"the daemon stopped copying", "see its log: journalctl -u xiond"});
    if (got == 0) return {};
    if (auto added = file.add({piece.data(), static_cast<std::size_t>(got)}); !added) return added;
    progress.tell("copying", file.octets(), std::max(expected, file.octets()));
  }
}

/// What the daemon signed of what it copied; zeros, which prove nothing, where it says none.
Digest proof_in(std::string_view result) {
  Digest proof{};
  const auto told = wire::parse_json(result);
  const wire::Value* text = told ? told->find("proof") : nullptr;
  const auto octets = text != nullptr && text->text() != nullptr ? from_hex(*text->text()) : std::nullopt;
  if (octets && octets->size() == proof.size()) std::ranges::copy(as_octets(*octets), proof.begin());
  return proof;
}

}  // namespace

/// The daemon reads, this process writes: with the rights of whoever asks, wherever they may.
ExitCode make_backup(const Invocation& wanted) {
  const auto began = std::chrono::steady_clock::now();
  const WallTime made_at = wall_now();
  const std::string path = file_named(wanted.text("target", "."), made_at);
  (void)!::nice(10);  // The daemon goes first.
  auto file = BackupFile::create(path);
  if (!file) return fail(file.error());
  remove_when_interrupted(file->part());
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(file_trouble("a socket", "made", errno));
  const OpenFile ours(ends[0]);
  OpenFile theirs(ends[1]);
  ::setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &disk_patience, sizeof disk_patience);

  Progress progress;
  Digest proof{};
  ExitCode code = no_daemon;
  const auto on_line = [&](std::string_view line) {
    const auto answer = wire::decode_answer(line);
    if (!answer)
      return code = fail(no_daemon, answer.error(), "is this socket xiond's, and of the same version?"), false;
    if (!answer->ok) {
      code = fail(answer->code == wire::Refusal::usage ? misused : refused, answer->detail, answer->hint);
      return false;
    }
    if (!answer->more) {
      proof = proof_in(answer->result);
      return code = done, false;
    }
    theirs.close();
    const auto begun = wire::parse_json(answer->result);
    const wire::Value* octets = begun ? begun->find("dataBytes") : nullptr;
    const bool is_told = octets != nullptr && octets->whole() != nullptr;
    const auto received = receive(ours, *file, is_told ? static_cast<std::uint64_t>(*octets->whole()) : 0, progress);
    if (!received) code = fail(received.error());
    return received.has_value();
  };
  const auto asked =
      follow(wanted.socket, wire::encode(wire::Request{std::string(wanted.entry().name)}), on_line, theirs.get());
  if (!asked) return fail(asked.error().code, asked.error().detail, asked.error().hint);
  if (code != done) return code;
  const auto checked =
      file->finish(made_at, proof,
                   {.takes_unreadable = wanted.flag("with-unreadable"),
                    .progress = [&](auto doing, auto done, auto of) { progress.tell(doing, done, of); }});
  return checked ? show(wanted, path, *checked, began) : fail(checked.error());
}

ExitCode restore(const Invocation& wanted) {
  const auto began = std::chrono::steady_clock::now();
  std::optional<MasterKey> master;
  if (const std::string config = wanted.text("config", ""); !config.empty()) {
    const Loaded loaded = load_config(config);
    if (!loaded.was_read) {
      for (const Finding& finding : loaded.findings) fmt::print(stderr, "{}\n", format_finding(finding, false));
      return refused;
    }
    auto read = read_master_key(loaded.settings.master_key_file);
    if (!read) return fail(refused, read.error(), "");
    master = std::move(*read);
  }
  const std::string directory = wanted.text("to", "");
  remove_when_interrupted(restored_part(directory));
  const auto restored = [&] {
    Progress progress;
    return restore_backup(wanted.text("backup", ""), directory,
                          {.master = master ? &*master : nullptr,
                           .takes_unreadable = wanted.flag("with-unreadable"),
                           .progress = [&](auto doing, auto done, auto of) { progress.tell(doing, done, of); }});
  }();
  return restored ? show(wanted, directory + "/data.mdb", *restored, began) : fail(restored.error());
}

}  // namespace xion::cli
