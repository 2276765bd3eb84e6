#include "preflight/unit_facts.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "base/trim.h"

namespace xion {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view unit_name = "xiond.service";

struct Unit {
  UnitFacts facts;
  std::string starts;  ///< The last ExecStart=.
};

std::optional<std::uint64_t> limit_of(std::string_view text) {
  text = text.substr(text.find(':') == std::string_view::npos ? 0 : text.find(':') + 1);  // soft:hard
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

void take_line(std::string_view line, Unit& unit) {
  const std::size_t sign = line.find('=');
  if (sign == std::string_view::npos || line.starts_with('#') || line.starts_with(';')) return;
  const std::string_view key = trimmed(line.substr(0, sign)), value = trimmed(line.substr(sign + 1));
  UnitFacts& facts = unit.facts;
  if (key == "ExecStart") unit.starts = value;
  if (key == "User") facts.user = value;
  if (key == "LimitNOFILE") facts.open_files = limit_of(value);
  if (key == "RuntimeDirectory") facts.has_runtime_directory = !value.empty();
  if (key == "AmbientCapabilities")
    facts.may_use_low_ports = value.find("CAP_NET_BIND_SERVICE") != std::string_view::npos;
  if (key != "LoadCredential") return;
  if (value.empty()) return facts.credentials.clear();  // An empty one takes the earlier ones back.
  const std::size_t colon = value.find(':');
  const std::string name(value.substr(0, colon));
  facts.credentials[name] = colon == std::string_view::npos ? name : std::string(value.substr(colon + 1));
}

void take_file(const fs::path& file, Unit& unit) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) take_line(trimmed(line), unit);
}

}  // namespace

std::vector<std::string> unit_folders() {
  return {"/usr/lib/systemd/system", "/usr/local/lib/systemd/system", "/run/systemd/system", "/etc/systemd/system"};
}

std::optional<UnitFacts> unit_facts(const std::string& config_path, const std::vector<std::string>& folders) {
  Unit unit;
  std::error_code ignored;
  fs::path strongest;
  std::vector<fs::path> additions;
  for (const std::string& folder : folders) {
    if (const fs::path file = fs::path(folder) / unit_name; fs::exists(file, ignored)) strongest = file;
    for (const auto& entry : fs::directory_iterator(fs::path(folder) / (std::string(unit_name) + ".d"), ignored)) {
      if (entry.path().extension() == ".conf") additions.push_back(entry.path());
    }
  }
  if (strongest.empty()) return std::nullopt;
  take_file(strongest, unit);
  std::ranges::sort(additions, {}, [](const fs::path& path) { return path.filename(); });
  for (const fs::path& file : additions) take_file(file, unit);
  // A check of a file that no unit starts with is judged as whoever asks would start it.
  const std::string named = fs::weakly_canonical(config_path, ignored).string();
  const bool is_ours =
      unit.starts.find(named) != std::string::npos || unit.starts.find(config_path) != std::string::npos;
  return is_ours ? std::optional(std::move(unit.facts)) : std::nullopt;
}

}  // namespace xion
