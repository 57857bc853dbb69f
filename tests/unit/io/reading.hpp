// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/clock.hpp"
#include "weir/detail/dataflow/batch.hpp"
#include "weir/source.hpp"

namespace weir::io_test {

/// A clock that tests turn by hand.
class HandClock final : public Clock {
 public:
  EventTime now() const override { return EventTime{ns / 1'000'000}; }
  std::int64_t monotonic_ns() const override { return ns; }
  void advance(Duration span) { ns += span.count() * 1'000'000; }

  std::int64_t ns = 1'000'000'000'000;
};

/// What one poll gave.
template <class T>
struct Polled {
  Poll poll = Poll::nothing;
  std::vector<T> values;
  std::vector<EventTime> times;
  std::vector<typename RecordBatch<T>::Bad> bad;
  const T* lent = nullptr;
  std::size_t bytes = 0;
};

template <class T>
Polled<T> poll_once(SplitReader<T>& reader, std::size_t max_records = 1'000) {
  const auto batch = detail::Ref<detail::OwnedBatch<T>>::adopt(new detail::OwnedBatch<T>);
  RecordBatch<T> out{*batch};
  Polled<T> polled;
  polled.poll = reader.poll(out, max_records);
  polled.values = batch->values;
  if (out.lent() != nullptr) polled.values.assign(out.lent(), out.lent() + out.lent_count());
  polled.times = batch->times;
  polled.bad = out.bad();
  polled.lent = out.lent();
  polled.bytes = batch->bytes;
  return polled;
}

/// Everything that a reader has, in polls of `max_records`. For readers that never wait.
template <class T>
std::vector<T> read_all(SplitReader<T>& reader, std::size_t max_records = 7) {
  std::vector<T> all;
  while (true) {
    Polled<T> polled = poll_once(reader, max_records);
    if (polled.poll == Poll::ended) return all;
    all.insert(all.end(), polled.values.begin(), polled.values.end());
  }
}

/// A world on one thread.
inline SourceContext inline_context(FileSystem* files = nullptr, Clock* clock = nullptr) {
  SourceContext context;
  context.node = "source";
  context.clock = clock;
  context.files = files;
  context.wake = [] {};
  context.inline_io = true;
  return context;
}

/// All records of all splits, split by split.
template <class T>
std::vector<T> read_all(Source<T>& source, const SourceContext& context) {
  std::vector<T> all;
  for (const SplitId& split : source.splits(context)) {
    const auto reader = source.open(split, std::nullopt, context);
    for (T& value : read_all(*reader)) all.push_back(std::move(value));
  }
  return all;
}

}  // namespace weir::io_test
