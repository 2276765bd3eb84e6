#include "store/index_feed.h"

#include <utility>

namespace xion {
namespace {

/// Some 300 KiB of requests.
constexpr std::size_t batch_size = 512;
constexpr std::size_t batches_ahead = 8;

}  // namespace

IndexFeed::~IndexFeed() {
  if (!worker_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    is_over_ = true;
  }
  changed_.notify_all();
  worker_.join();
}

void IndexFeed::add(Otp&& otp) {
  filling_.push_back(std::move(otp));
  if (filling_.size() == batch_size) hand_over();
}

void IndexFeed::hand_over() {
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
  Batch full;
  full.reserve(batch_size);
  full.swap(filling_);
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < batches_ahead; });
    waiting_.push_back(std::move(full));
  }
  changed_.notify_all();
}

void IndexFeed::finish() {
  if (worker_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    worker_.join();
  }
  if (trouble_) std::rethrow_exception(std::exchange(trouble_, nullptr));
  restore(filling_);
  filling_.clear();
}

void IndexFeed::work() {
  for (;;) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch = std::move(waiting_.front());
      waiting_.pop_front();
    }
    changed_.notify_all();
    if (trouble_) continue;  // Told by `finish`; what comes after is only taken away.
    try {
      restore(batch);
    } catch (...) {
      trouble_ = std::current_exception();
    }
  }
}

void IndexFeed::restore(const Batch& batch) {
  for (const Otp& otp : batch) indexes_.restore(otp, opened_at_);
}

}  // namespace xion
