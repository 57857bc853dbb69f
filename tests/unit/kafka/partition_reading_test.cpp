// SPDX-License-Identifier: Apache-2.0
#include "kafka/partition_reading.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "weir/error.hpp"

namespace weir::detail {
namespace {

/// Records without content at the offsets that a test gives, then the end.
class FixedReader final : public kafka::PartitionReader {
 public:
  class Fetched final : public kafka::FetchedRecords {
   public:
    const std::vector<kafka::RecordView>& records() const override { return views; }
    std::vector<kafka::HeaderView> headers(std::size_t) const override { return {}; }
    std::vector<kafka::RecordView> views;
  };

  FixedReader(std::vector<std::int64_t> offsets, std::int64_t end)
      : offsets_{std::move(offsets)}, end_{end} {}

  std::unique_ptr<kafka::FetchedRecords> fetch(std::size_t count_max) override {
    auto fetched = std::make_unique<Fetched>();
    while (next_ < offsets_.size() && fetched->views.size() < count_max) {
      fetched->views.push_back({{}, "v", offsets_[next_++], EventTime{1}});
    }
    if (fetched->views.empty()) {
      position_ = end_;
      return nullptr;
    }
    position_ = fetched->views.back().offset + 1;
    return fetched;
  }
  std::int64_t position() const override { return position_; }
  bool is_at_end() const override { return next_ == offsets_.size() && position_ >= end_; }
  std::optional<std::int64_t> end_offset() const override { return end_; }

 private:
  const std::vector<std::int64_t> offsets_;
  const std::int64_t end_;
  std::size_t next_ = 0;
  std::int64_t position_ = 0;
};

PartitionReading reading(PartitionPlace place, std::vector<std::int64_t> offsets,
                         std::int64_t end) {
  PartitionReading input{{"t", 0}, place, {}};
  input.start(std::make_unique<FixedReader>(std::move(offsets), end));
  return input;
}

TEST(PartitionReading, IsIdleOnlyWhenItHasCaughtUp) {
  PartitionReading input = reading({0, std::nullopt}, {0, 1, 2}, 3);
  EXPECT_EQ(input.poll(2).poll, Poll::records);
  EXPECT_EQ(input.poll(2).poll, Poll::records);
  EXPECT_EQ(input.poll(2).poll, Poll::nothing);
  EXPECT_EQ(input.position().bytes, "3");
}

TEST(PartitionReading, EndsAtItsBoundThoughMoreIsThere) {
  PartitionReading input = reading({0, 2}, {0, 1, 2, 3}, 4);
  const PartitionPoll first = input.poll(10);
  EXPECT_EQ(first.poll, Poll::records);
  EXPECT_EQ(first.count, 2U);
  EXPECT_EQ(input.poll(10).poll, Poll::ended);
  EXPECT_EQ(input.position().bytes, "2 until 2");
}

TEST(PartitionReading, EndsThoughNoRecordLiesBeforeTheBound) {
  // Offsets 2 to 4 hold an aborted transaction and its marker.
  PartitionReading input = reading({0, 5}, {0, 1}, 5);
  EXPECT_EQ(input.poll(10).count, 2U);
  EXPECT_EQ(input.poll(10).poll, Poll::ended);
  EXPECT_EQ(input.position().bytes, "5 until 5");
}

TEST(PartitionReading, EndsAtOnceWhenItStartsAtItsBound) {
  PartitionReading input = reading({5, 5}, {}, 5);
  EXPECT_EQ(input.poll(10).poll, Poll::ended);
}

TEST(PartitionReading, RefusesARecordThatItHasReadBefore) {
  PartitionReading input = reading({7, std::nullopt}, {6, 7}, 8);
  EXPECT_THROW(input.poll(10), InternalError);
}

TEST(PartitionReading, PositionsKeepTheirBound) {
  const PartitionPlace bounded{12, 40};
  EXPECT_EQ(place_of(position_of(bounded)), bounded);
  const PartitionPlace unbounded{12, std::nullopt};
  EXPECT_EQ(position_of(unbounded).bytes, "12");
  EXPECT_EQ(place_of({"12"}), unbounded);
}

TEST(PartitionReading, SplitsAreNamedAfterTopicAndPartition) {
  EXPECT_EQ(split_of({"a/b", 3}).value, "a/b/3");
  EXPECT_EQ(partition_of({"a/b/3"}), (kafka::TopicPartition{"a/b", 3}));
}

TEST(PartitionReading, RefusesPositionsAndSplitsThatAreNone) {
  EXPECT_THROW(place_of({"x"}), CorruptState);
  EXPECT_THROW(place_of({"1 until"}), CorruptState);
  EXPECT_THROW(place_of({"1 until y"}), CorruptState);
  EXPECT_THROW(partition_of({"nothing"}), CorruptState);
  EXPECT_THROW(partition_of({"a/b"}), CorruptState);
}

}  // namespace
}  // namespace weir::detail
