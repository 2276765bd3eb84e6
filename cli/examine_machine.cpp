#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "cli/examinations.h"
#include "crypto/master_key.h"
#include "crypto/wrapped_key_ring.h"
#include "ports/open_file.h"
#include "preflight/start_check.h"

namespace xion::cli {
namespace {

/// A commit is one of these; above it, every answer of the API waits noticeably. Milliseconds.
constexpr double slow_fsync_ms = 50;
constexpr double free_part_wanted = 0.1;

Examined clock() {
  timex facts{};  // Only asked. Source: adjtimex(2).
  const int state = ::adjtimex(&facts);
  if (state == TIME_ERROR || (facts.status & STA_UNSYNC) != 0) {
    return {"clock", Health::warning, "nothing keeps the clock in time: codes live by it, and receipts are told by it",
            "install chrony, or enable systemd-timesyncd; `timedatectl` shows it"};
  }
  return {"clock", Health::well, fmt::format("in time, to {} ms", facts.maxerror / 1000), {}};
}

std::vector<Examined> configuration(const Loaded& loaded) {
  std::vector<Examined> found;
  for (const Finding& finding : loaded.findings) {
    Finding bare = finding;
    bare.hint.clear();
    found.push_back({"config", finding.is_error ? Health::error : Health::warning, format_finding(bare, false),
                     finding.hint.empty() ? "`xionctl config check` shows it" : finding.hint});
  }
  if (found.empty())
    found.push_back({"config", Health::well, fmt::format("{} is right, and a start would succeed", loaded.path), {}});
  return found;
}

/// By which two copies of the key are compared without showing them to anybody.
Examined master_key(const Settings& settings) {
  const auto key = read_master_key(settings.master_key_file);
  if (!key) return {"master key", Health::error, key.error(), "`xionctl init-key` makes one, once; else bring it back"};
  const Digest digest = check_value_of(*key);
  return {"master key",
          Health::well,
          fmt::format("{}; its copy elsewhere must have the mark {}", settings.master_key_file,
                      hex(std::span(digest).first(4))),
          {}};
}

Examined disk_room(const std::string& folder) {
  struct statvfs found{};
  if (::statvfs(folder.c_str(), &found) != 0)
    return {"disk", Health::error, fmt::format("{}: {}", folder, std::strerror(errno)), "is it mounted?"};
  const double part =
      static_cast<double>(found.f_bavail) / static_cast<double>(std::max<std::uint64_t>(found.f_blocks, 1));
  const double gib = static_cast<double>(found.f_bavail) * static_cast<double>(found.f_frsize) / (1 << 30);
  const std::string text = fmt::format("{}: {:.1f} GiB free, {:.0f} %", folder, gib, part * 100);
  if (part >= free_part_wanted && gib >= 1) return {"disk", Health::well, text, {}};
  return {"disk", gib < 1 ? Health::error : Health::warning, text,
          "make room, or lower retention_days: xionid-data(7)"};
}

Examined disk_speed(const std::string& folder) {
  const std::string path = fmt::format("{}/.xionctl-doctor-{}", folder, ::getpid());
  const OpenFile file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    return {"disk speed", Health::warning, fmt::format("not measured: {}: {}", folder, std::strerror(errno)),
            "ask as root, or as the user whom xiond runs as"};
  }
  const std::array<char, 4096> page{};
  const auto began = std::chrono::steady_clock::now();
  const bool is_written = ::write(file.get(), page.data(), page.size()) > 0 && ::fsync(file.get()) == 0;
  const double took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  ::unlink(path.c_str());
  if (!is_written)
    return {"disk speed", Health::error, fmt::format("{}: {}", folder, std::strerror(errno)), "see the disk"};
  const std::string text = fmt::format("one fsync took {:.1f} ms", took);
  if (took < slow_fsync_ms) return {"disk speed", Health::well, text, {}};
  return {"disk speed", Health::warning, text, "every answer waits for one: a disk of its own, or a quicker one"};
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "re"), ::pclose);
  std::string text;
  std::array<char, 256> part{};
  while (pipe != nullptr && std::fgets(part.data(), static_cast<int>(part.size()), pipe.get()) != nullptr)
    text += part.data();
  return text.substr(0, text.find('\n'));
}

struct Floor {
  const char* package;
  const char* version;  ///< The first of Debian 12 without the hole.
  const char* hole;
};
constexpr Floor floors[] = {
    {"libsmpp34-1", "1.14.1-3+deb12u1", "packing long addresses writes past its buffer"},
    {"libevent-2.1-7", "2.1.12-stable-8+deb12u1", "HTTP requests can be smuggled past a proxy"},
    {"libssl3", "3.0.17-1~deb12u2", "known holes of OpenSSL 3.0"},
};

std::vector<Examined> libraries() {
  std::vector<Examined> found;
  for (const Floor& floor : floors) {
    const std::string has = output_of(fmt::format("dpkg-query -W -f='${{Version}}' {} 2>/dev/null", floor.package));
    if (has.empty()) continue;  // Under another name, or no Debian.
    const std::string is_old =
        output_of(fmt::format("dpkg --compare-versions {} lt {} && echo yes", has, floor.version));
    if (is_old == "yes") {
      found.push_back({"libraries", Health::warning, fmt::format("{} {}: {}", floor.package, has, floor.hole),
                       fmt::format("apt-get install --only-upgrade {}, then systemctl restart xiond", floor.package)});
    }
  }
  if (found.empty()) found.push_back({"libraries", Health::well, "no version with a known hole", {}});
  return found;
}

}  // namespace

std::vector<Examined> examine_machine(const std::string& config_file) {
  const Loaded loaded = load_checked(config_file, false);
  std::vector<Examined> all{clock()};
  for (auto& each : configuration(loaded)) all.push_back(std::move(each));
  if (loaded.was_read) {
    all.push_back(master_key(loaded.settings));
  }
  if (loaded.was_read && loaded.settings.store.engine == StoreEngine::lmdb) {
    all.push_back(disk_room(loaded.settings.data_dir));
    all.push_back(disk_speed(loaded.settings.data_dir));
  }
  for (auto& each : libraries()) all.push_back(std::move(each));
  return all;
}

}  // namespace xion::cli
