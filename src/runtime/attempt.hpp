// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "graph/plan.hpp"
#include "runtime/assembly.hpp"
#include "runtime/attempt_door.hpp"
#include "runtime/checkpoint_driver.hpp"
#include "runtime/executor.hpp"
#include "runtime/pending_checkpoint.hpp"
#include "weir/detail/state/memory_budget.hpp"
#include "weir/export.hpp"
#include "weir/job_options.hpp"

namespace weir::inline v0::detail {

/// How an attempt ended.
enum class Ending : std::uint8_t {
  finished,
  stopped,
  handed_over,  ///< Everything is committed; the next attempt may read other splits.
  failed,
};

/// What an attempt runs on. All outlive it.
struct AttemptServices {
  const Graph* graph = nullptr;
  Plan* plan = nullptr;  ///< Each attempt fills in how many partitions there are.
  const JobOptions* options = nullptr;
  Clock* clock = nullptr;
  FileSystem* files = nullptr;
  const Log* log = nullptr;
  SerialExecutor* coordinator = nullptr;
  SerialExecutor* storage = nullptr;
  MemoryBudget* budget = nullptr;
  CheckpointDriver* checkpoints = nullptr;
  std::uint32_t workers = 1;
  bool is_ordered = false;
  /// Called once, on the coordinator's executor.
  std::function<void(Ending, std::exception_ptr)> on_end;
};

/// One run of a job, from a checkpoint to its end or to a failure.
///
/// Threads: open() by the one that starts it; on_*() of workers from theirs; everything else on
/// the coordinator's executor. The destructor runs when workers and executors have stopped.
class WEIR_API Attempt final {
 public:
  explicit Attempt(AttemptServices services);
  ~Attempt();

  /// Recovers, opens everything. Throws what failed; NotReady while something is waited for: then
  /// it may be called again.
  void open();
  const std::vector<std::unique_ptr<Worker>>& workers() const { return assembly_->workers(); }
  const Assembly& assembly() const { return *assembly_; }

  /// Does what is due by the clock; returns when it wants to be called again (monotonic ns).
  std::optional<std::int64_t> tick();
  /// Stops reading, takes a last checkpoint, ends as stopped.
  void request_stop();
  /// Ends time, fires everything, takes a last checkpoint, ends as finished.
  void request_finish();
  /// Stops reading, takes a last checkpoint, ends as handed over, unless it is ending already.
  void request_hand_over(std::string reason);
  /// Why it was handed over; empty: it was not.
  const std::string& hand_over_reason() const noexcept { return hand_over_reason_; }
  /// Takes a savepoint as soon as no checkpoint is in flight; `done` gets its error, or null.
  void request_savepoint(std::string name, std::function<void(std::exception_ptr)> done);
  /// An early checkpoint, as soon as none is in flight.
  void request_checkpoint() { is_checkpoint_wanted_ = true; }

  /// What is waited for, in words.
  std::string waiting_for() const;
  CheckpointId last_committed() const noexcept { return last_committed_; }
  void fail(std::exception_ptr error);

  // For metrics; any thread.

  /// As of the last second or so.
  struct Rates {
    std::atomic<double> events_per_second{0};
    std::atomic<double> bytes_per_second{0};
    std::atomic<double> backpressure{0};  ///< Share of looks at which a source had to wait.
    std::atomic<double> busy{0};          ///< Share of workers' time in rounds that did something.
  };
  const Rates& rates() const noexcept { return rates_; }
  std::uint64_t committed_count() const noexcept { return committed_count_.get(); }
  std::uint64_t last_checkpoint_bytes() const noexcept { return last_bytes_.get(); }
  const LatencyHistogram& checkpoint_durations() const noexcept { return durations_; }

 private:
  enum class Phase : std::uint8_t { running, draining, last_checkpoint, ended };
  struct RateSample {
    std::int64_t at_ns = 0;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t steps = 0;
    std::uint64_t blocked_steps = 0;
    std::uint64_t busy_ns = 0;
  };
  struct WantedSavepoint {
    std::string name;
    std::function<void(std::exception_ptr)> done;
  };

  WorkerEvents worker_events();
  AuthorityEvents authority_events() const;
  void stop_as(Ending ending);
  void tell_all(WorkerMessage message);
  bool takes_checkpoints() const;
  bool is_due(std::int64_t now_ns) const;
  void start_checkpoint();
  void on_part(TaskPart part);
  void on_worker_ended();
  void on_all_parts();
  void commit(CheckpointId checkpoint, std::uint64_t bytes);
  void on_committed(CheckpointId checkpoint, std::uint64_t bytes);
  void on_published(CheckpointId checkpoint);
  void begin_last_checkpoint();
  void end(Ending ending, std::exception_ptr error);
  void check_timeout(std::int64_t now_ns);
  void watch_workers(std::int64_t now_ns);
  void sample_rates(std::int64_t now_ns);

  const AttemptServices services_;
  const std::shared_ptr<AttemptDoor> door_;  // Shared with the authority.
  TaskEnvironment environment_;
  std::unique_ptr<Assembly> assembly_;

  // The coordinator's alone.
  Phase phase_ = Phase::running;
  Ending planned_ending_ = Ending::finished;
  bool is_finishing_ = false;
  std::string hand_over_reason_;
  std::size_t ended_workers_ = 0;
  CheckpointId next_checkpoint_{1};
  CheckpointId last_committed_;
  std::optional<PendingCheckpoint> pending_;
  bool is_storing_ = false;
  bool is_checkpoint_wanted_ = false;
  std::vector<WantedSavepoint> wanted_savepoints_;
  std::optional<WantedSavepoint> savepoint_;  // Of the checkpoint in flight.
  std::int64_t next_start_ns_ = 0;
  Counter committed_count_;
  Counter last_bytes_;
  LatencyHistogram durations_;
  Rates rates_;
  RateSample last_sample_;

  struct Watch {
    std::uint64_t step = 0;
    std::int64_t since_ns = 0;
    bool is_reported = false;
  };
  std::vector<Watch> watches_;
};

}  // namespace weir::inline v0::detail
