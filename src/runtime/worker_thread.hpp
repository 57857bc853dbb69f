// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "runtime/worker.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

/// A thread that runs one worker: works while there is work, looks a little longer, then parks.
class WorkerThread final {
 public:
  WorkerThread(Worker& worker, Clock& clock, const WorkerOptions& options, std::string name);
  /// Stops and joins.
  ~WorkerThread();

 private:
  void run(const std::string& name);
  void wait();

  Worker& worker_;
  Clock& clock_;
  const WorkerOptions options_;
  std::atomic<bool> is_stopped_{false};
  std::thread thread_;
};

}  // namespace weir::inline v0::detail
