#include "workers.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace pynn_native {

namespace {

// About 20 µs: longer than the serial part of a slice, shorter than what a sleeping thread costs its neighbours.
constexpr int kSpins = 600;

void pause() {
#if defined(__x86_64__) || defined(_M_X64)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

Workers::Workers(unsigned threads) : shares_(threads), taken_(new std::atomic<Generation>[threads]) {
    for (unsigned k = 0; k < threads; ++k) taken_[k] = 0;
    for (unsigned k = 1; k < threads; ++k) threads_.emplace_back([this, k] { serve(k); });
}

Workers::~Workers() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Workers::run(const std::function<void(unsigned)>& task, bool together) {
    if (!together || shares_ == 1) {
        for (unsigned share = 0; share < shares_; ++share) task(share);
        return;
    }
    task_ = &task;
    undone_ = shares_;
    const Generation generation = ++generation_;
    if (asleep_ > 0) {
        { const std::lock_guard<std::mutex> lock(mutex_); }  // who is about to sleep sees the new generation
        wake_.notify_all();
    }
    take_shares(0, generation);
    wait_until_done();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Workers::take_shares(unsigned first, Generation generation) {
    for (unsigned k = 0; k < shares_; ++k) {
        const unsigned share = (first + k) % shares_;
        Generation before = generation - 1;
        if (!taken_[share].compare_exchange_strong(before, generation)) continue;
        try {
            (*task_)(share);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex_);
            failure_ = std::current_exception();
        }
        --undone_;
    }
}

void Workers::wait_until_done() {
    for (int spin = 0; undone_ > 0; ++spin) {
        if (spin < kSpins) {
            pause();
        } else {
            std::this_thread::yield();  // whoever has taken a share and lost its core gets this one
        }
    }
}

void Workers::serve(unsigned first) {
    Generation seen = 0;
    while (true) {
        for (int spin = 0; spin < kSpins && generation_ == seen && !ending_; ++spin) pause();
        if (generation_ == seen) {
            std::unique_lock<std::mutex> lock(mutex_);
            ++asleep_;
            wake_.wait(lock, [&] { return ending_ || generation_ != seen; });
            --asleep_;
        }
        if (ending_) return;
        seen = generation_;
        take_shares(first, seen);
    }
}

}  // namespace pynn_native
