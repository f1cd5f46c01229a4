// The threads that share the work.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace pynn_native {

// As many shares of work as threads; whoever is free takes the next share that nobody has taken.
//
// A share always holds the same cells, so that they stay in one core's cache where the machine is quiet. Where a
// thread does not get a core in time, the others do its share, and nobody waits for a thread that has not begun. (How they
// help one that has begun: pieces.hpp.)
// A thread without work spins briefly, then sleeps.
class Workers {
public:
    explicit Workers(unsigned threads);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    unsigned shares() const { return shares_; }
    // Run task(share) for every share and return when all are done; an exception of any share comes out here.
    // Not `together`: one after the other in this thread, which is faster for little work.
    void run(const std::function<void(unsigned)>& task, bool together);

private:
    using Generation = std::uint64_t;

    void serve(unsigned first);
    void take_shares(unsigned first, Generation generation);
    void wait_until_done();

    unsigned shares_;
    const std::function<void(unsigned)>* task_ = nullptr;  // read only by who has taken a share
    std::unique_ptr<std::atomic<Generation>[]> taken_;      // the last generation whose share was taken
    std::atomic<Generation> generation_{0};
    std::atomic<unsigned> undone_{0};
    std::atomic<unsigned> asleep_{0};
    std::atomic<bool> ending_{false};
    std::exception_ptr failure_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::thread> threads_;
};

}  // namespace pynn_native
