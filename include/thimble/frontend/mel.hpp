#pragma once

#include <span>
#include <vector>

#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

double hertz_to_mel(double hertz, MelScale scale);
double mel_to_hertz(double mel, MelScale scale);

/// Triangular bands whose edges f_0 … f_(bands + 1) are evenly spaced in mel: band b rises from f_b
/// to f_(b+1) and falls to f_(b+2). So between two edges one band falls as the next one rises, and
/// a bin there needs one number: how far it has come.
struct MelBank {
  /// [bands + 2]: the first bin at or above each edge. Interval j is the bins
  /// first_bin[j] … first_bin[j + 1] − 1; they rise in band j and fall in band j − 1.
  std::vector<int> first_bin;
  /// For the bins from first_bin[0] on: the weight in the band that rises, in [0, 1); in the one
  /// that falls it is 1 less this.
  std::vector<double> rise;
  /// [bands]: what each band is multiplied by.
  std::vector<double> gain;
};

/// The bank over the bins() of a spectrum. Needs settings whose limits make sense.
MelBank mel_bank(const Settings& settings);

/// Whether every weight of a band is 0.
bool is_empty(const MelBank& bank, int band);

/// `spectrum` [bins] → [bands].
std::vector<double> band_energies(const MelBank& bank, std::span<const double> spectrum);

}  // namespace thimble::frontend
