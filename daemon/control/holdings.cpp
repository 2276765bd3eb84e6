// xionctl export and import: what is no traffic, as a document.
#include "app/owners/move_holdings.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include <fmt/format.h>

#include "control/holdings_json.h"
#include "control/verb.h"

namespace xion::control {
namespace {

/// The longest document. The store's thread reads it, and commits nothing meanwhile. Octets.
constexpr std::size_t document_limit_octets = std::size_t{8} * 1024 * 1024;

void export_all(Command command) {
  const bool is_portable = command.request.flag("portable");
  Services& services = command.services;
  read_holdings(services, [command = std::move(command), is_portable](std::expected<Holdings, Refusal> all) {
    if (!all) return command.refuse(all.error());
    command.done(holdings_json(*all, is_portable ? std::string() : key_mark(command.services.loop_vault)));
  });
}

/// Octets of what was handed over, where it is a file in memory that nobody can change or cut any more: reading it
/// never waits. Source: fcntl(2), "File Sealing".
std::expected<std::size_t, Refusal> size_of_document(const OpenFile* file) {
  constexpr int sealed = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
  const int seals = file != nullptr ? ::fcntl(file->get(), F_GET_SEALS) : -1;
  struct stat found{};
  if (seals < 0 || (seals & sealed) != sealed || ::fstat(file->get(), &found) != 0)
    return std::unexpected(Refusal{"import needs the document as a sealed file in memory", "use `xionctl import`"});
  const auto size = static_cast<std::size_t>(found.st_size);
  if (size > document_limit_octets)
    return std::unexpected(
        Refusal{fmt::format("the document has {} octets, and {} are taken at most", size, document_limit_octets),
                "part it by apps"});
  return size;
}

std::expected<Holdings, Refusal> read_document(const OpenFile& file, std::size_t size, const DocumentReading& by) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = ::pread(file.get(), text.data() + at, size - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::unexpected(Refusal{"the document can't be read", ""});
    at += static_cast<std::size_t>(got);
  }
  const auto document = wire::parse_json(text);
  if (!document) return std::unexpected(Refusal{"the document is no JSON, or has a name twice in one object", ""});
  return read_holdings_json(*document, by);
}

std::string changes_json(const std::vector<ImportChange>& changes) {
  JsonWriter json;
  json.begin_array();
  for (const ImportChange& change : changes) {
    json.begin_object().field("action", to_string(change.action)).field("kind", change.kind);
    json.field("app", change.app.empty() ? std::string("(all)") : change.app);
    json.field("name", change.name).field("what", change.what).end_object();
  }
  json.end_array();
  return std::move(json).str();
}

void import_document(Command command) {
  const auto size = size_of_document(command.handed.get());
  if (!size) return command.misuse(size.error().detail, size.error().hint);
  auto read = [file = command.handed, size = *size](const DocumentReading& by) {
    return read_document(*file, size, by);
  };
  const bool is_dry_run = command.request.flag("dry-run");
  Services& services = command.services;
  take_holdings(services, std::move(read), &changes_json, is_dry_run,
                [command = std::move(command)](std::expected<std::string, Refusal> told) {
                  if (!told) return command.refuse(told.error());
                  command.done(std::move(*told));
                });
}

}  // namespace

Verbs export_verbs() {
  static constexpr Verb verbs[] = {{"export", export_all}};
  static_assert(is_every_verb_of("export", verbs));
  return verbs;
}

Verbs import_verbs() {
  static constexpr Verb verbs[] = {{"import", import_document}};
  static_assert(is_every_verb_of("import", verbs));
  return verbs;
}

}  // namespace xion::control
