// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/export.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// The numbers [first, last) of the records in a split.
struct IndexSpan {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// "1 of 4", "2 of 4", ...: a job that comes back with another number of splits is refused.
WEIR_API std::vector<SplitId> index_splits(std::uint32_t splits);
/// Which records of `count` a split has. Throws: IncompatibleState if there is no such split.
WEIR_API IndexSpan index_span(const SplitId& split, std::uint32_t splits, std::uint64_t count);
WEIR_API Position index_position(std::uint64_t index);
/// Throws: CorruptState; IncompatibleState if the split has no such record and does not end there.
WEIR_API std::uint64_t index_at(const Position& position, const SplitId& split,
                                const IndexSpan& span);

/// Lets through so many records per second of the monotonic clock; 0: any number.
class WEIR_API Pace final {
 public:
  Pace(double per_second, const Clock* clock);
  /// How many of `wanted` may pass now, after `passed` since the start.
  std::uint64_t allowed(std::uint64_t passed, std::uint64_t wanted) const;

 private:
  double per_second_;
  const Clock* clock_;
  std::int64_t start_ns_ = 0;
};

class Ticker;

/// Calls `wake` every few milliseconds until the result is destroyed; null where nothing is paced
/// or I/O is inline. The readers of one source share a thread, which `ticker` remembers.
WEIR_API std::shared_ptr<void> wake_regularly(const SourceContext& context, double per_second,
                                              std::weak_ptr<Ticker>& ticker);

/// How a source of numbered records is cut and paced.
struct IndexedOptions {
  std::uint64_t count = 0;
  std::uint32_t splits = 1;
  double per_second = 0;  ///< Of the whole source.
  bool has_event_time = false;
};
WEIR_API std::vector<std::string> indexed_faults(const IndexedOptions& options);

/// Reads the records of one span: `fill(out, first, count)` adds them.
template <class T, class Fill>
class IndexedReader final : public SplitReader<T> {
 public:
  IndexedReader(Fill fill, IndexSpan span, std::uint64_t next, Pace pace,
                std::shared_ptr<void> waking)
      : fill_{std::move(fill)},
        last_{span.last},
        start_{next},
        next_{next},
        pace_{pace},
        waking_{std::move(waking)} {}

  Poll poll(RecordBatch<T>& out, std::size_t max_records) override {
    if (next_ == last_) return Poll::ended;
    const std::uint64_t wanted = std::min<std::uint64_t>(max_records, last_ - next_);
    const std::uint64_t count = pace_.allowed(next_ - start_, wanted);
    if (count == 0) return Poll::pending;
    fill_(out, next_, count);
    next_ += count;
    return Poll::records;
  }
  Position position() const override { return index_position(next_); }
  std::uint64_t record_number() const override { return next_; }
  std::optional<std::uint64_t> lag() const override { return last_ - next_; }

 private:
  const Fill fill_;
  const std::uint64_t last_;
  const std::uint64_t start_;
  std::uint64_t next_;
  const Pace pace_;
  const std::shared_ptr<void> waking_;  // Lives as long as the reader; shared with nobody.
};

/// Records that are known by their numbers, 0 up to a count.
template <class T, class Fill>
class IndexedSource final : public Source<T> {
 public:
  IndexedSource(IndexedOptions options, Fill fill) : options_{options}, fill_{std::move(fill)} {}

  bool is_bounded() const override { return true; }
  bool has_event_time() const override { return options_.has_event_time; }
  std::vector<std::string> faults() const override { return indexed_faults(options_); }
  std::vector<SplitId> splits(const SourceContext&) override {
    return index_splits(options_.splits);
  }
  std::unique_ptr<SplitReader<T>> open(const SplitId& split,
                                       const std::optional<Position>& position,
                                       const SourceContext& context) override {
    const IndexSpan span = index_span(split, options_.splits, options_.count);
    return std::make_unique<IndexedReader<T, Fill>>(
        fill_, span, position ? index_at(*position, split, span) : span.first,
        Pace{options_.per_second / options_.splits, context.clock},
        wake_regularly(context, options_.per_second, ticker_));
  }

 private:
  const IndexedOptions options_;
  const Fill fill_;
  std::weak_ptr<Ticker> ticker_;  // Kept alive by the readers.
};

template <class T, class Fill>
std::shared_ptr<Source<T>> indexed_source(IndexedOptions options, Fill fill) {
  return std::make_shared<IndexedSource<T, Fill>>(options, std::move(fill));
}

}  // namespace weir::inline v0::detail
