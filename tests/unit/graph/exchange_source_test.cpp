// SPDX-License-Identifier: Apache-2.0
#include "graph/exchange_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A topic of one partition in memory.
class Topic final : public Source<ExchangedRecord> {
 public:
  std::vector<ExchangedRecord> records;

  bool is_bounded() const override { return false; }
  std::vector<SplitId> splits(const SourceContext&) override { return {{"topic/0"}}; }
  std::unique_ptr<SplitReader<ExchangedRecord>> open(const SplitId&,
                                                     const std::optional<Position>& position,
                                                     const SourceContext&) override {
    return std::make_unique<Reader>(records, position ? std::stoull(position->bytes) : 0);
  }
  void committed(const SplitId&, const Position& position) override {
    last_committed = position.bytes;
  }
  std::string last_committed;

  void add(const std::string& key) {
    ByteWriter out;
    write_record_head(out, 0, EventTime{0});
    records.push_back({key, out.take(), 0, records.size()});
  }
  void add(const TaskTime& time) { records.push_back({"", encode_time(time), 0, records.size()}); }

 private:
  class Reader final : public SplitReader<ExchangedRecord> {
   public:
    Reader(const std::vector<ExchangedRecord>& records, std::size_t next)
        : records_{records}, next_{next} {}
    Poll poll(RecordBatch<ExchangedRecord>& out, std::size_t max_records) override {
      while (next_ < records_.size() && out.size() < max_records) out.push(records_[next_++]);
      return out.size() > 0 ? Poll::records : Poll::nothing;
    }
    Position position() const override { return {std::to_string(next_)}; }
    std::uint64_t record_number() const override { return next_; }

   private:
    const std::vector<ExchangedRecord>& records_;
    std::size_t next_;
  };
};

TaskTime at(std::uint32_t number, std::int64_t ms) {
  return {{"clicks", number, 2}, 1, EventTime{ms}, false, false};
}
TaskTime idle(std::uint32_t number, std::int64_t ms) {
  return {{"clicks", number, 2}, 1, EventTime{ms}, true, false};
}
TaskTime ended(std::uint32_t number) {
  return {{"clicks", number, 2}, 1, EventTime::max(), false, true};
}

/// Reads the topic as a split task does, and says what it got.
class Reading {
 public:
  explicit Reading(std::size_t max_records = 100) : max_records_{max_records} { open(); }

  std::shared_ptr<Topic> topic = std::make_shared<Topic>();

  /// A new reader where the last one was.
  void restart() { open(); }
  /// Polls until there is nothing new.
  std::vector<std::string> read() {
    std::vector<std::string> seen;
    for (;;) {
      const std::string found = poll();
      seen.push_back(found);
      if (found == "nothing" || found == "waits" || found == "ended") return seen;
    }
  }
  std::string poll() {
    const auto batch = Ref<OwnedBatch<ExchangedRecord>>::adopt(new OwnedBatch<ExchangedRecord>);
    RecordBatch<ExchangedRecord> out{*batch};
    const Poll poll = reader_->poll(out, max_records_);
    position_ = reader_->position();
    std::string text;
    for (const ExchangedRecord& record : batch->values) text += record.key;
    if (!text.empty()) return text;
    if (out.watermark()) return std::to_string(out.watermark()->ms());
    if (poll == Poll::ended) return "ended";
    if (poll == Poll::nothing) return "nothing";
    return reader_->record_number() < topic->records.size() ? "active" : "waits";
  }
  const Position& position() const { return *position_; }

  std::shared_ptr<TopicRoute> route = [] {
    auto made = std::make_shared<TopicRoute>();
    made->upstream = {"clicks"};
    return made;
  }();
  ExchangeSource source{topic, route, [] { return true; }};

 private:
  void open() { reader_ = source.open({"topic/0"}, position_, {}); }

  const std::size_t max_records_;
  std::optional<Position> position_;
  std::unique_ptr<SplitReader<ExchangedRecord>> reader_;
};

TEST(ExchangeSource, PassesTimeBetweenTheRecordsThatItCameBetween) {
  Reading reading;
  reading.topic->add("a");
  reading.topic->add(at(0, 10));
  reading.topic->add("b");
  reading.topic->add(at(1, 7));
  reading.topic->add("c");
  EXPECT_THAT(reading.read(), ElementsAre("ab", "7", "c", "waits"));
}

TEST(ExchangeSource, WaitsAndIsNotIdleWhileSomeTaskMayWrite) {
  Reading reading;
  reading.topic->add(at(0, 10));
  EXPECT_THAT(reading.read(), ElementsAre("waits"));
  reading.topic->add(at(1, 10));
  reading.topic->add(idle(0, 10));
  EXPECT_THAT(reading.read(), ElementsAre("10", "waits"));
}

TEST(ExchangeSource, IsIdleWhenAllTasksAreAndActiveBeforeTimeGoesOn) {
  Reading reading;
  reading.topic->add(idle(0, 10));
  reading.topic->add(idle(1, 20));
  EXPECT_THAT(reading.read(), ElementsAre("20", "nothing"));
  reading.topic->add(at(0, 30));
  reading.topic->add("a");
  EXPECT_THAT(reading.read(), ElementsAre("active", "30", "a", "waits"));
}

TEST(ExchangeSource, EndsWhenAllTasksHave) {
  Reading reading;
  reading.topic->add(ended(0));
  reading.topic->add("a");
  EXPECT_THAT(reading.read(), ElementsAre("a", "waits"));
  reading.topic->add(ended(1));
  EXPECT_THAT(reading.read(), ElementsAre("ended"));
  reading.restart();
  EXPECT_THAT(reading.read(), ElementsAre("ended"));
}

TEST(ExchangeSource, PositionIsTheOffsetAndWhatIsKnownOfTime) {
  Reading reading;
  reading.topic->add(at(0, 10));
  reading.topic->add(at(1, 20));
  reading.topic->add("a");
  EXPECT_THAT(reading.read(), ElementsAre("10", "a", "waits"));
  EXPECT_THAT(reading.position().bytes, ::testing::StartsWith("3 "));
  reading.topic->add("b");
  reading.restart();  // What was on time is late, and what is known is not read again.
  EXPECT_THAT(reading.read(), ElementsAre("10", "b", "waits"));
  reading.source.committed({"topic/0"}, reading.position());
  EXPECT_EQ(reading.topic->last_committed, "4");
}

// Whatever is fetched at once, a restart after any poll loses and repeats nothing.
TEST(ExchangeSource, RestartAfterAnyPollGoesOnThere) {
  for (const std::size_t max_records : {1, 2, 100}) {
    Reading reading{max_records};
    reading.topic->add("a");
    reading.topic->add(at(0, 10));
    reading.topic->add(at(1, 10));
    reading.topic->add("b");
    reading.topic->add(at(0, 20));
    reading.topic->add(at(1, 30));
    reading.topic->add("c");
    reading.topic->add(ended(0));
    reading.topic->add(ended(1));
    std::string records;
    std::int64_t watermark = 0;
    for (int polls = 0; polls < 100; ++polls) {  // A restart says first how far time had come.
      const std::string found = reading.poll();
      if (found == "ended") break;
      if (found.front() >= 'a' && found.size() == 1) records += found;
      if (found.front() <= '9') watermark = std::stoll(found);
      if (found == "b") {
        EXPECT_EQ(watermark, 10);
      } else if (found == "c") {
        EXPECT_EQ(watermark, 20);
      }
      if (polls % 2 == 0) reading.restart();
    }
    EXPECT_EQ(records, "abc") << max_records;
  }
}

TEST(ExchangeSource, DamagedRecordIsNamedByItsPlace) {
  Reading reading;
  reading.topic->add("a");
  reading.topic->records.push_back({"", "\x09", 0, 1});
  EXPECT_THAT([&] { reading.read(); },
              ThrowsMessage<CorruptState>(HasSubstr("at topic/0, offset 1: version 9")));
}

}  // namespace
}  // namespace weir::inline v0::detail
