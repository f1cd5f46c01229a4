#include "propagators.hpp"

#include <cmath>

namespace pynn_native {

double phi1(double x) { return x == 0.0 ? 1.0 : -std::expm1(-x) / x; }

double phi2(double x) {
    if (std::abs(x) >= 0.25) return (-std::expm1(-x) - x * std::exp(-x)) / (x * x);
    double sum = 0.0, term = 1.0;  // Σ (-x)^k / (k! (k + 2)), to the last digit for |x| < 1/4
    for (int k = 0; k < 12; ++k) {
        sum += term / (k + 2);
        term *= -x / (k + 1);
    }
    return sum;
}

double resting_drive(double v_rest, double decay) { return std::fma(-v_rest, decay, v_rest); }

}  // namespace pynn_native
