// SPDX-License-Identifier: Apache-2.0
#include "weir/detail/assert.hpp"

#include <string>
#include <string_view>

#include "weir/error.hpp"

namespace weir::inline v0::detail {

namespace {

/// The file and its folder: where weir was built is nobody's business.
std::string_view short_path(std::string_view path) {
  const std::size_t name = path.rfind('/');
  if (name == std::string_view::npos || name == 0) return path;
  const std::size_t folder = path.rfind('/', name - 1);
  return folder == std::string_view::npos ? path : path.substr(folder + 1);
}

}  // namespace

void AssertionValues::add(std::string_view text) {
  const bool is_name = !follows_name_;
  append(std::string{text});
  follows_name_ = is_name;
}

void AssertionValues::add_signed(std::int64_t value) { append(std::to_string(value)); }
void AssertionValues::add_unsigned(std::uint64_t value) { append(std::to_string(value)); }
void AssertionValues::add_double(double value) { append(std::to_string(value)); }

void AssertionValues::append(const std::string& value) {
  if (!text_.empty()) text_ += follows_name_ ? " " : ", ";
  text_ += value;
  follows_name_ = false;
}

void throw_internal_error(const Assertion& assertion, const std::string& values) {
  std::string text = "weir is wrong: '";
  text += assertion.expression;
  text += "' does not hold at ";
  text += short_path(assertion.file);
  text += ':' + std::to_string(assertion.line);
  if (!values.empty()) text += " (" + values + ")";
  throw InternalError(text);
}

}  // namespace weir::inline v0::detail
