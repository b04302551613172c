#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace thimble::features {

struct DetectorOptions {
  /// Answers of so many seconds are averaged, the last one included; 0: that one alone.
  double smooth_s = 0.5;
  /// An average from here on counts, in [0, 1].
  double threshold = 0.7;
  /// After an event nothing counts for so many seconds.
  double suppress_s = 1;
};

/// Something that was heard.
struct Detection {
  double at = 0;  // seconds from the beginning of the stream to the end of the clip
  int label = 0;
  double score = 0;  // the average

  bool operator==(const Detection&) const = default;
};

/// Makes events of a stream of answers: the probability of class i is averaged over the answers k =
/// h … j of the last smooth_s seconds,
///
///     p'_ij = 1 / (j − h + 1) Σ_k p_ik                  [Chen, Parada & Heigold 2014, eq. 2]
///
/// and the class with the largest average (the first of equals) is an event where it is no
/// background, its average reaches the threshold and the last event lies suppress_s back.
class Detector {
 public:
  /// `background`: of each class, whether it stands for nothing that is listened for.
  Detector(const DetectorOptions& options, std::vector<bool> background);

  /// An answer at `at`, which never falls: the probabilities of all classes.
  std::optional<Detection> push(double at, std::span<const float> probabilities);

 private:
  struct Answer {
    double at;
    std::vector<float> probabilities;
  };

  DetectorOptions options_;
  std::vector<bool> background_;
  std::deque<Answer> answers_;  // of the last smooth_s
  std::optional<double> last_;
};

}  // namespace thimble::features
