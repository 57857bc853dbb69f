// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "weir/sink.hpp"
#include "weir/testing/log_client.hpp"

namespace weir::inline v0::testing {

/// Writes to a topic of a SimLog, in the job's transaction. The key decides the partition.
template <class T>
class LogSink final : public Sink<T> {
 public:
  using Encode = std::function<LogRecord(const T&)>;

  LogSink(std::shared_ptr<LogClient> client, std::string topic, Encode encode)
      : client_{std::move(client)}, topic_{std::move(topic)}, encode_{std::move(encode)} {
    client_->add_sink(topic_);
  }

  Guarantee strongest_guarantee() const override { return Guarantee::exactly_once; }
  std::unique_ptr<SinkWriter<T>> writer(const SinkContext& context) override {
    return std::make_unique<Writer>(encode_, client_->writer(topic_, context.wake));
  }
  std::shared_ptr<Participant> participant() override { return client_->participant(); }
  std::shared_ptr<CommitAuthority> authority() override { return client_->authority(); }

 private:
  class Writer final : public SinkWriter<T> {
   public:
    Writer(Encode encode, std::unique_ptr<LogWriter> writer)
        : encode_{std::move(encode)}, writer_{std::move(writer)} {}

    bool ready() const override { return writer_->ready(); }
    void write(const Records<T>& records) override {
      for (std::uint32_t i = 0; i < records.count; ++i) {
        LogRecord record = encode_(records.value(i));
        record.time = records.time(i);
        writer_->write(std::move(record));
      }
    }
    void barrier(CheckpointId checkpoint) override { writer_->barrier(checkpoint); }

   private:
    const Encode encode_;
    const std::unique_ptr<LogWriter> writer_;
  };

  const std::shared_ptr<LogClient> client_;  // Shared by the sources and sinks of the job.
  const std::string topic_;
  const Encode encode_;
};

/// A sink into a topic. `encode` gives key, value and headers; the time is the record's.
template <class T>
std::shared_ptr<Sink<T>> log_sink(std::shared_ptr<LogClient> client, std::string topic,
                                  typename LogSink<T>::Encode encode) {
  return std::make_shared<LogSink<T>>(std::move(client), std::move(topic), std::move(encode));
}

}  // namespace weir::inline v0::testing
