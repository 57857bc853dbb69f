// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weir/io/callback.hpp"
#include "weir/io/memory.hpp"
#include "weir/io/push.hpp"
#include "weir/io/read.hpp"
#include "weir/io/write_files.hpp"
