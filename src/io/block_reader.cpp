// SPDX-License-Identifier: Apache-2.0
#include "io/block_reader.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <istream>
#include <utility>

#include "base/posix_file.hpp"
#include "weir/error.hpp"
#include "weir/stable_hash.hpp"

namespace weir::inline v0::detail {

FileBlocks::FileBlocks(FileSystem& files, FileRange range, FileBlocksOptions options)
    : files_{files}, range_{std::move(range)}, options_{options}, offset_{range_.begin} {}

void FileBlocks::open() {
  file_ = files_.open_read(range_.path);
  if (is_checked_) return;
  const std::uint64_t size = file_->size();
  if (size < range_.file_size) {
    throw IoError("'" + range_.path + "' has " + std::to_string(size) + " bytes and had " +
                  std::to_string(range_.file_size) +
                  " when its reading began; files must not change while a job reads them");
  }
  check_witness();
  is_checked_ = true;
}

void FileBlocks::check_witness() const {
  const Witness& witness = range_.witness;
  if (witness.count == 0) return;
  const std::string bytes = file_->read_at(witness.offset, witness.count);
  if (bytes.size() == witness.count && stable_hash(bytes) == witness.hash) return;
  throw IoError("'" + range_.path + "' is not what it was: the bytes before offset " +
                std::to_string(witness.offset + witness.count) +
                " differ from those that the checkpoint was made with; put the old file back");
}

bool FileBlocks::read(std::string& block) {
  if (file_ == nullptr) open();
  const std::uint64_t left = range_.file_size - std::min(offset_, range_.file_size);
  if (left == 0) {
    file_.reset();
    return false;
  }
  block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, options_.block_bytes)));
  const std::size_t count = file_->read_at(offset_, block.data(), block.size());
  if (count < block.size()) {
    throw IoError("'" + range_.path + "' ends at " + std::to_string(offset_ + count) + " and had " +
                  std::to_string(range_.file_size) +
                  " bytes when its reading began; files must not change while a job reads them");
  }
  offset_ += count;
  if (!options_.keeps_open) file_.reset();
  return true;
}

StreamBlocks::StreamBlocks(std::istream& stream, std::size_t block_bytes)
    : stream_{stream}, block_bytes_{block_bytes} {}

bool StreamBlocks::read(std::string& block) {
  block.resize(block_bytes_);
  const auto room = static_cast<std::streamsize>(block_bytes_);
  std::streamsize count = stream_.readsome(block.data(), room);
  while (count < room && stream_.good()) {
    const int byte = stream_.get();
    if (byte == std::istream::traits_type::eof()) break;
    block[static_cast<std::size_t>(count++)] = static_cast<char>(byte);
    if (byte == '\n') break;
  }
  if (stream_.bad()) throw IoError("cannot read from the input stream: it is broken");
  block.resize(static_cast<std::size_t>(count));
  return count > 0;
}

DescriptorBlocks::DescriptorBlocks(int descriptor, std::size_t block_bytes)
    : descriptor_{descriptor},
      block_bytes_{block_bytes},
      interrupt_event_{::eventfd(0, EFD_CLOEXEC)} {
  if (interrupt_event_ < 0) base::throw_io_error("make an event for", "the input");
}

DescriptorBlocks::~DescriptorBlocks() { ::close(interrupt_event_); }

void DescriptorBlocks::interrupt() {
  const std::uint64_t one = 1;
  // Can only fail when it was interrupted 2^64 times.
  static_cast<void>(!::write(interrupt_event_, &one, sizeof one));
}

/// Until there is something to read; false when it was interrupted.
bool DescriptorBlocks::wait() {
  pollfd both[2] = {{descriptor_, POLLIN, 0}, {interrupt_event_, POLLIN, 0}};
  while (::poll(both, 2, -1) < 0) {
    if (errno != EINTR) base::throw_io_error("wait for", "the input");
  }
  return both[1].revents == 0;
}

bool DescriptorBlocks::read(std::string& block) {
  block.resize(block_bytes_);
  while (wait()) {
    const ssize_t count = ::read(descriptor_, block.data(), block.size());
    if (count >= 0) {
      block.resize(static_cast<std::size_t>(count));
      return count > 0;
    }
    if (errno != EINTR && errno != EAGAIN) base::throw_io_error("read", "the input");
  }
  return false;
}

}  // namespace weir::inline v0::detail
