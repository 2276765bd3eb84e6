#pragma once
#include <optional>

#include "api/admin/admin.h"
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

// Of the app's policy, which is one command of the catalogue for many settings.
std::optional<Problem> read_countries(Call& call, wire::Value::Object& args);
std::optional<Problem> read_test_phones(Call& call, wire::Value::Object& args);
void show_countries(JsonWriter& json, const AppEntry& app);
void show_test_phones(JsonWriter& json, const AppEntry& app);

/// The body as an object, members that are null left out; `malformed_json` with the position.
std::expected<wire::Value::Object, Problem> body_object(Call& call);

}  // namespace xion::admin
