// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <utility>

namespace tidy {
namespace {

constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMaxLines = 600;
constexpr std::size_t kLongHeader = 250;
constexpr std::size_t kLongSource = 400;

// Lower numbers only; equal numbers do not know each other.
const std::map<std::string, int, std::less<>> kLayers = {
    {"base", 1},  {"codec", 2},      {"state", 3}, {"dataflow", 4}, {"operators", 5},
    {"graph", 5}, {"checkpoint", 5}, {"io", 5},    {"runtime", 6},  {"job", 7}};

// What hangs on the side, and the layers it stands on. No layer includes these.
const std::map<std::string, std::set<int>, std::less<>> kSides = {
    {"json", {1, 2}},
    {"kafka", {1, 2, 4}},
    {"rocksdb", {1, 2, 3}},
    {"testing", {1, 2, 3, 4, 5, 6, 7}},
    {"tools", {1, 2, 3, 4, 5, 6, 7}}};

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_header(const SourceFile& file) { return ends_with(file.path, ".hpp"); }
bool is_library(const SourceFile& file) {
  return starts_with(file.path, "src/") || starts_with(file.path, "include/");
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream input{std::string{text}};
  for (std::string line; std::getline(input, line);) {
    lines.push_back(line);
  }
  return lines;
}

/// The folder below src/ or include/weir/detail/ in which a path or an included name lies.
std::string layer_of(std::string_view name) {
  for (const std::string_view root : {"src/", "include/weir/detail/", "weir/detail/"}) {
    if (starts_with(name, root)) {
      name.remove_prefix(root.size());
      break;
    }
  }
  const std::string layer{name.substr(0, name.find('/'))};
  return kLayers.count(layer) + kSides.count(layer) > 0 ? layer : std::string{};
}

struct Include {
  int line = 0;
  std::string name;
  bool in_quotes = false;
};

std::vector<Include> includes_of(const SourceFile& file) {
  static const std::regex pattern{R"re(^\s*#\s*include\s*(["<])([^">]+)[">])re"};
  std::vector<Include> found;
  int number = 0;
  for (const std::string& line : lines_of(code_only(file.text))) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, pattern)) {
      found.push_back({number, match[2], match[1] == "\""});
    }
  }
  return found;
}

std::string why_layer_is_wrong(const std::string& own, const std::string& other) {
  if (own.empty() || other.empty() || own == other) {
    return {};
  }
  const std::string pair = own + " must not know " + other;
  if (kSides.count(other) > 0) {
    return pair + ": it hangs on the side";
  }
  const int other_number = kLayers.at(other);
  if (const auto side = kSides.find(own); side != kSides.end()) {
    return side->second.count(other_number) > 0 ? "" : pair + ": it does not stand on that layer";
  }
  if (own == "runtime" && other == "operators") {
    return pair + ": it knows the contract of operators, and no operator";
  }
  return other_number < kLayers.at(own) ? "" : pair + ": only lower layers";
}

std::string why_public_include_is_wrong(const SourceFile& file, const Include& include) {
  const bool is_standard =
      !include.in_quotes && include.name.find_first_of("./") == std::string::npos;
  if (is_standard || starts_with(include.name, "weir/")) {
    return {};
  }
  if (file.path == "include/weir/json.hpp" && starts_with(include.name, "nlohmann/")) {
    return {};
  }
  return "public headers include weir and the standard library only, not " + include.name;
}

std::string why_foreign_include_is_wrong(const SourceFile& file, const Include& include) {
  const std::string what = include.name.substr(0, include.name.find('/') + 1);
  static const std::set<std::string> sources_only = {"spdlog/", "fmt/", "rocksdb/", "librdkafka/"};
  if (include.in_quotes || (sources_only.count(what) == 0 && what != "nlohmann/")) {
    return {};
  }
  if (is_header(file) && sources_only.count(what) > 0) {
    return include.name + " stays in .cpp files";
  }
  if (what == "rocksdb/" && !starts_with(file.path, "src/rocksdb/")) {
    return "only src/rocksdb includes RocksDB";
  }
  if (what == "librdkafka/" && !starts_with(file.path, "src/kafka/")) {
    return "only src/kafka includes librdkafka";
  }
  if (what == "nlohmann/" && is_header(file) && !starts_with(file.path, "src/json/")) {
    return "nlohmann_json stays in weir/json.hpp and .cpp files";
  }
  return {};
}

std::string why_include_is_wrong(const SourceFile& file, const Include& include) {
  if (include.name.find("..") != std::string::npos) {
    return "includes are written from the root, not from here: " + include.name;
  }
  if (!is_library(file)) {
    return {};
  }
  if (include.name == "weir/weir.hpp") {
    return "weir.hpp is for users: include what is needed";
  }
  std::string wrong_layer = why_layer_is_wrong(
      layer_of(file.path), include.in_quotes ? layer_of(include.name) : std::string{});
  if (!wrong_layer.empty()) {
    return wrong_layer;
  }
  return starts_with(file.path, "include/") ? why_public_include_is_wrong(file, include)
                                            : why_foreign_include_is_wrong(file, include);
}

/// A pattern that must not occur in the code of some files, unless the line says why it may.
struct BannedCall {
  std::regex pattern;
  std::vector<std::string> unless;
  std::string what;
  bool (*applies)(const SourceFile& file);
};

bool is_guest_code(const SourceFile& file) {
  return is_library(file) && !starts_with(file.path, "src/tools/");
}
bool may_not_end(const SourceFile& file) {
  return is_guest_code(file) && !starts_with(file.path, "src/base/assert.");
}
bool is_test(const SourceFile& file) { return starts_with(file.path, "tests/"); }
bool is_any(const SourceFile& /*file*/) { return true; }

const std::vector<BannedCall>& banned_calls() {
  // A name after a type is a declaration, one after `.`, `->` or a class is a method.
  static const std::string call = R"((?:^|[;{}(,=!&|?]|:\s|\breturn|\belse)\s*(?:std::|::)?)";
  static const std::vector<BannedCall> banned = {
      {std::regex{call + R"((?:exit|_exit|_Exit|quick_exit|abort|terminate)\s*\()"},
       {},
       "a guest does not end the process",
       may_not_end},
      {std::regex{R"(\bstd::(cout|cerr|clog)\b|\b(printf|fprintf|puts|fputs|putchar)\s*\()"},
       {},
       "a guest prints nothing: use the logger",
       is_guest_code},
      {std::regex{R"(\busing\s+namespace\s)"},
       {"std::chrono_literals;", "std::string_view_literals;"},
       "no using namespace, but for literals of time and text",
       is_any},
      {std::regex{R"(\busing\s+namespace\s)"}, {}, "no using namespace in a header", is_header},
      {std::regex{R"(\bnew\s+[A-Za-z_:])"},
       {"_ptr<", "::adopt(new "},
       "no new: make_unique, or an owner around it",
       is_any},
      {std::regex{R"(\bdelete\b\s*(\[\s*\]\s*)?[A-Za-z_(*])"},
       {"operator", "delete this;"},
       "no delete: let a unique_ptr own it",
       is_any},
      {std::regex{R"(\b(sleep_for|sleep_until|usleep|nanosleep)\s*\()"},
       {},
       "tests do not sleep: virtual time, or a bounded wait for a condition",
       is_test},
  };
  return banned;
}

/// Characters, not bytes: a line may hold words that are not ASCII.
std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

bool is_code(const SourceFile& file) { return is_header(file) || ends_with(file.path, ".cpp"); }

/// Where a comment or literal that starts at `at` ends; `at` when none starts there.
std::size_t end_of_blank(std::string_view text, std::size_t at) {
  const auto behind = [&](const std::string& end, std::size_t from) {
    const std::size_t found = text.find(end, from);
    return found == std::string_view::npos ? text.size() : found + end.size();
  };
  const std::string_view rest = text.substr(at);
  const bool in_word = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
  if (starts_with(rest, "//")) {
    return std::min(text.find('\n', at), text.size());
  }
  if (starts_with(rest, "/*")) {
    return behind("*/", at + 2);
  }
  if (starts_with(rest, "R\"") && !in_word) {
    const std::string delimiter{rest.substr(2, rest.find('(') - 2)};
    return behind(")" + delimiter + "\"", at + 2);
  }
  if (rest[0] != '"' && (rest[0] != '\'' || in_word)) {  // 10'000 is a number.
    return at;
  }
  std::size_t end = at + 1;
  while (end < text.size() && text[end] != rest[0] && text[end] != '\n') {
    end += text[end] == '\\' ? 2 : 1;
  }
  return std::min(end + 1, text.size());
}

/// Whether the line up to here is the beginning of an #include.
bool is_after_include(std::string_view text, std::size_t at) {
  const std::size_t start = text.rfind('\n', at) + 1;
  return text.substr(start, at - start).find("#include") != std::string_view::npos;
}

}  // namespace

std::string code_only(std::string_view text) {
  std::string code{text};
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t end = end_of_blank(text, at);
    if (end == at || (text[at] == '"' && is_after_include(text, at))) {
      continue;
    }
    std::replace_if(
        code.begin() + static_cast<std::ptrdiff_t>(at),
        code.begin() + static_cast<std::ptrdiff_t>(end), [](char letter) { return letter != '\n'; },
        ' ');
    at = end - 1;
  }
  return code;
}

Findings check_includes(const SourceFile& file) {
  Findings findings;
  for (const Include& include : includes_of(file)) {
    std::string why = why_include_is_wrong(file, include);
    if (!why.empty()) {
      findings.push_back({file.path, include.line, std::move(why)});
    }
  }
  return findings;
}

Findings check_calls(const SourceFile& file) {
  Findings findings;
  const std::vector<std::string> lines = lines_of(code_only(file.text));
  for (const BannedCall& banned : banned_calls()) {
    if (!banned.applies(file)) {
      continue;
    }
    for (std::size_t index = 0; index < lines.size(); ++index) {
      const bool is_excused =
          std::any_of(banned.unless.begin(), banned.unless.end(), [&](const std::string& reason) {
            return lines[index].find(reason) != std::string::npos;
          });
      if (!is_excused && std::regex_search(lines[index], banned.pattern)) {
        findings.push_back({file.path, static_cast<int>(index) + 1, banned.what});
      }
    }
  }
  return findings;
}

Findings check_form(const SourceFile& file) {
  Findings findings;
  const std::vector<std::string> lines = lines_of(file.text);
  const std::size_t top = !lines.empty() && starts_with(lines[0], "#!") ? 1 : 0;
  const std::string comment = is_code(file) ? "//" : "#";
  if (lines.size() <= top || lines[top] != comment + " SPDX-License-Identifier: Apache-2.0") {
    findings.push_back({file.path, static_cast<int>(top) + 1, "the SPDX line belongs on top"});
  }
  for (std::size_t index = 0; index < lines.size(); ++index) {
    const int number = static_cast<int>(index) + 1;
    if (lines[index].find("FIX"
                          "ME") != std::string::npos) {
      findings.push_back({file.path, number, "something is left to mend"});
    }
    if (is_code(file) && columns_of(lines[index]) > kMaxColumns) {
      findings.push_back({file.path, number, "longer than 100 columns"});
    }
  }
  if (is_header(file) && std::find(lines.begin(), lines.end(), "#pragma once") == lines.end()) {
    findings.push_back({file.path, 0, "a header needs #pragma once"});
  }
  if (is_code(file) && lines.size() > kMaxLines) {
    findings.push_back({file.path, 0, "longer than 600 lines: split it"});
  }
  return findings;
}

Findings check_listed(const SourceFile& file, std::string_view cmake_lists) {
  const std::string name = file.path.substr(file.path.rfind('/') + 1);
  const std::regex word{R"((^|[\s/(]))" + std::regex_replace(name, std::regex{R"(\.)"}, "\\.") +
                        R"(([\s)]|$))"};
  const std::string lists{cmake_lists};
  if (std::regex_search(lists, word)) {
    return {};
  }
  return {{file.path, 0, "no CMakeLists.txt lists it, so it is never compiled"}};
}

Findings long_files(const SourceFile& file) {
  const std::size_t limit = is_header(file) ? kLongHeader : kLongSource;
  const std::size_t length = lines_of(file.text).size();
  if (!is_code(file) || length <= limit) {
    return {};
  }
  return {{file.path, 0, std::to_string(length) + " lines, aim for " + std::to_string(limit)}};
}

}  // namespace tidy
