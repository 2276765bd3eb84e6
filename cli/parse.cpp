#include "cli/parse.h"

#include <algorithm>
#include <deque>
#include <iostream>
#include <map>
#include <ranges>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "base/suggest.h"
#include "base/visible.h"
#include "cli/connection.h"

namespace xion::cli {
namespace {

constexpr const char* default_socket = "/run/xionid/control.sock";
constexpr const char* description = "Administers XionID through its control socket.";
constexpr const char* footer =
    "Examples:\n"
    "  xionctl status                      how the daemon is\n"
    "  xionctl app add shop --plan growth  a customer's project\n"
    "  xionctl key create shop             its API key, shown once\n"
    "  xionctl otp trace +37499123456      why a number got nothing\n"
    "  xionctl route explain +37499123456  where a message would go\n"
    "  xionctl send +37499123456           a real code, and what becomes of it\n"
    "  xionctl log --phone +37499123456    what happens to a number, live\n"
    "\nExit status: 0 done, 1 refused, 2 usage, 3 no daemon. See xionctl(1).";

/// Where CLI11 puts what it reads for one argument.
struct Slot {
  const wire::Argument* argument = nullptr;
  CLI::Option* option = nullptr;
  std::string text;
  std::vector<std::string> texts;
  std::uint32_t number = 0;
  bool flag = false;
};

struct Leaf {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::deque<Slot> slots;  ///< A deque: CLI11 keeps addresses of them.
};

CLI::Option* add_option(CLI::App& app, const wire::Argument& argument, Slot& slot) {
  const std::string name =
      argument.letter.empty() ? std::string(argument.name) : fmt::format("{},{}", argument.letter, argument.name);
  const std::string help(argument.help);
  switch (argument.type) {
    case wire::ArgumentType::text: return app.add_option(name, slot.text, help);
    case wire::ArgumentType::texts:
    case wire::ArgumentType::pairs: return app.add_option(name, slot.texts, help);
    case wire::ArgumentType::number: return app.add_option(name, slot.number, help);
    case wire::ArgumentType::flag: return app.add_flag(name, slot.flag, help);
  }
  return nullptr;
}

/// What should be in nobody's list of processes.
std::string line_of_input() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

class Parser {
 public:
  /// For these words: of nouns that are not among them no more than the name and what it is.
  explicit Parser(const std::vector<std::string>& words) : app_(description, "xionctl") {
    app_.fallthrough();
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string("xionctl ") + XION_VERSION);
    app_.get_formatter()->column_width(34);
    app_.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app_.get_formatter()->label("Subcommands", "Commands");
    app_.add_option("--socket", socket_, "The daemon's control socket")
        ->envname("XIONID_SOCKET")
        ->type_name("PATH")
        ->capture_default_str();
    app_.add_flag("--json", json_, "Print the answer as JSON and nothing else");
    app_.add_flag("--wide", look_.is_wide, "Cut nothing, whatever the terminal's width");
    app_.add_option("--columns", look_.columns, "These columns, in this order")
        ->type_name("A,B,…")
        ->delimiter(',')
        ->allow_extra_args(false);
    app_.add_option("--sort", look_.sort, "Sort a table by a column; -COLUMN the other way round")->type_name("COLUMN");
    app_.add_flag("--yes", is_confirmed_, "Ask nothing before what can't be undone");
    app_.add_option("--time-limit", patience_, "Longest wait for an answer, in seconds")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    for (const wire::Noun& noun : wire::nouns) {
      CLI::App* parent = app_.add_subcommand(std::string(noun.name), std::string(noun.summary));
      if (std::ranges::find(words, noun.name) != words.end()) add_commands(noun, parent);
    }
    app_.footer(footer);
  }

  std::expected<Invocation, NotRun> parse(const std::vector<std::string>& words) {
    if (words.empty()) return std::unexpected(NotRun{misused, app_.help()});
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // CLI11 takes them from the back
    try {
      app_.parse(reversed);
    } catch (const CLI::ParseError& error) {
      return std::unexpected(why_not(error, words));
    }
    // A noun that is a command, too, was read also where one of its verbs was.
    const Leaf* found = nullptr;
    for (const Leaf& leaf : leaves_) {
      if (leaf.app->parsed() && (found == nullptr || !leaf.command->entry().verb().empty())) found = &leaf;
    }
    if (found != nullptr) return invocation(*found);
    return std::unexpected(NotRun{misused, app_.help()});
  }

 private:
  void add_commands(const wire::Noun& noun, CLI::App* parent) {
    bool is_command = false;  // By itself.
    for (const Command& command : commands()) {
      const wire::CommandEntry& entry = command.entry();
      if (entry.noun() != noun.name) continue;
      CLI::App* app = parent;
      is_command = is_command || entry.verb().empty();
      if (!entry.verb().empty()) {
        parent->require_subcommand(is_command ? 0 : 1, 1);
        app = parent->add_subcommand(std::string(entry.verb()), std::string(entry.summary));
      }
      Leaf& leaf = leaves_.emplace_back(Leaf{&command, app, {}});
      for (const wire::Argument& argument : entry.arguments) {
        if (argument.side == wire::Side::daemon) continue;
        Slot& slot = leaf.slots.emplace_back();
        slot.argument = &argument;
        slot.option = add_option(*app, argument, slot);
        slot.option->required(argument.is_required);
        if (!argument.shown.empty()) slot.option->type_name(std::string(argument.shown));
      }
      app->footer(fmt::format("Examples:\n{}", entry.examples));
    }
  }

  std::expected<Invocation, NotRun> invocation(const Leaf& leaf) const {
    Invocation wanted{leaf.command, {wire::Value::Object{}}, socket_, json_};
    wanted.look = look_;
    wanted.is_confirmed = is_confirmed_;
    set_patience(patience_);
    for (const Slot& slot : leaf.slots) {
      if (slot.option->count() == 0) continue;
      auto& args = std::get<wire::Value::Object>(slot.argument->side == wire::Side::xionctl ? wanted.local.data
                                                                                            : wanted.args.data);
      wire::Value value;
      switch (slot.argument->type) {
        case wire::ArgumentType::text:
          value.data = slot.argument->wire_name() == "secret" && slot.text == "-" ? line_of_input() : slot.text;
          break;
        case wire::ArgumentType::number: value.data = std::int64_t{slot.number}; break;
        case wire::ArgumentType::flag: value.data = slot.flag; break;
        case wire::ArgumentType::texts: {
          wire::Value::Array words;
          for (const auto& text : slot.texts) words.push_back({text});
          value.data = std::move(words);
          break;
        }
        case wire::ArgumentType::pairs: {
          std::map<std::string, std::string> pairs;
          for (const auto& text : slot.texts) {
            const std::size_t sign = text.find('=');
            if (sign == std::string::npos || sign == 0) {
              return std::unexpected(
                  NotRun{misused, complaint(fmt::format("\"{}\" is not KEY=VALUE", text), "such as ttl_seconds=120")});
            }
            if (!pairs.emplace(text.substr(0, sign), text.substr(sign + 1)).second) {
              return std::unexpected(
                  NotRun{misused, complaint(fmt::format("{} is given twice", text.substr(0, sign)), "")});
            }
          }
          wire::Value::Object object;
          for (const auto& [key, text] : pairs) object.emplace_back(key, wire::Value{text});
          value.data = std::move(object);
          break;
        }
      }
      args.emplace_back(std::string(slot.argument->wire_name()), std::move(value));
    }
    return wanted;
  }

  NotRun why_not(const CLI::ParseError& error, const std::vector<std::string>& words) {
    if (error.get_exit_code() == 0) {
      std::ostringstream out, ignored;
      app_.exit(error, out, ignored);
      return {done, out.str()};
    }
    CLI::App* deepest = &app_;
    while (!deepest->get_subcommands().empty()) deepest = deepest->get_subcommands().back();
    const auto known = [&](const CLI::App* app) {
      std::vector<std::string> names;
      for (const auto* child : app->get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(child->get_name());
      return names;
    };
    if (const auto choices = known(deepest); !choices.empty() && deepest->get_require_subcommand_min() > 0)
      return unknown_word(*deepest, choices, words);
    for (const auto& word : words) {
      if (auto trouble = unknown_option(*deepest, word)) return *trouble;
    }
    return {misused, complaint(error.what(), fmt::format("see `{} --help`", full_name(*deepest)))};
  }

  /// A noun or verb that isn't one, or that is missing.
  NotRun unknown_word(CLI::App& under, const std::vector<std::string>& choices, const std::vector<std::string>& words) {
    const bool is_noun = &under == &app_;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == "--socket" || words[i] == "--columns" || words[i] == "--sort" || words[i] == "--time-limit") {
        ++i;
      } else if (!words[i].starts_with("-") && (is_noun || words[i] != under.get_name())) {
        const std::vector<std::string_view> names(choices.begin(), choices.end());
        const auto meant = closest(words[i], names);
        return {misused, complaint(is_noun ? fmt::format("\"{}\" is no command", words[i])
                                           : fmt::format("{} has no verb \"{}\"", under.get_name(), words[i]),
                                   meant ? fmt::format("did you mean \"{}\"?", *meant)
                                         : fmt::format("one of: {}", fmt::join(choices, ", ")))};
      }
    }
    return {misused, is_noun ? under.help() : under.help(app_.get_name())};
  }

  std::optional<NotRun> unknown_option(const CLI::App& app, const std::string& word) {
    const std::string typed = word.substr(0, word.find('='));
    if (!typed.starts_with("--")) return std::nullopt;
    std::vector<std::string> names{"--help"};
    for (const CLI::App* at : {&app, static_cast<const CLI::App*>(&app_)}) {
      for (const auto* option : at->get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
      }
    }
    if (std::ranges::find(names, typed) != names.end()) return std::nullopt;
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto meant = closest(typed, known);
    return NotRun{misused, complaint(fmt::format("unknown option {}", typed),
                                     meant ? fmt::format("did you mean {}?", *meant)
                                           : fmt::format("see `{} --help`", full_name(app)))};
  }

  static std::string full_name(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
  }

  CLI::App app_;
  std::string socket_ = default_socket;
  bool json_ = false;
  Look look_;
  bool is_confirmed_ = false;
  int patience_ = 30;
  std::deque<Leaf> leaves_;
};

/// Ends of lines are ours; all else may be what somebody typed, or what a daemon quotes.
std::string visible_lines(std::string_view text) {
  std::string lines;
  for (const auto line : std::views::split(text, '\n'))
    lines.append(lines.empty() ? "" : "\n").append(visible(std::string_view(line)));
  return lines;
}

}  // namespace

std::expected<Invocation, NotRun> parse(const std::vector<std::string>& words) { return Parser(words).parse(words); }

std::string complaint(std::string_view detail, std::string_view hint) {
  std::string text = fmt::format("xionctl: {}\n", visible_lines(detail));
  if (!hint.empty()) text += fmt::format("  hint: {}\n", visible_lines(hint));
  return text;
}

}  // namespace xion::cli
