#include "backup/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "backup/octet_file.h"
#include "base/octets.h"

namespace xion {
namespace {

/// What a child says at most; more is not ours. Octets.
constexpr std::size_t answer_limit = std::size_t{64} << 10;
/// Debian's nobody and nogroup. Source: Debian policy §9.2.2.
constexpr unsigned nobody = 65'534;

std::string written(const ReadCensus& read) {
  std::string octets;
  OctetWriter out(octets);
  out.u8(read ? 1 : 0);
  if (!read) {
    out.text(read.error().detail);
    out.text(read.error().hint);
    return octets;
  }
  for (const std::uint64_t rows : read->rows) out.varint(rows);
  out.varint(read->unreadable);
  out.text(read->first_unreadable);
  return octets;
}

ReadCensus read_answer(std::string_view octets, const std::string& path) {
  OctetReader in(octets);
  const bool is_whole = in.u8() == 1;
  Census census;
  BackupTrouble trouble;
  if (is_whole) {
    for (std::uint64_t& rows : census.rows) rows = in.varint();
    census.unreadable = in.varint();
    census.first_unreadable = in.text();
  } else {
    trouble.detail = in.text();
    trouble.hint = in.text();
  }
  if (in.failed() || !in.at_end())
    return no_backup(fmt::format("{} can't be read: whoever looked at it said nothing that makes sense", path),
                     "it may be forged; take another backup");
  if (!is_whole) return std::unexpected(std::move(trouble));
  return census;
}

/// Never returns: nothing of this process's may be undone twice.
[[noreturn]] void be_child(int answer, const std::function<ReadCensus()>& look) {
  ReadCensus read;
  try {
    read = look();
  } catch (const std::exception& failure) {
    read = no_backup(failure.what(), {});
  }
  write_all(answer, written(read));
  std::fflush(stderr);  // Of the progress that it told.
  ::_exit(0);
}

std::string heard(int answer) {
  std::string octets;
  std::array<char, 4096> piece{};
  while (octets.size() < answer_limit) {
    const ssize_t got = ::read(answer, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    octets.append(piece.data(), static_cast<std::size_t>(got));
  }
  return octets;
}

}  // namespace

ReadCensus in_child(const std::string& path, const std::function<ReadCensus()>& look) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(file_trouble(path, "looked at", errno));
  OpenFile from_child(ends[0]), to_parent(ends[1]);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return std::unexpected(file_trouble(path, "looked at", errno));
  if (child == 0) {
    from_child.close();
    be_child(to_parent.get(), look);
  }
  to_parent.close();
  const std::string answer = heard(from_child.get());
  from_child.close();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return read_answer(answer, path);
  return no_backup(fmt::format("{} can't be read: whoever looks at it dies of it{}", path,
                               WIFSIGNALED(status) ? fmt::format(" ({})", ::strsignal(WTERMSIG(status))) : ""),
                   "it is damaged or forged; take another backup");
}

void give_up_rights() {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const rlimit none{0, 0};
  for (const auto what : {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_NOFILE}) ::setrlimit(what, &none);
  if (::geteuid() != 0) return;
  ::setgroups(0, nullptr);
  if (::setresgid(nobody, nobody, nobody) != 0 || ::setresuid(nobody, nobody, nobody) != 0)
    throw std::runtime_error("the right to be nobody is missing");
}

}  // namespace xion
