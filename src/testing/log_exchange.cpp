// SPDX-License-Identifier: Apache-2.0
// Repartition topics in a SimLog.
#include <optional>
#include <utility>

#include "weir/exchange_topics.hpp"
#include "weir/testing/log_client.hpp"

namespace weir::inline v0::testing {
namespace {

class TopicReader final : public SplitReader<ExchangedRecord> {
 public:
  TopicReader(LogReader reader, std::shared_ptr<void> listening)
      : reader_{std::move(reader)}, listening_{std::move(listening)} {}

  Poll poll(RecordBatch<ExchangedRecord>& out, std::size_t max_records) override {
    for (auto& [offset, record] : reader_.read(max_records)) {
      std::string key = std::move(record.key).value_or("");
      std::string value = std::move(record.value).value_or("");
      out.add_bytes(key.size() + value.size());
      out.push({std::move(key), std::move(value), 0, offset});
    }
    return out.size() > 0 ? Poll::records : Poll::nothing;
  }
  Position position() const override { return reader_.position(); }
  std::uint64_t record_number() const override { return reader_.next_offset(); }
  std::optional<std::uint64_t> lag() const override { return reader_.lag(); }

 private:
  LogReader reader_;
  const std::shared_ptr<void> listening_;  // The log's handle.
};

class TopicSource final : public Source<ExchangedRecord> {
 public:
  TopicSource(std::shared_ptr<LogClient> client, std::string topic, std::uint32_t partitions)
      : client_{std::move(client)}, topic_{std::move(topic)}, partitions_{partitions} {
    client_->add_source(topic_);
  }

  bool is_bounded() const override { return false; }
  std::vector<SplitId> splits(const SourceContext& context) override {
    return client_->splits(topic_, context.node);
  }
  std::unique_ptr<SplitReader<ExchangedRecord>> open(const SplitId& split,
                                                     const std::optional<Position>& position,
                                                     const SourceContext& context) override {
    return std::make_unique<TopicReader>(LogReader{client_->log(), testing::partition_of(split),
                                                   position ? &*position : nullptr, false},
                                         client_->log().listen(context.wake));
  }
  std::optional<std::string> partitioned_topic() const override { return topic_; }
  std::uint32_t partition_count() override {
    client_->log().create_topic(topic_, partitions_);
    return partitions_;
  }
  std::uint32_t partition_of(const SplitId& split) const override {
    return testing::partition_of(split).number;
  }
  std::shared_ptr<Participant> participant() override { return client_->participant(); }
  std::shared_ptr<CommitAuthority> authority() override { return client_->authority(); }

 private:
  const std::shared_ptr<LogClient> client_;  // Shared by the sources and sinks of the job.
  const std::string topic_;
  const std::uint32_t partitions_;
};

class TopicWriter final : public SinkWriter<ExchangedRecord> {
 public:
  explicit TopicWriter(std::unique_ptr<LogWriter> writer) : writer_{std::move(writer)} {}

  bool ready() const override { return writer_->ready(); }
  void write(const Records<ExchangedRecord>& records) override {
    for (std::uint32_t i = 0; i < records.count; ++i) {
      const ExchangedRecord& record = records.value(i);
      writer_->write_to(
          record.partition,
          {.key = record.key, .value = record.value, .headers = {}, .time = records.time(i)});
    }
  }
  void barrier(CheckpointId checkpoint) override { writer_->barrier(checkpoint); }

 private:
  const std::unique_ptr<LogWriter> writer_;
};

class TopicSink final : public Sink<ExchangedRecord> {
 public:
  TopicSink(std::shared_ptr<LogClient> client, std::string topic)
      : client_{std::move(client)}, topic_{std::move(topic)} {
    client_->add_sink(topic_);
  }

  Guarantee strongest_guarantee() const override { return Guarantee::exactly_once; }
  std::unique_ptr<SinkWriter<ExchangedRecord>> writer(const SinkContext& context) override {
    return std::make_unique<TopicWriter>(client_->writer(topic_, context.wake));
  }
  std::shared_ptr<Participant> participant() override { return client_->participant(); }
  std::shared_ptr<CommitAuthority> authority() override { return client_->authority(); }

 private:
  const std::shared_ptr<LogClient> client_;  // Shared by the sources and sinks of the job.
  const std::string topic_;
};

class LogTopics final : public ExchangeTopics {
 public:
  explicit LogTopics(std::shared_ptr<LogClient> client) : client_{std::move(client)} {}

  std::shared_ptr<Source<ExchangedRecord>> make_source(const std::string& topic,
                                                       std::uint32_t partitions) override {
    return std::make_shared<TopicSource>(client_, topic, partitions);
  }
  std::shared_ptr<Sink<ExchangedRecord>> make_sink(const std::string& topic,
                                                   std::uint32_t) override {
    return std::make_shared<TopicSink>(client_, topic);
  }

 private:
  const std::shared_ptr<LogClient> client_;  // Shared with what it makes.
};

}  // namespace

std::shared_ptr<ExchangeTopics> LogClient::exchange_topics(
    const std::shared_ptr<LogClient>& client) {
  return std::make_shared<LogTopics>(client);
}

}  // namespace weir::inline v0::testing
