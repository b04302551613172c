#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "thimble/eval/evaluation.hpp"

namespace thimble {

/// Evaluations under way, each on a thread of its own. Used from one thread, the coordinator's.
/// Going out of scope stops and joins what still runs.
class JobPool {
 public:
  /// An evaluation that asks now and then whether to go on.
  using Job = std::function<Evaluation(const std::function<bool()>& keep_going)>;
  using Finished = std::pair<std::int64_t, Evaluation>;

  /// How long a coordinator waits before it looks at the clock and at the user again.
  static constexpr auto kPatience = std::chrono::milliseconds(100);

  JobPool() = default;
  JobPool(const JobPool&) = delete;
  JobPool& operator=(const JobPool&) = delete;
  ~JobPool() { stop(); }

  /// Starts a job under a number that no running job has. An exception that the job lets out
  /// becomes the evaluation's failure.
  void launch(std::int64_t id, Job job);
  /// Jobs launched and not yet handed out by `wait`.
  std::size_t size() const { return threads_.size(); }
  /// The next finished job; nothing when none finishes in that time.
  std::optional<Finished> wait(std::chrono::milliseconds patience);
  /// Asks all jobs to stop; `wait` hands them out as stopped.
  void stop() { stopping_ = true; }

 private:
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // guards finished_
  std::condition_variable arrived_;
  std::deque<Finished> finished_;
  // Last, so that it is joined while the members above still live.
  std::map<std::int64_t, std::jthread> threads_;
};

}  // namespace thimble
