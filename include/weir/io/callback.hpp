// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/record.hpp"
#include "weir/sink.hpp"

namespace weir::inline v0::io {

/// What collect() gathers, in the order of arrival. Thread-safe. Holds a record again when it is
/// replayed after a failure.
template <class T>
class Collected final {
 public:
  std::vector<T> values() const {
    const std::scoped_lock lock{mutex_};
    std::vector<T> copies;
    copies.reserve(records_.size());
    for (const Record<T>& record : records_) copies.push_back(record.value);
    return copies;
  }
  /// With event times; EventTime::min() where there are none.
  std::vector<Record<T>> records() const {
    const std::scoped_lock lock{mutex_};
    return records_;
  }
  std::size_t size() const {
    const std::scoped_lock lock{mutex_};
    return records_.size();
  }
  void clear() {
    const std::scoped_lock lock{mutex_};
    records_.clear();
  }
  void add(const Records<T>& records) {
    const std::scoped_lock lock{mutex_};
    for (std::uint32_t i = 0; i < records.count; ++i) {
      records_.push_back({records.value(i), records.time(i)});
    }
  }

 private:
  mutable std::mutex mutex_;  // Workers and the host's threads meet here, and nowhere else.
  std::vector<Record<T>> records_;
};

}  // namespace weir::inline v0::io

namespace weir::inline v0::detail {

/// Calls `take(records)` of all tasks, one after the other.
template <class T, class Take>
class CallbackSink final : public Sink<T> {
 public:
  explicit CallbackSink(Take take) : shared_{std::make_shared<Shared>(std::move(take))} {}

  Guarantee strongest_guarantee() const override { return Guarantee::at_least_once; }
  std::unique_ptr<SinkWriter<T>> writer(const SinkContext&) override {
    return std::make_unique<Writer>(shared_);
  }

 private:
  struct Shared {
    explicit Shared(Take function) : take{std::move(function)} {}
    std::mutex mutex;  // The user's function is called by one worker at a time: the promise.
    Take take;
  };

  class Writer final : public SinkWriter<T> {
   public:
    explicit Writer(std::shared_ptr<Shared> shared) : shared_{std::move(shared)} {}
    void write(const Records<T>& records) override {
      const std::scoped_lock lock{shared_->mutex};
      shared_->take(records);
    }

   private:
    const std::shared_ptr<Shared> shared_;  // Writers may outlive the sink.
  };

  const std::shared_ptr<Shared> shared_;
};

template <class T, class Take>
std::shared_ptr<Sink<T>> callback_sink(Take take) {
  return std::make_shared<CallbackSink<T, Take>>(std::move(take));
}

}  // namespace weir::inline v0::detail

namespace weir::inline v0::io {

/// Calls `function(const T&)` or `function(const T&, EventTime)` for each record, on the worker
/// that made it. Calls never overlap: another worker that has records waits, so the function should
/// be quick. At least once: records are seen again after a failure. What it throws ends the
/// attempt.
///
///     counts.to("print", weir::io::callback<Count>([](const Count& count) { print(count); }))
template <class T, class Function>
std::shared_ptr<Sink<T>> callback(Function function) {
  return detail::callback_sink<T>(
      [function = std::move(function)](const Records<T>& records) mutable {
        for (std::uint32_t i = 0; i < records.count; ++i) {
          if constexpr (std::is_invocable_v<Function&, const T&, EventTime>) {
            function(records.value(i), records.time(i));
          } else {
            function(records.value(i));
          }
        }
      });
}

/// Gathers records in memory, for tests and examples. At least once.
///
///     const auto seen = std::make_shared<weir::io::Collected<Count>>();
///     counts.to("collect", weir::io::collect(seen));
///     ... seen->values()
template <class T>
std::shared_ptr<Sink<T>> collect(std::shared_ptr<Collected<T>> collected) {
  return detail::callback_sink<T>(
      [collected = std::move(collected)](const Records<T>& records) { collected->add(records); });
}

}  // namespace weir::inline v0::io
