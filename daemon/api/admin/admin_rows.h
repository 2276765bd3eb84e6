#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "api/admin/admin_routes.h"
#include "api/call/call.h"
#include "app/owners/owned.h"
#include "wire/catalogue.h"

/// What each call below /v1/admin/ is: a command of the catalogue, for the key's own app and nothing else.
namespace xion::admin {

/// The argument that is the app, whatever the body says.
enum class TakesApp : std::uint8_t {
  no,
  as_app,
  as_name  ///< Of `app set`.
};

struct Row {
  AdminRoute route;
  wire::CommandId command;
  TakesApp takes_app = TakesApp::no;
  std::string_view id_is{};          ///< The argument that `{id}` of the path is.
  std::optional<OwnedKind> owned{};  ///< What `{id}` names; it must be the app's own.
  std::optional<Problem> (*read)(Call& call, wire::Value::Object& args) = nullptr;  ///< Instead of the usual reading.
  void (*show)(JsonWriter& json, const AppEntry& app) = nullptr;  ///< Instead of the command's answer.
};

const Row& row_of(const Call& call);

/// The command's arguments from a body or a query, by the catalogue: `scopes` for `--scope`, `expiresInSeconds` for
/// `--expires`. What the row sets itself, and what only operators may ask for, nobody may give.
std::optional<Problem> read_arguments(Call& call, const Row& row, wire::Value::Object& args);

/// What a command says of its arguments and of other commands, in terms of the API: `--expires` is `expiresInSeconds`,
/// `xionctl key list` is GET /v1/admin/keys. Empty: it names a command that only operators have.
std::string in_terms_of_api(std::string_view text, const Row& row);
/// The field of the body that a refused command is at odds with: whose flag it names, or whose value; empty: none
/// alone.
std::string_view field_at_odds(const Row& row, const wire::Value& args, std::string_view detail, std::string_view hint);
/// The call that is a command; null: none is.
const Row* row_of(std::string_view command);

// Of the app's policy, which is one command of the catalogue for many settings.
std::optional<Problem> read_countries(Call& call, wire::Value::Object& args);
std::optional<Problem> read_test_phones(Call& call, wire::Value::Object& args);
void show_countries(JsonWriter& json, const AppEntry& app);
void show_test_phones(JsonWriter& json, const AppEntry& app);

/// The body as an object, members that are null left out; `malformed_json` with the position.
std::expected<wire::Value::Object, Problem> body_object(Call& call);

}  // namespace xion::admin
