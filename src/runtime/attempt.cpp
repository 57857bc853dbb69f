// SPDX-License-Identifier: Apache-2.0
#include "runtime/attempt.hpp"

#include <algorithm>
#include <utility>

#include "graph/partitions.hpp"
#include "graph/through_topics.hpp"
#include "weir/detail/state/shard_state.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

/// User code that holds a worker for longer is reported by name.
constexpr std::int64_t kSlowStepNs = 1'000'000'000;
constexpr std::int64_t kWatchEveryNs = 250'000'000;
/// Rates are averages over at least so long.
constexpr std::int64_t kRateSpanNs = 1'000'000'000;

std::int64_t ns_of(Duration span) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(span).count();
}

}  // namespace

Attempt::Attempt(AttemptServices services)
    : services_{std::move(services)},
      door_{std::make_shared<AttemptDoor>(*this, *services_.coordinator)} {
  environment_.graph = services_.graph;
  environment_.plan = services_.plan;
  environment_.clock = services_.clock;
  environment_.files = services_.files;
  environment_.instance = services_.options->instance;
  environment_.guarantee = services_.options->guarantee;
  environment_.is_ordered = services_.is_ordered;
  environment_.keeps_deltas = services_.checkpoints->keeps_deltas();
  environment_.must_wait_for_commit = [this] {
    return environment_.keeps_deltas && services_.budget->must_wait_for_commit();
  };
  environment_.on_storage_thread = [this](std::function<void()> work) {
    services_.storage->post([this, work = std::move(work)] {
      try {
        work();
      } catch (...) {
        environment_.fail(std::current_exception());
      }
    });
  };
  environment_.fail = [this](std::exception_ptr error) {
    services_.coordinator->post([this, error] { fail(error); });
  };
}

Attempt::~Attempt() { door_->close(); }

WorkerEvents Attempt::worker_events() {
  WorkerEvents events;
  events.on_part = [this](TaskPart part) {
    auto shared = std::make_shared<TaskPart>(std::move(part));
    services_.coordinator->post([this, shared] { on_part(std::move(*shared)); });
  };
  events.on_ended = [this] { services_.coordinator->post([this] { on_worker_ended(); }); };
  events.on_failure = [this](std::exception_ptr error) { environment_.fail(error); };
  return events;
}

/// The authority may use them when the attempt is over.
AuthorityEvents Attempt::authority_events() const {
  AuthorityEvents events;
  events.hand_over = [door = door_](const std::string& reason) {
    door->post([reason](Attempt& attempt) { attempt.request_hand_over(reason); });
  };
  events.fail = [door = door_](std::exception_ptr error) {
    door->post([error](Attempt& attempt) { attempt.fail(error); });
  };
  return events;
}

void Attempt::open() {
  bind_partitions(*services_.plan, *services_.graph);
  const RestoredTasks restored = services_.checkpoints->recover(authority_events());
  AssemblyOptions options;
  options.workers = services_.workers;
  options.channel = {services_.options->exchange.ring_elements,
                     services_.options->exchange.ring_bytes};
  options.batch_records = services_.options->exchange.batch_records;
  options.events = worker_events();
  options.make_state = [this](const PlanStage& stage, ShardId shard) {
    return services_.checkpoints->make_state(stage, shard);
  };
  options.load_state = [this](const PlanStage& stage, ShardId shard, ShardState& state) {
    services_.checkpoints->load_state(stage, shard, state);
  };
  assembly_ = std::make_unique<Assembly>(environment_, std::move(options), restored);
  services_.checkpoints->begin();
  watches_.resize(assembly_->workers().size());
  next_start_ns_ = services_.clock->monotonic_ns() + ns_of(services_.options->checkpoints.interval);
  for (const auto& worker : assembly_->workers()) worker->start();
}

void Attempt::tell_all(WorkerMessage message) {
  for (const auto& worker : assembly_->workers()) worker->tell(message);
}

bool Attempt::takes_checkpoints() const { return services_.checkpoints->keeps_deltas(); }

bool Attempt::is_due(std::int64_t now_ns) const {
  if (pending_ || is_storing_ || phase_ == Phase::ended || phase_ == Phase::draining) return false;
  if (!takes_checkpoints() || phase_ == Phase::last_checkpoint) return false;
  return now_ns >= next_start_ns_ || is_checkpoint_wanted_ || !wanted_savepoints_.empty();
}

std::optional<std::int64_t> Attempt::tick() {
  if (phase_ == Phase::ended) return std::nullopt;
  const std::int64_t now_ns = services_.clock->monotonic_ns();
  check_timeout(now_ns);
  watch_workers(now_ns);
  sample_rates(now_ns);
  if (services_.budget->wants_checkpoint()) is_checkpoint_wanted_ = true;
  if (services_.budget->wants_apply()) services_.checkpoints->apply_deltas();
  if (is_due(now_ns)) start_checkpoint();
  return std::min(now_ns + kWatchEveryNs, takes_checkpoints()
                                              ? std::max(next_start_ns_, now_ns + 1'000'000)
                                              : now_ns + kWatchEveryNs);
}

void Attempt::start_checkpoint() {
  const std::int64_t now_ns = services_.clock->monotonic_ns();
  is_checkpoint_wanted_ = false;
  if (!wanted_savepoints_.empty() && !savepoint_) {
    savepoint_ = std::move(wanted_savepoints_.front());
    wanted_savepoints_.erase(wanted_savepoints_.begin());
  }
  next_start_ns_ = now_ns + ns_of(services_.options->checkpoints.interval);
  pending_.emplace(next_checkpoint_, now_ns, assembly_->tasks());
  ++next_checkpoint_.value;
  tell_all({WorkerMessage::Kind::barrier, pending_->id()});
  if (pending_->is_complete()) on_all_parts();
}

void Attempt::on_part(TaskPart part) {
  if (phase_ == Phase::ended || !pending_) return;
  const PlanStage& stage = services_.plan->stages[part.stage.value];
  const std::string task = stage.name + "/" + part.task;
  pending_->add(task, std::move(part));
  if (pending_->is_complete()) on_all_parts();
}

/// Hands the parts to the storage thread: stages, writes, commits, publishes.
void Attempt::on_all_parts() {
  const CheckpointId checkpoint = pending_->id();
  const bool is_last = phase_ == Phase::last_checkpoint;
  StoreRequest request;
  request.checkpoint = checkpoint;
  request.parts = pending_->take_parts();
  request.is_finished = is_last && planned_ending_ == Ending::finished;
  if (savepoint_) request.savepoint = savepoint_->name;
  is_storing_ = true;
  auto shared = std::make_shared<StoreRequest>(std::move(request));
  environment_.on_storage_thread([this, shared, checkpoint] {
    const std::uint64_t bytes = services_.checkpoints->store(std::move(*shared));
    commit(checkpoint, bytes);
  });
}

/// On the storage thread, again and again while the authority is undecided.
void Attempt::commit(CheckpointId checkpoint, std::uint64_t bytes) {
  if (!services_.checkpoints->commit()) {
    environment_.on_storage_thread([this, checkpoint, bytes] { commit(checkpoint, bytes); });
    return;
  }
  services_.coordinator->post([this, checkpoint, bytes] { on_committed(checkpoint, bytes); });
  services_.checkpoints->publish(checkpoint);
  services_.coordinator->post([this, checkpoint] { on_published(checkpoint); });
}

void Attempt::on_committed(CheckpointId checkpoint, std::uint64_t bytes) {
  if (phase_ == Phase::ended) return;
  const std::int64_t now_ns = services_.clock->monotonic_ns();
  if (takes_checkpoints()) {
    durations_.observe(static_cast<double>(now_ns - pending_->start_ns()) / 1e6);
    last_bytes_.set(bytes);
    committed_count_.add();
    last_committed_ = checkpoint;
  }
  pending_.reset();
  tell_all({WorkerMessage::Kind::committed, checkpoint});
}

void Attempt::on_published(CheckpointId checkpoint) {
  (void)checkpoint;
  if (phase_ == Phase::ended) return;
  is_storing_ = false;
  if (savepoint_) std::exchange(savepoint_, std::nullopt)->done(nullptr);
  if (phase_ == Phase::last_checkpoint) {
    end(planned_ending_, nullptr);
  } else if (phase_ == Phase::draining) {
    begin_last_checkpoint();
  }
}

void Attempt::on_worker_ended() {
  if (phase_ == Phase::ended) return;
  if (++ended_workers_ < assembly_->workers().size()) return;
  begin_last_checkpoint();
}

/// Everything that will come has come: one more checkpoint commits it.
void Attempt::begin_last_checkpoint() {
  if (phase_ == Phase::last_checkpoint || phase_ == Phase::ended) return;
  phase_ = Phase::draining;
  if (pending_ || is_storing_) return;  // on_published() comes back.
  phase_ = Phase::last_checkpoint;
  start_checkpoint();
}

void Attempt::request_stop() {
  if (phase_ == Phase::running) return stop_as(Ending::stopped);
  if (planned_ending_ == Ending::handed_over) planned_ending_ = Ending::stopped;
}

/// While time ends, everything is about to be committed anyway, and nothing of it could go on
/// elsewhere. Who stands by opens the authority anew in any case.
void Attempt::request_hand_over(std::string reason) {
  const bool is_open = assembly_ != nullptr;
  if (!is_open || phase_ != Phase::running || is_finishing_) return;
  hand_over_reason_ = std::move(reason);
  stop_as(Ending::handed_over);
}

void Attempt::stop_as(Ending ending) {
  planned_ending_ = ending;
  if (!takes_checkpoints()) {
    tell_all({WorkerMessage::Kind::end_reading, {}});  // on_worker_ended() comes back.
    return;
  }
  tell_all({WorkerMessage::Kind::stop_reading, {}});
  begin_last_checkpoint();
}

void Attempt::request_finish() {
  if (phase_ != Phase::running) return;
  is_finishing_ = true;
  tell_all({WorkerMessage::Kind::finish, {}});
}

void Attempt::request_savepoint(std::string name, std::function<void(std::exception_ptr)> done) {
  if (phase_ != Phase::running) {
    done(std::make_exception_ptr(Error{"savepoint '" + name + "': the job is ending"}));
    return;
  }
  if (has_topic_exchange(*services_.graph)) {
    done(std::make_exception_ptr(
        Error{"savepoint '" + name +
              "': a job whose exchange goes through topics has records under way in them, which a "
              "savepoint cannot hold"}));
    return;
  }
  wanted_savepoints_.push_back({std::move(name), std::move(done)});
}

void Attempt::fail(std::exception_ptr error) { end(Ending::failed, std::move(error)); }

void Attempt::end(Ending ending, std::exception_ptr error) {
  if (std::exchange(phase_, Phase::ended) == Phase::ended) return;
  const auto ended = std::make_exception_ptr(Error{"savepoint: the attempt ended before it"});
  if (savepoint_) savepoint_->done(error ? error : ended);
  for (const WantedSavepoint& wanted : wanted_savepoints_) wanted.done(error ? error : ended);
  savepoint_.reset();
  wanted_savepoints_.clear();
  services_.on_end(ending, std::move(error));
}

void Attempt::check_timeout(std::int64_t now_ns) {
  if (!pending_) return;
  const Duration timeout = services_.options->checkpoints.timeout;
  if (now_ns - pending_->start_ns() < ns_of(timeout)) return;
  fail(std::make_exception_ptr(IoError{"checkpoint " + std::to_string(pending_->id().value) +
                                       " took longer than checkpoints.timeout (" +
                                       std::to_string(timeout.count()) + "ms): " + waiting_for()}));
}

/// User code cannot be interrupted; whoever operates the system should know its name.
void Attempt::watch_workers(std::int64_t now_ns) {
  for (std::size_t index = 0; index < watches_.size(); ++index) {
    const Worker::Activity activity = assembly_->workers()[index]->activity();
    Watch& watch = watches_[index];
    if (activity.task == nullptr || activity.step != watch.step || watch.since_ns == 0) {
      watch = {activity.step, now_ns, false};
    } else if (now_ns - watch.since_ns > kSlowStepNs && !std::exchange(watch.is_reported, true)) {
      services_.log->warn("slow-step", "user code blocks worker " + std::to_string(index) +
                                           " for over 1s in task '" + activity.task->name() +
                                           "' (" + activity.task->describe_nodes() + ")");
    }
  }
}

void Attempt::sample_rates(std::int64_t now_ns) {
  const std::int64_t span_ns = now_ns - last_sample_.at_ns;
  if (last_sample_.at_ns != 0 && span_ns < kRateSpanNs) return;
  RateSample sample;
  sample.at_ns = now_ns;
  for (SplitTask* split : assembly_->splits()) {
    sample.records += split->source_metrics()->records_out.get();
    sample.bytes += split->source_metrics()->bytes_in.get();
    sample.steps += split->step_count();
    sample.blocked_steps += split->blocked_step_count();
  }
  for (const auto& worker : assembly_->workers()) sample.busy_ns += worker->busy_ns();
  if (last_sample_.at_ns != 0) {
    const double seconds = static_cast<double>(span_ns) / 1e9;
    const auto rate = [](std::uint64_t now, std::uint64_t before, double per) {
      return per > 0 ? static_cast<double>(now - before) / per : 0.0;
    };
    const auto steps = static_cast<double>(sample.steps - last_sample_.steps);
    const double workers = static_cast<double>(assembly_->workers().size());
    rates_.events_per_second = rate(sample.records, last_sample_.records, seconds);
    rates_.bytes_per_second = rate(sample.bytes, last_sample_.bytes, seconds);
    rates_.backpressure = rate(sample.blocked_steps, last_sample_.blocked_steps, steps);
    rates_.busy = rate(sample.busy_ns, last_sample_.busy_ns, 1e9 * seconds * workers);
  }
  last_sample_ = sample;
}

std::string Attempt::waiting_for() const {
  if (environment_.must_wait_for_commit()) return "a commit: too much state has changed since";
  if (pending_ && !pending_->is_complete()) {
    return "checkpoint " + std::to_string(pending_->id().value) + ": waiting for " +
           pending_->describe_missing();
  }
  const std::string authority = services_.checkpoints->waiting_for();
  if (is_storing_) {
    return "checkpoint " + std::to_string(next_checkpoint_.value - 1) + ": being stored" +
           (authority.empty() ? "" : "; " + authority);
  }
  return authority;
}

}  // namespace weir::inline v0::detail
