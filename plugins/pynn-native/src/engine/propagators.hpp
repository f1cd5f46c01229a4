// Functions in the exact propagators of linear cells.
#pragma once

namespace pynn_native {

// (1 - e^-x) / x and (1 - (1 + x) e^-x) / x², without loss of digits near 0.
double phi1(double x);
double phi2(double x);

}  // namespace pynn_native
