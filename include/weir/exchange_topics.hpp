// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "weir/sink.hpp"
#include "weir/source.hpp"

namespace weir::inline v0 {

/// What travels through a repartition topic. The bytes are weir's: src/dataflow/README.md.
struct ExchangedRecord {
  std::string key;
  std::string value;
  std::uint32_t partition = 0;  ///< Where a record has to be written.
  std::uint64_t offset = 0;     ///< Where a record was read.
};

/// Repartition topics of a job: how its records get from a key_by to the shards of other processes
/// (`ExchangeOptions::through`). A connector implements it and hands it out with
/// Source::exchange_topics(). A topic has as many partitions as the stage has shards; records are
/// written in the transaction of the checkpoint, with the rest of the job's output. Nobody else
/// reads or writes it. What has been read may go once its position is committed, and not before:
/// neither age nor size may delete a record.
class ExchangeTopics {
 public:
  virtual ~ExchangeTopics() = default;

  /// Reads a topic: its splits are the partitions, as partitioned_topic() and its company say; a
  /// position is the decimal offset of the next record, each record says its own offset, and the
  /// source never ends. partition_count() makes the topic if it is not there, and throws
  /// ConfigError if it has another number of partitions. No I/O in here.
  virtual std::shared_ptr<Source<ExchangedRecord>> make_source(const std::string& topic,
                                                               std::uint32_t partitions) = 0;
  /// Writes to a topic, each record to the partition that it names. Its event time, if the stream
  /// has any, is beside it, and may be stored as the connector likes: weir does not read it back.
  virtual std::shared_ptr<Sink<ExchangedRecord>> make_sink(const std::string& topic,
                                                           std::uint32_t partitions) = 0;
};

}  // namespace weir::inline v0
