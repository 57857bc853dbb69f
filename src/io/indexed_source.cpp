// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/io/indexed_source.hpp"

#include <cmath>

#include "io/ticker.hpp"
#include "weir/bytes.hpp"
#include "weir/clock.hpp"
#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr double kNsPerSecond = 1e9;
constexpr std::uint32_t kSplitsMax = 65'536;

std::string name_of(std::uint32_t number, std::uint32_t splits) {
  return std::to_string(number + 1) + " of " + std::to_string(splits);
}

}  // namespace

std::vector<SplitId> index_splits(std::uint32_t splits) {
  std::vector<SplitId> ids;
  for (std::uint32_t number = 0; number < splits; ++number) {
    ids.push_back({name_of(number, splits)});
  }
  return ids;
}

IndexSpan index_span(const SplitId& split, std::uint32_t splits, std::uint64_t count) {
  const std::uint64_t size = count / splits;
  const std::uint64_t longer = count % splits;  // The first splits have one record more.
  const auto start = [&](std::uint64_t number) { return number * size + std::min(number, longer); };
  for (std::uint32_t number = 0; number < splits; ++number) {
    if (split.value == name_of(number, splits)) return {start(number), start(number + 1)};
  }
  throw IncompatibleState("the source has no split '" + split.value + "' but " +
                          std::to_string(splits) +
                          " others; go on with the number of splits that the job began with");
}

Position index_position(std::uint64_t index) {
  ByteWriter out;
  out.varint(index);
  return {out.take()};
}

std::uint64_t index_at(const Position& position, const SplitId& split, const IndexSpan& span) {
  ByteReader in{position.bytes};
  const std::uint64_t index = in.varint();
  if (index >= span.first && index <= span.last) return index;
  throw IncompatibleState("split '" + split.value + "' has the records " +
                          std::to_string(span.first) + " up to " + std::to_string(span.last) +
                          ", but the checkpoint continues at " + std::to_string(index) +
                          "; go on with the records that the job began with");
}

Pace::Pace(double per_second, const Clock* clock) : per_second_{per_second}, clock_{clock} {
  if (per_second_ > 0) start_ns_ = clock_->monotonic_ns();
}

std::uint64_t Pace::allowed(std::uint64_t passed, std::uint64_t wanted) const {
  if (per_second_ <= 0) return wanted;
  const auto elapsed_ns = static_cast<double>(clock_->monotonic_ns() - start_ns_);
  const auto due = static_cast<std::uint64_t>(elapsed_ns / kNsPerSecond * per_second_);
  return due > passed ? std::min(wanted, due - passed) : 0;
}

std::shared_ptr<void> wake_regularly(const SourceContext& context, double per_second,
                                     std::weak_ptr<Ticker>& ticker) {
  if (per_second <= 0 || context.inline_io || !context.wake) return nullptr;
  std::shared_ptr<Ticker> shared = ticker.lock();
  if (shared == nullptr) {
    shared = std::make_shared<Ticker>("pace " + context.node);
    ticker = shared;
  }
  return shared->add(context.wake);
}

std::vector<std::string> indexed_faults(const IndexedOptions& options) {
  std::vector<std::string> faults;
  if (options.splits == 0 || options.splits > kSplitsMax) {
    faults.push_back("splits is " + std::to_string(options.splits) + "; it must be 1 to " +
                     std::to_string(kSplitsMax));
  }
  if (!std::isfinite(options.per_second) || options.per_second < 0) {
    faults.push_back("per_second is " + std::to_string(options.per_second) +
                     "; it must be 0 (no limit) or more");
  }
  return faults;
}

}  // namespace weir::inline v0::detail
