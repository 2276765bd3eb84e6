// xionctl rotate-master-key: the daemon keeps the keys, this end the file that opens them.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

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

}  // namespace

ExitCode rotate_master_key(const Invocation& wanted) {
  const Loaded loaded = load_config(wanted.text("config", default_config));
  if (!loaded.was_read) {
    for (const Finding& finding : loaded.findings) fmt::print(stderr, "{}\n", format_finding(finding, false));
    return refused;
  }
  const std::string& path = loaded.settings.master_key_file;
  const std::string fresh = path + ".new", old = path + ".old";
  if (const auto key = read_master_key(path); !key) return fail(refused, key.error(), "");
  if (::access(old.c_str(), F_OK) == 0) {
    return fail(refused, fmt::format("{}: is left from a rotation that was cut off", old),
                fmt::format("start xiond with {} to see whether it opens the data; if not, put {} back; then remove {}",
                            path, old, old));
  }
  ::unlink(fresh.c_str());  // Of a rotation that ended before anybody used it.
  OpenSslEntropy entropy;
  const auto key = make_master_key(fresh, entropy);
  if (!key) return fail(refused, key.error(), "");
  if (!takes_after(fresh, path))
    return fail_file("can't be given the old key's owner", fresh, "be root, or the owner of the key's file");

  if (const ExitCode code = step(wanted, *key, "begin", ""); code != done) return ::unlink(fresh.c_str()), code;
  // Both open the data from here on. The old name is kept beside, so that nothing is lost whatever happens next.
  if (::link(path.c_str(), old.c_str()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0)
    return fail_file("can't be put in place", path, "the old key is in use still; nothing was changed");
  sync_folder_of(path);
  const auto code = step(
      wanted, *key, "finish",
      fmt::format("{} is the new key and {} the old one: one of them opens the data when xiond starts", path, old));
  if (code == refused) {
    ::rename(old.c_str(), path.c_str());
    return code;
  }
  if (code != done) return code;
  const auto kept = put_aside(old, path);
  if (!kept) return fail_file("can't be put aside", old, "it is the old key, and backups from before need it");
  if (wanted.json)
    fmt::print("{}\n", JsonWriter().begin_object().field("path", path).field("oldKey", *kept).end_object().str());
  else
    fmt::print("{}\nthe old key: {}\n{}\n", path, *kept, wanted.entry().note);
  return done;
}

}  // namespace xion::cli
