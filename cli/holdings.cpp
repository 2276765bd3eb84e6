// xionctl export and import: the daemon knows what is in the document, this end where it lies.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <expected>
#include <string>

#include <fmt/format.h>

#include "base/json_fault.h"
#include "cli/last_answer.h"
#include "cli/local.h"
#include "cli/run.h"
#include "ports/open_file.h"

namespace xion::cli {
namespace {

using wire::Value;

/// A member or element a line, so that a change of one thing is a change of one line.
void write_lines(std::string& out, const Value& value, std::size_t indent = 0) {
  const auto begin_line = [&](bool is_first, std::size_t by) {
    out += is_first ? "\n" : ",\n";
    out.append(by, ' ');
  };
  const std::size_t inner = indent + 2;
  if (const auto* object = value.object(); object != nullptr && !object->empty()) {
    out += '{';
    for (const auto& [name, member] : *object) {
      begin_line(&name == &object->front().first, inner);
      JsonWriter quoted;
      quoted.value(name);
      out += quoted.str() + ": ";
      write_lines(out, member, inner);
    }
    out += '\n' + std::string(indent, ' ') + '}';
  } else if (const auto* array = value.array(); array != nullptr && !array->empty()) {
    out += '[';
    for (const Value& element : *array) {
      begin_line(&element == &array->front(), inner);
      write_lines(out, element, inner);
    }
    out += '\n' + std::string(indent, ' ') + ']';
  } else {
    JsonWriter plain;
    wire::write_json(plain, value);
    out += plain.str();
  }
}

std::string trouble_with(const std::string& path) { return fmt::format("{}: {}", path, std::strerror(errno)); }

/// Beside the file, and then in its place: whoever reads it meanwhile has the whole of either.
ExitCode write_file(const std::string& path, std::string_view text) {
  std::string part = path + ".XXXXXX";
  OpenFile file(::mkostemp(part.data(), O_CLOEXEC));
  if (!file.is_open()) return fail(refused, trouble_with(path), "");
  const bool is_written = write_all(file.get(), text) && ::fsync(file.get()) == 0;
  if (is_written && ::rename(part.c_str(), path.c_str()) == 0) return done;
  const std::string trouble = trouble_with(path);
  ::unlink(part.c_str());
  return fail(refused, trouble, "");
}

std::expected<std::string, std::string> read_file(const std::string& path) {
  const bool is_input = path == "-";
  OpenFile file(is_input ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return std::unexpected(trouble_with(path));
  std::string text;
  char part[64 * 1024];
  for (;;) {
    const ssize_t got = ::read(file.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(trouble_with(path));
    if (got == 0) return text;
    text.append(part, static_cast<std::size_t>(got));
  }
}

/// A file in memory that nobody can change any more, which is what the daemon reads. Source: memfd_create(2).
OpenFile sealed(std::string_view text) {
  OpenFile memory(::memfd_create("xionid-import", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.is_open() || !write_all(memory.get(), text) ||
      ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    memory.close();
  return memory;
}

}  // namespace

ExitCode export_holdings(const Invocation& wanted) {
  const auto told = last_answer(wanted);
  if (!told) return told.error();
  const std::string path = wanted.text("file", "-");
  if (wanted.json && path == "-") return show_answer(wanted, *told);
  const auto document = wire::parse_json(*told);
  if (!document) return fail(refused, "the daemon's answer is no document", "is it of the same version?");
  std::string text;
  write_lines(text, *document);
  text += '\n';
  if (path == "-") {
    fmt::print("{}", text);
  } else if (const ExitCode code = write_file(path, text); code != done) {
    return code;
  } else if (wanted.json) {
    fmt::print("{}\n", JsonWriter().begin_object().field("path", path).end_object().str());
  }
  return std::fflush(stdout) == 0 ? done : refused;
}

ExitCode import_holdings(const Invocation& wanted) {
  const std::string path = wanted.text("file", "-");
  const auto text = read_file(path);
  if (!text) return fail(refused, text.error(), "`xionctl export FILE` writes one");
  if (const auto fault = json_fault(*text))
    return fail(refused, fmt::format("{}:{}:{}: expected {}", path, fault->line, fault->column, fault->expected),
                "nothing was changed");
  const OpenFile memory = sealed(*text);
  if (!memory.is_open()) return fail(refused, "no file in memory could be made", std::strerror(errno));
  const auto told = last_answer(wanted, memory.get());
  if (!told) return told.error();
  const auto changes = wire::parse_json(*told);
  const bool is_same = changes && changes->array() != nullptr && changes->array()->empty();
  if (wanted.json || !is_same) return show_answer(wanted, *told);
  fmt::print("Nothing differs: nothing {} changed.\n", wanted.flag("dry-run") ? "would be" : "was");
  return std::fflush(stdout) == 0 ? done : refused;
}

}  // namespace xion::cli
