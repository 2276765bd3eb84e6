#pragma once
#include <string>
#include <vector>

namespace xion::cli {

/// What a customer is handed over: base URL, keys, the two calls, limits, whom to ask.
struct Welcome {
  std::string app;
  std::string plan;
  std::string base_url;
  std::string live_key, test_key;
  std::string invitation;  ///< A link that works once; empty: none could be made.
  std::string contact;     ///< Whom to ask; empty: nobody was named.
  std::vector<std::string> limits;
};

/// The page as text, and as HTML that loads nothing from elsewhere.
std::string welcome_text(const Welcome& welcome);
std::string welcome_html(const Welcome& welcome);

}  // namespace xion::cli
