// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "graph/plan.hpp"
#include "job/checkpoint_backend.hpp"
#include "job/restart_policy.hpp"
#include "runtime/attempt.hpp"
#include "runtime/event_queue.hpp"
#include "runtime/worker_thread.hpp"
#include "weir/job.hpp"

namespace weir::inline v0::detail {

/// The life of a job: attempts one after the other, each on threads of its own.
///
/// The control thread is the coordinator of each attempt. What the host calls is turned into
/// events of that thread, or reads a status that it publishes.
class JobControl final {
 public:
  JobControl(Graph graph, JobOptions options);
  ~JobControl();

  void start();
  void wait();
  bool wait_for(Duration at_most);
  void stop();
  void finish();
  void cancel();
  void savepoint(const std::string& name);

  JobStatus status() const;
  JobProgress progress() const;
  Metrics metrics() const;
  const JobOptions& options() const noexcept { return options_; }

 private:
  enum class Wish : std::uint8_t { none, stop, finish, cancel };

  void run();
  /// One attempt. Returns whether another one follows.
  bool run_attempt();
  bool open(Attempt& attempt);
  void stand_by(const std::string& what);
  void run_events(Attempt& attempt, const std::string& timeline);
  void leave(const Attempt& attempt);
  void drop_events();
  bool on_hand_over();
  bool on_attempt_end(std::optional<Ending> ending, std::exception_ptr error);
  void wait_before_restart();
  void obey(Wish wish, Attempt& attempt);
  void wish(Wish wish);
  void start_savepoint(const std::string& name, const std::shared_ptr<std::promise<void>>& done);
  void publish_state(JobState state);
  void publish_status(const Attempt& attempt);
  AttemptServices services(SerialExecutor& storage, CheckpointDriver& checkpoints);

  const Graph graph_;
  const JobOptions options_;
  const std::shared_ptr<Clock> clock_;
  const std::shared_ptr<FileSystem> files_;
  const Log log_;
  Plan plan_;  // Changed by attempts as they open; nobody else looks then.
  const std::unique_ptr<CheckpointBackend> backend_;
  RestartPolicy restart_;

  EventQueue events_;
  std::thread thread_;
  std::atomic<Wish> wish_{Wish::none};
  Wish obeyed_ = Wish::none;      // The control thread's.
  std::optional<Ending> ending_;  // Of the current attempt; the control thread's.
  std::exception_ptr attempt_error_;
  Duration restart_delay_{0};

  mutable std::mutex mutex_;  // Guards what follows; held for no call but those of metrics().
  std::condition_variable changed_;
  JobStatus status_;
  std::exception_ptr error_;
  bool is_started_ = false;
  bool has_ended_ = false;
  Attempt* attempt_ = nullptr;
  Metrics last_metrics_;  // Of the last attempt, when it had ended; so is the next.
  JobProgress last_progress_;
};

}  // namespace weir::inline v0::detail
