// Several processes that share one simulation.
#pragma once

#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace pynn_native {

// Which process this is, and how it hears from the others: all call `exchange` at the same time with bytes of their
// own, and get those of all processes in the order of their numbers.
struct Ranks {
    std::size_t rank = 0, size = 1;
    std::function<std::vector<std::string>(const std::string&)> exchange;
};

template <class T>
std::string to_bytes(const std::vector<T>& values) {
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <class T>
std::vector<T> from_bytes(const std::string& bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
}

}  // namespace pynn_native
