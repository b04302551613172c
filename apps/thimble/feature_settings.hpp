#pragma once

#include <optional>
#include <string>
#include <vector>

#include "settings.hpp"
#include "thimble/data/dataset.hpp"
#include "thimble/features/windows.hpp"
#include "thimble/footprint/budget.hpp"
#include "thimble/frontend/settings.hpp"

namespace thimble::cli {

/// A set as networks take it.
struct NetworkData {
  Dataset dataset;
  /// Of the front end that made its samples out of sound; none: they are as they were read.
  std::optional<frontend::Settings> features;
  /// What recordings were cut into; none: each is a sample as it is.
  std::optional<features::WindowOptions> windows = {};
};

/// Loads `name_or_path` by the settings of the group Data. Sound goes through the front end of
/// --features, whose rate and length of a clip it is read at; `auto` is MFCC for sound in 16 bits
/// and nothing for all else. With --every, recordings are read as --clip has them and samples are
/// windows of them, each as long as the front end's clip. Throws ConfigError for --features that
/// there are not, that the set has no use for, or that contradict --sample-rate, --clip or --every.
NetworkData load_network_data(const std::string& name_or_path, const Settings& settings);

/// The same for a run that goes on: with the front end that it began with, or none.
NetworkData load_network_data(const std::string& name_or_path, const Settings& settings,
                              const std::optional<frontend::Settings>& features);

/// The front end of --features where it is a preset's name or a file; nothing for other names.
std::optional<frontend::Settings> named_front_end(const Settings& settings);

/// `mfcc 49x10, 40 ms each 20 ms, 40 mel bands in 20..4000 Hz, int8 = v / 0.41 + 63`.
std::string describe(const frontend::Settings& features);

/// One line each: what the data is, and what becomes of it before a network sees it.
std::vector<std::string> describe(const NetworkData& data);

/// What a front end takes of a device beside the network. RAM: what it keeps, and its scratch,
/// which is counted in full, for nothing proves that the network's memory may be lent to it. Flash:
/// its tables and its code. The structs of thb_frontend.h included. MACs: its multiplications
/// between two answers of the network: for one clip, from the first sample to the features, or
/// where `settings` has --every, for so many hops and the reading of a window.
Usage front_end_usage(const frontend::Settings& features, const Settings& settings);

}  // namespace thimble::cli
