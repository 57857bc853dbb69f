// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/sim_log.hpp"

#include <chrono>
#include <list>
#include <mutex>
#include <optional>

#include "testing/log_state.hpp"

namespace weir::inline v0::testing {

std::string to_string(const LogPartition& partition) {
  return partition.topic + "/" + std::to_string(partition.number);
}

/// The log behind its lock. A mutex here, outside of the runtime, because it stands for a broker:
/// every thread of a job talks to it.
class SimLog::Shared final : public std::enable_shared_from_this<Shared> {
 public:
  Shared(Effects& effects, const Clock& clock, std::uint64_t seed)
      : effects_{effects}, clock_{clock}, random_{seed} {}

  /// Runs `look(state)` under the lock, after transactions that ran out of time have ended.
  template <class Look>
  auto look(Look look) {
    const std::lock_guard lock{mutex_};
    state_.expire(clock_.monotonic_ns());
    return look(state_);
  }
  /// An effect on the log by a process that lives; wakes readers.
  template <class Act>
  auto act(Effects& process, const char* operation, const std::string& object, Act act) {
    const struct Wake {
      Shared& shared;
      ~Wake() { shared.wake_all(); }
    } wake{*this};
    return process.run(operation, object, [&] { return look(act); });
  }

  bool happens(double LogFaults::*fault) {
    const std::lock_guard lock{mutex_};
    return random_.chance(faults_.*fault);
  }
  /// By chance, and not again so soon: a second time would be a rival, who is not a fault of the
  /// world.
  bool is_taken_over() {
    constexpr std::int64_t kRestNs = 20'000'000'000;
    if (!happens(&LogFaults::fenced)) return false;
    const std::lock_guard lock{mutex_};
    const std::int64_t now_ns = clock_.monotonic_ns();
    if (taken_over_at_ns_ && now_ns - *taken_over_at_ns_ < kRestNs) return false;
    taken_over_at_ns_ = now_ns;
    return true;
  }
  void set_faults(const LogFaults& faults) {
    const std::lock_guard lock{mutex_};
    faults_ = faults;
  }
  std::int64_t now_ns() const { return clock_.monotonic_ns(); }
  Effects& effects() noexcept { return effects_; }

  std::shared_ptr<void> listen(std::function<void()> listener) {
    const std::lock_guard lock{listeners_mutex_};
    const auto place = listeners_.insert(listeners_.end(), std::move(listener));
    return {nullptr, [self = shared_from_this(), place](void*) {
              const std::lock_guard erase_lock{self->listeners_mutex_};
              self->listeners_.erase(place);
            }};
  }
  void wake_all() {
    const std::lock_guard lock{listeners_mutex_};
    for (const auto& listener : listeners_) listener();
  }

 private:
  Effects& effects_;
  const Clock& clock_;
  std::mutex mutex_;  // Guards what follows; held for no call out of here.
  LogState state_;
  Random random_;
  LogFaults faults_;
  std::optional<std::int64_t> taken_over_at_ns_;
  std::mutex listeners_mutex_;  // Guards the list, and keeps a listener while it is called.
  std::list<std::function<void()>> listeners_;
};

class SimLog::Producer final : public LogProducer {
  enum class Phase : std::uint8_t { idle, open, decided, answer_lost, broken };

 public:
  Producer(std::shared_ptr<Shared> shared, LogState::Session session, Effects& process)
      : shared_{std::move(shared)},
        session_{std::move(session)},
        process_{process},
        generation_{process.generation()} {}

  void begin() override {
    process_.check_alive(generation_);
    if (phase_ != Phase::idle) throw LogError{"producer '" + session_.id + "' cannot begin now"};
    phase_ = Phase::open;
  }

  void append(const LogPartition& partition, const std::vector<LogRecord>& records) override {
    expect_open();
    if (shared_->happens(&LogFaults::append_fails)) {
      break_off();
      throw LogError{"producing to " + to_string(partition) + " failed"};
    }
    act("produce to", to_string(partition),
        [&](LogState& state) { state.append(session_, shared_->now_ns(), partition, records); });
  }

  void send_offsets(const std::string& group, const LogOffsets& offsets) override {
    expect_open();
    act("send offsets of", group,
        [&](LogState& state) { state.send_offsets(session_, shared_->now_ns(), group, offsets); });
  }

  bool commit() override {
    shared_->look([&](LogState& state) { state.check(session_); });
    if (phase_ == Phase::broken) expect_open();
    if (phase_ == Phase::answer_lost) phase_ = Phase::idle;
    if (phase_ == Phase::idle) return true;
    if (shared_->happens(&LogFaults::commit_undecided)) return false;
    if (phase_ == Phase::open) {
      fail_by_chance();
      if (shared_->happens(&LogFaults::commit_unfinished)) {
        act("decide commit of", session_.id,
            [&](LogState& state) { state.decide_commit(session_); });
        phase_ = Phase::decided;
        return false;
      }
    }
    act("commit", session_.id,
        [&](LogState& state) { state.end(session_, LogState::Outcome::commit); });
    phase_ = shared_->happens(&LogFaults::commit_answer_lost) ? Phase::answer_lost : Phase::idle;
    return phase_ == Phase::idle;
  }

  void abort() override {
    act("abort", session_.id,
        [&](LogState& state) { state.end(session_, LogState::Outcome::abort); });
    phase_ = Phase::idle;
  }

 private:
  template <class Act>
  void act(const char* operation, const std::string& object, Act act) {
    process_.check_alive(generation_);
    shared_->act(process_, operation, object, std::move(act));
  }

  void expect_open() const {
    if (phase_ == Phase::open) return;
    throw LogError{"producer '" + session_.id + "' has no transaction to add to"};
  }
  /// The transaction is lost; nothing but a new session helps.
  void break_off() {
    this->abort();
    phase_ = Phase::broken;
  }
  void fail_by_chance() {
    if (shared_->is_taken_over()) {
      shared_->look([&](LogState& state) { state.init(session_.id, 0); });
    }
    if (shared_->happens(&LogFaults::commit_refused)) {
      break_off();
      throw LogError{"the commit of '" + session_.id + "' was refused"};
    }
  }

  const std::shared_ptr<Shared> shared_;  // The log goes on as long as somebody talks to it.
  const LogState::Session session_;
  Effects& process_;
  const std::uint64_t generation_;
  Phase phase_ = Phase::idle;
};

SimLog::SimLog(Effects& effects, const Clock& clock, std::uint64_t seed)
    : shared_{std::make_shared<Shared>(effects, clock, seed)} {}

SimLog::~SimLog() = default;

void SimLog::create_topic(const std::string& topic, std::uint32_t partitions) {
  shared_->look([&](LogState& state) { state.create_topic(topic, partitions); });
}

std::uint32_t SimLog::partition_count(const std::string& topic) const {
  return shared_->look([&](LogState& state) { return state.partition_count(topic); });
}

std::map<std::string, std::uint32_t> SimLog::topics() const {
  return shared_->look([](LogState& state) { return state.topics(); });
}

void SimLog::grow_topic(const std::string& topic, std::uint32_t partitions) {
  shared_->look([&](LogState& state) { state.grow_topic(topic, partitions); });
}

void SimLog::delete_topic(const std::string& topic) {
  shared_->look([&](LogState& state) { state.delete_topic(topic); });
}

void SimLog::delete_records(const LogPartition& partition, std::uint64_t offset) {
  shared_->look([&](LogState& state) { state.delete_records(partition, offset); });
}

std::uint64_t SimLog::first_offset(const LogPartition& partition) const {
  return shared_->look([&](LogState& state) { return state.first_offset(partition); });
}

std::uint64_t SimLog::append(const LogPartition& partition, LogRecord record) {
  const std::uint64_t offset =
      shared_->look([&](LogState& state) { return state.append(partition, std::move(record)); });
  shared_->wake_all();
  return offset;
}

std::uint64_t SimLog::end_offset(const LogPartition& partition) const {
  return shared_->look([&](LogState& state) { return state.end_offset(partition); });
}

std::uint64_t SimLog::last_stable_offset(const LogPartition& partition) const {
  return shared_->look([&](LogState& state) { return state.last_stable_offset(partition); });
}

SimLog::Fetched SimLog::fetch(const LogPartition& partition, std::uint64_t offset,
                              std::size_t record_count_max, Isolation isolation) const {
  if (shared_->happens(&LogFaults::fetch_fails)) {
    throw LogError{"fetching from " + to_string(partition) + " failed"};
  }
  return shared_->look(
      [&](LogState& state) { return state.fetch(partition, offset, record_count_max, isolation); });
}

std::vector<LogRecord> SimLog::committed_records(const std::string& topic) const {
  return shared_->look([&](LogState& state) {
    std::vector<LogRecord> all;
    for (std::uint32_t number = 0; number < state.partition_count(topic); ++number) {
      const LogPartition partition{topic, number};
      Fetched fetched =
          state.fetch(partition, 0, state.end_offset(partition), Isolation::read_committed);
      for (auto& [offset, record] : fetched.records) all.push_back(std::move(record));
    }
    return all;
  });
}

std::unique_ptr<LogProducer> SimLog::init_producer(const std::string& transactional_id,
                                                   Duration timeout, Effects* process) {
  Effects& effects = process != nullptr ? *process : shared_->effects();
  const std::int64_t timeout_ns = std::chrono::nanoseconds{timeout}.count();
  LogState::Session session =
      shared_->act(effects, "init producer", transactional_id,
                   [&](LogState& state) { return state.init(transactional_id, timeout_ns); });
  return std::make_unique<Producer>(shared_, std::move(session), effects);
}

SimLog::Places SimLog::places(const std::string& group, bool require_stable) const {
  return shared_->look([&](LogState& state) { return state.places(group, require_stable); });
}

void SimLog::set_places(const std::string& group, const LogOffsets& offsets) {
  shared_->look([&](LogState& state) { state.set_places(group, offsets); });
}

void SimLog::forget_places(const std::string& group) {
  shared_->look([&](LogState& state) { state.forget_places(group); });
}

bool SimLog::happens(double LogFaults::*fault) { return shared_->happens(fault); }

void SimLog::set_faults(const LogFaults& faults) { shared_->set_faults(faults); }

std::size_t SimLog::open_transaction_count() const {
  return shared_->look([](LogState& state) { return state.open_transaction_count(); });
}

std::shared_ptr<void> SimLog::listen(std::function<void()> listener) {
  return shared_->listen(std::move(listener));
}

}  // namespace weir::inline v0::testing
