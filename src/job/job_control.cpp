// SPDX-License-Identifier: Apache-2.0
#include "job/job_control.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/thread_name.hpp"
#include "graph/authority.hpp"
#include "job/job_metrics.hpp"
#include "weir/detail/operators/record_errors.hpp"
#include "weir/error.hpp"
#include "weir/file_system.hpp"

namespace weir::inline v0::detail {
namespace {

/// How many cores the process may use.
std::uint32_t core_count() { return std::max(1U, std::thread::hardware_concurrency()); }

JobOptions with_defaults(JobOptions options) {
  if (options.workers == 0) options.workers = core_count();
  if (!options.clock) options.clock = std::make_shared<SystemClock>();
  if (!options.files) options.files = posix_file_system();
  return options;
}

/// Who stands by asks again after so long.
constexpr std::int64_t kStandbyNs = 50'000'000;

/// The system cuts names off: what tells threads apart goes first.
std::string thread_name(const std::string& job, const std::string& role) {
  return role + " " + job;
}

}  // namespace

JobControl::JobControl(Graph graph, JobOptions options)
    : graph_{std::move(graph)},
      options_{with_defaults(std::move(options))},
      clock_{options_.clock},
      files_{options_.files},
      log_{Log{options_.logger, *clock_}.with("job '" + graph_.job_name + "'")},
      plan_{make_plan(graph_, options_.shards)},
      backend_{std::make_unique<CheckpointBackend>(graph_, plan_, options_, log_)},
      restart_{options_.restart} {}

JobControl::~JobControl() {
  if (!thread_.joinable()) return;
  cancel();
  thread_.join();
}

void JobControl::start() {
  const std::lock_guard lock{mutex_};
  if (std::exchange(is_started_, true)) {
    throw Error{"job '" + graph_.job_name + "' was started before; make a new Job to run again"};
  }
  status_.state = JobState::starting;
  thread_ = std::thread{[this] { run(); }};
}

void JobControl::run() {
  name_this_thread(thread_name(graph_.job_name, "coord"));
  while (run_attempt()) {
  }
  for (const Node& node : graph_.nodes) {
    if (node.source) node.source->job_ended();
  }
  for (const auto& authority : authorities_of(graph_)) authority->job_ended();
  {
    const std::lock_guard lock{mutex_};
    has_ended_ = true;
  }
  changed_.notify_all();
}

AttemptServices JobControl::services(SerialExecutor& storage, CheckpointDriver& checkpoints) {
  AttemptServices services;
  services.graph = &graph_;
  services.plan = &plan_;
  services.options = &options_;
  services.clock = clock_.get();
  services.files = files_.get();
  services.log = &log_;
  services.coordinator = &events_;
  services.storage = &storage;
  services.checkpoints = &checkpoints;
  services.budget = &backend_->budget();
  services.workers = options_.workers;
  services.on_end = [this](Ending ending, std::exception_ptr error) {
    ending_ = ending;
    attempt_error_ = std::move(error);
  };
  return services;
}

bool JobControl::run_attempt() {
  wait_before_restart();
  publish_state(JobState::starting);
  ending_.reset();
  obeyed_ = Wish::none;
  attempt_error_ = nullptr;
  try {
    // Stopped in this order: workers, then storage, then background; then what they ran on goes.
    ThreadExecutor background{thread_name(graph_.job_name, "back")};
    const std::unique_ptr<CheckpointDriver> checkpoints = backend_->start_attempt(background);
    ThreadExecutor storage{thread_name(graph_.job_name, "store")};
    Attempt attempt{services(storage, *checkpoints)};
    if (open(attempt)) {
      std::vector<std::unique_ptr<WorkerThread>> threads;
      for (const auto& worker : attempt.workers()) {
        threads.push_back(std::make_unique<WorkerThread>(
            *worker, *clock_, options_.worker,
            thread_name(graph_.job_name, "w" + std::to_string(worker->index()))));
      }
      run_events(attempt, checkpoints->timeline());
      threads.clear();
      storage.close();
      background.close();
      leave(attempt);
    }
  } catch (...) {
    ending_ = Ending::failed;
    attempt_error_ = std::current_exception();
  }
  drop_events();
  return on_attempt_end(ending_, attempt_error_);
}

/// Returns whether the attempt is open; else a wish or a failure came while it stood by. Nothing
/// was read then, so that there is nothing to commit, and nothing to finish.
bool JobControl::open(Attempt& attempt) {
  do {
    try {
      attempt.open();
      return true;
    } catch (const NotReady& missing) {
      stand_by(missing.what());
    }
  } while (wish_.load() == Wish::none && !ending_);
  if (wish_.load() != Wish::cancel && !ending_) ending_ = Ending::stopped;
  return false;
}

void JobControl::stand_by(const std::string& what) {
  {
    const std::lock_guard lock{mutex_};
    status_.state = JobState::standby;
    status_.waiting_for = what;
  }
  events_.run(kStandbyNs);
}

/// The attempt is over; its counts stay readable.
void JobControl::leave(const Attempt& attempt) {
  const std::lock_guard lock{mutex_};
  last_metrics_ = metrics_of(attempt, graph_);
  last_progress_ = progress_of(attempt);
  if (ending_ == Ending::handed_over) status_.last_hand_over = attempt.hand_over_reason();
}

/// What was asked of the attempt and not done must not be done any more.
void JobControl::drop_events() {
  {
    const std::lock_guard lock{mutex_};
    attempt_ = nullptr;
  }
  events_.clear();
}

/// No failure: the next attempt follows at once, unless somebody wants the job to end, which has
/// all committed.
bool JobControl::on_hand_over() {
  log_.info("hand-over", "reads anew: " + status_.last_hand_over);
  const Wish wanted = wish_.load();
  if (wanted == Wish::none || wanted == Wish::finish) return true;
  status_.state = wanted == Wish::stop ? JobState::stopped : JobState::cancelled;
  return false;
}

void JobControl::run_events(Attempt& attempt, const std::string& timeline) {
  {
    const std::lock_guard lock{mutex_};
    attempt_ = &attempt;
    ++status_.attempts;
    status_.timeline = timeline;
    status_.state = JobState::running;
  }
  CheckpointId seen;
  while (!ending_ && obeyed_ != Wish::cancel) {
    obey(wish_.load(), attempt);
    const std::optional<std::int64_t> next = attempt.tick();
    publish_status(attempt);
    if (attempt.last_committed() > seen) {
      seen = attempt.last_committed();
      restart_.on_progress();
    }
    if (ending_) break;
    const std::int64_t now_ns = clock_->monotonic_ns();
    events_.run(std::clamp<std::int64_t>(next.value_or(now_ns) - now_ns, 1, 250'000'000));
  }
  publish_status(attempt);
}

void JobControl::obey(Wish wish, Attempt& attempt) {
  if (wish == obeyed_) return;
  obeyed_ = wish;
  if (wish == Wish::stop) attempt.request_stop();
  if (wish == Wish::finish) attempt.request_finish();
  if (wish != Wish::cancel) publish_state(JobState::stopping);
}

bool JobControl::on_attempt_end(std::optional<Ending> ending, std::exception_ptr error) {
  const std::unique_lock lock{mutex_};
  status_.waiting_for.clear();
  if (!ending) {
    status_.state = JobState::cancelled;
    return false;
  }
  if (*ending == Ending::handed_over) return on_hand_over();
  if (*ending != Ending::failed) {
    status_.state = *ending == Ending::stopped ? JobState::stopped : JobState::finished;
    return false;
  }
  status_.last_error = message_of(error);
  const std::optional<Duration> delay = wish_.load() == Wish::none
                                            ? restart_.on_failure(error, clock_->monotonic_ns())
                                            : std::nullopt;
  if (!delay) {
    status_.state = JobState::failed;
    error_ = std::move(error);
    log_.error("failed", "failed for good: " + status_.last_error);
    return false;
  }
  status_.state = JobState::restarting;
  restart_delay_ = *delay;
  log_.warn("restart", "attempt " + std::to_string(status_.attempts) + " failed, next in " +
                           std::to_string(delay->count()) + "ms: " + status_.last_error);
  return true;
}

/// In short naps, so that a stop or cancel is not kept waiting.
void JobControl::wait_before_restart() {
  const std::int64_t end_ns = clock_->monotonic_ns() + restart_delay_.count() * 1'000'000;
  restart_delay_ = Duration{0};
  while (wish_.load() == Wish::none) {
    const std::int64_t left_ns = end_ns - clock_->monotonic_ns();
    if (left_ns <= 0) return;
    events_.run(std::min<std::int64_t>(left_ns, 250'000'000));
  }
}

void JobControl::publish_state(JobState state) {
  const std::lock_guard lock{mutex_};
  status_.state = state;
}

void JobControl::publish_status(const Attempt& attempt) {
  const std::lock_guard lock{mutex_};
  status_.waiting_for = attempt.waiting_for();
  status_.last_checkpoint = attempt.last_committed().value;
  status_.is_waiting_for_commit =
      backend_->has_storage() && backend_->budget().must_wait_for_commit();
  status_.is_over_budget = backend_->budget().is_over();
}

void JobControl::wish(Wish wish) {
  Wish before = wish_.load();
  while (before < wish && !wish_.compare_exchange_weak(before, wish)) {
  }
  events_.post([] {});
}

void JobControl::stop() { wish(Wish::stop); }
void JobControl::finish() { wish(Wish::finish); }
void JobControl::cancel() { wish(Wish::cancel); }

void JobControl::wait() {
  std::unique_lock lock{mutex_};
  if (!is_started_) throw Error{"job '" + graph_.job_name + "' was not started"};
  changed_.wait(lock, [this] { return has_ended_; });
  if (error_) std::rethrow_exception(error_);
}

bool JobControl::wait_for(Duration at_most) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, at_most, [this] { return has_ended_; });
}

void JobControl::savepoint(const std::string& name) {
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> result = done->get_future();
  {
    const std::lock_guard lock{mutex_};
    if (attempt_ == nullptr || has_ended_) {
      throw Error{"savepoint '" + name + "': job '" + graph_.job_name + "' does not run"};
    }
    if (!backend_->has_storage()) {
      throw Error{"savepoint '" + name + "': job '" + graph_.job_name +
                  "' has no checkpoints.directory"};
    }
    events_.post([this, name, done = std::move(done)] { start_savepoint(name, done); });
  }
  try {
    result.get();
  } catch (const std::future_error&) {  // The event was dropped.
    throw Error{"savepoint '" + name + "': the attempt ended before it"};
  }
}

void JobControl::start_savepoint(const std::string& name,
                                 const std::shared_ptr<std::promise<void>>& done) {
  attempt_->request_savepoint(name, [done](std::exception_ptr error) {
    if (error) {
      done->set_exception(std::move(error));
    } else {
      done->set_value();
    }
  });
}

JobStatus JobControl::status() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

JobProgress JobControl::progress() const {
  const std::lock_guard lock{mutex_};
  JobProgress progress = attempt_ != nullptr ? progress_of(*attempt_) : last_progress_;
  progress.last_checkpoint = status_.last_checkpoint;
  return progress;
}

Metrics JobControl::metrics() const {
  const std::lock_guard lock{mutex_};
  if (attempt_ == nullptr) return last_metrics_;
  return metrics_of(*attempt_, graph_);
}

}  // namespace weir::inline v0::detail
