// SPDX-License-Identifier: Apache-2.0
#include "weir/codec.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "weir/error.hpp"
#include "weir/key.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {

namespace {

[[noreturn]] void throw_corrupt(const ByteReader& in, const char* what) {
  throw CorruptState("at byte " + std::to_string(in.position()) + ": " + what);
}

}  // namespace

std::uint64_t hash_description(std::string_view text) noexcept { return stable_hash(text); }

void throw_out_of_range(const ByteReader& in) {
  throw_corrupt(in, "a value is out of its type's range; the bytes are not of this type");
}

void throw_left_over(const ByteReader& in) {
  throw_corrupt(in, "bytes are left over; they are not of this type");
}

void throw_duplicate_entry(const ByteReader& in) {
  throw_corrupt(in, "a set or map has one entry twice; the bytes are not of this type");
}

std::size_t decode_count(ByteReader& in) {
  const std::uint64_t count = in.varint();
  if (count > in.remaining()) {
    throw CorruptState("at byte " + std::to_string(in.position()) + ": " + std::to_string(count) +
                       " elements are expected and " + std::to_string(in.remaining()) +
                       " bytes are there; the bytes are truncated or not of this type");
  }
  return static_cast<std::size_t>(count);
}

void append_integer_name(std::string& out, bool is_signed, std::size_t bytes) {
  out += is_signed ? 'i' : 'u';
  out += std::to_string(8 * bytes);
}

void append_version(std::string& out, std::uint32_t version) {
  if (version != 0) out += 'v' + std::to_string(version) + ':';
}

void append_comma(std::string& out) {
  constexpr std::string_view kOpeners = "<{|:";
  if (!out.empty() && kOpeners.find(out.back()) == std::string_view::npos) out += ',';
}

void throw_bad_key_size(std::size_t expected, std::size_t actual) {
  throw CorruptState("a key of " + std::to_string(expected) + " bytes is expected and " +
                     std::to_string(actual) + " are there; the bytes are not of this type");
}

void EntrySorter::append_to(ByteWriter& out) const {
  const std::string_view all = bytes_.view();
  std::vector<std::string_view> entries;
  entries.reserve(starts_.size());
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : all.size();
    entries.push_back(all.substr(starts_[i], end - starts_[i]));
  }
  std::sort(entries.begin(), entries.end());
  for (const std::string_view entry : entries) out.raw(entry);
}

}  // namespace weir::inline v0::detail
