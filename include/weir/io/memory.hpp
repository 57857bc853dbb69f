// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "weir/detail/io/indexed_source.hpp"
#include "weir/record.hpp"
#include "weir/source.hpp"

/// Sources and sinks that need no broker. Every factory returns what `Topology::source` and
/// `Stream::to` take. Sources are bounded and replayable unless they say otherwise.
namespace weir::inline v0::io {

/// Into how many splits a source in memory is cut: consecutive parts of about the same size. Part
/// of what a checkpoint fits: another number is refused at a restart. At least 1.
struct SplitOptions {
  std::uint32_t splits = 1;
};

/// The integers `first` up to but not including `last`. None if last <= first.
///
///     topology.source("numbers", weir::io::range(0, 1'000'000, {.splits = 4}))
inline std::shared_ptr<Source<std::int64_t>> range(std::int64_t first, std::int64_t last,
                                                   SplitOptions options = {}) {
  const std::uint64_t count =
      last > first ? static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) : 0;
  const auto fill = [first](RecordBatch<std::int64_t>& out, std::uint64_t index,
                            std::uint64_t number) {
    const std::uint64_t start = static_cast<std::uint64_t>(first) + index;
    for (std::uint64_t i = 0; i < number; ++i) out.push(static_cast<std::int64_t>(start + i));
    out.add_bytes(number * sizeof(std::int64_t));
  };
  return detail::indexed_source<std::int64_t>({.count = count, .splits = options.splits}, fill);
}

/// Records that the caller keeps alive, and unchanged, until the job is gone; not copied.
template <class T>
std::shared_ptr<Source<T>> lend(std::span<const T> records, SplitOptions options = {}) {
  const auto fill = [records](RecordBatch<T>& out, std::uint64_t index, std::uint64_t number) {
    out.lend(records.data() + index, number);
    out.add_bytes(number * sizeof(T));
  };
  return detail::indexed_source<T>({.count = records.size(), .splits = options.splits}, fill);
}

/// Records in memory. At a restart of the program they have to be the same again.
///
///     topology.source("words", weir::io::values<std::string>({"a", "b", "a"}))
template <class T>
std::shared_ptr<Source<T>> values(std::vector<T> records, SplitOptions options = {}) {
  // Shared by the readers, which lend from it.
  const auto kept = std::make_shared<const std::vector<T>>(std::move(records));
  const auto fill = [kept](RecordBatch<T>& out, std::uint64_t index, std::uint64_t number) {
    out.lend(kept->data() + index, number);
    out.add_bytes(number * sizeof(T));
  };
  return detail::indexed_source<T>({.count = kept->size(), .splits = options.splits}, fill);
}

/// Records in memory that bring their event time: Source::has_event_time() is true.
///
///     weir::io::timed_values<std::string>({{"a", weir::EventTime{1}}, {"b", weir::EventTime{2}}})
template <class T>
std::shared_ptr<Source<T>> timed_values(std::vector<Record<T>> records, SplitOptions options = {}) {
  const auto kept = std::make_shared<const std::vector<Record<T>>>(std::move(records));
  const auto fill = [kept](RecordBatch<T>& out, std::uint64_t index, std::uint64_t number) {
    for (std::uint64_t i = index; i < index + number; ++i) {
      const Record<T>& record = (*kept)[i];
      out.push(record.value, record.time);
    }
    out.add_bytes(number * sizeof(T));
  };
  return detail::indexed_source<T>(
      {.count = kept->size(), .splits = options.splits, .has_event_time = true}, fill);
}

struct GenerateOptions {
  std::uint32_t splits = 1;  ///< As in SplitOptions.
  /// Records per second of the whole source, from the start of each attempt; 0: as fast as they
  /// are taken.
  double per_second = 0;
};

/// `count` records, each computed of its number 0, 1, 2, ...: `make(std::uint64_t) -> T`. Called
/// on several workers at once, and again for the same number after a failure: it must return the
/// same. What it throws ends the attempt.
///
///     weir::io::generate<Click>(1'000'000, [](std::uint64_t i) { return click_number(i); })
template <class T, class Make>
std::shared_ptr<Source<T>> generate(std::uint64_t count, Make make, GenerateOptions options = {}) {
  const auto fill = [make = std::move(make)](RecordBatch<T>& out, std::uint64_t index,
                                             std::uint64_t number) {
    for (std::uint64_t i = index; i < index + number; ++i) out.push(make(i));
    out.add_bytes(number * sizeof(T));
  };
  return detail::indexed_source<T>(
      {.count = count, .splits = options.splits, .per_second = options.per_second}, fill);
}

}  // namespace weir::inline v0::io
