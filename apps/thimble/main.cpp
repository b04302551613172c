#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <string>
#include <vector>

#include "command.hpp"
#include "help.hpp"
#include "terminal.hpp"
#include "thimble/core/text.hpp"

namespace thimble::cli {
namespace {

/// The parser's complaint about the command line as ours, with the nearest flag for a misspelt one.
[[noreturn]] void reject_arguments(const Command& command, const CLI::App& parser,
                                   const CLI::ParseError& error) {
  const std::vector<std::string> strays = parser.remaining();
  if (strays.empty()) raise<ConfigError>("thimble {}: {}", command.name, error.what());
  std::vector<std::string> flags{"--help", "--config"};
  for (const Option& option : command.options) flags.push_back("--" + option.name);
  const std::string stray = strays.front().substr(0, strays.front().find('='));
  raise<ConfigError>("thimble {}: {}: is no option{}; see thimble {} -h", command.name, stray,
                     did_you_mean(stray, flags), command.name);
}

int run_command(const Command& command, std::vector<std::string> arguments) {
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_extras(false);
  Settings::Values flags;
  std::string config;
  std::string argument;
  parser.add_option("--config", config);
  for (const Option& option : command.options) {
    const std::string name = option.name == "out" ? "-o,--out" : "--" + option.name;
    if (option.is_switch) {
      parser.add_flag_callback(name, [&flags, &option] { flags[option.name] = "true"; });
    } else {
      parser.add_option_function<std::string>(
          name, [&flags, &option](const std::string& value) { flags[option.name] = value; });
    }
  }
  if (!command.argument.empty()) {
    auto* positional = parser.add_option("argument", argument);
    if (command.argument.front() != '[') positional->required();
  }
  if (!command.second.empty()) {
    parser.add_option_function<std::string>(
        "second", [&](const std::string& value) { flags[command.second] = value; });
  }
  try {
    std::ranges::reverse(arguments);  // the parser takes them from the back
    parser.parse(arguments);
  } catch (const CLI::RequiredError&) {
    raise<ConfigError>("thimble {}: {} is missing; see thimble {} -h", command.name,
                       command.argument, command.name);
  } catch (const CLI::ParseError& error) {
    reject_arguments(command, parser, error);
  }
  return command.run(Settings(command.options, std::move(flags), config), argument);
}

int run(std::vector<std::string> arguments) {
  if (arguments.empty()) {
    say(program_help());
    return kBadInput;
  }
  const std::string name = arguments.front();
  arguments.erase(arguments.begin());
  if (name == "-h" || name == "--help" || name == "help") {
    print(program_help());
    return kDone;
  }
  if (name == "--version") {
    print("thimble " THIMBLE_VERSION "\n");
    return kDone;
  }
  const auto& all = commands();
  const auto command = std::ranges::find(all, name, &Command::name);
  if (command == all.end()) {
    std::vector<std::string> names;
    for (const Command& known : all) names.push_back(known.name);
    raise<ConfigError>("thimble: {}: is no command{}; see thimble --help", name,
                       did_you_mean(name, names));
  }
  if (std::ranges::find(arguments, "--help") != arguments.end()) {
    print(long_help(*command));
    return kDone;
  }
  if (std::ranges::find(arguments, "-h") != arguments.end()) {
    print(short_help(*command));
    return kDone;
  }
  return run_command(*command, std::move(arguments));
}

}  // namespace
}  // namespace thimble::cli

int main(int argc, char** argv) {
  try {
    return thimble::cli::run({argv + 1, argv + argc});
  } catch (const thimble::Error& error) {
    thimble::cli::say(error.what());
  } catch (const std::bad_alloc&) {
    thimble::cli::say(
        "thimble: memory: there is not enough: use fewer --jobs or a smaller --batch");
  } catch (const std::exception& error) {
    thimble::cli::say(std::string("thimble: ") + error.what());
  }
  return thimble::cli::kBadInput;
}
