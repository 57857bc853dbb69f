// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/export.hpp"
#include "weir/format.hpp"
#include "weir/source.hpp"

namespace weir::inline v0::detail {

/// One record of a file before it is decoded.
struct RawRecord {
  std::string_view bytes;    ///< Without the line break. Of one that is too long: the first part.
  std::uint64_t number = 0;  ///< 1 for the first, the header included.
  std::uint64_t begin = 0;   ///< Its offset in the file.
  std::uint64_t end = 0;     ///< The offset at which the next record starts.
  bool is_too_long = false;
};

/// The records of one file or pipe, one after the other. One thread at a time.
class WEIR_API RawReader {
 public:
  virtual ~RawReader() = default;

  /// Looks for up to `max_records` records, unless some are left that were not consumed. Throws:
  /// IoError.
  virtual Poll fetch(std::size_t max_records) = 0;
  /// What was fetched and not consumed; valid up to the next fetch().
  virtual std::span<const RawRecord> records() const = 0;
  virtual void consume(std::size_t count) = 0;
  /// The first line, where there is to be one. Known once fetch() has found records.
  virtual const std::string& header() const = 0;
  /// Of the next record that was not consumed.
  virtual Position position() const = 0;
  virtual std::uint64_t record_number() const = 0;
  /// For messages: the file's path.
  virtual const std::string& label() const = 0;
};

/// How files are cut into records.
struct RawOptions {
  Framing framing = Framing::lines;
  bool has_header = false;
  std::size_t max_record_bytes = 0;
  std::uint64_t split_bytes = 0;
  std::size_t read_ahead_bytes = 0;
};

class ReadAhead;

/// Files and directories whose records are read.
class WEIR_API FileInput final {
 public:
  FileInput(std::vector<std::string> paths, RawOptions options);
  ~FileInput();

  std::vector<std::string> faults() const;
  std::vector<SplitId> splits(const SourceContext& context);
  std::unique_ptr<RawReader> open(const SplitId& split, const std::optional<Position>& position,
                                  const SourceContext& context);

 private:
  std::vector<std::string> files(FileSystem& files) const;

  const std::vector<std::string> paths_;
  const RawOptions options_;
  std::size_t split_count_ = 1;
  std::weak_ptr<ReadAhead> read_ahead_;  // Kept alive by the readers, and by nobody else.
};

/// A stream that can be read once, such as stdin.
class WEIR_API StreamInput final {
 public:
  /// The stream outlives the source.
  StreamInput(std::istream& stream, RawOptions options);
  /// An open file descriptor, which stays open.
  StreamInput(int descriptor, RawOptions options);
  ~StreamInput();

  std::vector<std::string> faults() const;
  std::unique_ptr<RawReader> open(const SourceContext& context);

 private:
  std::istream* stream_ = nullptr;  // Null: read the descriptor.
  int descriptor_ = -1;
  const RawOptions options_;
  std::shared_ptr<std::string> header_;  // Shared by the readers of all attempts; read only once.
};

/// Descriptor 0 if the stream is std::cin, else -1.
WEIR_API int descriptor_of(const std::istream& stream);

[[noreturn]] WEIR_API void throw_bad_header(const RawReader& reader, const std::string& reason);
WEIR_API std::string too_long_reason(std::size_t max_record_bytes);

}  // namespace weir::inline v0::detail
