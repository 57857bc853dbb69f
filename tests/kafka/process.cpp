// SPDX-License-Identifier: Apache-2.0
#include "kafka/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace kafka_test {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error{what + ": " + std::strerror(errno)};
}

/// Both ends go with the object, and no other program inherits them.
struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    close(ends[0]);
  }
  void close_writer() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }

  std::array<int, 2> ends{-1, -1};
};

/// Gives a descriptor a number, and lets the program to come inherit it.
void hand_on(int descriptor, int number) {
  if (descriptor == number) {
    fcntl(descriptor, F_SETFD, 0);
  } else {
    dup2(descriptor, number);
  }
}

/// In the child, between fork and exec: only what is safe when other threads held locks.
[[noreturn]] void become(char* const* argv, int output, int errors, int descriptor_3) {
  setpgid(0, 0);
  if (descriptor_3 >= 0) hand_on(descriptor_3, 3);
  hand_on(output, STDOUT_FILENO);
  hand_on(errors, STDERR_FILENO);
  execvp(argv[0], argv);
  _exit(127);
}

/// Reads what there is. False at the end.
bool read_some(int descriptor, std::string& text) {
  std::array<char, 4096> bytes{};
  const ssize_t count = read(descriptor, bytes.data(), bytes.size());
  if (count <= 0) return false;
  text.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

/// False when the time was over before both ended.
bool read_both(int output, int errors, Clock::time_point until, Outcome& outcome) {
  std::array<pollfd, 2> waiting{pollfd{output, POLLIN, 0}, pollfd{errors, POLLIN, 0}};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    if (poll(waiting.data(), waiting.size(), static_cast<int>(left)) <= 0) continue;
    if (waiting[0].revents != 0 && !read_some(output, outcome.output)) waiting[0].fd = -1;
    if (waiting[1].revents != 0 && !read_some(errors, outcome.errors)) waiting[1].fd = -1;
  }
  return true;
}

}  // namespace

Outcome run_command(const std::vector<std::string>& command, std::chrono::seconds limit,
                    int descriptor_3) {
  std::vector<std::string> kept = command;
  std::vector<char*> argv;
  for (std::string& word : kept) argv.push_back(word.data());
  argv.push_back(nullptr);

  Pipe output;
  Pipe errors;
  const pid_t process = fork();
  if (process < 0) fail("fork");
  if (process == 0) become(argv.data(), output.ends[1], errors.ends[1], descriptor_3);
  output.close_writer();
  errors.close_writer();

  Outcome outcome;
  const bool in_time = read_both(output.ends[0], errors.ends[0], Clock::now() + limit, outcome);
  if (!in_time) kill(-process, SIGKILL);
  int status = 0;
  waitpid(process, &status, 0);
  if (!in_time) {
    throw std::runtime_error{command.front() + " took longer than " +
                             std::to_string(limit.count()) + " s: " + outcome.errors};
  }
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

}  // namespace kafka_test
