// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/detail/assert.hpp"
#include "weir/error.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::testing {

struct FeedOptions {
  std::uint32_t splits = 1;
  /// Records are pushed with a time; `Stream::event_time()` makes watermarks of them.
  bool has_times = false;
  /// Records are pushed with a time, and the test says with watermark() how far time has come: the
  /// stream needs no event_time().
  bool has_watermarks = false;
  /// The topic whose partitions the splits are, for keyed_by_partition().
  std::string topic = "feed";
  /// The splits that the job reads, as if other processes had the rest; nullopt: all.
  std::optional<std::vector<std::uint32_t>> assigned = std::nullopt;
};

/// A source that a test pushes into. Goes with Driver.
///
///     Feed<Click> clicks{{.has_watermarks = true}};
///     topology.source("clicks", clicks.source()).key_by(&Click::user)...
///     Driver driver{topology};
///     clicks.push({"ann"}, EventTime{5});
///     clicks.watermark(EventTime{10});
///     driver.settle();
///
/// Replayable: it keeps everything, and a position is a number of elements. Its splits count as
/// active, however long nothing comes, until idle(). Not thread-safe: Driver has one thread.
template <class T>
class Feed final {
 public:
  explicit Feed(FeedOptions options = {}) : shared_{std::make_shared<Shared>()} {
    shared_->options = std::move(options);
    shared_->splits.resize(shared_->options.splits);
  }

  /// What Topology::source takes.
  std::shared_ptr<Source<T>> source() const { return std::make_shared<FeedSource>(shared_); }

  void push(T value, std::uint32_t split = 0) { add({std::move(value), std::nullopt, {}}, split); }
  void push(T value, EventTime time, std::uint32_t split = 0) {
    add({std::move(value), time, {}}, split);
  }
  /// Requires: has_watermarks.
  void watermark(EventTime watermark, std::uint32_t split = 0) {
    add({std::nullopt, watermark, Mark::watermark}, split);
  }
  /// Nothing is left to fetch, as a source with nothing to say: until the next push.
  void idle(std::uint32_t split = 0) { add({std::nullopt, std::nullopt, Mark::idle}, split); }
  /// No more will come in any split.
  void end() { shared_->has_ended = true; }

 private:
  enum class Mark : std::uint8_t { none, watermark, idle };
  struct Element {
    std::optional<T> value;
    std::optional<EventTime> time;
    Mark mark = Mark::none;
  };
  struct Shared {
    FeedOptions options;
    std::vector<std::vector<Element>> splits;
    bool has_ended = false;
  };

  void add(Element element, std::uint32_t split) {
    shared_->splits.at(split).push_back(std::move(element));
  }

  class Reader final : public SplitReader<T> {
   public:
    Reader(std::shared_ptr<const Shared> shared, std::size_t split, std::size_t next)
        : shared_{std::move(shared)}, split_{split}, next_{next} {}

    Poll poll(RecordBatch<T>& out, std::size_t max_records) override {
      const std::vector<Element>& elements = shared_->splits[split_];
      if (is_idle_ && (next_ < elements.size() || shared_->has_ended)) {
        is_idle_ = false;
        return Poll::pending;
      }
      while (next_ < elements.size() && out.size() < max_records) {
        const Element& element = elements[next_];
        if (element.mark != Mark::none) return out.size() > 0 ? Poll::records : pass(element, out);
        add(out, element);
        ++next_;
      }
      if (out.size() > 0) return Poll::records;
      return shared_->has_ended ? Poll::ended : is_idle_ ? Poll::nothing : Poll::pending;
    }
    Position position() const override { return {std::to_string(next_)}; }
    std::uint64_t record_number() const override { return next_; }

   private:
    void add(RecordBatch<T>& out, const Element& element) const {
      const bool is_timed = shared_->options.has_times || shared_->options.has_watermarks;
      WEIR_ASSERT(element.time.has_value() == is_timed, "the feed has times: ", is_timed);
      if (is_timed) {
        out.push(*element.value, *element.time);
      } else {
        out.push(*element.value);
      }
    }
    Poll pass(const Element& element, RecordBatch<T>& out) {
      ++next_;
      is_idle_ = element.mark == Mark::idle;
      if (is_idle_) return Poll::nothing;
      WEIR_ASSERT(shared_->options.has_watermarks, "the feed has watermarks: ", false);
      out.watermark(*element.time);
      return Poll::records;
    }

    const std::shared_ptr<const Shared> shared_;  // The test's own.
    const std::size_t split_;
    std::size_t next_;
    bool is_idle_ = false;
  };

  class FeedSource final : public Source<T> {
   public:
    explicit FeedSource(std::shared_ptr<const Shared> shared) : shared_{std::move(shared)} {}

    bool is_bounded() const override { return true; }
    bool has_event_time() const override { return shared_->options.has_times || has_watermarks(); }
    bool has_watermarks() const override { return shared_->options.has_watermarks; }
    std::vector<SplitId> splits(const SourceContext&) override {
      std::vector<SplitId> splits;
      for (std::uint32_t split = 0; split < partition_count(); ++split) {
        if (is_assigned(split)) splits.push_back({std::to_string(split)});
      }
      return splits;
    }
    std::optional<std::string> partitioned_topic() const override { return shared_->options.topic; }
    std::uint32_t partition_count() override { return shared_->options.splits; }
    std::uint32_t partition_of(const SplitId& split) const override {
      return static_cast<std::uint32_t>(std::stoul(split.value));
    }
    std::unique_ptr<SplitReader<T>> open(const SplitId& split,
                                         const std::optional<Position>& position,
                                         const SourceContext&) override {
      const std::size_t next = position ? std::stoull(position->bytes) : 0;
      return std::make_unique<Reader>(shared_, std::stoull(split.value), next);
    }

   private:
    bool is_assigned(std::uint32_t split) const {
      const auto& assigned = shared_->options.assigned;
      return !assigned || std::find(assigned->begin(), assigned->end(), split) != assigned->end();
    }

    const std::shared_ptr<const Shared> shared_;  // The test's own.
  };

  const std::shared_ptr<Shared> shared_;  // Shared with the source, which the topology owns.
};

}  // namespace weir::inline v0::testing
