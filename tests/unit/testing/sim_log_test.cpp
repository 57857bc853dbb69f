// SPDX-License-Identifier: Apache-2.0
// Goal: the simulated log answers as Kafka does where exactly-once depends on it.
#include "weir/testing/sim_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/testing/virtual_clock.hpp"

namespace weir::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const LogPartition kOut{"out", 0};
const LogPartition kIn{"in", 0};
constexpr Duration kTimeout{60'000};

struct Machine {
  Machine() {
    log.create_topic("out", 2);
    log.create_topic("in", 1);
  }
  std::vector<std::string> values(Isolation isolation) const {
    std::vector<std::string> values;
    for (const auto& [offset, record] : log.fetch(kOut, 0, 100, isolation).records) {
      values.push_back(*record.value);
    }
    return values;
  }
  std::vector<std::string> committed() const { return values(Isolation::read_committed); }

  Effects effects;
  VirtualClock clock;
  SimLog log{effects, clock};
};

LogRecord record(const std::string& value) { return {.key = "k", .value = value}; }

TEST(SimLog, RecordsOfAnOpenTransactionAreSeenByUncommittedReadersOnly) {
  Machine machine;
  const auto producer = machine.log.init_producer("p", kTimeout);
  producer->begin();
  producer->append(kOut, {record("a")});
  EXPECT_THAT(machine.committed(), IsEmpty());
  EXPECT_THAT(machine.values(Isolation::read_uncommitted), ElementsAre("a"));
  EXPECT_TRUE(producer->commit());
  EXPECT_THAT(machine.committed(), ElementsAre("a"));
}

TEST(SimLog, MarkersAndAbortedRecordsOccupyOffsets) {
  Machine machine;
  const auto producer = machine.log.init_producer("p", kTimeout);
  producer->begin();
  producer->append(kOut, {record("a"), record("b")});
  producer->abort();
  machine.log.append(kOut, record("c"));
  const SimLog::Fetched fetched = machine.log.fetch(kOut, 0, 1, Isolation::read_committed);
  EXPECT_EQ(fetched.records.front().first, 3U);  // Two aborted records, then their marker.
  EXPECT_EQ(fetched.next_offset, 4U);
  EXPECT_THAT(machine.values(Isolation::read_uncommitted), ElementsAre("a", "b", "c"));
}

TEST(SimLog, OpenTransactionHoldsCommittedReadersBackAlsoFromOthersRecords) {
  Machine machine;
  const auto slow = machine.log.init_producer("slow", kTimeout);
  slow->begin();
  slow->append(kOut, {record("slow")});
  machine.log.append(kOut, record("fast"));
  EXPECT_EQ(machine.log.last_stable_offset(kOut), 0U);
  EXPECT_THAT(machine.committed(), IsEmpty());
  slow->abort();
  EXPECT_THAT(machine.committed(), ElementsAre("fast"));
}

TEST(SimLog, PlacesOfAGroupChangeWithTheCommitAlone) {
  Machine machine;
  const auto producer = machine.log.init_producer("p", kTimeout);
  producer->begin();
  producer->send_offsets("g", {{kIn, {10, "one"}}});
  EXPECT_TRUE(machine.log.places("g").is_undecided);
  EXPECT_FALSE(machine.log.places("g", false).is_undecided);
  EXPECT_THAT(machine.log.places("g").offsets, IsEmpty());
  EXPECT_TRUE(producer->commit());
  EXPECT_FALSE(machine.log.places("g").is_undecided);
  EXPECT_EQ(machine.log.places("g").offsets.at(kIn), (LogOffset{10, "one"}));
  producer->begin();
  producer->send_offsets("g", {{kIn, {20, "two"}}});
  producer->abort();
  EXPECT_EQ(machine.log.places("g").offsets.at(kIn), (LogOffset{10, "one"}));
}

TEST(SimLog, NewSessionOfAnIdFencesTheOldOneAndAbortsItsTransaction) {
  Machine machine;
  const auto zombie = machine.log.init_producer("p", kTimeout);
  zombie->begin();
  zombie->append(kOut, {record("zombie")});
  const auto successor = machine.log.init_producer("p", kTimeout);
  EXPECT_EQ(machine.log.open_transaction_count(), 0U);
  EXPECT_THROW(zombie->append(kOut, {record("late")}), ProducerFenced);
  EXPECT_THROW(zombie->commit(), ProducerFenced);
  successor->begin();
  successor->append(kOut, {record("new")});
  EXPECT_TRUE(successor->commit());
  EXPECT_THAT(machine.committed(), ElementsAre("new"));
}

TEST(SimLog, NewSessionFinishesATransactionThatWasDecided) {
  Machine machine;
  const auto first = machine.log.init_producer("p", kTimeout);
  first->begin();
  first->append(kOut, {record("a")});
  first->send_offsets("g", {{kIn, {1, "one"}}});
  machine.log.set_faults({.commit_unfinished = 1});
  EXPECT_FALSE(first->commit());
  EXPECT_THAT(machine.committed(), IsEmpty());
  machine.log.init_producer("p", kTimeout);
  EXPECT_THAT(machine.committed(), ElementsAre("a"));
  EXPECT_EQ(machine.log.places("g").offsets.at(kIn), (LogOffset{1, "one"}));
}

TEST(SimLog, TransactionThatRunsOutOfTimeIsAbortedAndItsProducerFenced) {
  Machine machine;
  const auto producer = machine.log.init_producer("p", Duration{1'000});
  producer->begin();
  machine.clock.advance(Duration{5'000});  // Nothing was sent: the timeout does not run yet.
  producer->append(kOut, {record("a")});
  machine.clock.advance(Duration{999});
  EXPECT_EQ(machine.log.open_transaction_count(), 1U);
  machine.clock.advance(Duration{1});
  EXPECT_EQ(machine.log.open_transaction_count(), 0U);
  EXPECT_THROW(producer->commit(), ProducerFenced);
  EXPECT_THAT(machine.committed(), IsEmpty());
}

TEST(SimLog, LostAnswerOfACommitIsFoundByAskingAgain) {
  Machine machine;
  const auto producer = machine.log.init_producer("p", kTimeout);
  producer->begin();
  producer->append(kOut, {record("a")});
  machine.log.set_faults({.commit_answer_lost = 1});
  EXPECT_FALSE(producer->commit());
  EXPECT_THAT(machine.committed(), ElementsAre("a"));
  EXPECT_TRUE(producer->commit());
}

TEST(SimLog, RefusedCommitLeavesNothingAndNeedsANewSession) {
  Machine machine;
  const auto producer = machine.log.init_producer("p", kTimeout);
  producer->begin();
  producer->append(kOut, {record("a")});
  machine.log.set_faults({.commit_refused = 1});
  EXPECT_THROW(producer->commit(), LogError);
  EXPECT_THROW(producer->begin(), LogError);
  EXPECT_THROW(producer->append(kOut, {record("b")}), LogError);
  EXPECT_THAT(machine.committed(), IsEmpty());
}

TEST(SimLog, CallsOfProducersAreEffectsAtWhichTheProcessMayDie) {
  Machine machine;
  machine.effects.crash_at(3);
  const auto producer = machine.log.init_producer("p", kTimeout);
  producer->begin();
  producer->append(kOut, {record("a")});
  EXPECT_THROW(producer->send_offsets("g", {{kIn, {1, ""}}}), SimulatedCrash);
  EXPECT_THROW(producer->commit(), SimulatedCrash);
  EXPECT_EQ(machine.effects.count(), 3U);
  EXPECT_EQ(machine.log.open_transaction_count(), 1U);  // The log lives on, and so does this.
}

TEST(SimLog, ListenersHearOfRecordsAsLongAsTheyListen) {
  Machine machine;
  int heard = 0;
  auto listening = machine.log.listen([&] { ++heard; });
  machine.log.append(kOut, record("a"));
  listening.reset();
  machine.log.append(kOut, record("b"));
  EXPECT_EQ(heard, 1);
}

TEST(SimLog, UnknownTopicsAndPartitionsAreErrors) {
  Machine machine;
  EXPECT_THROW(machine.log.append({"nowhere", 0}, record("a")), LogError);
  EXPECT_THROW(machine.log.end_offset({"out", 2}), LogError);
  EXPECT_THROW(machine.log.create_topic("out", 3), ConfigError);
  EXPECT_NO_THROW(machine.log.create_topic("out", 2));
}

}  // namespace
}  // namespace weir::testing
