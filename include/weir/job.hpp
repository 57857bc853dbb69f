// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "weir/export.hpp"
#include "weir/job_options.hpp"
#include "weir/metrics.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0 {

/// Where a job is in its life.
enum class JobState : std::uint8_t {
  created,
  starting,  ///< Restoring state, opening sources and sinks.
  standby,   ///< Waiting for a part of the input that it may read.
  running,
  stopping,    ///< stop() or finish() is under way.
  restarting,  ///< An attempt failed; the next one follows.
  stopped,     ///< stop(): checkpointed, can be started again by a new Job.
  finished,    ///< All bounded input was read, or finish(): everything fired and committed.
  cancelled,   ///< cancel(), or the destructor: nothing was committed.
  failed,      ///< The error is rethrown by wait() and run().
};

/// A job as an operator of the system sees it.
struct JobStatus {
  JobState state = JobState::created;
  /// What it waits for, in words: "checkpoint 7: waiting for shard counts/3"; empty: nothing.
  std::string waiting_for;
  /// The last error of a failed attempt; empty: none.
  std::string last_error;
  std::uint32_t attempts = 0;         ///< Started so far.
  std::string timeline;               ///< Of the current attempt.
  std::uint64_t last_checkpoint = 0;  ///< Number of the last committed one; 0: none.
  /// Why the input was last handed over to be read by other processes, or by others anew; empty: it
  /// never was.
  std::string last_hand_over;
  bool is_waiting_for_commit = false;  ///< Sources stopped: too much uncommitted state.
  bool is_over_budget = false;         ///< In-memory state is above the memory budget.
};

/// How far a job is, cheap enough to be asked for often.
struct JobProgress {
  std::uint64_t records = 0;  ///< Read from all sources since the start of the attempt.
  EventTime watermark = EventTime::min();  ///< The lowest of all shards.
  std::uint64_t last_checkpoint = 0;
};

namespace detail {
class JobControl;
}

/// A topology that runs in this process.
///
///     weir::Job job{std::move(topology), {.workers = 2}};
///     job.start();
///     job.stop();   // takes a checkpoint, commits, keeps the state
///
/// Nothing of the host is touched: no signal handler, no global logger, no exit. Several jobs may
/// run in one process. Thread safety: every function from any thread; none from inside user code
/// of the same job, but for status(), progress() and metrics().
class WEIR_API Job final {
 public:
  /// Checks topology and options as a whole. Throws ConfigError with all faults.
  explicit Job(Topology topology, JobOptions options = {});
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  /// cancel(), with what that swallowed in the log.
  ~Job();

  /// Starts the threads and returns. Throws Error when called twice.
  void start();
  /// start(), then wait().
  void run();
  /// The same; stop() when a stop is requested.
  void run(std::stop_token stop_token);
  /// Waits until the job has ended, and rethrows the error of a failed one.
  void wait();
  /// Waits at most so long. Returns whether the job has ended.
  bool wait_for(Duration at_most);

  /// Stops reading, takes a checkpoint, commits, keeps the state; no watermark moves. Without
  /// checkpoints, what was read is processed and handed to sinks. Returns whether the job ended
  /// within `stop_timeout`; else it goes on stopping.
  bool stop();
  /// Ends time: fires everything, commits, marks the state finished.
  bool finish();
  /// Ends at once and commits nothing.
  void cancel();

  /// Takes a savepoint named `name` and waits until it is stored and committed. Throws Error when
  /// the job does not run or has no checkpoint storage, IoError when storing fails.
  void savepoint(const std::string& name);

  JobStatus status() const;
  JobProgress progress() const;
  Metrics metrics() const;
  /// The options in effect, one per line.
  std::string describe_options() const;

 private:
  std::shared_ptr<detail::JobControl> control_;  // Shared with callbacks that outlive a call.
};

/// The state as a word.
WEIR_API std::string to_string(JobState state);

}  // namespace weir::inline v0
