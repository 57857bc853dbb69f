// SPDX-License-Identifier: Apache-2.0
// Goal: the roles of commit.hpp carry a log's transaction as the commit point.
// Method: the calls that a job makes, made by hand.
#include "testing/log_commit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/testing/log_client.hpp"
#include "weir/testing/virtual_clock.hpp"

namespace weir::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const JobIdentity kJob{"app", "0"};

CheckpointName name(std::uint64_t number) { return {"t1", CheckpointId{number}}; }
Positions at(const std::string& offset) {
  return {{{"orders", {"in/0"}}, {offset}}, {{"file", {"in/0"}}, {"elsewhere"}}};
}

/// A log with topics, and one job's connection to it.
struct Machine {
  Machine() {
    log.create_topic("in", 1);
    log.create_topic("out", 1);
  }
  std::unique_ptr<LogClient> connect(bool reads = true) {
    auto client = std::make_unique<LogClient>(
        log, LogClient::Options{.gate_record_count_max = 2, .batch_records = 100});
    if (reads) client->add_source("in");
    client->add_sink("out");
    if (reads) client->splits("in", "orders");
    return client;
  }
  std::vector<std::string> committed() const {
    std::vector<std::string> values;
    for (const LogRecord& record : log.committed_records("out")) values.push_back(*record.value);
    return values;
  }

  Effects effects;
  VirtualClock clock;
  SimLog log{effects, clock};
};

void write(LogWriter& writer, const std::string& value) {
  writer.write({.key = "k", .value = value});
}

/// What the storage thread does for checkpoint `number`, after its barrier.
bool commit(LogClient& client, std::uint64_t number, const std::string& offset) {
  client.authority()->prepare(name(number), at(offset));
  client.participant()->stage(CheckpointId{number});
  return client.authority()->commit(name(number));
}

TEST(CheckpointPointer, IsPrintableTextThatReadsBack) {
  const std::string text = encode_pointer({{"a1b2", CheckpointId{7}}, "0"});
  EXPECT_EQ(text, "v1;t=a1b2;i=0;n=7");
  const auto read = decode_pointer(text);
  EXPECT_EQ(read->checkpoint, (CheckpointName{"a1b2", CheckpointId{7}}));
  EXPECT_EQ(read->instance, "0");
}

TEST(CheckpointPointer, OthersMetadataIsNoneAndANewerVersionIsAnError) {
  EXPECT_FALSE(decode_pointer(""));
  EXPECT_FALSE(decode_pointer("somebody's"));
  EXPECT_THROW(decode_pointer("v2;t=a;i=0;n=1"), CorruptState);
  EXPECT_THROW(decode_pointer("v1;t=a;i=0;n="), CorruptState);
}

TEST(LogCommit, FirstStartKnowsNoCheckpoint) {
  Machine machine;
  const auto client = machine.connect();
  const CommittedState state = client->authority()->open(kJob, {});
  EXPECT_FALSE(state.checkpoint);
  EXPECT_THAT(state.splits, ElementsAre(Pair(SplitId{"in/0"}, std::nullopt)));
  EXPECT_THAT(state.named, IsEmpty());
}

TEST(LogCommit, CommitCarriesOutputAndThePlacesThatNameTheCheckpoint) {
  Machine machine;
  const auto client = machine.connect();
  client->authority()->open(kJob, {});
  const auto writer = client->writer("out", [] {});
  client->authority()->begin();
  write(*writer, "a");
  writer->barrier(CheckpointId{1});
  EXPECT_TRUE(commit(*client, 1, "5"));
  EXPECT_THAT(machine.committed(), ElementsAre("a"));
  EXPECT_EQ(machine.log.places("app").offsets.at({"in", 0}), (LogOffset{5, "v1;t=t1;i=0;n=1"}));

  const auto successor = machine.connect();
  const CommittedState state = successor->authority()->open(kJob, {});
  const CheckpointPointer first{name(1), "0"};
  EXPECT_THAT(state.named, ElementsAre(first));
  EXPECT_EQ(state.splits.at({"in/0"}), (CommittedSplit{Position{"5"}, first}));
}

TEST(LogCommit, RecordsBehindABarrierGoIntoTheNextTransactionInOrder) {
  Machine machine;
  const auto client = machine.connect();
  client->authority()->open(kJob, {});
  int woken = 0;
  const auto writer = client->writer("out", [&] { ++woken; });
  client->authority()->begin();
  write(*writer, "a");
  writer->barrier(CheckpointId{1});
  write(*writer, "b");
  EXPECT_TRUE(commit(*client, 1, "1"));
  write(*writer, "c");
  EXPECT_FALSE(writer->ready());  // Two records are what the buffer may hold.
  client->authority()->begin();
  EXPECT_TRUE(writer->ready());
  EXPECT_EQ(woken, 2);  // By the first begin(), too.
  write(*writer, "d");
  writer->barrier(CheckpointId{2});
  EXPECT_THAT(machine.committed(), ElementsAre("a"));
  EXPECT_TRUE(commit(*client, 2, "4"));
  EXPECT_THAT(machine.committed(), ElementsAre("a", "b", "c", "d"));
}

TEST(LogCommit, WhatWasNotCommittedIsGoneAfterReopening) {
  Machine machine;
  const auto client = machine.connect();
  client->authority()->open(kJob, {});
  auto writer = client->writer("out", [] {});
  client->authority()->begin();
  write(*writer, "lost");
  writer->barrier(CheckpointId{1});
  client->authority()->prepare(name(1), at("5"));
  client->participant()->stage(CheckpointId{1});
  writer.reset();
  EXPECT_THAT(client->authority()->open(kJob, {}).named, IsEmpty());
  EXPECT_THAT(machine.committed(), IsEmpty());
  EXPECT_EQ(machine.log.open_transaction_count(), 0U);
}

TEST(LogCommit, UndecidedCommitIsRepeated) {
  Machine machine;
  const auto client = machine.connect();
  client->authority()->open(kJob, {});
  const auto writer = client->writer("out", [] {});
  client->authority()->begin();
  write(*writer, "a");
  writer->barrier(CheckpointId{1});
  machine.log.set_faults({.commit_undecided = 1});
  EXPECT_FALSE(commit(*client, 1, "1"));
  machine.log.set_faults({});
  EXPECT_TRUE(client->authority()->commit(name(1)));
  EXPECT_THAT(machine.committed(), ElementsAre("a"));
}

TEST(LogCommit, JobWithoutALogSourceKeepsItsPointerInAGroupOfItsOwn) {
  Machine machine;
  const auto client = machine.connect(false);
  client->authority()->open(kJob, {});
  client->authority()->begin();
  EXPECT_TRUE(commit(*client, 3, "unused"));
  EXPECT_EQ(machine.log.places("app.0.weir").offsets.at({"out", 0}).metadata, "v1;t=t1;i=0;n=3");
  EXPECT_EQ(machine.connect(false)->authority()->open(kJob, {}).checkpoint->checkpoint, name(3));
}

TEST(LogCommit, AnotherPointerTopicIsRefused) {
  Machine machine;
  const auto client = machine.connect(false);
  client->authority()->open(kJob, {});
  EXPECT_NO_THROW(client->participant()->restore(name(1), "out"));
  EXPECT_THROW(client->participant()->restore(name(1), "other"), IncompatibleState);
}

TEST(LogCommit, EachPlaceNamesItsOwnCheckpoint) {
  Machine machine;
  machine.log.create_topic("more", 1);
  const auto other = machine.log.init_producer("other", Duration{1'000});
  other->begin();
  other->send_offsets("app",
                      {{{"in", 0}, {1, "v1;t=t1;i=0;n=1"}}, {{"more", 0}, {1, "v1;t=t1;i=0;n=2"}}});
  EXPECT_TRUE(other->commit());
  const auto client = machine.connect();
  client->add_source("more");
  const CommittedState state = client->authority()->open(kJob, {});
  EXPECT_EQ(state.splits.at({"in/0"})->checkpoint->checkpoint, name(1));
  EXPECT_EQ(state.splits.at({"more/0"})->checkpoint->checkpoint, name(2));
  EXPECT_EQ(state.named.size(), 2U);
}

TEST(LogReader, JumpsOverMarkersAndEndsWhereABoundedOneBegan) {
  Machine machine;
  const LogPartition out{"out", 0};
  const auto producer = machine.log.init_producer("p", Duration{1'000});
  producer->begin();
  producer->append(out, {{.key = "k", .value = "aborted"}});
  producer->abort();
  machine.log.append(out, {.key = "k", .value = "a"});
  LogReader reader{machine.log, out, nullptr, true};
  machine.log.append(out, {.key = "k", .value = "later"});
  const auto records = reader.read(10);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].first, 2U);
  EXPECT_TRUE(reader.has_ended());
  EXPECT_EQ(reader.position(), Position{"3"});
  EXPECT_EQ(reader.lag(), 1U);
}

}  // namespace
}  // namespace weir::testing
