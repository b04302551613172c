#include "thimble/space/task.hpp"

#include "thimble/core/error.hpp"

namespace thimble {

void check_task(const Task& task) {
  const Shape& input = task.input;
  if (input.height < 1 || input.width < 1 || input.channels < 1) {
    raise<ModelError>("task: input = {}: every side must be at least 1", to_string(input));
  }
  if (task.classes < 2) raise<ModelError>("task: classes = {}: must be at least 2", task.classes);
  if (!(task.dropout >= 0 && task.dropout < 1)) {
    raise<ModelError>("task: dropout = {}: must be at least 0 and below 1", task.dropout);
  }
}

}  // namespace thimble
