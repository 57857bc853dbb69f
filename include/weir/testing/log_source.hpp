// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/error.hpp"
#include "weir/source.hpp"
#include "weir/testing/log_client.hpp"

namespace weir::inline v0::testing {

struct LogSourceOptions {
  /// Ends at what is committed when the job starts; else it goes on for ever.
  bool is_bounded = true;
};

/// Reads a topic of a SimLog, committed records only; records bring their time along. A split is a
/// partition, its position the next offset.
template <class T>
class LogSource final : public Source<T> {
 public:
  using Decode = std::function<T(const LogRecord&)>;

  LogSource(std::shared_ptr<LogClient> client, std::string topic, Decode decode,
            LogSourceOptions options)
      : client_{std::move(client)},
        topic_{std::move(topic)},
        decode_{std::move(decode)},
        options_{options} {
    client_->add_source(topic_);
  }

  bool is_bounded() const override { return options_.is_bounded; }
  bool has_event_time() const override { return true; }
  std::vector<SplitId> splits(const SourceContext& context) override {
    return client_->splits(topic_, context.node);
  }
  std::unique_ptr<SplitReader<T>> open(const SplitId& split,
                                       const std::optional<Position>& position,
                                       const SourceContext& context) override {
    return std::make_unique<Reader>(*this,
                                    LogReader{client_->log(), testing::partition_of(split),
                                              position ? &*position : nullptr, options_.is_bounded},
                                    client_->log().listen(context.wake));
  }
  std::optional<std::string> partitioned_topic() const override { return topic_; }
  std::uint32_t partition_count() override { return client_->log().partition_count(topic_); }
  std::uint32_t partition_of(const SplitId& split) const override {
    return testing::partition_of(split).number;
  }
  std::shared_ptr<ExchangeTopics> exchange_topics() override {
    return LogClient::exchange_topics(client_);
  }
  std::shared_ptr<Participant> participant() override { return client_->participant(); }
  std::shared_ptr<CommitAuthority> authority() override { return client_->authority(); }

 private:
  class Reader final : public SplitReader<T> {
   public:
    Reader(const LogSource& source, LogReader reader, std::shared_ptr<void> listening)
        : source_{source}, reader_{std::move(reader)}, listening_{std::move(listening)} {}

    Poll poll(RecordBatch<T>& out, std::size_t max_records) override {
      if (reader_.has_ended()) return Poll::ended;
      const auto records = reader_.read(max_records);
      for (const auto& [offset, record] : records) add(out, offset, record);
      if (!records.empty()) return Poll::records;
      return reader_.has_ended() ? Poll::ended : Poll::nothing;
    }
    Position position() const override { return reader_.position(); }
    std::uint64_t record_number() const override { return reader_.next_offset(); }
    std::optional<std::uint64_t> lag() const override { return reader_.lag(); }

   private:
    void add(RecordBatch<T>& out, std::uint64_t offset, const LogRecord& record) const {
      try {
        out.push(source_.decode_(record), record.time);
      } catch (const BadRecord& bad) {
        out.push_bad(record.value.value_or(""), offset, bad.what());
      }
    }

    const LogSource& source_;
    LogReader reader_;
    const std::shared_ptr<void> listening_;  // The log's handle.
  };

  const std::shared_ptr<LogClient> client_;  // Shared by the sources and sinks of the job.
  const std::string topic_;
  const Decode decode_;
  const LogSourceOptions options_;
};

/// A source over a topic. `decode` throws BadRecord for what cannot be used.
template <class T>
std::shared_ptr<Source<T>> log_source(std::shared_ptr<LogClient> client, std::string topic,
                                      typename LogSource<T>::Decode decode,
                                      LogSourceOptions options = {}) {
  return std::make_shared<LogSource<T>>(std::move(client), std::move(topic), std::move(decode),
                                        options);
}

}  // namespace weir::inline v0::testing
