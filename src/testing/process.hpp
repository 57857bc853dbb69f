// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "graph/plan.hpp"
#include "job/checkpoint_backend.hpp"
#include "runtime/attempt.hpp"
#include "runtime/checkpoint_driver.hpp"
#include "runtime/executor.hpp"
#include "weir/job_options.hpp"
#include "weir/random.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0::testing {

/// One process that runs a job: what `Job` does with threads, on the caller's thread, one step at a
/// time, in an order that only the seed decides.
class Process final {
 public:
  struct Options {
    JobOptions job;
    std::uint64_t seed = 1;
    /// Who steps next is drawn; else everybody has a turn, one after the other.
    bool is_random = false;
    /// How often the storage thread misses its turn, when turns are drawn.
    double slow_storage = 0;
  };

  /// Throws ConfigError with everything that a Job would find wrong.
  Process(const Topology& topology, Options options);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// Opens an attempt, as a job does at its start and after a failure in place. What fails is the
  /// attempt's error(). Who waits for something before that tries again with each step().
  void start();
  /// Ends the attempt, whatever it is doing, as a failure does.
  void drop();
  /// One bounded piece of work of one part of the process. Returns whether anything was done. After
  /// a hand-over that is the start of the next attempt.
  bool step();
  /// The same of one part: 0 the coordinator, 1 the storage thread, 2 the background, then the
  /// workers.
  bool step_actor(std::size_t actor);
  std::size_t actor_count() const;
  /// Steps until nothing moves. Throws Error with the status after too many steps.
  void settle();

  bool is_running() const noexcept { return attempt_ != nullptr && (!ending_ || is_handed_over()); }
  /// What is waited for before the attempt can be opened; empty: it is open.
  const std::string& standby() const noexcept { return standby_; }
  std::uint32_t hand_over_count() const noexcept { return hand_over_count_; }
  const std::optional<detail::Ending>& ending() const noexcept { return ending_; }
  const std::exception_ptr& error() const noexcept { return error_; }
  detail::Attempt& attempt() { return *attempt_; }
  const detail::Graph& graph() const noexcept { return graph_; }
  /// When a worker has something to do by the clock alone.
  std::optional<EventTime> next_wake() const;
  /// What it waits for, in words.
  std::string status() const;
  void set_workers(std::uint32_t workers) { options_.job.workers = workers; }
  const JobOptions& job() const noexcept { return options_.job; }

 private:
  void make_attempt();
  bool open_attempt();
  bool is_handed_over() const noexcept { return ending_ == detail::Ending::handed_over; }
  void fail(std::exception_ptr error);
  bool step_coordinator();
  bool step_storage();
  detail::AttemptServices services();

  Options options_;
  Random random_;
  detail::Graph graph_;
  const Log log_;
  detail::Plan plan_;
  detail::CheckpointBackend backend_;

  // Of the attempt at hand; destroyed in reverse.
  std::unique_ptr<detail::SteppedExecutor> background_;
  std::unique_ptr<detail::CheckpointDriver> checkpoints_;
  std::unique_ptr<detail::SteppedExecutor> coordinator_;
  std::unique_ptr<detail::SteppedExecutor> storage_thread_;
  std::unique_ptr<detail::Attempt> attempt_;
  std::optional<detail::Ending> ending_;
  std::exception_ptr error_;
  std::string standby_;
  std::uint32_t hand_over_count_ = 0;
  std::size_t next_actor_ = 0;
};

}  // namespace weir::inline v0::testing
