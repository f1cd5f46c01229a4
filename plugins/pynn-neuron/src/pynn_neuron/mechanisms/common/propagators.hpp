// Functions of exact propagators, accurate where their closed forms cancel.
#pragma once
#include <algorithm>
#include <cmath>
#pragma push_macro("exp")
#undef exp  // NMODL calls it hoc_Exp

namespace cawan {
// (1 - exp(-x)) / x, 1 at 0.
inline double phi1(double x) {
    return x == 0.0 ? 1.0 : -std::expm1(-x) / x;
}

// (1 - (1 + x) exp(-x)) / x^2, 1/2 at 0; by its series near 0.
inline double phi2(double x) {
    if (std::fabs(x) >= 0.25) {
        return (-std::expm1(-x) - x * std::exp(-x)) / (x * x);
    }
    double sum = 0.0, term = 1.0;  // (-x)^k / k!
    for (int k = 0; k < 12; ++k) {
        sum += term / (k + 2);
        term *= -x / (k + 1);
    }
    return sum;
}

// What the rise s must be, per weight, for the conductance to peak at the weight: 1 / the peak of the response to s = 1.
inline double peak_factor(double rise, double decay) {
    const double faster = 1 / rise, slower = 1 / decay;
    const double apart = faster - slower;
    const double peak = std::fabs(apart) < 1e-7 * slower ? 1 / slower : std::log(faster / slower) / apart;
    return slower * std::exp(faster * peak);
}

// x / (exp(x) - 1), 1 at 0.
inline double over_expm1(double x) {
    return x == 0.0 ? 1.0 : x / std::expm1(x);
}
}  // namespace cawan
#pragma pop_macro("exp")
