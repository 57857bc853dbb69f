// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/driver.hpp"

#include <algorithm>
#include <utility>

#include "job/job_metrics.hpp"
#include "testing/process.hpp"
#include "weir/error.hpp"
#include "weir/testing/effects.hpp"

namespace weir::inline v0::testing {
namespace {

/// Long enough that no test takes a checkpoint by the clock unless it asks for it.
constexpr Duration kNever{std::chrono::hours{24 * 365 * 100}};

}  // namespace

Driver::Options::Options() {
  job.workers = 1;
  job.shards = 4;
  job.checkpoints.interval = kNever;
  job.checkpoints.timeout = 2 * kNever;
}

/// What a driver is made of, and the job's options completed with it.
class Driver::Machine final {
 public:
  Machine(const Topology& topology, const Options& options)
      : clock{std::make_shared<VirtualClock>()},
        disk{std::make_shared<SimDisk>(effects)},
        process{topology, process_options(options)} {
    process.start();
    check();
  }

  void check() const {
    if (process.error()) std::rethrow_exception(process.error());
  }
  void expect_running(const char* call) const {
    if (!process.is_running()) throw Error{std::string{call} + ": the job has ended"};
    if (!process.standby().empty()) throw Error{std::string{call} + ": " + process.status()};
  }

  Effects effects;
  const std::shared_ptr<VirtualClock> clock;  // Shared with the job, as JobOptions wants it.
  const std::shared_ptr<SimDisk> disk;        // The same.
  Process process;

 private:
  Process::Options process_options(const Options& options) const {
    Process::Options wanted{options.job, options.seed.value_or(1), options.seed.has_value(), 0};
    if (!wanted.job.clock) wanted.job.clock = clock;
    if (!wanted.job.files) wanted.job.files = disk;
    CheckpointOptions& checkpoints = wanted.job.checkpoints;
    if (!checkpoints.storage && checkpoints.directory.empty()) {
      checkpoints.directory = "checkpoints";
    }
    return wanted;
  }
};

Driver::Driver(const Topology& topology, const Options& options)
    : machine_{std::make_unique<Machine>(topology, options)} {}

Driver::~Driver() = default;

bool Driver::step() {
  const bool has_progress = machine_->process.step();
  machine_->check();
  return has_progress;
}

void Driver::settle() {
  machine_->process.settle();
  machine_->check();
}

void Driver::advance(Duration span) {
  const EventTime target = clock().now() + span;
  settle();
  while (clock().now() < target) {
    const EventTime soonest = clock().now() + Duration{1};
    const EventTime wanted = machine_->process.next_wake().value_or(target);
    clock().advance(std::clamp(wanted, soonest, target) - clock().now());
    settle();
  }
}

void Driver::checkpoint() {
  machine_->expect_running("checkpoint()");
  settle();
  detail::Attempt& attempt = machine_->process.attempt();
  const CheckpointId before = attempt.last_committed();
  attempt.request_checkpoint();
  settle();
  if (attempt.last_committed() > before) return;
  throw Error{"the checkpoint was not committed; " + status()};
}

void Driver::request_checkpoint() {
  machine_->expect_running("request_checkpoint()");
  machine_->process.attempt().request_checkpoint();
}

std::uint64_t Driver::last_checkpoint() const {
  return machine_->process.attempt().last_committed().value;
}

void Driver::restart() {
  machine_->process.start();
  machine_->check();
}

void Driver::checkpoint_and_restart() {
  checkpoint();
  restart();
}

void Driver::set_workers(std::uint32_t workers) { machine_->process.set_workers(workers); }

void Driver::finish() {
  machine_->expect_running("finish()");
  settle();
  if (has_ended()) return;
  machine_->process.attempt().request_finish();
  settle();
  if (!has_ended()) throw Error{"finish() did not end the job; " + status()};
}

void Driver::stop() {
  machine_->expect_running("stop()");
  settle();
  if (has_ended()) return;
  machine_->process.attempt().request_stop();
  settle();
  if (!has_ended()) throw Error{"stop() did not end the job; " + status()};
}

bool Driver::has_ended() const { return machine_->process.ending().has_value(); }

VirtualClock& Driver::clock() noexcept { return *machine_->clock; }
SimDisk& Driver::disk() noexcept { return *machine_->disk; }

Metrics Driver::metrics() const {
  if (!machine_->process.standby().empty()) return {};
  return detail::metrics_of(machine_->process.attempt(), machine_->process.graph());
}

EventTime Driver::watermark() const {
  EventTime lowest = EventTime::max();
  if (!machine_->process.standby().empty()) return EventTime::min();
  for (const detail::Task* task : machine_->process.attempt().assembly().tasks()) {
    if (task->plan_stage().is_keyed()) lowest = std::min(lowest, task->watermark());
  }
  return lowest;
}

std::string Driver::status() const { return machine_->process.status(); }

}  // namespace weir::inline v0::testing
