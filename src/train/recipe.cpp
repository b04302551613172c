#include "thimble/train/recipe.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace thimble {

float learning_rate_at(const Recipe& recipe, double epoch) {
  const double warm_up = std::min(recipe.warm_up_epochs, recipe.epochs / 2.0);
  if (epoch < warm_up) return recipe.learning_rate * static_cast<float>(epoch / warm_up);
  const double done =
      (epoch - warm_up) / (recipe.epochs - warm_up);  // 0..1 of what follows the warm-up
  double share = 1;
  if (recipe.schedule == Schedule::kCosine) {
    share = (1 + std::cos(std::numbers::pi * std::min(done, 1.0))) / 2;
  } else if (recipe.schedule == Schedule::kStep) {
    share = done < 0.5 ? 1.0 : done < 0.75 ? 0.1 : 0.01;
  }
  return recipe.learning_rate * static_cast<float>(share);
}

}  // namespace thimble
