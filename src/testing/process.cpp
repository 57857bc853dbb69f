// SPDX-License-Identifier: Apache-2.0
#include "testing/process.hpp"

#include <algorithm>
#include <utility>

#include "graph/authority.hpp"
#include "graph/close.hpp"
#include "graph/through_topics.hpp"
#include "job/guarantee.hpp"
#include "weir/error.hpp"
#include "weir/testing/effects.hpp"

namespace weir::inline v0::testing {
namespace {

/// A job that settles does so much sooner.
constexpr std::uint64_t kSettleStepsMax = 5'000'000;

detail::Graph closed_graph(const Topology& topology, const JobOptions& options) {
  detail::Graph graph = topology.graph();
  detail::derive_names(graph);
  std::vector<std::string> faults;
  graph = detail::through_topics(graph, options, faults);
  for (const auto& more :
       {detail::find_faults(graph), check_options(options), detail::check_guarantee(graph, options),
        detail::job_faults(graph, options)}) {
    faults.insert(faults.end(), more.begin(), more.end());
  }
  if (!faults.empty()) throw ConfigError{std::move(faults)};
  return graph;
}

}  // namespace

Process::Process(const Topology& topology, Options options)
    : options_{std::move(options)},
      random_{options_.seed},
      graph_{closed_graph(topology, options_.job)},
      log_{Log{options_.job.logger, *options_.job.clock}.with("job '" + graph_.job_name + "'")},
      plan_{detail::make_plan(graph_, options_.job.shards)},
      backend_{graph_, plan_, options_.job, log_, {[this] { return random_.next(); }, true}} {}

Process::~Process() {
  drop();
  const bool is_over = ending_ == detail::Ending::finished || ending_ == detail::Ending::stopped;
  if (!is_over) return;
  try {
    for (const auto& authority : detail::authorities_of(graph_)) authority->job_ended();
  } catch (const SimulatedCrash&) {
    // It dies after its job has ended: nothing is left to do.
  }
}

void Process::drop() {
  standby_.clear();
  attempt_.reset();
  storage_thread_.reset();
  coordinator_.reset();
  checkpoints_.reset();
  background_.reset();
}

void Process::start() {
  drop();
  ending_.reset();
  error_ = nullptr;
  next_actor_ = 0;
  try {
    make_attempt();
  } catch (...) {
    return fail(std::current_exception());
  }
  open_attempt();
}

/// Returns whether anything has changed.
bool Process::open_attempt() {
  try {
    attempt_->open();
    standby_.clear();
  } catch (const NotReady& missing) {
    standby_ = missing.what();
    return false;
  } catch (...) {
    standby_.clear();
    fail(std::current_exception());
  }
  return true;
}

void Process::make_attempt() {
  background_ = std::make_unique<detail::SteppedExecutor>();
  checkpoints_ = backend_.start_attempt(*background_);
  coordinator_ = std::make_unique<detail::SteppedExecutor>();
  storage_thread_ = std::make_unique<detail::SteppedExecutor>();
  attempt_ = std::make_unique<detail::Attempt>(services());
}

detail::AttemptServices Process::services() {
  detail::AttemptServices services;
  services.graph = &graph_;
  services.plan = &plan_;
  services.options = &options_.job;
  services.clock = options_.job.clock.get();
  services.files = options_.job.files.get();
  services.log = &log_;
  services.coordinator = coordinator_.get();
  services.storage = storage_thread_.get();
  services.budget = &backend_.budget();
  services.checkpoints = checkpoints_.get();
  services.workers = options_.job.workers;
  services.is_ordered = true;
  services.on_end = [this](detail::Ending ending, std::exception_ptr error) {
    ending_ = ending;
    error_ = std::move(error);
  };
  return services;
}

void Process::fail(std::exception_ptr error) {
  if (ending_) return;
  ending_ = detail::Ending::failed;
  error_ = std::move(error);
}

bool Process::step_coordinator() {
  attempt_->tick();
  return coordinator_->run_one();
}

bool Process::step_storage() {
  if (options_.is_random && random_.chance(options_.slow_storage)) return false;
  return storage_thread_->run_one();
}

std::size_t Process::actor_count() const { return 3 + attempt_->workers().size(); }

bool Process::step_actor(std::size_t actor) {
  try {
    if (actor == 0) return step_coordinator();
    if (actor == 1) return step_storage();
    if (actor == 2) return background_->run_one();
    return attempt_->workers()[actor - 3]->run_once();
  } catch (...) {
    fail(std::current_exception());
    return true;
  }
}

bool Process::step() {
  if (!is_running()) return false;
  if (is_handed_over()) {
    ++hand_over_count_;
    start();
    return true;
  }
  if (!standby_.empty()) return coordinator_->run_one() || open_attempt();
  if (options_.is_random && step_actor(random_.below(actor_count()))) return true;
  // Twice round: the first look of one part may give another something to do, and count for
  // nothing.
  for (std::size_t looked = 0; looked < 2 * actor_count() && is_running(); ++looked) {
    const std::size_t actor = next_actor_;
    next_actor_ = (next_actor_ + 1) % actor_count();
    if (step_actor(actor)) return true;
  }
  return false;
}

void Process::settle() {
  for (std::uint64_t steps = 0; step(); ++steps) {
    if (steps < kSettleStepsMax) continue;
    throw Error{"the job does not settle; " + status()};
  }
}

std::optional<EventTime> Process::next_wake() const {
  std::optional<EventTime> earliest;
  if (attempt_ == nullptr || !standby_.empty()) return earliest;
  for (const auto& worker : attempt_->workers()) {
    const std::optional<EventTime> wanted = worker->next_wake();
    if (wanted && (!earliest || *wanted < *earliest)) earliest = wanted;
  }
  return earliest;
}

std::string Process::status() const {
  if (attempt_ == nullptr) return "it does not run";
  if (!standby_.empty()) return "standing by: " + standby_;
  std::string text = "waiting for: " + attempt_->waiting_for();
  for (const detail::Task* task : attempt_->assembly().tasks()) {
    text += "\n  " + task->name() + ": watermark " + std::to_string(task->watermark().ms()) +
            (task->passed() ? ", at a barrier" : "") + (task->has_ended() ? ", ended" : "");
  }
  return text;
}

}  // namespace weir::inline v0::testing
