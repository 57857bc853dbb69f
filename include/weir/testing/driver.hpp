// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "weir/export.hpp"
#include "weir/job_options.hpp"
#include "weir/metrics.hpp"
#include "weir/testing/sim_disk.hpp"
#include "weir/testing/virtual_clock.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0::testing {

/// Runs a topology on one thread, with virtual time, a disk in memory, and the real runtime: the
/// same input gives the same bytes of output, in the same order.
///
///     Feed<std::string> words;
///     Probe<Change<std::string, std::int64_t>> counts;
///     Topology topology{"count"};
///     topology.source("words", words.source()).key_by(std::identity{}).count().changes()
///         .to("counts", counts.sink());
///     Driver driver{topology};
///     words.push("a");
///     driver.settle();
///     EXPECT_THAT(counts.take(), ElementsAre(Change<...>{"a", nullopt, 1}));
///     driver.checkpoint_and_restart();
///     words.push("a");
///     driver.finish();
///     EXPECT_THAT(counts.take(), ElementsAre(Change<...>{"a", 1, 2}));
///
/// What the job throws comes out of the call during which it happened. Not thread-safe.
class WEIR_API Driver final {
 public:
  struct Options {
    Options();
    /// Clock, files and checkpoint directory are the driver's where they are not set. One worker
    /// and four shards unless told otherwise; checkpoints are taken by hand.
    JobOptions job;
    /// Set: who works next is drawn from this seed, to try other orders of things.
    std::optional<std::uint64_t> seed;
  };

  /// Starts the job. Throws ConfigError with everything that is wrong.
  explicit Driver(const Topology& topology) : Driver(topology, Options{}) {}
  Driver(const Topology& topology, const Options& options);
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  ~Driver();

  /// One bounded piece of work. Returns whether anything was done.
  bool step();
  /// Works until nothing moves; no time goes by.
  void settle();
  /// Processing time goes by; whatever is due on the way happens at its time.
  void advance(Duration span);

  /// Takes a checkpoint and waits until it is committed. Throws Error when the job has ended.
  void checkpoint();
  /// Asks for a checkpoint and does not wait for it: its barriers flow with the steps that follow.
  void request_checkpoint();
  /// Number of the last committed checkpoint since the last restart; 0: none.
  std::uint64_t last_checkpoint() const;
  /// Starts again from the last checkpoint, as a new process after a kill.
  void restart();
  /// Takes a checkpoint, then restart(): the output must be as if nothing had happened.
  void checkpoint_and_restart();
  /// How many workers there are from the next restart on.
  void set_workers(std::uint32_t workers);

  /// Ends time once everything that was pushed is read: all fires and is committed.
  void finish();
  /// Stops once everything that was pushed is read, without moving time.
  void stop();
  /// Whether the job has ended, by finish(), stop() or the end of its input.
  bool has_ended() const;

  VirtualClock& clock() noexcept;
  SimDisk& disk() noexcept;
  Metrics metrics() const;
  /// The lowest watermark of all shards.
  EventTime watermark() const;
  /// What the job waits for, in words.
  std::string status() const;

 private:
  class Machine;
  const std::unique_ptr<Machine> machine_;
};

}  // namespace weir::inline v0::testing
