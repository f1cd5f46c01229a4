// C++ objects that belong to an instance of a mechanism, by a number that the instance keeps in one of its doubles.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace cawan {
template <class T>
class Shelf {
  public:
    // Numbers start at 1; 0 means: none yet.
    T& at(double& key) {
        if (key == 0.0) {
            items.push_back(std::make_unique<T>());
            key = static_cast<double>(items.size());
        }
        return *items[static_cast<std::size_t>(key) - 1];
    }
    void drop(double& key) {
        if (key != 0.0) {
            items[static_cast<std::size_t>(key) - 1].reset();
            key = 0.0;
        }
    }

  private:
    std::vector<std::unique_ptr<T>> items;
};
}  // namespace cawan
