// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/export.hpp"
#include "weir/job_options.hpp"
#include "weir/testing/effects.hpp"
#include "weir/testing/sim_disk.hpp"
#include "weir/testing/sim_kafka.hpp"
#include "weir/testing/sim_log.hpp"
#include "weir/testing/virtual_clock.hpp"
#include "weir/topology.hpp"

namespace weir::inline v0::testing {

/// What goes wrong in a world, and for how long. All of it has to be survived.
struct WorldFaults {
  LogFaults log;  ///< Of log() and kafka().
  /// The share of time during which the disk is full, and during which syncs fail.
  double disk_full = 0;
  double sync_fails = 0;
  /// How often the storage thread does not get its turn.
  double slow_disk = 0;
  /// Of virtual time, from the start; after it nothing goes wrong any more.
  Duration span{1'000};
};

struct WorldOptions {
  WorldOptions();
  /// Draws workers, bounds, checkpoint interval and, if wanted, faults: swarm-wise.
  static WorldOptions drawn(std::uint64_t seed, bool with_faults = false);

  std::uint64_t seed = 1;
  /// Effects at which the process dies, in order, counted over the whole run.
  std::vector<std::uint64_t> crashes;
  /// The same by name: one for each process, from the first on.
  std::vector<CrashPoint> crash_points;
  WorldFaults faults;
  /// Clock and files are the world's. By default exactly_once, with checkpoints every 20 ms.
  JobOptions job;
  SimKafka::Options kafka{};
  /// A run that has not ended so long (of virtual time) after the last fault has failed.
  Duration drain_span{600'000};
  std::uint64_t step_count_max = 20'000'000;
};

/// A whole machine in memory - disk, log, clock, one process after the other - that runs a topology
/// to its end on one thread, in an order drawn from the seed. Processes die at chosen effects and
/// are started anew; what they wrote and did not sync may be gone.
///
///     World world{{.seed = 1}};
///     world.log().create_topic("in", 2);
///     ...
///     world.run([](Topology& topology, World& world) {
///       auto client = std::make_shared<LogClient>(world.log());
///       topology.source("in", log_source<Order>(client, "in", decode))...;
///     });
///     EXPECT_EQ(world.log().committed_records("out"), expected);
///
/// Everything that happens is a function of options, input and topology.
class WEIR_API World final {
 public:
  /// Builds the topology of each new process.
  using Build = std::function<void(Topology& topology, World& world)>;

  explicit World(const WorldOptions& options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  /// Runs until the job has finished, over all crashes. Throws what no fault explains, with the
  /// status; Error when it does not end.
  void run(const Build& build);

  SimLog& log() noexcept;
  /// The same log by Kafka's protocol, for the job and for others; lives over crashes.
  const std::shared_ptr<SimKafka>& kafka() const noexcept;
  SimDisk& disk() noexcept;
  const std::shared_ptr<SimDisk>& files() const noexcept;
  VirtualClock& clock() noexcept;
  Effects& effects() noexcept;

  /// How many effects there were; crashes can be put at 1 to that.
  std::uint64_t effect_count() const;
  std::uint32_t crash_count() const noexcept;
  /// Attempts that failed without a crash, and were followed by another.
  std::uint32_t failure_count() const noexcept;

 private:
  class Machine;
  const std::unique_ptr<Machine> machine_;
};

}  // namespace weir::inline v0::testing
