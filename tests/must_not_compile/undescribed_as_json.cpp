// SPDX-License-Identifier: Apache-2.0
// JSON has names for fields, and nobody said which.
// expect: JsonType
#include <string>

#include "weir/json.hpp"

struct Click {
  std::string user;
};

#ifdef WEIR_CONTROL
WEIR_FIELDS(Click, user);
#endif

const weir::Format<Click> format = weir::json<Click>();
