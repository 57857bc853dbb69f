// SPDX-License-Identifier: Apache-2.0
#include "base/thread_name.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <string>
#include <thread>

namespace weir {
namespace {

std::string name_in_a_thread(const std::string& name) {
  char text[64] = {};
  std::thread{[&] {
    name_this_thread(name);
    pthread_getname_np(pthread_self(), text, sizeof text);
  }}.join();
  return text;
}

TEST(ThreadName, IsWhatTheSystemShows) { EXPECT_EQ(name_in_a_thread("w3 alerts"), "w3 alerts"); }

TEST(ThreadName, IsCutOffWhereTheSystemEnds) {
  EXPECT_EQ(name_in_a_thread("w3 a-very-long-job-name"), "w3 a-very-long-");
}

}  // namespace
}  // namespace weir
