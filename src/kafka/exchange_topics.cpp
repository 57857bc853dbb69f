// SPDX-License-Identifier: Apache-2.0
// Repartition topics: made when a job starts, read to nobody's but the job's own positions, and
// emptied behind them.
#include "weir/exchange_topics.hpp"

#include <utility>

#include "weir/detail/kafka/session.hpp"
#include "weir/detail/kafka/topic_sink.hpp"
#include "weir/detail/kafka/topic_source.hpp"

namespace weir::inline v0::detail {
namespace {

ExchangedRecord decode(const kafka::FetchedRecords& fetched, std::size_t index,
                       const kafka::TopicPartition& partition) {
  const kafka::RecordView& record = fetched.records()[index];
  return {std::string{record.key.value_or("")}, std::string{record.value.value_or("")},
          static_cast<std::uint32_t>(partition.partition),
          static_cast<std::uint64_t>(record.offset)};
}

TopicEncoding<ExchangedRecord> encoding() {
  TopicEncoding<ExchangedRecord> encoding;
  encoding.key = [](const ExchangedRecord& record, std::string& out) {
    out += record.key;
    return true;
  };
  encoding.value = [](const ExchangedRecord& record, std::string& out) {
    out += record.value;
    return true;
  };
  encoding.partition = [](const ExchangedRecord& record) {
    return static_cast<std::int32_t>(record.partition);
  };
  return encoding;
}

/// Reads as any topic is read; makes it first, and lets go what was read.
class ExchangeTopicSource final : public Source<ExchangedRecord> {
 public:
  ExchangeTopicSource(std::shared_ptr<KafkaSession> session, std::string topic,
                      std::uint32_t partitions)
      : session_{std::move(session)},
        topic_{std::move(topic)},
        partitions_{partitions},
        records_{session_, {{topic_}, kafka::Start::earliest(), kafka::Until::never()}, &decode} {}

  bool is_bounded() const override { return false; }
  std::vector<std::string> job_faults(const JobOptions& options) const override {
    return records_.job_faults(options);
  }
  std::vector<SplitId> splits(const SourceContext& context) override {
    return records_.splits(context);
  }
  std::unique_ptr<SplitReader<ExchangedRecord>> open(const SplitId& split,
                                                     const std::optional<Position>& position,
                                                     const SourceContext& context) override {
    return records_.open(split, position, context);
  }
  void committed(const SplitId& split, const Position& position) override {
    session_->let_go(split, position);
  }
  std::optional<std::string> partitioned_topic() const override { return topic_; }
  std::uint32_t partition_count() override {
    session_->make_exchange_topic(topic_, partitions_);
    return partitions_;
  }
  std::uint32_t partition_of(const SplitId& split) const override {
    return session_->partition_number(split);
  }
  std::shared_ptr<Participant> participant() override { return session_; }
  std::shared_ptr<CommitAuthority> authority() override { return session_; }

 private:
  const std::shared_ptr<KafkaSession> session_;  // Shared by the sources and sinks of the job.
  const std::string topic_;
  const std::uint32_t partitions_;
  TopicSource<ExchangedRecord, decltype(&decode)> records_;
};

class KafkaTopics final : public ExchangeTopics {
 public:
  explicit KafkaTopics(std::shared_ptr<KafkaSession> session) : session_{std::move(session)} {}

  std::shared_ptr<Source<ExchangedRecord>> make_source(const std::string& topic,
                                                       std::uint32_t partitions) override {
    return std::make_shared<ExchangeTopicSource>(session_, topic, partitions);
  }
  std::shared_ptr<Sink<ExchangedRecord>> make_sink(const std::string& topic,
                                                   std::uint32_t) override {
    return std::make_shared<TopicSink<ExchangedRecord>>(session_, TopicSinkSpec{topic, {}},
                                                        encoding());
  }

 private:
  const std::shared_ptr<KafkaSession> session_;  // Shared by the sources and sinks of the job.
};

}  // namespace

std::shared_ptr<ExchangeTopics> kafka_exchange_topics(std::shared_ptr<KafkaSession> session) {
  return std::make_shared<KafkaTopics>(std::move(session));
}

}  // namespace weir::inline v0::detail
