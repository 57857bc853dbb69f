// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/world.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "job/restart_policy.hpp"
#include "testing/process.hpp"
#include "testing/quiet_logger.hpp"
#include "weir/error.hpp"
#include "weir/random.hpp"
#include "weir/testing/swarm.hpp"

namespace weir::inline v0::testing {
namespace {

/// How often a step is followed by a millisecond.
constexpr double kTickChance = 0.25;
/// Once the disk fails in some way, it does so for about so many milliseconds.
constexpr double kRecoveryChance = 0.1;

}  // namespace

WorldOptions::WorldOptions() {
  job.workers = 2;
  job.shards = 3;
  job.guarantee = Guarantee::exactly_once;
  job.checkpoints.directory = "checkpoints";
  job.checkpoints.interval = Duration{20};
  job.restart.attempt_count_max = std::numeric_limits<std::uint32_t>::max();
  job.restart.delay = Duration{1};
  job.restart.delay_max = Duration{100};
  job.logger = quiet_logger();
}

WorldOptions WorldOptions::drawn(std::uint64_t seed, bool with_faults) {
  Swarm swarm{seed};
  WorldOptions options;
  options.seed = seed;
  options.job.workers = swarm.one_of({1U, 2U, 3U});
  options.job.exchange.ring_elements = swarm.one_of<std::size_t>({1, 2, 16});
  options.job.exchange.batch_records = swarm.one_of({1U, 2U, 5U});
  options.job.checkpoints.interval = Duration{swarm.one_of({2, 5, 15})};
  options.job.checkpoints.max_delta_files = swarm.one_of({1U, 3U, 64U});
  Swarm kafka{~seed};
  options.kafka.queue_record_count_max = kafka.one_of<std::size_t>({2, 20, 1'000});
  options.kafka.batch_records = kafka.one_of<std::size_t>({1, 3, 100});
  if (!with_faults) return options;
  LogFaults& log = options.faults.log;
  log.append_fails = swarm.probability(0.05);
  log.commit_refused = swarm.probability(0.2);
  log.commit_undecided = swarm.probability(0.5);
  log.commit_unfinished = swarm.probability(0.3);
  log.commit_answer_lost = swarm.probability(0.3);
  log.fenced = swarm.probability(0.1);
  log.fetch_fails = swarm.probability(0.02);
  options.faults.disk_full = swarm.probability(0.2);
  options.faults.sync_fails = swarm.probability(0.2);
  options.faults.slow_disk = swarm.probability(0.9);
  return options;
}

class World::Machine final {
 public:
  explicit Machine(const WorldOptions& wanted)
      : options{wanted},
        random{wanted.seed},
        effects{{.seed = random.next(), .crash_at = std::nullopt}},
        clock{std::make_shared<VirtualClock>()},
        disk{std::make_shared<SimDisk>(effects, SimDisk::Options{.seed = random.next(),
                                                                 .capacity_bytes = std::nullopt,
                                                                 .has_links = true})},
        log{effects, *clock, random.next()},
        kafka{std::make_shared<SimKafka>(log, effects, *clock, kafka_options(wanted))},
        faults_end{clock->now() + options.faults.span} {
    options.job.clock = clock;
    options.job.files = disk;
    log.set_faults(options.faults.log);
    is_full = random.chance(options.faults.disk_full);
    are_syncs_failing = random.chance(options.faults.sync_fails);
  }

  void run(const Build& build, World& world) {
    place_next_crash();
    apply_disk_faults();
    while (!run_process(build, world)) {
      ++crash_count;
      disk->restart();
      effects.restart();
      place_next_crash();
    }
  }

  WorldOptions options;
  Random random;
  Effects effects;
  const std::shared_ptr<VirtualClock> clock;  // Shared with jobs, as JobOptions wants it.
  const std::shared_ptr<SimDisk> disk;        // The same.
  SimLog log;
  const std::shared_ptr<SimKafka> kafka;  // Shared with topologies.
  std::uint32_t crash_count = 0;
  std::uint32_t failure_count = 0;

 private:
  static SimKafka::Options kafka_options(const WorldOptions& wanted) {
    SimKafka::Options options = wanted.kafka;
    options.seed ^= wanted.seed;
    return options;
  }
  void place_next_crash() {
    if (next_point < options.crash_points.size()) {
      effects.crash_at(options.crash_points[next_point++]);
    }
    if (next_crash == options.crashes.size()) return;
    effects.crash_at(options.crashes[next_crash++]);
  }

  /// Returns whether the job has finished; else the process died.
  bool run_process(const Build& build, World& world) {
    Topology topology{"simulated"};
    build(topology, world);
    Process::Options wanted{options.job, random.next(), true, options.faults.slow_disk};
    Process process{topology, std::move(wanted)};
    detail::RestartPolicy restart{options.job.restart};
    while (!effects.has_crashed()) {
      run_attempt(process);
      if (effects.has_crashed()) return false;
      if (!process.error()) return true;
      wait_before_retry(process, restart.on_failure(process.error(), clock->monotonic_ns()));
    }
    return false;
  }

  /// Until the attempt has ended, or the process has died.
  void run_attempt(Process& process) {
    process.start();
    while (process.is_running() && !effects.has_crashed()) {
      const bool has_progress = process.step();
      if (!has_progress || random.chance(kTickChance)) tick();
      check_liveness(process);
    }
  }

  /// One millisecond goes by.
  void tick() {
    clock->advance(Duration{1});
    work_of_clients();
    if (!has_faults) return;
    has_faults = clock->now() < faults_end;
    if (!has_faults) log.set_faults({});
    is_full = next_state(is_full, options.faults.disk_full);
    are_syncs_failing = next_state(are_syncs_failing, options.faults.sync_fails);
    apply_disk_faults();
  }
  /// The threads of the client libraries; the process may die of what they do.
  void work_of_clients() {
    try {
      kafka->step();
    } catch (const SimulatedCrash&) {  // Whoever runs it looks whether it lives.
    }
  }
  void apply_disk_faults() {
    disk->set_capacity(is_full ? std::optional<std::uint64_t>{0} : std::nullopt);
    disk->set_sync_fails(are_syncs_failing);
  }
  /// Turns a fault on and off so that it is on for about `share` of the time.
  bool next_state(bool is_on, double share) {
    if (!has_faults || share == 0) return false;
    if (is_on) return !random.chance(kRecoveryChance);
    return random.chance(kRecoveryChance * share / (1 - share));
  }

  void wait_before_retry(Process& process, std::optional<Duration> delay) {
    const bool is_explained =
        has_faults || clock->now() < faults_end + options.job.restart.delay_max;
    if (!delay || !is_explained) {
      process.drop();
      std::rethrow_exception(process.error());
    }
    ++failure_count;
    process.drop();
    for (Duration waited{0}; waited < *delay; waited += Duration{1}) tick();
  }

  void check_liveness(const Process& process) {
    ++step_count;
    const bool is_late = clock->now() > faults_end + options.drain_span;
    if (!is_late && step_count < options.step_count_max) return;
    throw Error{"the job has not ended after " + std::to_string(step_count) + " steps; " +
                process.status()};
  }

  std::size_t next_crash = 0;
  std::size_t next_point = 0;
  EventTime faults_end;
  std::uint64_t step_count = 0;
  bool has_faults = true;
  bool is_full = false;
  bool are_syncs_failing = false;
};

World::World(const WorldOptions& options) : machine_{std::make_unique<Machine>(options)} {}
World::~World() = default;

void World::run(const Build& build) { machine_->run(build, *this); }

SimLog& World::log() noexcept { return machine_->log; }
const std::shared_ptr<SimKafka>& World::kafka() const noexcept { return machine_->kafka; }
SimDisk& World::disk() noexcept { return *machine_->disk; }
const std::shared_ptr<SimDisk>& World::files() const noexcept { return machine_->disk; }
VirtualClock& World::clock() noexcept { return *machine_->clock; }
Effects& World::effects() noexcept { return machine_->effects; }
std::uint64_t World::effect_count() const { return machine_->effects.count(); }
std::uint32_t World::crash_count() const noexcept { return machine_->crash_count; }
std::uint32_t World::failure_count() const noexcept { return machine_->failure_count; }

}  // namespace weir::inline v0::testing
