// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/io/push_gate.hpp"
#include "weir/error.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// What a record counts for in a bounded queue.
template <class T>
std::size_t queued_bytes_of(const T& record) {
  if constexpr (requires {
                  { memory_bytes(record) } -> std::convertible_to<std::size_t>;
                }) {
    return memory_bytes(record);
  } else if constexpr (requires { record.size() * sizeof(*record.begin()); }) {
    return sizeof(T) + record.size() * sizeof(*record.begin());
  } else {
    return sizeof(T);
  }
}

/// Throws Error: push() of a source with event times, push_at() of one without, a record without a
/// position for one that has producers.
WEIR_API void check_push(bool has_time, bool source_has_time, bool has_position,
                         bool source_has_positions);

template <class T>
class PushNode;

/// What the handles of a push source and its readers share.
template <class T>
struct PushState final : std::enable_shared_from_this<PushState<T>> {
  struct Entry {
    T value;
    EventTime time;
    std::uint64_t position;
    std::size_t bytes;
  };

  PushState(PushSettings settings, bool has_time)
      : has_event_time{has_time}, gate{std::move(settings)}, queues(gate.splits().size()) {}

  template <class U>
  io::PushResult push(U&& record, PushRequest request) {
    check_push(false, has_event_time, request.position.has_value(), gate.has_positions());
    return place(std::forward<U>(record), EventTime::min(), request);
  }
  template <class U>
  io::PushResult push_at(U&& record, EventTime time, PushRequest request) {
    check_push(true, has_event_time, request.position.has_value(), gate.has_positions());
    return place(std::forward<U>(record), time, request);
  }
  template <class U>
  io::PushResult place(U&& record, EventTime time, PushRequest& request) {
    request.bytes = queued_bytes_of<T>(record);
    return gate.push(request, [&] {
      queues[request.producer].push_back(
          {std::forward<U>(record), time, request.position.value_or(0), request.bytes});
    });
  }

  /// Made when it is first asked for; the job keeps it alive, the handles do not.
  std::shared_ptr<Source<T>> source() {
    const std::scoped_lock lock{source_mutex};
    std::shared_ptr<Source<T>> known = made_source.lock();
    if (known == nullptr) {
      known = std::make_shared<PushNode<T>>(this->shared_from_this());
      made_source = known;
    }
    return known;
  }

  const bool has_event_time;
  PushGate gate;
  std::vector<std::deque<Entry>> queues;  // One per producer; guarded by the gate.
  std::mutex source_mutex;                // Guards made_source: handles are used by any thread.
  std::weak_ptr<Source<T>> made_source;
};

/// Reads what one producer has pushed.
template <class T>
class PushReader final : public SplitReader<T> {
 public:
  PushReader(std::shared_ptr<PushState<T>> state, std::size_t producer)
      : state_{std::move(state)}, producer_{producer} {}
  ~PushReader() override { state_->gate.reader_gone(producer_); }

  Poll poll(RecordBatch<T>& out, std::size_t max_records) override {
    return state_->gate.take(producer_, [&] { return take(out, max_records); });
  }
  Position position() const override { return state_->gate.position(producer_); }
  std::uint64_t record_number() const override { return state_->gate.record_number(producer_); }
  std::optional<std::uint64_t> lag() const override { return state_->gate.queued(producer_); }

 private:
  PushTaken take(RecordBatch<T>& out, std::size_t max_records) {
    auto& queue = state_->queues[producer_];
    PushTaken taken;
    for (; taken.records < max_records && !queue.empty(); ++taken.records) {
      auto& entry = queue.front();
      taken.bytes += entry.bytes;
      taken.last_position = entry.position;
      if (state_->has_event_time) {
        out.push(std::move(entry.value), entry.time);
      } else {
        out.push(std::move(entry.value));
      }
      queue.pop_front();
    }
    out.add_bytes(taken.bytes);
    return taken;
  }

  const std::shared_ptr<PushState<T>> state_;  // Shared with the handles.
  const std::size_t producer_;
};

template <class T>
class PushNode final : public Source<T> {
 public:
  explicit PushNode(std::shared_ptr<PushState<T>> state) : state_{std::move(state)} {}
  ~PushNode() override { state_->gate.job_ended(); }

  bool is_bounded() const override { return state_->gate.is_closed(); }
  bool is_replayable() const override { return state_->gate.has_positions(); }
  bool has_event_time() const override { return state_->has_event_time; }
  std::vector<std::string> faults() const override { return state_->gate.faults(); }
  std::vector<SplitId> splits(const SourceContext&) override { return state_->gate.splits(); }
  std::unique_ptr<SplitReader<T>> open(const SplitId& split,
                                       const std::optional<Position>& position,
                                       const SourceContext& context) override {
    const std::size_t producer = state_->gate.producer(split.value);
    auto reader = std::make_unique<PushReader<T>>(state_, producer);
    state_->gate.open(producer, position, context.wake, [&] { state_->queues[producer].clear(); });
    return reader;
  }
  void committed(const SplitId& split, const Position& position) override {
    state_->gate.committed(state_->gate.producer(split.value), position);
  }
  void job_ended() override { state_->gate.job_ended(); }

 private:
  const std::shared_ptr<PushState<T>> state_;  // Shared with the handles.
};

}  // namespace weir::inline v0::detail
