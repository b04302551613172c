#pragma once

#include <string>
#include <string_view>

#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

/// Two C99 files that hold a front end for runtime/thb_frontend.h.
struct CTables {
  std::string
      header;  // NAME.h: `extern const thb_frontend_settings NAME;` and what memory it needs
  std::string source;  // NAME.c: the tables
};

/// `name` becomes a C identifier and the stem of the files: letters, digits and underscores, no
/// digit first. Throws ConfigError for another name and as `check` does.
CTables c_tables(const Settings& settings, std::string_view name);

}  // namespace thimble::frontend
