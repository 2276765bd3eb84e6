#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

/// What a row of the catalogue of commands consists of; the rows are in `*_commands.h`.
namespace xion::wire {

/// What somebody at the control socket may do.
enum class Role : std::uint8_t {
  stranger,   ///< Nothing.
  viewer,     ///< Look; whole phone numbers are not shown.
  commander,  ///< All.
};

enum class ArgumentType : std::uint8_t {
  text,
  flag,
  number,  ///< Whole, and not negative.
  texts,
  pairs,  ///< key=value, several; an object of strings on the socket.
};

/// Whom an argument is for.
enum class Side : std::uint8_t {
  both,     ///< `xionctl` takes it and tells the daemon.
  xionctl,  ///< How the answer is shown, or what `xionctl` does itself; the daemon isn't told.
  daemon,   ///< `xionctl` makes it; whoever types a command has no part in it.
};

/// One argument: by its place where the name is plain (`name`), by option where it begins with `--`. On the socket it
/// has the name without the dashes.
struct Argument {
  std::string_view name;
  std::string_view shown;  ///< In the help: "NAME".
  ArgumentType type = ArgumentType::text;
  bool is_required = false;
  std::string_view help;
  std::string_view letter{};   ///< For short: "-n"; empty: none.
  bool is_privileged = false;  ///< Not for those who may only look.
  Side side = Side::both;

  constexpr bool is_option() const { return name.starts_with("--"); }
  constexpr std::string_view wire_name() const { return is_option() ? name.substr(2) : name; }
};

constexpr Argument privileged(Argument argument) {
  argument.is_privileged = true;
  return argument;
}
constexpr Argument only_for(Side side, Argument argument) {
  argument.side = side;
  return argument;
}

/// The arguments of one command, in the order of their places. More than there is room for do not compile.
class Arguments {
 public:
  constexpr Arguments() = default;
  constexpr Arguments(std::initializer_list<Argument> arguments) {
    for (const Argument& argument : arguments) rows_.at(count_++) = argument;
  }
  constexpr const Argument* begin() const { return rows_.data(); }
  constexpr const Argument* end() const { return rows_.data() + count_; }

 private:
  std::array<Argument, 8> rows_{};
  std::size_t count_ = 0;
};

/// Who does what a command says.
enum class Runs : std::uint8_t {
  daemon,   ///< The daemon, and `xionctl` shows its answer.
  xionctl,  ///< `xionctl` alone; no daemon is needed.
  both,     ///< `xionctl`, which asks the daemon for its part.
};

struct CommandEntry {
  std::string_view name;  ///< "key create": noun and verb. "status": the noun alone is the command.
  std::string_view summary;
  Arguments arguments{};
  Role role = Role::commander;  ///< The least that may use it.
  Runs runs = Runs::daemon;
  std::string_view examples{};  ///< Lines, each a command.
  std::string_view note{};      ///< What people should know once it is done.
  std::string_view asks{};      ///< What somebody at a terminal is asked before; empty: nothing.

  constexpr std::string_view noun() const { return name.substr(0, name.find(' ')); }
  /// Empty where the noun alone is the command.
  constexpr std::string_view verb() const {
    const auto space = name.find(' ');
    return space == std::string_view::npos ? std::string_view() : name.substr(space + 1);
  }
};

struct Noun {
  std::string_view name;
  std::string_view summary;
};

namespace rows {

using enum ArgumentType;
/// For a command that changes nothing.
inline constexpr Role looks = Role::viewer;

// Arguments that several nouns have.
/// Whole phone numbers are for those who may do everything.
inline constexpr Argument reveal = privileged({"--reveal", "", flag, false, "Show the whole phone number"});
inline constexpr Argument limit{"--limit", "N", number, false, "At most so many (default: 20)"};
inline constexpr Argument only_app{"--app", "APP", text, false, "Of this app alone (default: all apps)"};
inline constexpr Argument name_of_app{"app", "APP", text, true, "The app's name"};

}  // namespace rows
}  // namespace xion::wire
