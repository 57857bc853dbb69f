// SPDX-License-Identifier: Apache-2.0
// Goal: the groups of the simulated Kafka do what a broker's coordinator does with eager members.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/testing/sim_kafka_harness.hpp"
#include "weir/error.hpp"

namespace weir::testing {
namespace {

using kafka::TopicPartition;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SimKafkaGroup, OnlyMemberGetsAllPartitions) {
  Broker broker;
  Member member{*broker.kafka};
  member.poll(2);
  EXPECT_THAT(member.told, ElementsAre("assigned"));
  EXPECT_THAT(member.partitions(), ElementsAre(0, 1, 2, 3));
}

TEST(SimKafkaGroup, SecondMemberTakesHalfAfterTheFirstOneWasRevokedAll) {
  Broker broker;
  Member first{*broker.kafka, "a"};
  first.poll(2);
  Member second{*broker.kafka, "b"};
  second.poll(3);
  EXPECT_THAT(second.told, IsEmpty());  // The first one has not heard of it.
  settle({&first, &second});
  EXPECT_THAT(first.told, ElementsAre("assigned", "revoked", "assigned"));
  EXPECT_THAT(first.partitions(), ElementsAre(0, 1));
  EXPECT_THAT(second.partitions(), ElementsAre(2, 3));
}

TEST(SimKafkaGroup, OddPartitionsGoToTheFirstMembersOfEachTopic) {
  Broker broker;
  broker.log.create_topic("three", 3);
  Member first{*broker.kafka, "a", {"in", "three"}};
  Member second{*broker.kafka, "b", {"in", "three"}};
  Member third{*broker.kafka, "c", {"in"}};
  settle({&third, &second, &first});
  EXPECT_THAT(first.partitions("in"), ElementsAre(0, 1));
  EXPECT_THAT(second.partitions("in"), ElementsAre(2));
  EXPECT_THAT(third.partitions("in"), ElementsAre(3));
  EXPECT_THAT(first.partitions("three"), ElementsAre(0, 1));
  EXPECT_THAT(second.partitions("three"), ElementsAre(2));
  EXPECT_THAT(third.partitions("three"), IsEmpty());
}

TEST(SimKafkaGroup, MemberThatHoldsBackKeepsItsPartitionsAndMayCommitUntilItGivesThemUp) {
  Broker broker;
  Member first{*broker.kafka};
  first.holds_back = true;
  first.poll(2);
  Member second{*broker.kafka};
  settle({&second, &first});
  ASSERT_THAT(first.told, ElementsAre("assigned", "revoked"));
  EXPECT_THAT(second.told, IsEmpty());
  EXPECT_EQ(failure_of([&] { first.consumer->commit({{{"in", 0}, {7, "last"}}}, kNoWait); }), "");
  first.consumer->assign({});
  settle({&first, &second});
  EXPECT_THAT(second.told, ElementsAre("assigned"));
  const kafka::CommittedOffsets committed = second.consumer->committed({{"in", 0}}, kNoWait);
  EXPECT_EQ(committed.at({"in", 0}), (kafka::CommittedOffset{7, "last"}));
}

TEST(SimKafkaGroup, MemberThatHoldsBackForTooLongHasLostItsPartitions) {
  Broker broker;
  Member slow{*broker.kafka};
  slow.holds_back = true;
  slow.poll(2);
  Member other{*broker.kafka};
  other.poll();
  slow.poll();
  for (int minute = 0; minute < 5; ++minute) {
    broker.clock.advance(Duration{60'000});
    settle({&other, &slow});
  }
  EXPECT_THAT(other.partitions(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(slow.told, ElementsAre("assigned", "revoked", "lost"));
  EXPECT_TRUE(slow.consumer->is_assignment_lost());
}

TEST(SimKafkaGroup, MemberThatDoesNotPollForTooLongHasLostItsPartitions) {
  Broker broker;
  Member stuck{*broker.kafka};
  stuck.poll(2);
  broker.clock.advance(Duration{300'000});
  EXPECT_THAT(broker.kafka->members("g"), IsEmpty());
  stuck.poll();
  EXPECT_THAT(stuck.told, ElementsAre("assigned", "lost"));
}

TEST(SimKafkaGroup, ReadersThatAreThereWhenPartitionsGoAreAnError) {
  Broker broker;
  Member member{*broker.kafka};
  member.poll(2);
  auto reader = member.read({"in", 0}, 0);
  broker.kafka->rebalance("g");
  EXPECT_THROW(member.poll(), InternalError);
  reader.reset();
  EXPECT_NO_THROW(member.consumer->assign({}));
}

TEST(SimKafkaGroup, CommitOfAnOldGenerationIsRefused) {
  Broker broker;
  Member member{*broker.kafka};
  member.poll(2);
  broker.kafka->rebalance("g");
  member.poll(2);
  EXPECT_EQ(failure_of([&] {
              member.consumer->commit({{{"in", 0}, {1, ""}}}, kNoWait);
            }),
            "failed ILLEGAL_GENERATION");
  member.poll();
  EXPECT_EQ(failure_of([&] { member.consumer->commit({{{"in", 0}, {1, ""}}}, kNoWait); }), "");
  EXPECT_EQ(broker.kafka->generation("g"), 2);
}

TEST(SimKafkaGroup, ClosedMemberLeavesAtOnceAndAStaticOneAtItsSessionTimeout) {
  Broker broker;
  auto dynamic = std::make_unique<Member>(*broker.kafka);
  auto fixed = std::make_unique<Member>(*broker.kafka, "a");
  settle({dynamic.get(), fixed.get()});
  fixed->consumer->close();
  EXPECT_THAT(broker.kafka->members("g"), ElementsAre("a", "member-000001"));
  dynamic.reset();
  EXPECT_THAT(broker.kafka->members("g"), ElementsAre("a"));
  broker.clock.advance(kSession);
  EXPECT_THAT(broker.kafka->members("g"), ElementsAre("a"));  // Its process lives.
  broker.effects.restart();
  broker.clock.advance(kSession);
  EXPECT_THAT(broker.kafka->members("g"), IsEmpty());
}

TEST(SimKafkaGroup, RestartedStaticMemberGetsItsPartitionsBackAndNobodyNotices) {
  Broker broker;
  Member first{*broker.kafka, "a"};
  Member second{*broker.kafka, "b"};
  settle({&first, &second});
  const std::int32_t generation = broker.kafka->generation("g");
  Member again{*broker.kafka, "a"};
  again.poll(2);
  EXPECT_EQ(again.partitions(), first.partitions());
  second.poll(3);
  EXPECT_THAT(second.told, ElementsAre("assigned"));
  EXPECT_EQ(broker.kafka->generation("g"), generation);
  EXPECT_EQ(failure_of([&] {
              first.consumer->commit({{{"in", 0}, {1, ""}}}, kNoWait);
            }),
            "fenced FENCED_INSTANCE_ID");
  first.poll(3);
  EXPECT_THAT(first.told, ElementsAre("assigned", "lost", "FENCED_INSTANCE_ID"));
}

TEST(SimKafkaGroup, StaticMemberWithOtherTopicsMakesARebalance) {
  Broker broker;
  Member first{*broker.kafka, "a"};
  first.poll(2);
  const std::int32_t generation = broker.kafka->generation("g");
  Member again{*broker.kafka, "a", {"in", "out"}};
  again.poll(2);
  EXPECT_GT(broker.kafka->generation("g"), generation);
  EXPECT_THAT(again.partitions("out"), ElementsAre(0, 1));
}

TEST(SimKafkaGroup, MembersOfADeadProcessAreGoneAfterTheirSessionTimeout) {
  Broker broker;
  Effects others_effects;
  const auto others = broker.kafka->of_process(others_effects);
  Member mine{*broker.kafka};
  Member other{*others};
  settle({&mine, &other});
  EXPECT_THAT(other.partitions(), ElementsAre(2, 3));
  broker.effects.restart();
  broker.clock.advance(kSession - Duration{1});
  other.poll();
  EXPECT_THAT(other.told, ElementsAre("assigned"));
  broker.clock.advance(Duration{1});
  other.poll(4);
  EXPECT_THAT(other.told, ElementsAre("assigned", "revoked", "assigned"));
  EXPECT_THAT(other.partitions(), ElementsAre(0, 1, 2, 3));
  EXPECT_THROW(mine.poll(), SimulatedCrash);
}

TEST(SimKafkaGroup, ExpelledMemberHasLostItsPartitionsAndJoinsAnew) {
  Broker broker;
  Member member{*broker.kafka, "a"};
  member.poll(2);
  const auto stale = member.consumer->group_metadata();
  broker.kafka->expel("g", "a");
  member.poll();
  EXPECT_THAT(member.told, ElementsAre("assigned", "lost"));
  EXPECT_TRUE(member.consumer->is_assignment_lost());
  EXPECT_EQ(failure_of([&] {
              member.consumer->commit({{{"in", 0}, {1, ""}}}, kNoWait);
            }),
            "failed UNKNOWN_MEMBER_ID");
  member.poll(2);
  EXPECT_THAT(member.told, ElementsAre("assigned", "lost", "assigned"));
  EXPECT_FALSE(member.consumer->is_assignment_lost());
}

TEST(SimKafkaGroup, NewPartitionsAndNewTopicsOfAPatternMakeARebalance) {
  Broker broker;
  Member member{*broker.kafka, "", {"^i.*"}};
  member.poll(2);
  broker.log.grow_topic("in", 5);
  member.poll(3);
  EXPECT_THAT(member.partitions(), ElementsAre(0, 1, 2, 3, 4));
  broker.log.create_topic("is", 1);
  broker.log.create_topic("other", 1);
  member.poll(3);
  EXPECT_THAT(member.partitions("is"), ElementsAre(0));
  EXPECT_THAT(member.told, ElementsAre("assigned", "revoked", "assigned", "revoked", "assigned"));
  broker.log.delete_topic("is");
  member.poll(3);
  EXPECT_THAT(member.partitions("is"), IsEmpty());
}

TEST(SimKafkaGroup, TopicThatIsNotThereIsLeftOutUntilItIs) {
  Broker broker;
  Member member{*broker.kafka, "", {"later"}};
  member.poll(2);
  EXPECT_THAT(member.told, ElementsAre("assigned"));
  EXPECT_THAT(member.owned, IsEmpty());
  EXPECT_THAT(member.consumer->partitions({"later", "out"}, kNoWait),
              ElementsAre(TopicPartition{"out", 0}, TopicPartition{"out", 1}));
  broker.log.create_topic("later", 1);
  member.poll(3);
  EXPECT_THAT(member.partitions("later"), ElementsAre(0));
}

TEST(SimKafkaGroup, BrokerRefusesShortSessionsAndSaysSoByAnErrorAlone) {
  Broker broker;
  std::vector<std::string> told;
  kafka::ConsumerSettings settings;
  settings.group = "g";
  settings.session_timeout = Duration{5'999};
  settings.events.on_error = [&](const kafka::KafkaError& error) { told.push_back(error.code()); };
  const auto consumer = broker.kafka->make_consumer(std::move(settings));
  consumer->subscribe({"in"});
  consumer->poll(kNoWait);
  EXPECT_THAT(told, ElementsAre("INVALID_SESSION_TIMEOUT"));
  EXPECT_THAT(broker.kafka->members("g"), IsEmpty());
}

TEST(SimKafkaGroup, JoinThatFailsIsToldAndTriedAgain) {
  Broker broker;
  broker.kafka->fail(KafkaCall::join, 2, kafka::KafkaError::Kind::retriable, "_TRANSPORT");
  Member member{*broker.kafka};
  member.poll(4);
  EXPECT_THAT(member.told, ElementsAre("_TRANSPORT", "_TRANSPORT", "assigned"));
}

TEST(SimKafkaGroup, JoiningLeavingAndCommittingAreEffects) {
  Broker broker;
  {
    Member member{*broker.kafka};
    member.poll();
    EXPECT_EQ(broker.effects.last(), "1: join group g");
    member.poll();
    member.consumer->commit({{{"in", 0}, {1, ""}}}, kNoWait);
    EXPECT_EQ(broker.effects.last(), "2: commit offsets of g");
  }
  EXPECT_EQ(broker.effects.last(), "3: leave group g");
}

TEST(SimKafkaGroup, ProcessThatDiesInAJoinLeavesAMemberBehindOrNone) {
  Broker broker;
  broker.effects.crash_at(1);
  Member member{*broker.kafka};
  EXPECT_THROW(member.poll(), SimulatedCrash);
  EXPECT_THROW(member.poll(), SimulatedCrash);
  broker.effects.restart();
  broker.clock.advance(kSession);
  EXPECT_THAT(broker.kafka->members("g"), IsEmpty());
}

TEST(SimKafkaGroup, ConsumerWithoutAGroupIsRefused) {
  Broker broker;
  EXPECT_EQ(failure_of([&] { broker.kafka->make_consumer({}); }), "refused _INVALID_ARG");
}

}  // namespace
}  // namespace weir::testing
