#pragma once
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace xion::test {

/// A folder for the files of one test, gone with it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "xionid-config-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    write("pw", "secret\n");
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  /// Writes a file, readable by its owner alone, and gives its path.
  std::string write(const std::string& name, std::string_view text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    ::chmod(file.c_str(), 0600);
    return file.string();
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  Loaded load(std::string_view text) const { return load_config(write("xionid.toml", text)); }

  /// What is wrong with a text, as lines without the folder. What every test here would show (no key, no carrier, no
  /// route for it) is left out.
  std::vector<std::string> complaints(std::string_view text) const { return complaints(load(text)); }
  std::vector<std::string> complaints(const Loaded& loaded) const {
    std::vector<std::string> lines;
    for (const Finding& finding : loaded.findings) {
      const bool is_expected =
          finding.message.starts_with("the master key is missing") || finding.message.starts_with("no [[carrier]]") ||
          finding.message.contains("\" without tls: ") || finding.message.ends_with("no route uses it");
      if (!is_expected) lines.push_back(without_folder(format_finding(finding, false)));
    }
    return lines;
  }
  std::string without_folder(std::string line) const {
    const std::string prefix = path_.string() + "/";
    for (std::size_t at = line.find(prefix); at != std::string::npos; at = line.find(prefix))
      line.erase(at, prefix.size());
    return line;
  }

 private:
  std::filesystem::path path_;
};

/// A carrier's block in which everything is right, on four lines.
inline std::string carrier_named(const std::string& name) {
  return "[[carrier]]\nname = \"" + name +
         "\"\naddress = \"smsc.example.net:2775\"\nsystem_id = \"xion\"\npassword_file = \"pw\"\n";
}

}  // namespace xion::test
