// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/detail/io/file_output.hpp"
#include "weir/export.hpp"
#include "weir/format.hpp"
#include "weir/sink.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::io {

/// How files are named and when one ends.
struct WriteOptions {
  /// A file is called <prefix>-<run>-<token>-<number><suffix>; no name is used twice. Sinks that
  /// write into one directory need different prefixes. Not empty, no '/', no dot in front.
  std::string prefix = "part";
  /// Empty: made from the format: ".txt", ".csv", ".json".
  std::string suffix{};
  /// A file that has so many bytes ends at the next checkpoint. At least 1.
  std::uint64_t roll_bytes = std::uint64_t{128} << 20;
  /// So does one that was begun so long ago (processing time). 0: every checkpoint ends all files.
  Duration roll_age{600'000};
  /// Encoded bytes of one task that wait to be written: above it, that task has to wait. Beside
  /// them, it collects up to half as many. At least 1.
  std::size_t buffer_bytes = std::size_t{8} << 20;
  /// File descriptors in use at once; others are closed and opened again. At least 1.
  std::size_t open_files_max = 64;
  /// Files begun and not ended; beyond it, a checkpoint ends those written to the longest ago. At
  /// least 1.
  std::size_t buckets_max = 4'096;
  /// Restoring a checkpoint, or starting anew, where files were published that it does not know,
  /// is an error: their records would show twice. True accepts that: for a savepoint that is
  /// restored on purpose, or a directory that several runs share.
  bool keep_later_files = false;
};

/// "2024-02-29", and "2024-02-29-13": the UTC day or hour of a time, as the name of a bucket.
WEIR_API std::string utc_day(EventTime time);
WEIR_API std::string utc_hour(EventTime time);

}  // namespace weir::inline v0::io

namespace weir::inline v0::detail {

/// Everything into one bucket.
struct NoBucket {};

/// Encodes records and appends them to the blocks of their buckets.
template <class T, class BucketOf>
class FileSinkWriter final : public SinkWriter<T> {
 public:
  FileSinkWriter(std::unique_ptr<FileOutputWriter> out, Format<T> format, BucketOf bucket_of)
      : out_{std::move(out)},
        format_{std::move(format)},
        refuses_line_breaks_{format_.framing() == Framing::lines},
        bucket_of_{std::move(bucket_of)} {}

  bool ready() const override { return out_->ready(); }
  void write(const Records<T>& records) override {
    for (std::uint32_t i = 0; i < records.count; ++i) {
      const T& value = records.value(i);
      append(value, out_->block(bucket(value, records.time(i))));
    }
  }
  void barrier(CheckpointId checkpoint) override { out_->barrier(checkpoint); }
  void end() override { out_->end(); }

 private:
  std::string bucket(const T& value, EventTime time) const {
    if constexpr (std::is_same_v<BucketOf, NoBucket>) {
      static_cast<void>(value);
      static_cast<void>(time);
      return {};
    } else if constexpr (std::is_invocable_v<const BucketOf&, const T&, EventTime>) {
      return bucket_of_(value, time);
    } else {
      return bucket_of_(value);
    }
  }

  void append(const T& value, std::string& block) {
    const std::size_t before = block.size();
    try {
      format_.encode(value, block);
      if (refuses_line_breaks_ && block.find('\n', before) != std::string::npos) {
        throw_line_break(format_.name());
      }
    } catch (...) {
      block.resize(before);
      throw;
    }
    block += '\n';
    out_->appended(block.size() - before);
  }

  const std::unique_ptr<FileOutputWriter> out_;
  const Format<T> format_;
  const bool refuses_line_breaks_;
  const BucketOf bucket_of_;
};

/// Records into files.
template <class T, class BucketOf>
class FileSink final : public Sink<T> {
 public:
  FileSink(FileOutputOptions options, Format<T> format, BucketOf bucket_of)
      : output_{FileOutput::make(std::move(options))},
        format_{std::move(format)},
        bucket_of_{std::move(bucket_of)} {}

  Guarantee strongest_guarantee() const override { return Guarantee::exactly_once; }
  std::vector<std::string> faults() const override { return output_->faults(); }
  void open(const SinkContext& context, std::size_t writers) override {
    output_->open(context, writers);
  }
  std::unique_ptr<SinkWriter<T>> writer(const SinkContext& context) override {
    return std::make_unique<FileSinkWriter<T, BucketOf>>(output_->writer(context), format_,
                                                         bucket_of_);
  }
  std::shared_ptr<Participant> participant() override { return output_; }

 private:
  const std::shared_ptr<FileOutput> output_;  // Shared with the job, which commits it.
  const Format<T> format_;
  const BucketOf bucket_of_;
};

template <class T, class BucketOf>
std::shared_ptr<Sink<T>> file_sink(std::string directory, Format<T> format,
                                   io::WriteOptions options, BucketOf bucket_of) {
  FileOutputOptions output;
  output.directory = std::move(directory);
  output.prefix = std::move(options.prefix);
  output.suffix = options.suffix.empty() ? suffix_for(format.name()) : std::move(options.suffix);
  output.header = format.header();
  output.roll_bytes = options.roll_bytes;
  output.roll_age = options.roll_age;
  output.buffer_bytes = options.buffer_bytes;
  output.open_files_max = options.open_files_max;
  output.buckets_max = options.buckets_max;
  output.keep_later_files = options.keep_later_files;
  return std::make_shared<FileSink<T, BucketOf>>(std::move(output), std::move(format),
                                                 std::move(bucket_of));
}

}  // namespace weir::inline v0::detail

namespace weir::inline v0::io {

/// Writes records into files, each record once in those that are published, whatever crashes:
/// exactly once where the job takes checkpoints.
///
///     counts.to("files", weir::io::write_files("out", weir::csv<Count>()));
///     // out/part-1-5f3c9a0e77d1b2c4-000000.csv
///
/// A file is hidden (.part-...) while it is written. It ends at a checkpoint, by size or age, and
/// gets its name when that is committed; a crash before leaves nothing visible. At the end of all
/// input every file is published; stop() leaves the last ones hidden, and the next start goes on
/// with them. Without checkpoints, files are published when they are full and at the end of the
/// input: at least once. Directories are made as needed, for their owner only.
///
/// A record whose text contains a line break is refused where the format has one line per record
/// (text): BadRecord. IoError where the disk is full, the directory cannot be written or files are
/// missing, shortened or unknown to the checkpoint; LockedError if another sink has directory and
/// prefix. The worker encodes, the job's storage thread writes.
template <class T>
std::shared_ptr<Sink<T>> write_files(std::string directory, Format<T> format,
                                     WriteOptions options = {}) {
  return detail::file_sink(std::move(directory), std::move(format), std::move(options),
                           detail::NoBucket{});
}

/// The same, with a directory of its own per bucket: `bucket_of(const T&)` or
/// `bucket_of(const T&, EventTime)` says which, as a relative path without ".." or hidden parts. A
/// window's result has the time end - 1, so that `utc_hour(time)` is the hour of the window.
///
///     weir::io::write_files("out", weir::csv<Count>(), {},
///                           [](const Count&, weir::EventTime time) { return utc_day(time); })
///     // out/2024-02-29/part-1-5f3c9a0e77d1b2c4-000000.csv
template <class T, class BucketOf>
std::shared_ptr<Sink<T>> write_files(std::string directory, Format<T> format, WriteOptions options,
                                     BucketOf bucket_of) {
  return detail::file_sink(std::move(directory), std::move(format), std::move(options),
                           std::move(bucket_of));
}

}  // namespace weir::inline v0::io
