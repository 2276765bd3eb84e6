#include <algorithm>
#include <cctype>
#include <utility>

#include "config/database_url.h"
#include "config/files.h"
#include "config/forms.h"
#include "config/schema.h"

namespace xion::config {
namespace {

using enum Takes;

constexpr Form database_url_form{"a URL such as postgresql://user@host/database, without a password",
                                 database_url::is_one_or_empty, database_url::hint_for};

/// What has a password in it is not shown.
Rule<StoreSettings> url_of_database() {
  Rule<StoreSettings> rule = text(&StoreSettings::url, database_url_form);
  rule.read = [read = std::move(rule.read)](const Place& place, StoreSettings& store) {
    const auto* value = place.node.as_string();
    const bool is_secret = value != nullptr && database_url::has_password(value->get());
    read(Place{place.node, place.path, place.reading, is_secret}, store);
  };
  return rule;
}

/// What needs no quotes in SQL.
bool is_schema_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && text.size() <= 63 && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}
constexpr Form schema_form{"1–63 small letters, digits and _, beginning with a letter", is_schema_name};

/// Longer than any that is used, with room to spare. Octets.
constexpr std::size_t password_octets_max = 1'024;

void take_database_password(const Place& place, std::string text, Secret& password) {
  if (text.size() > password_octets_max || text.find_first_of(std::string_view("\0\n\r", 3)) != std::string::npos)
    return place.error("expected one line with the password", "the file holds the password and nothing else");
  if (text.empty()) return place.error("the password is empty", "leave password_file out where the database asks none");
  password = Secret(std::move(text));
}

}  // namespace

const Keys<StoreSettings>& store_keys() {
  static const Keys<StoreSettings> keys{
      {"engine",
       word(&StoreSettings::engine,
            std::vector<std::pair<std::string_view, StoreEngine>>{{"lmdb", StoreEngine::lmdb},
                                                                  {"postgresql", StoreEngine::postgresql}}),
       "What requests are kept in: a data file of this machine, or a PostgreSQL database.", next_start},
      {"url", url_of_database(), "The database: every host, the user, the database's name.", next_start},
      {"password_file", secret_file_of(&StoreSettings::password, take_database_password),
       "File of the database user's password: a credential, or beside this file.", next_start},
      {"schema", text(&StoreSettings::schema, schema_form), "The schema that the tables are in.", next_start},
      {"create", truth(&StoreSettings::create), "Whether xiond makes and completes the tables when it starts.",
       next_start},
      {"durability",
       word(&StoreSettings::durability,
            std::vector<std::pair<std::string_view, Durability>>{{"synchronous", Durability::synchronous},
                                                                 {"engine", Durability::engine},
                                                                 {"asynchronous", Durability::asynchronous}}),
       "Who vouches that what was kept outlives the database's machine.", next_start},
  };
  return keys;
}

}  // namespace xion::config
