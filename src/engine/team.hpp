#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace thimble::engine {

/// Threads that do one thing together, again and again: the caller and its helpers. Waiting for
/// each other they spin a little before they sleep, for a step of training has some fifty meetings
/// within milliseconds.
class Team {
 public:
  /// Starts `size` − 1 helpers.
  explicit Team(int size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return size_; }

  /// Calls work(member) for each member, 0 on the calling thread; returns when all are done.
  void run(const std::function<void(int)>& work);

  /// Within `run`: returns when all members have called it.
  void meet();

 private:
  void help(int member);

  int size_;
  std::atomic<int> arrived_ = 0;
  std::atomic<unsigned> meetings_ = 0;
  const std::function<void(int)>* work_ = nullptr;  // null: go home
  std::vector<std::jthread> helpers_;
};

}  // namespace thimble::engine
