// SPDX-License-Identifier: Apache-2.0
// Goal: partitions move between members without a record lost or doubled, and a static member comes
// back to its own.
// Method: librdkafka behind the door, against a real broker; members are polled by turns,
// partitions are read by threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/member.hpp"
#include "kafka/shared_broker.hpp"
#include "kafka/topics.hpp"

namespace {

using kafka_test::BrokerTest;
using kafka_test::kLimit;
using kafka_test::Member;
using testing::IsEmpty;
using testing::SizeIs;
using weir::Duration;
using weir::kafka::KafkaError;
using weir::kafka::TopicPartition;

/// How often each record was read, by all members together.
class Tally final {
 public:
  void add(const TopicPartition& partition, std::int64_t offset) {
    const std::lock_guard lock{mutex_};
    ++times_[{partition, offset}];
  }
  std::size_t read_once() const {
    return count([](int times) { return times == 1; });
  }
  std::size_t read_twice() const {
    return count([](int times) { return times > 1; });
  }

 private:
  template <class Wanted>
  std::size_t count(Wanted wanted) const {
    const std::lock_guard lock{mutex_};
    std::size_t found = 0;
    for (const auto& [record, times] : times_) found += wanted(times) ? 1 : 0;
    return found;
  }

  mutable std::mutex mutex_;
  std::map<std::pair<TopicPartition, std::int64_t>, int> times_;
};

/// A member whose partitions are read by a thread each, and that commits what they have read
/// before it gives the partitions up.
class Worker final {
 public:
  Worker(weir::kafka::ConsumerSettings settings, const std::string& topic, Tally& tally)
      : member_{std::move(settings)}, tally_{tally} {
    member_.on_revoked = [this](bool is_lost) {
      EXPECT_FALSE(is_lost);
      give_up();
    };
    member_->subscribe({topic});
  }
  ~Worker() { stop_reading(); }

  void poll() {
    member_->poll(Duration{2});
    if (member_.assigned && !is_reading_) start_reading();
  }

  std::size_t partition_count() const { return member_.assigned ? member_.assigned->size() : 0; }

  void leave() {
    give_up();
    member_.leave();
  }

 private:
  void start_reading() {
    member_.assign_committed();
    is_reading_ = true;
    is_stopping_ = false;
    for (const TopicPartition& partition : *member_.assigned) {
      threads_.emplace_back([this, partition] { read(partition); });
    }
  }

  void read(const TopicPartition& partition) {
    const auto reader = member_->reader(partition, {});
    while (!is_stopping_) {
      const auto fetched = reader->fetch(50);
      if (!fetched) {
        std::this_thread::yield();
        continue;
      }
      for (const auto& record : fetched->records()) tally_.add(partition, record.offset);
    }
    const std::lock_guard lock{mutex_};
    places_[partition] = {.offset = reader->position(), .metadata = "read"};
  }

  void stop_reading() {
    is_stopping_ = true;
    threads_.clear();  // Joins.
    is_reading_ = false;
  }

  void give_up() {
    stop_reading();
    member_->commit(std::exchange(places_, {}), kLimit);
    member_->assign({});
  }

  Member member_;
  Tally& tally_;
  bool is_reading_ = false;
  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;  // Guards places_ while threads end.
  weir::kafka::CommittedOffsets places_;
  std::vector<std::jthread> threads_;
};

class KafkaGroup : public BrokerTest {
 protected:
  std::string make_topic(int partitions) {
    const std::string name = unique("topic");
    kafka_test::create_topic(client(), name, {.partitions = partitions});
    return name;
  }

  weir::kafka::ConsumerSettings settings(const std::string& group, const std::string& member = {}) {
    auto made = kafka_test::consumer_settings(client(), group);
    made.member = member;
    return made;
  }
};

/// Until it holds, or the limit has passed.
template <class Holds, class Step>
bool step_until(Holds holds, Step step) {
  const auto end = std::chrono::steady_clock::now() + kLimit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    step();
  }
  return true;
}

TEST_F(KafkaGroup, NoRecordIsLostOrDoubledWhileMembersComeAndGo) {
  constexpr int kPartitions = 4;
  constexpr std::size_t kRecords = 20'000;
  const std::string topic = make_topic(kPartitions);
  const std::string group = unique("group");
  std::jthread writer{[&] {
    kafka_test::TestProducer producer{client()};
    for (std::size_t i = 0; i < kRecords; ++i) {
      producer.send(topic,
                    {.value = std::to_string(i), .partition = static_cast<int>(i % kPartitions)});
      if (i % 100 == 99) producer.flush();
    }
    producer.flush();
  }};
  Tally tally;
  Worker stays{settings(group), topic, tally};
  ASSERT_TRUE(
      step_until([&] { return stays.partition_count() == kPartitions; }, [&] { stays.poll(); }));

  for (int guest = 0; guest < 3; ++guest) {
    Worker comes{settings(group), topic, tally};
    ASSERT_TRUE(
        step_until([&] { return comes.partition_count() == 2 && stays.partition_count() == 2; },
                   [&] {
                     comes.poll();
                     stays.poll();
                   }));
    comes.leave();
    ASSERT_TRUE(
        step_until([&] { return stays.partition_count() == kPartitions; }, [&] { stays.poll(); }));
  }
  EXPECT_TRUE(step_until([&] { return tally.read_once() + tally.read_twice() == kRecords; },
                         [&] { stays.poll(); }));

  EXPECT_EQ(tally.read_once(), kRecords);
  EXPECT_EQ(tally.read_twice(), 0U);
}

TEST_F(KafkaGroup, PartitionsStayUntilTheyAreGivenUp) {
  const std::string topic = make_topic(2);
  const std::string group = unique("group");
  Member first{settings(group)};
  first.join(topic);
  first.assign_committed();
  Member second{settings(group)};
  second->subscribe({topic});
  ASSERT_TRUE(first.poll_until([&] {
    second->poll(Duration{1});
    return first.revocations == 1;
  }));

  // Long enough for any answer, and both are polled all the time.
  EXPECT_FALSE(first.poll_until(
      [&] {
        second->poll(Duration{1});
        return second.assigned.has_value();
      },
      Duration{1'000}));
  first->assign({});
  EXPECT_TRUE(first.poll_until([&] {
    second->poll(Duration{1});
    return second.assigned.has_value() && first.assigned.has_value();
  }));

  EXPECT_THAT(*first.assigned, SizeIs(1));
  EXPECT_THAT(*second.assigned, SizeIs(1));
}

TEST_F(KafkaGroup, PartitionsThatWereJustRevokedMayStillBeRead) {
  const std::string topic = make_topic(2);
  kafka_test::produce(client(), topic, {{.value = "a", .partition = 0}});
  const std::string group = unique("group");
  Member first{settings(group)};
  first.join(topic);
  const std::vector<TopicPartition> all = *first.assigned;
  first.assign_committed();
  Member second{settings(group)};
  second->subscribe({topic});
  ASSERT_TRUE(first.poll_until([&] {
    second->poll(Duration{1});
    return first.revocations == 1;
  }));

  first->assign({{all[0], 0}, {all[1], 0}});
  auto reader = first->reader({topic, 0}, {});
  EXPECT_THAT(kafka_test::read_to_end(first, *reader), SizeIs(1));
  reader.reset();
  first->commit({{{topic, 0}, {.offset = 1, .metadata = "last"}}}, kLimit);
  first->assign({});

  EXPECT_TRUE(first.poll_until([&] {
    second->poll(Duration{1});
    return second.assigned.has_value() && first.assigned.has_value();
  }));
}

TEST_F(KafkaGroup, ATopicThatIsMadeLaterIsFound) {
  const std::string topic = unique("topic");
  Member member{settings(unique("group"))};
  member->subscribe({topic});
  ASSERT_TRUE(member.poll_until([&] { return !member.errors.empty(); }));
  EXPECT_EQ(member.errors.at(0).kind(), KafkaError::Kind::retriable);
  EXPECT_EQ(member.errors.at(0).code(), "UNKNOWN_TOPIC_OR_PART");

  kafka_test::create_topic(client(), topic, {.partitions = 1});

  EXPECT_TRUE(member.poll_until([&] { return member.assigned && !member.assigned->empty(); }));
}

TEST_F(KafkaGroup, AStaticMemberComesBackToItsPartitionsAndDisturbsNobody) {
  const std::string topic = make_topic(2);
  const std::string group = unique("group");
  Member other{settings(group, "other")};
  other.join(topic);
  other.assign_committed();
  auto restarted = std::make_unique<Member>(settings(group, "restarted"));
  restarted->consumer().subscribe({topic});
  ASSERT_TRUE(restarted->poll_until([&] {
    other->poll(Duration{1});
    if (!other.assigned) other->assign({});
    return restarted->assigned && other.assigned && other.assigned->size() == 1;
  }));
  const std::vector<TopicPartition> before = *restarted->assigned;
  const int revocations = other.revocations;

  restarted.reset();
  restarted = std::make_unique<Member>(settings(group, "restarted"));
  restarted->consumer().subscribe({topic});
  EXPECT_TRUE(restarted->poll_until([&] {
    other->poll(Duration{1});
    return restarted->assigned.has_value();
  }));

  EXPECT_EQ(*restarted->assigned, before);
  EXPECT_EQ(other.revocations, revocations);
}

TEST_F(KafkaGroup, WhoTakesTheIdentityOfAStaticMemberFencesIt) {
  const std::string topic = make_topic(1);
  const std::string group = unique("group");
  Member old{settings(group, "job.0")};
  old.join(topic);
  old.assign_committed();
  Member taker{settings(group, "job.0")};
  taker->subscribe({topic});

  EXPECT_TRUE(taker.poll_until([&] {
    old->poll(Duration{1});
    return !old.errors.empty() && taker.assigned.has_value();
  }));

  EXPECT_EQ(old.errors.at(0).kind(), KafkaError::Kind::fenced) << old.errors.at(0).what();
  EXPECT_EQ(old.errors.at(0).code(), "FENCED_INSTANCE_ID");
  EXPECT_THAT(taker.errors, IsEmpty());
}

}  // namespace
