// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/names.hpp"

#include <algorithm>
#include <charconv>

#include "weir/error.hpp"

namespace weir::inline v0::detail {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kSavepoints = "savepoints";
constexpr std::string_view kCheckpointSuffix = ".ckpt";
constexpr std::string_view kNoteSuffix = ".note";
constexpr std::string_view kNotes = "/adopted/";

bool is_plain(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
}

void append_escaped(std::string& text, char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  text += '%';
  text += kHexDigits[byte >> 4U];
  text += kHexDigits[byte & 15U];
}

/// "5f3a...-12" at the end of a path, before `suffix`.
std::optional<CheckpointName> name_before(std::string_view suffix, std::string_view file) {
  if (!file.ends_with(suffix)) return std::nullopt;
  file.remove_suffix(suffix.size());
  file.remove_prefix(file.rfind('/') + 1);
  const std::size_t dash = file.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  CheckpointName name{std::string{file.substr(0, dash)}, {}};
  const std::string_view number = file.substr(dash + 1);
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), name.id.value);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return name;
}

}  // namespace

std::string escape_name(std::string_view name) {
  std::string text;
  for (const char letter : name) {
    if (is_plain(letter) || (letter == '.' && !text.empty())) {
      text += letter;
    } else {
      append_escaped(text, letter);
    }
  }
  return text.empty() ? "%" : text;
}

std::string job_folder(const std::string& job) {
  const std::string folder = escape_name(job);
  return folder == kSavepoints ? "%" + folder : folder;  // That one is taken.
}

std::string instance_folder(const CheckpointPlace& place) {
  return job_folder(place.job) + "/" + escape_name(place.instance);
}

std::string checkpoint_file(const CheckpointPlace& place, const CheckpointName& name) {
  return instance_folder(place) + "/" + to_string(name) + std::string{kCheckpointSuffix};
}

std::optional<CheckpointName> find_checkpoint_name(std::string_view file) {
  return name_before(kCheckpointSuffix, file);
}

std::string adopted_file(const CheckpointPlace& place, const std::string& timeline) {
  return instance_folder(place) + "/" + timeline + "-0.adopted";
}

std::string note_file(const CheckpointPlace& place, const CheckpointPointer& adopted) {
  return instance_folder(place) + std::string{kNotes} + escape_name(adopted.instance) + "/" +
         to_string(adopted.checkpoint) + std::string{kNoteSuffix};
}

std::optional<Note> find_note(std::string_view file) {
  const std::optional<CheckpointName> name = name_before(kNoteSuffix, file);
  const std::size_t notes = file.rfind(kNotes);
  if (!name || notes == std::string_view::npos) return std::nullopt;
  file.remove_prefix(notes + kNotes.size());
  return Note{std::string{file.substr(0, file.find('/'))}, *name};
}

std::string base_folder(const CheckpointPlace& place, const CheckpointName& cut,
                        std::string_view stage, ShardId shard) {
  return instance_folder(place) + "/" + to_string(cut) + ".base/" + escape_name(stage) + "-" +
         std::to_string(shard.value);
}

std::string savepoint_file(const std::string& name, const std::string& instance) {
  const bool is_fine = !name.empty() && name[0] != '.' && name[0] != '-' &&
                       std::all_of(name.begin(), name.end(),
                                   [](char letter) { return is_plain(letter) || letter == '.'; });
  if (!is_fine) {
    throw ConfigError("savepoint name '" + name +
                      "' cannot be used: it may consist of letters, digits, '_', '-' and '.', and "
                      "starts with none of the last two");
  }
  return std::string{kSavepoints} + "/" + name + "/" + escape_name(instance) + ".savepoint";
}

std::string timeline_name(std::uint64_t random) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, random >>= 4U) {
    *digit = kHexDigits[random & 15U];
  }
  return text;
}

std::string to_string(const CheckpointName& name) {
  return name.timeline + "-" + std::to_string(name.id.value);
}

}  // namespace weir::inline v0::detail
