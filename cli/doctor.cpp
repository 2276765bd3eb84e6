// xionctl doctor: what an operator would look at one by one, each with what to do about it.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/json_writer.h"
#include "cli/connection.h"
#include "cli/examinations.h"
#include "cli/local.h"
#include "cli/render.h"
#include "cli/run.h"

namespace xion::cli {
namespace {

std::optional<wire::Value> told_by_daemon(const Invocation& wanted, std::string command, std::string& trouble) {
  const auto line = ask(wanted.socket, wire::encode(wire::Request{std::move(command)}));
  if (!line) return trouble = line.error().detail, std::nullopt;
  const auto answer = wire::decode_answer(*line);
  if (!answer || !answer->ok) return trouble = answer ? answer->detail : answer.error(), std::nullopt;
  return wire::parse_json(answer->result);
}

std::string_view to_string(Health health) {
  switch (health) {
    case Health::well: return "ok";
    case Health::warning: return "warning";
    case Health::error: return "error";
  }
  return "";
}

void print_json(const std::vector<Examined>& all) {
  JsonWriter out;
  out.begin_array();
  for (const Examined& each : all) {
    out.begin_object().field("check", each.check).field("state", to_string(each.health));
    out.field("found", each.found).field("do", each.advice).end_object();
  }
  out.end_array();
  fmt::print("{}\n", out.str());
}

void print_text(const std::vector<Examined>& all) {
  const bool colour = Screen::of(1).colour;
  for (const Examined& each : all) {
    const std::string_view paint = !colour                          ? ""
                                   : each.health == Health::well    ? "\033[32m"
                                   : each.health == Health::warning ? "\033[33m"
                                                                    : "\033[31m";
    fmt::print("{}{:<8}{} {:<12}  {}\n", paint, to_string(each.health), colour ? "\033[0m" : "", each.check,
               each.found);
    if (each.health != Health::well && !each.advice.empty()) fmt::print("{:24}do: {}\n", "", each.advice);
  }
}

}  // namespace

ExitCode doctor(const Invocation& wanted) {
  const std::string file = wanted.text("config", default_config);
  std::string trouble;
  const auto status = told_by_daemon(wanted, "status", trouble);
  const auto changes = status ? told_by_daemon(wanted, "config diff", trouble) : std::nullopt;
  std::vector<Examined> all = examine_machine(file);
  const auto add = [&](std::vector<Examined> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  if (status)
    add(examine_daemon(*status, changes ? &*changes : nullptr));
  else
    add({{"daemon", Health::error, trouble, "systemctl status xiond says why it doesn't run"}});
  if (wanted.json)
    print_json(all);
  else
    print_text(all);
  return std::ranges::all_of(all, [](const Examined& each) { return each.health == Health::well; }) ? done : refused;
}

}  // namespace xion::cli
