#pragma once

#include <string>

#include "command.hpp"

namespace thimble::cli {

/// The program's own page: what it is and its commands.
std::string program_help();

/// `-h`: one line an option, fits a screen.
std::string short_help(const Command& command);

/// `--help`: options by group with units and defaults, where else values may come from, examples.
std::string long_help(const Command& command);

}  // namespace thimble::cli
