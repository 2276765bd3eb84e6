#include "cli/completion.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "cli/connection.h"
#include "cli/parse.h"
#include "config/config.h"

namespace xion::cli {
namespace {

constexpr std::string_view usual_socket = "/run/xionid/control.sock";

constexpr std::string_view bash_script =
    R"sh(# bash completion for xionctl: /usr/share/bash-completion/completions/xionctl
_xionctl() {
  local IFS=$'\n'
  COMPREPLY=($(xionctl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _xionctl xionctl
)sh";
constexpr std::string_view zsh_script = R"sh(#compdef xionctl
# zsh completion for xionctl: /usr/share/zsh/vendor-completions/_xionctl
_xionctl() {
  local -a found
  local line
  for line in ${(f)"$(xionctl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  if (( $#found )); then _describe xionctl found; else _files; fi
}
compdef _xionctl xionctl
)sh";
constexpr std::string_view fish_script =
    R"sh(# fish completion for xionctl: /usr/share/fish/vendor_completions.d/xionctl.fish
complete -c xionctl -f -a '(xionctl __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
)sh";

struct Script {
  std::string_view shell;
  std::string_view text;
};
constexpr Script scripts[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

/// Where the names that an argument takes come from.
struct Source {
  std::string_view argument;  ///< As the help shows it: "APP".
  std::string_view noun;      ///< Only of this noun; empty: of any.
  wire::CommandId command;    ///< Asked of the daemon.
  std::string_view field;     ///< Of the answer's objects.
};
constexpr Source sources[] = {
    {"APP", "", "app list", "name"},
    {"NAME", "app", "app list", "name"},
    {"NAME", "carrier", "carrier list", "name"},
    {"CARRIER", "", "carrier list", "name"},
    {"ID", "key", "key list", "id"},
    {"ID", "webhook", "webhook list", "id"},
    {"NAME", "template", "template list", "name"},
    {"ID", "otp", "otp list", "requestId"},
    {"ID|PHONE", "otp", "otp list", "requestId"},
    {"REQUEST", "", "otp list", "requestId"},
    {"ID", "dashboard", "dashboard sessions", "id"},
    {"SUBJECT", "block", "block list", "value"},
    {"SUBJECT", "allow", "allow list", "value"},
};
struct Words {
  std::string_view argument;
  std::array<std::string_view, 10> words;
};
constexpr Words fixed_words[] = {
    {"SHELL", {"bash", "zsh", "fish"}},
    {"LEVEL", {"debug", "info", "warning", "error"}},
    {"PLAN", {"starter", "growth", "custom"}},
    {"WHAT", {"app", "day", "country", "route", "error", "blocked"}},
    {"SCOPE",
     {"otp:send", "otp:verify", "otp:read", "stats:read", "pii:read", "admin:keys", "admin:templates", "admin:webhooks",
      "admin:lists", "admin:policy"}},
};

/// A command line as far as it is written.
struct Line {
  std::vector<std::string> plain;  ///< Without options and their values.
  std::string socket{usual_socket};
  std::string option;  ///< Whose value is being written; empty: none.
  std::string begun;   ///< The last word.
};

const wire::Argument* option_named(const wire::CommandEntry* command, std::string_view name) {
  if (command == nullptr || name.empty()) return nullptr;
  const auto is_named = [&](const wire::Argument& argument) {
    return argument.name == name || argument.letter == name;
  };
  const auto* const found = std::ranges::find_if(command->arguments, is_named);
  return found == command->arguments.end() ? nullptr : found;
}

/// A verb before the noun by itself, where a noun is a command, too.
const wire::CommandEntry* command_of(const std::vector<std::string>& plain) {
  const wire::CommandEntry* found = nullptr;
  for (const wire::CommandEntry& command : wire::catalogue) {
    if (plain.empty() || command.noun() != plain[0]) continue;
    if (plain.size() > 1 && command.verb() == plain[1]) return &command;
    if (command.verb().empty()) found = &command;
  }
  return found;
}

bool has_verbs(std::string_view noun) {
  return std::ranges::any_of(wire::catalogue, [&](const wire::CommandEntry& command) {
    return command.noun() == noun && !command.verb().empty();
  });
}

Line read_line(const std::vector<std::string>& words) {
  Line line;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    line.option.clear();
    if (!words[i].starts_with("-") || words[i] == "-") {
      line.plain.push_back(words[i]);
      continue;
    }
    const wire::Argument* option = option_named(command_of(line.plain), words[i]);
    const bool takes_value = words[i] == "--socket" || words[i] == "--config" || words[i] == "--columns" ||
                             words[i] == "--sort" || words[i] == "--time-limit" ||
                             (option != nullptr && option->type != wire::ArgumentType::flag);
    if (!takes_value) continue;
    line.option = words[i];
    if (i + 2 < words.size()) {
      ++i;
      if (line.option == "--socket") line.socket = words[i];
      line.option.clear();
    }
  }
  if (!words.empty()) line.begun = words.back();
  return line;
}

void add_values(std::vector<Candidate>& found, const wire::Argument& argument, const wire::CommandEntry& command,
                const Line& line, const AskList& ask_list) {
  for (const Words& fixed : fixed_words) {
    if (fixed.argument != argument.shown) continue;
    for (const auto word : fixed.words) {
      if (!word.empty()) found.push_back({std::string(word), {}});
    }
  }
  if (argument.type == wire::ArgumentType::pairs) {  // KEY=VALUE: what an app may have its own value of.
    for (const KnownKey& key : every_key()) {
      if (!key.name_of_app.empty()) found.push_back({std::string(key.name_of_app) + "=", {}});
    }
    found.push_back({"plan=", {}});
  }
  for (const Source& source : sources) {
    if (source.argument != argument.shown || (!source.noun.empty() && source.noun != command.noun())) continue;
    for (const wire::Value& each : ask_list(line.socket, source.command->name)) {
      const wire::Value* name = each.find(source.field);
      const wire::Value* state = each.find("state");
      if (name == nullptr || name->text() == nullptr) continue;
      found.push_back({*name->text(), state != nullptr && state->text() != nullptr ? *state->text() : std::string()});
    }
  }
}

std::vector<Candidate> all_candidates(const Line& line, const AskList& ask_list) {
  std::vector<Candidate> found;
  const wire::CommandEntry* command = command_of(line.plain);
  if (const wire::Argument* option = option_named(command, line.option); option != nullptr) {
    add_values(found, *option, *command, line, ask_list);
    return found;
  }
  if (!line.option.empty()) return found;  // A path: the shell's own matter.
  if (line.begun.starts_with("-")) {
    if (command != nullptr) {
      for (const wire::Argument& argument : command->arguments) {
        if (argument.is_option()) found.push_back({std::string(argument.name), std::string(argument.help)});
      }
    }
    for (const auto* global :
         {"--json", "--socket", "--wide", "--columns", "--sort", "--yes", "--time-limit", "--help"})
      found.push_back({global, {}});
    return found;
  }
  if (line.plain.empty()) {
    for (const wire::Noun& noun : wire::nouns) found.push_back({std::string(noun.name), std::string(noun.summary)});
    return found;
  }
  if (line.plain.size() == 1 && has_verbs(line.plain[0])) {
    for (const wire::CommandEntry& each : wire::catalogue) {
      if (each.noun() == line.plain[0] && !each.verb().empty())
        found.push_back({std::string(each.verb()), std::string(each.summary)});
    }
    return found;
  }
  if (command == nullptr) return found;
  std::size_t place = line.plain.size() - (command->verb().empty() ? 1 : 2);
  for (const wire::Argument& argument : command->arguments) {
    if (argument.is_option() || argument.side == wire::Side::daemon) continue;
    if (place-- == 0) add_values(found, argument, *command, line, ask_list);
  }
  return found;
}

wire::Value::Array list_of_daemon(const std::string& socket, std::string_view command) {
  const auto line = ask(socket, wire::encode(wire::Request{.command = std::string(command)}));
  if (!line) return {};
  const auto answer = wire::decode_answer(*line);
  if (!answer || !answer->ok) return {};
  const auto result = wire::parse_json(answer->result);
  return result && result->array() != nullptr ? *result->array() : wire::Value::Array{};
}

}  // namespace

std::vector<Candidate> candidates(const std::vector<std::string>& words, const AskList& ask_list) {
  const Line line = read_line(words);
  std::vector<Candidate> found = all_candidates(line, ask_list);
  std::erase_if(found, [&](const Candidate& candidate) { return !candidate.text.starts_with(line.begun); });
  return found;
}

ExitCode complete(const std::vector<std::string>& words) {
  for (const auto& [text, description] : candidates(words, list_of_daemon)) fmt::print("{}\t{}\n", text, description);
  return done;
}

ExitCode print_completion(const Invocation& wanted) {
  const std::string shell = wanted.text("shell", "");
  for (const Script& script : scripts) {
    if (script.shell != shell) continue;
    fmt::print("{}", script.text);
    return done;
  }
  fmt::print(stderr, "{}", complaint(fmt::format("there is no completion for {}", shell), "shells: bash zsh fish"));
  return misused;
}

}  // namespace xion::cli
