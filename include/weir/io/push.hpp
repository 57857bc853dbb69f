// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/io/push_source.hpp"
#include "weir/io/push_result.hpp"
#include "weir/source.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::io {

struct PushOptions {
  /// Bounds of the queue, shared by all producers: whoever pushes beyond them waits. At least 1;
  /// one record of any size fits into an empty queue.
  std::size_t max_records = 65'536;
  /// Sizes as `memory_bytes(record)` says, if there is one for the type; else its own size and that
  /// of the text or elements in it.
  std::size_t max_bytes = std::size_t{64} << 20;
  /// Records are pushed with their event time: push_at().
  bool has_event_time = false;
  /// The producers that push with positions, a split each; the same ones at each start. Empty: one
  /// producer without positions.
  std::vector<std::string> producers{};
  /// Called on the job's storage thread when a position is in a committed checkpoint: what is up to
  /// it will not be asked for again. Must not block, nor call the job.
  std::function<void(const std::string& producer, std::uint64_t position)> committed{};
};

/// As long as it takes.
inline constexpr Duration kForever = Duration::max();

/// One named producer of a push source: records with positions, each once in the result, whatever
/// crashes, if the producer pushes again what was not committed. A value; copies are the same
/// producer. Thread-safe, but records of one producer have an order: push from one thread at a
/// time.
///
///     auto producer = source.producer("orders");
///     producer.wait_until_open();
///     std::uint64_t next = producer.last_committed().value_or(0) + 1;
///     while (next <= log.last()) {
///       if (producer.push(log.record(next), next) == weir::io::PushResult::rewound) {
///         next = producer.last_committed().value_or(0) + 1;
///       } else {
///         ++next;
///       }
///     }
template <class T>
class PushProducer final {
 public:
  PushProducer(std::shared_ptr<detail::PushState<T>> state, std::size_t producer)
      : state_{std::move(state)}, producer_{producer} {}

  /// Positions grow with each record, by any steps; one that is not above the last is taken for one
  /// that came already. Waits for room, and before the job runs for the job. The record is moved
  /// from only when it is pushed.
  template <class U = T>
  PushResult push(U&& record, std::uint64_t position, Duration at_most = kForever) {
    return state_->push(std::forward<U>(record), {producer_, position, 0, at_most});
  }
  template <class U = T>
  PushResult push_at(U&& record, EventTime time, std::uint64_t position,
                     Duration at_most = kForever) {
    return state_->push_at(std::forward<U>(record), time, {producer_, position, 0, at_most});
  }
  /// Does not wait.
  template <class U = T>
  PushResult try_push(U&& record, std::uint64_t position) {
    return push(std::forward<U>(record), position, Duration{0});
  }

  /// Waits until the job has restored its positions. Returns false if that took too long or the job
  /// has ended.
  bool wait_until_open(Duration at_most = kForever) {
    return state_->gate.wait_until_open(producer_, at_most);
  }
  /// The last position that is in a committed checkpoint; empty: none, or not known yet.
  std::optional<std::uint64_t> last_committed() const {
    return state_->gate.last_committed(producer_);
  }
  /// No more records come from this producer: its split ends.
  void close() { state_->gate.close(producer_); }

 private:
  std::shared_ptr<detail::PushState<T>> state_;  // Shared with the source and the other handles.
  std::size_t producer_;
};

/// Records that the host's threads push into a job.
///
///     weir::io::PushSource<Click> clicks;
///     topology.source("clicks", clicks.source()).for_each(...);
///     ...
///     clicks.push(Click{"u1", "/home"});   // from any thread, also before the job runs
///     clicks.close();                      // the job ends when all is done
///
/// Without named producers records have no positions: at most once across a crash (with
/// exactly_once a ConfigError). A value; copies are the same queue. Thread-safe.
template <class T>
class PushSource final {
 public:
  explicit PushSource(PushOptions options = {})
      : state_{std::make_shared<detail::PushState<T>>(
            detail::PushSettings{options.max_records, options.max_bytes,
                                 std::move(options.producers), std::move(options.committed)},
            options.has_event_time)} {}

  /// What Topology::source takes; always the same object.
  std::shared_ptr<Source<T>> source() const { return state_->source(); }
  operator std::shared_ptr<Source<T>>() const { return source(); }  // NOLINT: conversion is wanted.

  /// Waits while the queue is full, at most as long as given; a blocked call returns `closed` when
  /// the job ends. Throws: Error, if the source has named producers, or records with event times.
  template <class U = T>
  PushResult push(U&& record, Duration at_most = kForever) {
    return state_->push(std::forward<U>(record), {0, std::nullopt, 0, at_most});
  }
  /// The same with an event time. Throws: Error, if the source has none.
  template <class U = T>
  PushResult push_at(U&& record, EventTime time, Duration at_most = kForever) {
    return state_->push_at(std::forward<U>(record), time, {0, std::nullopt, 0, at_most});
  }
  /// Does not wait.
  template <class U = T>
  PushResult try_push(U&& record) {
    return push(std::forward<U>(record), Duration{0});
  }

  /// Throws: ConfigError if it was not named in the options.
  PushProducer<T> producer(const std::string& name) const {
    return {state_, state_->gate.producer(name)};
  }
  /// See PushProducer::last_committed().
  std::optional<std::uint64_t> last_committed(const std::string& name) const {
    return producer(name).last_committed();
  }

  /// No more records come: what waits is still read, then the source ends.
  void close() { state_->gate.close_all(); }

 private:
  std::shared_ptr<detail::PushState<T>> state_;  // Shared with the source and the other handles.
};

}  // namespace weir::inline v0::io
