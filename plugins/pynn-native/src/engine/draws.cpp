#include "draws.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include "generator.hpp"

namespace pynn_native {

namespace {

using Distribution = Draw::Distribution;

// How often values outside the bounds are drawn again; PyNN's MAX_REDRAWS.
constexpr int kMaxRedraws = 1000;

const std::map<std::string, std::pair<Distribution, std::size_t>> kDistributions = {
    {"binomial", {Distribution::binomial, 2}},
    {"gamma", {Distribution::gamma, 2}},
    {"exponential", {Distribution::exponential, 1}},
    {"lognormal", {Distribution::lognormal, 2}},
    {"normal", {Distribution::normal, 2}},
    {"normal_clipped", {Distribution::normal_clipped, 4}},
    {"normal_clipped_to_boundary", {Distribution::normal_clipped_to_boundary, 4}},
    {"poisson", {Distribution::poisson, 1}},
    {"uniform", {Distribution::uniform, 2}},
    {"uniform_int", {Distribution::uniform_int, 2}},
    {"vonmises", {Distribution::vonmises, 2}},
};

template <class Value>
void each(std::vector<double>& values, Value value) {
    for (double& v : values) v = static_cast<double>(value());
}

void redraw(bitgen_t* bits, const std::vector<double>& p, std::vector<double>& values) {
    const double low = p[2], high = p[3];
    std::vector<std::size_t> outside;
    for (int n = 0; n < kMaxRedraws; ++n) {
        outside.clear();
        for (std::size_t k = 0; k < values.size(); ++k) {
            if (values[k] < low || values[k] > high) outside.push_back(k);
        }
        if (outside.empty()) return;
        for (const std::size_t k : outside) values[k] = random_normal(bits, p[0], p[1]);
    }
    throw std::invalid_argument("values between the bounds of normal_clipped are too rare");
}

void whole_numbers(bitgen_t* bits, const std::vector<double>& p, std::vector<double>& values) {
    const auto low = static_cast<std::int64_t>(p[0]), high = static_cast<std::int64_t>(p[1]);
    std::vector<std::uint64_t> drawn(values.size());
    random_bounded_uint64_fill(bits, static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high - low),
                               static_cast<npy_intp>(drawn.size()), false, drawn.data());
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<double>(static_cast<std::int64_t>(drawn[k]));
}

void draw_standard(const Draw& draw, bitgen_t* bits, std::vector<double>& values) {
    const std::vector<double>& p = draw.parameters;
    switch (draw.distribution) {
        case Distribution::binomial: {
            binomial_t prepared{};
            return each(values, [&] { return random_binomial(bits, p[1], static_cast<std::int64_t>(p[0]), &prepared); });
        }
        case Distribution::gamma:
            return each(values, [&] { return random_standard_gamma(bits, p[0]) * p[1]; });
        case Distribution::exponential:
            return each(values, [&] { return random_standard_exponential(bits) * p[0]; });
        case Distribution::lognormal:
            return each(values, [&] { return random_lognormal(bits, p[0], p[1]); });
        case Distribution::normal:
            return each(values, [&] { return random_normal(bits, p[0], p[1]); });
        case Distribution::normal_clipped:
            each(values, [&] { return random_normal(bits, p[0], p[1]); });
            return redraw(bits, p, values);
        case Distribution::normal_clipped_to_boundary:
            return each(values, [&] { return std::min(std::max(random_normal(bits, p[0], p[1]), p[2]), p[3]); });
        case Distribution::poisson:
            return each(values, [&] { return random_poisson(bits, p[0]); });
        case Distribution::uniform:
            return each(values, [&] { return p[0] + (p[1] - p[0]) * bits->next_double(bits->state); });
        case Distribution::uniform_int:
            return whole_numbers(bits, p, values);
        case Distribution::vonmises:
            return each(values, [&] { return random_vonmises(bits, p[0], p[1]); });
    }
}

}  // namespace

Draw::Distribution distribution_of(const std::string& name, std::size_t parameters) {
    const auto found = kDistributions.find(name);
    if (found == kDistributions.end()) throw std::invalid_argument("no distribution " + name);
    if (found->second.second != parameters) throw std::invalid_argument("another number of parameters: " + name);
    return found->second.first;
}

void fill(const Draw& draw, std::uint64_t substream, std::vector<double>& values) {
    Generator generator(draw.key, substream);
    draw_standard(draw, generator.bits(), values);
    if (draw.step > 0.0) {
        for (double& v : values) {
            v = std::min(std::max(std::nearbyint(v / draw.step), draw.lowest), draw.highest) * draw.step;
        }
    }
    if (draw.scale == 1.0) return;
    for (double& v : values) v *= draw.scale;
}

}  // namespace pynn_native
