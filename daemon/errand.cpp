#include "errand.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "base/plural.h"
#include "crypto/master_key.h"
#include "engines/store_errands.h"

namespace xion {
namespace {

using Clock = std::chrono::steady_clock;

std::string_view words(store_copy::Part part) {
  switch (part) {
    case store_copy::Part::things: return "apps, keys, texts, lists";
    case store_copy::Part::requests: return "requests";
    case store_copy::Part::rows: return "receipts, answers, deliveries, audit";
    case store_copy::Part::counters:
    case store_copy::Part::sums: return "counters and sums";
    case store_copy::Part::traffic: return "the guard's counts";
    case store_copy::Part::count_: break;
  }
  return "";
}

/// A line a second, or one that is written over on a terminal.
class ProgressLine {
 public:
  void operator()(const ErrandProgress& progress) {
    const auto now = Clock::now();
    if (now - shown_ < std::chrono::seconds{1}) return;
    shown_ = now;
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(now - began_).count();
    fmt::print(stderr, "{}  {} records, {} changed, {} s: {}{}", is_terminal_ ? "\r\x1b[K" : "", progress.records,
               progress.changed, took, words(progress.part), is_terminal_ ? "" : "\n");
    std::fflush(stderr);
    is_open_ = is_terminal_;
  }
  ~ProgressLine() {
    if (is_open_) std::fputs("\r\x1b[K", stderr);
  }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point shown_ = began_;
  bool is_open_ = false;
};

std::string tell(const Errand& errand, const std::expected<StoreCopied, std::string>& copied, double seconds) {
  if (!copied) return copied.error();
  const store_copy::LeftOut& left = copied->left_out;
  if (errand.is_json) {
    JsonWriter json;
    json.begin_object()
        .field("requests", copied->requests)
        .field("others", copied->others)
        .field("sums", copied->sums)
        .field("changed", copied->changed)
        .field("seconds", static_cast<std::uint64_t>(seconds));
    json.key("leftOut")
        .begin_object()
        .field("notes", left.notes)
        .field("answers", left.answers)
        .field("unreadable", left.unreadable)
        .end_object();
    fmt::print("{}\n", std::move(json.end_object()).str());
    return {};
  }
  fmt::print("copied and compared in {:.1f} s: {} ({} changed), {} and {} are the same on both sides\n", seconds,
             counted(copied->requests, "request"), copied->changed, counted(copied->others, "other record"),
             counted(copied->sums, "sum"));
  if (left.notes + left.answers > 0)
    fmt::print("left out: {} and {}, which are over or superseded\n", counted(left.notes, "counted event"),
               counted(left.answers, "kept answer"));
  if (left.unreadable > 0)
    fmt::print("could not be read and was left out: {}, see the log\n", counted(left.unreadable, "record"));
  return {};
}

}  // namespace

std::string run_errand(const Errand& errand, const Settings& settings) {
  const auto master = read_master_key(settings.master_key_file);
  if (!master) return master.error();
  log::set_level(log::Level::warning);
  ProgressLine line;
  const auto show = [&line](const ErrandProgress& progress) { line(progress); };
  if (!errand.import_from.empty() || !errand.export_to.empty()) {
    const auto copied = errand.export_to.empty() ? import_store(settings, *master, errand.import_from, show)
                                                 : export_store(settings, *master, errand.export_to, show);
    return tell(errand, copied, line.seconds());
  }
  const auto forgotten = forget_live(settings, *master);
  if (!forgotten) return forgotten.error();
  if (errand.is_json)
    fmt::print("{}\n", JsonWriter().begin_object().field("expired", *forgotten).end_object().str());
  else
    fmt::print("{} expired: no code of before this moment is good any more\n", counted(*forgotten, "request"));
  return {};
}

}  // namespace xion
