#pragma once
#include <algorithm>
#include <array>
#include <string_view>

#include "core/otp/marks.h"

/// Under which names a data file keeps in `meta` what is of itself and of no other engine.
namespace xion {

/// A row that is written to find out whether the disk takes anything again.
inline constexpr std::string_view probe_key = "probe";
/// There once statistics were counted from the log: from then on they are kept up.
inline constexpr std::string_view stats_key = "stats";
/// There once what the log is searched by was made.
inline constexpr std::string_view searchable_key = "searchable";
/// There once the run index was made.
inline constexpr std::string_view indexed_key = "indexed";
/// The secrets under which what is searched for, and names in the run index, are hashed.
inline constexpr std::string_view hash_key_name = "search_key";
inline constexpr std::string_view index_key_name = "index_key";
/// The number up to which rows of `index_log` are in runs.
inline constexpr std::string_view sealed_log_key = "index_sealed";

constexpr bool is_engines_mark(std::string_view name) {
  constexpr std::array names{schema_key,  formats_key,   probe_key,      stats_key,     searchable_key,
                             indexed_key, hash_key_name, index_key_name, sealed_log_key};
  return std::ranges::find(names, name) != names.end();
}

}  // namespace xion
