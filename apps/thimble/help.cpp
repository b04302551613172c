#include "help.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace thimble::cli {
namespace {

std::string usage(const Command& command) {
  return fmt::format("usage: thimble {}{}{} [options]\n", command.name,
                     command.argument.empty() ? "" : " ", command.argument);
}

std::string flag_and_argument(const Option& option) {
  return fmt::format("--{}{}{}", option.name, option.argument.empty() ? "" : " ", option.argument);
}

}  // namespace

std::string program_help() {
  std::string text =
      "thimble finds, trains and ships neural networks that fit a microcontroller.\n\n"
      "usage: thimble COMMAND [options]\n\n";
  for (const Command& command : commands()) {
    text += fmt::format("  {:<11} {}\n", command.name, command.summary);
  }
  text +=
      "\nthimble COMMAND -h shows a command's options, --help all about them.\n"
      "Exit codes: 0 done, 1 nothing fits the budget, 2 bad input, 3 a verification failed, 130 "
      "interrupted.\n";
  return text;
}

std::string short_help(const Command& command) {
  std::string text = fmt::format("{}{}\n\n", usage(command), command.summary);
  for (const Option& option : command.options) {
    text += fmt::format("  {:<22} {}\n", flag_and_argument(option), option.help);
  }
  return text;
}

std::string long_help(const Command& command) {
  std::string text = fmt::format("{}{}\n", usage(command), command.summary);
  std::string group;
  for (const Option& option : command.options) {
    if (option.group != group) text += fmt::format("\n{}:\n", group = option.group);
    text += fmt::format("  {:<22} {}", flag_and_argument(option), option.help);
    if (!option.fallback.empty()) text += fmt::format(" [{}]", option.fallback);
    text += '\n';
  }
  text +=
      "\nIn [ ] the default. Sizes: 64KiB (x1024), 64KB (x1000), 65536; MACs: 1.1M; times: 50ms, "
      "20m, 1.5h.\n"
      "A flag beats the environment (--ram: THIMBLE_RAM)";
  const bool configurable =
      std::ranges::any_of(command.options, [](const Option& o) { return o.name == "data"; });
  text +=
      configurable ? ", which beats the keys of --config FILE.toml (ram = \"20KiB\").\n" : ".\n";
  text += "\nexamples:\n";
  for (const std::string& example : command.examples) text += fmt::format("  {}\n", example);
  return text;
}

}  // namespace thimble::cli
