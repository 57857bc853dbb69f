// SPDX-License-Identifier: Apache-2.0
#include "weir/testing/seeds.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace weir::inline v0::testing {
namespace {

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  std::uint64_t number = 0;
  const char* end = text + std::strlen(text);
  const auto [read_to, error] = std::from_chars(text, end, number);
  if (error != std::errc{} || read_to != end) {
    throw ConfigError{std::string{variable} + " is '" + text + "'; it must be a whole number"};
  }
  return number;
}

}  // namespace

std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const auto seed = number_from("WEIR_SEED")) return {*seed};
  std::vector<std::uint64_t> all;
  const std::uint64_t last = number_from("WEIR_SEEDS").value_or(count);
  for (std::uint64_t seed = 1; seed <= last; ++seed) all.push_back(seed);
  return all;
}

std::string replay(std::uint64_t seed) {
  const std::string number = std::to_string(seed);
  return "seed " + number + ", again with WEIR_SEED=" + number;
}

}  // namespace weir::inline v0::testing
