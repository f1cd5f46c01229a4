// Whether slices are shared between threads.
#pragma once

#include <array>
#include <chrono>

#include "values.hpp"

namespace pynn_native {

// As it took less time lately: cells do not tell what synapses and sources cost, nor what it costs to meet where another
// process holds a core. So both ways are tried now and then, for some milliseconds. The result is the same either way.
class Pace {
public:
    // Before anything is known.
    void presume(bool shared) {
        if (lately_[false] == 0 && lately_[true] == 0) shared_ = shared;
    }
    bool shared() const { return shared_; }
    // The next steps begin now.
    void start() { since_ = Clock::now(); }
    // So many were taken since then, or since the last call.
    void took(Step steps) {
        const auto now = Clock::now();
        spent_ += std::chrono::duration<double>(now - since_).count();
        since_ = now;
        steps_ += steps;
        if (spent_ < kTrial) return;
        const double each = spent_ / static_cast<double>(steps_);
        double& lately = lately_[shared_];
        lately = lately == 0 ? each : (lately + each) / 2;
        spent_ = 0;
        steps_ = 0;
        const bool other = lately_[!shared_] == 0 || ++trials_ % kBetween == 0;
        shared_ = other ? !shared_ : lately_[true] < lately_[false];
    }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr double kTrial = 2e-3;   // s
    static constexpr unsigned kBetween = 64;  // trials

    bool shared_ = false;
    std::array<double, 2> lately_{};  // by `shared`: what a step took, s; 0: not known
    double spent_ = 0;                // in this trial, s
    Step steps_ = 0;                  // the same
    unsigned trials_ = 0;
    Clock::time_point since_;
};

}  // namespace pynn_native
