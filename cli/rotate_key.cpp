// xionctl rotate-master-key: the daemon keeps the keys, this end the file that opens them.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "cli/connection.h"
#include "cli/local.h"
#include "cli/parse.h"
#include "cli/run.h"
#include "config/config.h"
#include "crypto/entropy.h"
#include "crypto/master_key.h"

namespace xion::cli {
namespace {

ExitCode fail_file(std::string_view what, const std::string& path, std::string_view hint) {
  return fail(refused, fmt::format("{}: {}: {}", path, what, std::strerror(errno)), hint);
}

/// One step of the daemon's part.
ExitCode step(const Invocation& wanted, const MasterKey& key, std::string_view name, std::string_view hint) {
  wire::Value::Object args;
  args.emplace_back("key", wire::Value{hex(key.octets())});
  args.emplace_back("step", wire::Value{std::string(name)});
  const auto line =
      ask(wanted.socket, wire::encode(wire::Request{std::string(wanted.entry().name), wire::Value{std::move(args)}}));
  if (!line) return fail(line.error().code, line.error().detail, hint.empty() ? line.error().hint : hint);
  const auto answer = wire::decode_answer(*line);
  if (!answer) return fail(no_daemon, answer.error(), hint);
  if (!answer->ok) return fail(answer->code == wire::Refusal::usage ? misused : refused, answer->detail, answer->hint);
  return done;
}

/// The new file belongs to whom the old one did, so that the daemon can read it.
bool takes_after(const std::string& fresh, const std::string& old) {
  struct stat info{};
  return ::stat(old.c_str(), &info) == 0 && ::chown(fresh.c_str(), info.st_uid, info.st_gid) == 0 &&
         ::chmod(fresh.c_str(), info.st_mode & 07777U) == 0;
}

/// Backups from before need the old key, and this may be its only copy: it goes into a folder of its own, under the
/// time at which it went out of use.
std::optional<std::string> put_aside(const std::string& old, const std::string& path) {
  const std::string folder = path.substr(0, path.rfind('/') + 1) + "old-master-keys";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return std::nullopt;
  std::string moment = rfc3339(std::chrono::floor<Millis>(std::chrono::system_clock::now()));
  std::erase_if(moment, [](char c) { return c == '-' || c == ':'; });
  for (int n = 1; n < 1000; ++n) {
    std::string kept = fmt::format("{}/{}{}.key", folder, moment, n == 1 ? "" : fmt::format("-{}", n));
    if (::link(old.c_str(), kept.c_str()) == 0) {
      ::unlink(old.c_str());
      sync_folder_of(kept);
      sync_folder_of(path);
      return kept;
    }
    if (errno != EEXIST) return std::nullopt;
  }
  return std::nullopt;
}

struct KeyFiles {
  std::string path, fresh = path + ".new", old = path + ".old";
};

ExitCode told(const Invocation& wanted, const KeyFiles& files, const std::optional<std::string>& kept,
              std::string_view what_next) {
  if (wanted.json) {
    JsonWriter json;
    json.begin_object().field("path", files.path);
    if (kept) json.field("oldKey", *kept);
    fmt::print("{}\n", json.end_object().str());
    return done;
  }
  fmt::print("{}\n", files.path);
  if (kept) fmt::print("the old key: {}\n", *kept);
  fmt::print("{}\n", what_next);
  return done;
}

/// A new key's file in the old one's place, and the old one beside it; both open the data.
std::expected<MasterKey, ExitCode> begin(const Invocation& wanted, const KeyFiles& files) {
  const auto& [path, fresh, old] = files;
  if (::access(old.c_str(), F_OK) == 0) {
    return std::unexpected(
        fail(refused, fmt::format("{}: is left from a rotation that was cut off", old),
             fmt::format("start xiond with {} to see whether it opens the data; if not, put {} back; then remove {}",
                         path, old, old)));
  }
  ::unlink(fresh.c_str());  // Of a rotation that ended before anybody used it.
  OpenSslEntropy entropy;
  auto key = make_master_key(fresh, entropy);
  if (!key) return std::unexpected(fail(refused, key.error(), ""));
  if (!takes_after(fresh, path))
    return std::unexpected(
        fail_file("can't be given the old key's owner", fresh, "be root, or the owner of the key's file"));

  if (const ExitCode code = step(wanted, *key, "begin", ""); code != done) {
    ::unlink(fresh.c_str());
    return std::unexpected(code);
  }
  // The old name is kept beside, so that nothing is lost whatever happens next.
  if (::link(path.c_str(), old.c_str()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
    return std::unexpected(
        fail_file("can't be put in place", path, "the old key is in use still; nothing was changed"));
  sync_folder_of(path);
  return *std::move(key);
}

/// What the daemon does with the key that is in place by now. Where it refuses, the old file is put back.
ExitCode go_on(const Invocation& wanted, const KeyFiles& files, const MasterKey& key, std::string_view name) {
  const auto code =
      step(wanted, key, name,
           fmt::format("{} is the new key and {} the old one: one of them opens the data when xiond starts", files.path,
                       files.old));
  if (code == refused) ::rename(files.old.c_str(), files.path.c_str());
  return code;
}

ExitCode put_old_aside(const Invocation& wanted, const KeyFiles& files) {
  const auto kept = put_aside(files.old, files.path);
  if (!kept) return fail_file("can't be put aside", files.old, "it is the old key, and backups from before need it");
  return told(wanted, files, kept, wanted.entry().note);
}

ExitCode all_steps(const Invocation& wanted, const KeyFiles& files) {
  const auto key = begin(wanted, files);
  if (!key) return key.error();
  if (const auto code = go_on(wanted, files, *key, "finish"); code != done) return code;
  return put_old_aside(wanted, files);
}

ExitCode begin_here(const Invocation& wanted, const KeyFiles& files) {
  const auto key = begin(wanted, files);
  if (!key) return key.error();
  if (const auto code = go_on(wanted, files, *key, "take"); code != done) return code;
  return told(wanted, files, std::nullopt,
              "Put this file in the place of each other node's, and run `xionctl rotate-master-key --step take` there; "
              "then `--step finish` here.");
}

ExitCode take_here(const Invocation& wanted, const KeyFiles& files, const MasterKey& key) {
  const auto code = step(wanted, key, "take", "");
  return code != done ? code : told(wanted, files, std::nullopt, "This node works with it.");
}

/// The old key is where the rotation began.
ExitCode finish_here(const Invocation& wanted, const KeyFiles& files, const MasterKey& key) {
  if (const auto code = step(wanted, key, "finish", ""); code != done) return code;
  if (::access(files.old.c_str(), F_OK) == 0) return put_old_aside(wanted, files);
  return told(wanted, files, std::nullopt, wanted.entry().note);
}

}  // namespace

/// Alone a daemon does all of it at once. Several nodes do it step by step, since each has a file of its own.
ExitCode rotate_master_key(const Invocation& wanted) {
  const Loaded loaded = load_config(wanted.text("config", default_config));
  if (!loaded.was_read) {
    for (const Finding& finding : loaded.findings) fmt::print(stderr, "{}\n", format_finding(finding, false));
    return refused;
  }
  const KeyFiles files{.path = loaded.settings.master_key_file};
  const auto key = read_master_key(files.path);
  if (!key) return fail(refused, key.error(), "");
  const std::string one = wanted.text("step", "");
  if (one.empty()) return all_steps(wanted, files);
  if (one == "begin") return begin_here(wanted, files);
  if (one == "take") return take_here(wanted, files, *key);
  if (one == "finish") return finish_here(wanted, files, *key);
  return fail(misused, fmt::format("--step {}: expected begin, take or finish", one), "");
}

}  // namespace xion::cli
