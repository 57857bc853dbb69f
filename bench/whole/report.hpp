// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bench/whole/suite.hpp"

namespace bench {

void print_header();
void print_row(const Figure& figure);
void print_honesty(const std::vector<Honesty>& honesty);

/// A list of objects; throws std::runtime_error when the file cannot be written.
void write_json(const std::string& path, const std::vector<Figure>& figures);

}  // namespace bench
