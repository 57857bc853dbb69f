// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/commit_pointer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Takes what stands between `start` and the next ';' off the front of `text`.
std::optional<std::string> take_field(std::string_view& text, std::string_view start) {
  if (text.substr(0, start.size()) != start) return std::nullopt;
  text.remove_prefix(start.size());
  const std::size_t end = std::min(text.find(';'), text.size());
  std::string field{text.substr(0, end)};
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

}  // namespace

std::string encode_pointer(const CheckpointPointer& pointer) {
  return "v1;t=" + pointer.checkpoint.timeline + ";i=" + pointer.instance +
         ";n=" + std::to_string(pointer.checkpoint.id.value);
}

std::optional<CheckpointPointer> decode_pointer(std::string_view metadata) {
  if (metadata.substr(0, 1) != "v" || metadata.find(";t=") == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view rest = metadata;
  const auto version = take_field(rest, "v");
  const auto timeline = take_field(rest, "t=");
  const auto instance = take_field(rest, "i=");
  const auto number = take_field(rest, "n=");
  const auto id = parse_number(number.value_or(""));
  if (version != "1" || !timeline || !instance || !id || !rest.empty()) {
    throw CorruptState{"the metadata '" + std::string{metadata} +
                       "' is not a pointer to a checkpoint that this version knows"};
  }
  return CheckpointPointer{{*timeline, CheckpointId{*id}}, *instance};
}

}  // namespace weir::inline v0::detail
