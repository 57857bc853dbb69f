// SPDX-License-Identifier: Apache-2.0
#include "io/record_cutter.hpp"

#include <algorithm>
#include <utility>

#include "weir/bytes.hpp"
#include "weir/error.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kWitnessBytes = 32;

std::string_view without_return(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

Position FilePosition::encode() const {
  ByteWriter out;
  out.u8(kVersion);
  out.varint(offset);
  out.varint(number);
  out.varint(file_size);
  out.varint(witness.offset);
  out.varint(witness.count);
  out.u64(witness.hash);
  return {out.take()};
}

FilePosition FilePosition::decode(const Position& position) {
  ByteReader in{position.bytes};
  if (const std::uint8_t version = in.u8(); version != kVersion) {
    throw CorruptState("a file position has version " + std::to_string(version) +
                       "; this version of weir reads " + std::to_string(kVersion));
  }
  FilePosition decoded;
  decoded.offset = in.varint();
  decoded.number = in.varint();
  decoded.file_size = in.varint();
  decoded.witness.offset = in.varint();
  decoded.witness.count = in.varint();
  decoded.witness.hash = in.u64();
  if (decoded.witness.count > kWitnessBytes) {
    throw CorruptState("a file position has a witness of " + std::to_string(decoded.witness.count) +
                       " bytes");
  }
  return decoded;
}

RecordCutter::RecordCutter(CutterOptions options)
    : options_{std::move(options)}, position_{options_.start} {
  const auto& known = options_.known_header;
  if (options_.raw.has_header && (known == nullptr || known->empty())) {
    phase_ = Phase::header;
    feed_ = options_.open_feed(0);
    return;
  }
  if (known != nullptr) header_ = *known;
  open_records();
}

/// Starts at the position. One byte earlier if that is inside of a record: it may be the line break
/// before the first one of this split.
void RecordCutter::open_records() {
  phase_ = options_.starts_inside ? Phase::inside : Phase::records;
  cut_number_ = position_.number;
  next_offset_ = position_.offset - (options_.starts_inside ? 1 : 0);
  feed_.reset();
  feed_ = options_.open_feed(next_offset_);
  block_.clear();
  begin_ = scanned_ = 0;
}

Poll RecordCutter::fetch(std::size_t max_records) {
  if (consumed_ < records_.size()) return Poll::records;
  records_.clear();
  consumed_ = 0;
  if (std::exchange(is_carry_used_, false)) carry_.clear();
  while (phase_ != Phase::ended) {
    cut(max_records);
    if (!records_.empty()) return Poll::records;
    if (phase_ == Phase::ended) break;
    keep_rest();
    const BlockFeed::Next next = feed_->next(block_);
    if (next != BlockFeed::Next::block) block_.clear();
    if (next == BlockFeed::Next::pending) return options_.is_live ? Poll::nothing : Poll::pending;
    if (next == BlockFeed::Next::ended) finish_file();
  }
  feed_.reset();
  return records_.empty() ? Poll::ended : Poll::records;
}

std::span<const RawRecord> RecordCutter::records() const {
  return std::span{records_}.subspan(consumed_);
}

void RecordCutter::consume(std::size_t count) {
  if (count == 0) return;
  consumed_ += count;
  const RawRecord& last = records_[consumed_ - 1];
  position_.offset = last.end;
  position_.number = last.number;
  const std::string_view start = last.bytes.substr(0, kWitnessBytes);
  if (!start.empty()) position_.witness = {last.begin, start.size(), stable_hash(start)};
}

void RecordCutter::cut(std::size_t max_records) {
  while (records_.size() < max_records) {
    if (phase_ == Phase::records && next_offset_ >= options_.end) phase_ = Phase::ended;
    if (phase_ == Phase::ended) return;
    const std::optional<std::size_t> found = find_break();
    if (!found) return;
    const std::string_view piece = std::string_view{block_}.substr(begin_, *found - begin_);
    const std::uint64_t end = next_offset_ + carried_bytes_ + piece.size() + 1;
    begin_ = *found + 1;
    if (carried_bytes_ > 0) {
      carry(piece);
      take(carry_, end);
    } else {
      take(piece, end);
    }
  }
}

/// The place of the line break that ends the record under way.
std::optional<std::size_t> RecordCutter::find_break() {
  while (scanned_ < block_.size()) {
    const std::size_t found = block_.find('\n', scanned_);
    const bool is_found = found != std::string::npos;
    const std::size_t end = is_found ? found : block_.size();
    if (options_.raw.framing == Framing::quoted_lines) {
      const char* const text = block_.data();
      is_in_quotes_ = is_in_quotes_ != (std::count(text + scanned_, text + end, '"') % 2 != 0);
    }
    scanned_ = is_found ? end + 1 : end;
    if (is_found && !is_in_quotes_) return end;
    // A quote that is never closed must not swallow the file.
    if (carried_bytes_ + (end - begin_) > options_.raw.max_record_bytes) is_in_quotes_ = false;
  }
  return std::nullopt;
}

/// Keeps the beginning of the record under way, before its block goes.
void RecordCutter::keep_rest() {
  carry(std::string_view{block_}.substr(begin_));
  begin_ = scanned_ = 0;
}

void RecordCutter::carry(std::string_view piece) {
  // One byte more than allowed, and a '\r': so that one can see that it is too long.
  const std::size_t room = options_.raw.max_record_bytes + 2 - carry_.size();
  carry_.append(piece.substr(0, room));
  carried_bytes_ += piece.size();
}

/// A record, or what stands in place of one.
void RecordCutter::take(std::string_view bytes, std::uint64_t end) {
  const std::uint64_t begin = std::exchange(next_offset_, end);
  const bool was_carried = std::exchange(carried_bytes_, 0) > 0;
  if (phase_ == Phase::records) {
    RawRecord record{without_return(bytes), ++cut_number_, begin, end};
    record.is_too_long = record.bytes.size() > options_.raw.max_record_bytes;
    record.bytes = record.bytes.substr(0, options_.raw.max_record_bytes);
    records_.push_back(record);
    is_carry_used_ = is_carry_used_ || was_carried;
    return;
  }
  if (phase_ == Phase::header) {
    take_header(bytes);
  } else {
    position_.offset = next_offset_;
    phase_ = Phase::records;
  }
  if (was_carried) carry_.clear();
}

void RecordCutter::take_header(std::string_view bytes) {
  header_ = without_return(bytes);
  if (options_.known_header != nullptr) *options_.known_header = header_;
  if (position_.offset > 0) return open_records();
  position_.offset = next_offset_;
  position_.number = cut_number_ = 1;
  phase_ = Phase::records;
}

/// A last record without a line break.
void RecordCutter::finish_file() {
  if (carried_bytes_ > 0) {
    const std::uint64_t end = next_offset_ + carried_bytes_;
    const bool is_of_us = phase_ != Phase::records || next_offset_ < options_.end;
    if (is_of_us) take(carry_, end);
  }
  phase_ = Phase::ended;
}

}  // namespace weir::inline v0::detail
