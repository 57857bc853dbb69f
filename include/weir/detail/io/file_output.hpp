// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/commit.hpp"
#include "weir/export.hpp"
#include "weir/sink.hpp"
#include "weir/time.hpp"

namespace weir::inline v0::detail {

/// What a file sink is told, without the type of its records.
struct FileOutputOptions {
  std::string directory;
  std::string prefix;
  std::string suffix;
  std::string header;  ///< The first line of every file, without its line break; empty: none.
  std::uint64_t roll_bytes = 0;
  Duration roll_age{0};
  std::size_t buffer_bytes = 0;
  std::size_t open_files_max = 0;
  std::size_t buckets_max = 0;
  bool keep_later_files = false;
};

/// The bytes that one task writes, by bucket. The task's worker only.
class WEIR_API FileOutputWriter {
 public:
  virtual ~FileOutputWriter() = default;
  virtual bool ready() = 0;
  /// Where to append the next record of a bucket, its line break included; then comes appended().
  /// Throws: BadRecord if the bucket is no path below the directory.
  virtual std::string& block(std::string_view bucket) = 0;
  virtual void appended(std::size_t bytes) = 0;
  virtual void barrier(CheckpointId checkpoint) = 0;
  virtual void end() = 0;
};

/// Files that are written by many tasks and published with the checkpoints; see src/io/README.md.
class WEIR_API FileOutput : public Participant {
 public:
  static std::shared_ptr<FileOutput> make(FileOutputOptions options);

  virtual std::vector<std::string> faults() const = 0;
  virtual void open(const SinkContext& context, std::size_t writers) = 0;
  virtual std::unique_ptr<FileOutputWriter> writer(const SinkContext& context) = 0;
};

[[noreturn]] WEIR_API void throw_line_break(std::string_view format);
/// ".csv", ".json", ".txt" for a format that is named so (text: txt).
WEIR_API std::string suffix_for(std::string_view format);

}  // namespace weir::inline v0::detail
