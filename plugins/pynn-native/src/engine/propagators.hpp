// Functions in the exact propagators of linear cells.
#pragma once

namespace pynn_native {

// (1 - e^-x) / x and (1 - (1 + x) e^-x) / x², without loss of digits near 0.
double phi1(double x);
double phi2(double x);

// v_rest (1 - decay), what a membrane gains in a step from its leak: rounded once, so that v_rest × decay plus it is v_rest.
double resting_drive(double v_rest, double decay);

}  // namespace pynn_native
