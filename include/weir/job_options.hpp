// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/export.hpp"
#include "weir/sink.hpp"
#include "weir/time.hpp"

namespace spdlog {
class logger;
}

namespace weir::inline v0 {

class CheckpointStorage;
class Clock;
class FileSystem;
class StateBackend;

/// Keeps old checkpoints for replay: of each span `every`, the last one, for `keep`.
struct RetentionStep {
  Duration every{0};
  Duration keep{0};
};

/// Checkpoints: when they are taken, where they lie, how long they stay.
struct CheckpointOptions {
  /// A local directory for checkpoints, made with mode 0700. Empty, and no `storage`: the job
  /// takes no checkpoints, and starts from nothing each time.
  std::string directory{};
  /// Any other place, instead of `directory`.
  std::shared_ptr<CheckpointStorage> storage{};
  /// From the start of one checkpoint to the start of the next.
  Duration interval{10'000};
  /// How long a checkpoint may take before the attempt fails with the names of those waited for.
  Duration timeout{600'000};
  /// How many committed checkpoints are kept, beside `ladder` and savepoints. At least 1.
  std::uint32_t retained_count = 2;
  /// Such as {{.every = 1h, .keep = 24h}}: hourly for a day.
  std::vector<RetentionStep> ladder{};
  /// A shard gets a new base when its deltas outweigh this; 0: the size of its base.
  std::uint64_t max_delta_bytes = 0;
  /// ... or when there are more of them than this.
  std::uint32_t max_delta_files = 64;
};

/// When a failed attempt is tried again, from the last committed checkpoint.
struct RestartOptions {
  /// How many times in a row; 0: the first failure ends the job. A committed checkpoint starts
  /// the count anew.
  std::uint32_t attempt_count_max = 0;
  /// Before the first retry; doubled for each further one, up to `delay_max`.
  Duration delay{1'000};
  Duration delay_max{60'000};
  /// How many times in a row a failure of a client is answered by a new client, whatever
  /// `attempt_count_max` says: a broker that was away, a transaction that was aborted. The first
  /// retry comes after 100 ms; the delay doubles up to `delay_max`.
  std::uint32_t client_attempt_count_max = 10;
};

/// How records get from one key_by to the shards behind it.
enum class Exchange : std::uint8_t {
  memory,  ///< Through rings in this process.
  /// Through a repartition topic, so that several processes can share the job: the same results,
  /// one commit later at each key_by. Needs a source in a cluster, and a Codec for the records that
  /// are keyed; there are no savepoints, and finish() waits until the other processes end, too.
  topic,
};

/// What is under way between operators: where, and how much.
struct ExchangeOptions {
  Exchange through = Exchange::memory;
  /// Slices in each ring.
  std::size_t ring_elements = 16;
  /// Bytes in each ring: a ring above it takes no more until it is below again.
  std::size_t ring_bytes = std::size_t{4} << 20;
  /// Records that one step of a source reads at most.
  std::uint32_t batch_records = 1024;
};

/// How an idle worker waits, and where workers run. A guest in the process parks and does not pin.
struct WorkerOptions {
  /// Rounds that an idle worker looks for work before it parks.
  std::uint32_t spin_rounds = 50;
  /// Never parks: the lowest latency, at a whole core per worker.
  bool busy_spin = false;
  /// Pins worker i to the i-th core that the process may use.
  bool pin = false;
};

/// What to do about state that does not fit the topology.
struct RestoreOptions {
  /// A savepoint to start from, instead of the last checkpoint; its name.
  std::string savepoint{};
  /// A checkpoint of this instance that is still kept, to start from instead of the last one:
  /// "<timeline>-<number>", as error messages and file names have it. Not with `savepoint`.
  std::string checkpoint{};
  /// Accepts that output after the savepoint or checkpoint is written again.
  bool accept_repeated_output = false;
  /// Drops the state of nodes that the topology no longer has, instead of refusing.
  bool drop_removed_nodes = false;
  /// Where committed positions are there, and the checkpoints that belong to them are not (or are
  /// not wanted any more): starts at the positions, with no state.
  bool adopt_offsets = false;
};

/// Everything about a job but its topology. Plain values; `describe_options()` prints what is in
/// effect.
struct JobOptions {
  /// Threads that run operators; 0: one per core that the process may use.
  std::uint32_t workers = 0;
  /// Shards of each keyed stage: the most workers that can share it, fixed for the life of its
  /// state.
  std::uint32_t shards = 32;
  Guarantee guarantee = Guarantee::at_least_once;
  CheckpointOptions checkpoints{};
  /// Where state lives; null: in_memory_state().
  std::shared_ptr<StateBackend> state{};
  /// Bound of all state of the process in bytes; 0: a quarter of the cgroup's limit.
  std::uint64_t memory_budget_bytes = 0;
  RestartOptions restart{};
  ExchangeOptions exchange{};
  WorkerOptions worker{};
  RestoreOptions restore{};
  /// This process among those that share the job: part of every name in the storage.
  std::string instance = "0";
  /// How long stop() and the destructor wait at most.
  Duration stop_timeout{30'000};
  /// Log lines go here; null: weir's own logger, warnings to stderr.
  std::shared_ptr<spdlog::logger> logger{};
  /// The doors to the world; null: the real ones.
  std::shared_ptr<Clock> clock{};
  std::shared_ptr<FileSystem> files{};
};

/// Every fault of the options, each with the value, the limit and what to do. Empty: none.
WEIR_API std::vector<std::string> check_options(const JobOptions& options);

/// The options in effect as lines `name = value`; no secrets.
WEIR_API std::string describe_options(const JobOptions& options);

}  // namespace weir::inline v0
