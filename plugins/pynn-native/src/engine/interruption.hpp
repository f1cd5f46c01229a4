// How the one who waits for long work, in any number of threads, stops it.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <stdexcept>
#include <thread>

namespace pynn_native {

// Thrown out of work that was stopped; Interruption::reason() says why.
struct Interrupted : std::runtime_error {
    Interrupted() : std::runtime_error("interrupted") {}
};

// `ask` is called about five times a second by the thread that made this, and stops the work of all threads by throwing.
class Interruption {
public:
    explicit Interruption(std::function<void()> ask = {}) : ask_(std::move(ask)) {}
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;

    // Between two pieces of work, in any thread.
    void check() {
        if (stopped_) throw Interrupted();
        if (!ask_ || std::this_thread::get_id() != owner_) return;
        const auto now = Clock::now();
        if (now < next_) return;
        next_ = now + kInterval;
        try {
            ask_();
        } catch (...) {
            reason_ = std::current_exception();
            stopped_ = true;
            throw Interrupted();
        }
    }
    // What `ask` threw.
    const std::exception_ptr& reason() const { return reason_; }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds kInterval{200};

    std::function<void()> ask_;
    std::thread::id owner_ = std::this_thread::get_id();
    Clock::time_point next_ = Clock::now() + kInterval;
    std::atomic<bool> stopped_{false};
    std::exception_ptr reason_;
};

}  // namespace pynn_native
