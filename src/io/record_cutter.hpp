// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/block_feed.hpp"
#include "weir/detail/io/raw_reader.hpp"

namespace weir::inline v0::detail {

/// Where a reader of a file stands: what a checkpoint stores of it.
struct FilePosition {
  std::uint64_t offset = 0;     ///< Of the next record.
  std::uint64_t number = 0;     ///< Of the record before it.
  std::uint64_t file_size = 0;  ///< When it was first opened: the file is read up to here.
  Witness witness;

  Position encode() const;
  /// Throws: CorruptState.
  static FilePosition decode(const Position& position);
};

struct CutterOptions {
  std::string label;
  RawOptions raw;
  FilePosition start;
  /// Records that start here or later belong to another split.
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  /// The start is in the middle of a record, which belongs to another split.
  bool starts_inside = false;
  /// Nothing to read means that the world has nothing, not that the disk is slow.
  bool is_live = false;
  /// Known already, from an earlier attempt: the feed does not have it. Written when it is read.
  std::shared_ptr<std::string> known_header;
  /// Blocks from an offset on.
  std::function<std::unique_ptr<BlockFeed>(std::uint64_t offset)> open_feed;
};

/// Cuts blocks into records.
///
/// Invariants:
/// 1. What is in `carry_` or in `block_` from `begin_` on was read and not cut yet; the first byte
///    of it is at `next_offset_` in the file.
/// 2. `records_` point into `carry_` (the first one only) and `block_`, which stay as they are
/// until
///    all of them are consumed.
class RecordCutter final : public RawReader {
 public:
  explicit RecordCutter(CutterOptions options);

  Poll fetch(std::size_t max_records) override;
  std::span<const RawRecord> records() const override;
  void consume(std::size_t count) override;
  const std::string& header() const override { return header_; }
  Position position() const override { return position_.encode(); }
  std::uint64_t record_number() const override { return position_.number + 1; }
  const std::string& label() const override { return options_.label; }

 private:
  enum class Phase { header, inside, records, ended };

  void open_records();
  void cut(std::size_t max_records);
  std::optional<std::size_t> find_break();
  void keep_rest();
  void carry(std::string_view piece);
  void take(std::string_view bytes, std::uint64_t end);
  void take_header(std::string_view bytes);
  void finish_file();

  const CutterOptions options_;
  std::unique_ptr<BlockFeed> feed_;
  Phase phase_ = Phase::records;
  FilePosition position_;  // Of the next record that was not consumed.
  std::string header_;

  std::string block_;
  std::size_t begin_ = 0;    // Of the record under way, or 0 where it began in carry_.
  std::size_t scanned_ = 0;  // Up to here there is no line break.
  bool is_in_quotes_ = false;
  std::string carry_;  // The beginning of a record that did not end in its block; limited.
  std::uint64_t carried_bytes_ = 0;  // Its length before it was limited; 0: there is none.
  bool is_carry_used_ = false;       // A record points to carry_.
  std::uint64_t next_offset_ = 0;
  std::uint64_t cut_number_ = 0;  // Of the last record that was cut.

  std::vector<RawRecord> records_;
  std::size_t consumed_ = 0;
};

}  // namespace weir::inline v0::detail
