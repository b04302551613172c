// The names that the choices of a front end have in JSON.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "thimble/frontend/settings.hpp"

namespace thimble::frontend {

template <class E, std::size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

inline constexpr Names<Kind, 4> kKinds = {{{Kind::kRaw, "raw"},
                                           {Kind::kStft, "stft"},
                                           {Kind::kLogMel, "log_mel"},
                                           {Kind::kMfcc, "mfcc"}}};
inline constexpr Names<Window, 3> kWindows = {{{Window::kHann, "hann"},
                                               {Window::kHamming, "hamming"},
                                               {Window::kRectangular, "rectangular"}}};
inline constexpr Names<Level, 2> kLevels = {
    {{Level::kFullScale, "full_scale"}, {Level::kClipMaximum, "clip_maximum"}}};
inline constexpr Names<Spectrum, 2> kSpectra = {
    {{Spectrum::kMagnitude, "magnitude"}, {Spectrum::kPower, "power"}}};
inline constexpr Names<MelScale, 2> kMelScales = {
    {{MelScale::kHtk, "htk"}, {MelScale::kSlaney, "slaney"}}};
inline constexpr Names<MelSlope, 2> kMelSlopes = {
    {{MelSlope::kMel, "mel"}, {MelSlope::kHertz, "hertz"}}};
inline constexpr Names<LogKind, 3> kLogKinds = {
    {{LogKind::kNone, "none"}, {LogKind::kNatural, "natural"}, {LogKind::kDecibel, "decibel"}}};
inline constexpr Names<Rounding, 2> kRoundings = {
    {{Rounding::kNearest, "nearest"}, {Rounding::kTruncate, "truncate"}}};

template <class E, std::size_t N>
std::string_view name_of(const Names<E, N>& names, E value) {
  return std::ranges::find(names, value, &std::pair<E, std::string_view>::first)->second;
}

}  // namespace thimble::frontend
