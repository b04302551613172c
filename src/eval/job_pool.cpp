#include "thimble/eval/job_pool.hpp"

#include "thimble/core/error.hpp"

namespace thimble {

void JobPool::launch(std::int64_t id, Job job) {
  THIMBLE_ASSERT(!threads_.contains(id));
  threads_.emplace(id, [this, id, job = std::move(job)] {
    Evaluation evaluation;
    try {
      evaluation = job([this] { return !stopping_; });
    } catch (const std::exception& error) {
      evaluation.failure = error.what();
    }
    const std::lock_guard lock(mutex_);
    finished_.emplace_back(id, std::move(evaluation));
    arrived_.notify_one();
  });
}

std::optional<JobPool::Finished> JobPool::wait(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (!arrived_.wait_for(lock, patience, [this] { return !finished_.empty(); }))
    return std::nullopt;
  Finished first = std::move(finished_.front());
  finished_.pop_front();
  lock.unlock();
  threads_.erase(first.first);
  return first;
}

}  // namespace thimble
