#pragma once
#include <string>
#include <string_view>

/// The URL of a database, as the server's manual has it (Connection URIs).
namespace xion::config::database_url {

/// Short enough, without what a URL must not have in it, and without a password.
bool is_one_or_empty(std::string_view text);
/// What helps where it isn't.
std::string hint_for(std::string_view text);
bool has_password(std::string_view text);

/// Some of its hosts is another machine.
bool leads_away(std::string_view url);
/// Whose server it is gets checked against a certificate's name.
bool checks_server(std::string_view url);

}  // namespace xion::config::database_url
