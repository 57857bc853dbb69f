// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The house rules that a program can check, one file at a time.
namespace tidy {

/// A file of the project: its path from the top, and what is in it.
struct SourceFile {
  std::string path;
  std::string text;
};

/// A broken rule. Line 0 means the file as a whole.
struct Finding {
  std::string path;
  int line = 0;
  std::string what;

  std::string text() const { return path + ":" + std::to_string(line) + ": " + what; }
};

using Findings = std::vector<Finding>;

/// Replaces comments and what stands in quotes by blanks; lines and columns stay where they are.
/// The names in `#include "..."` are kept.
std::string code_only(std::string_view text);

/// A source file may include lower layers only; include/weir only itself and the standard library.
Findings check_includes(const SourceFile& file);

/// No exit, no output, no `using namespace`, no owning `new`, no sleeping test.
Findings check_calls(const SourceFile& file);

/// The licence on top, #pragma once, 100 columns, 600 lines, nothing left to mend.
Findings check_form(const SourceFile& file);

/// The folder's CMakeLists.txt must list the file: one that is forgotten would never be compiled.
Findings check_listed(const SourceFile& file, std::string_view cmake_lists);

/// Longer than a reader likes: 250 lines of header, 400 of source. Worth a look, not an error.
Findings long_files(const SourceFile& file);

}  // namespace tidy
