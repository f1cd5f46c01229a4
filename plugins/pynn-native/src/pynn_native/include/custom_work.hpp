// What the engine hands over to the code of a user's equations, the same on both sides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

// Where the values of tile t begin: base + t × stride; the stride is 0 where all cells share what one tile holds.
template <class Number>
struct CustomLane {
    const Number* base;
    std::size_t stride;
};

// A whole number as wide as a number.
template <class Number>
using CustomMask = std::conditional_t<sizeof(Number) == 8, std::int64_t, std::int32_t>;

// One step of the tiles [first, last) of a block; a tile is 64 cells. A number is a double, or a float.
template <class Number>
struct CustomWork {
    std::size_t first, last;
    Number* const* states;                 // by number; each begins with the block's first cell
    const CustomLane<Number>* parameters;  // by number; those of the user, then what follows from them
    CustomLane<Number> current;            // i_inj, nA
    Number* const* inputs;                 // by receptor; each begins with tile `first`; to be cleared
    const CustomMask<Number>* free;        // of each cell of the block: all bits set where it is not refractory
    CustomMask<Number>* fires;             // of each cell of the block, where its tile is marked: whether it fires
    std::uint8_t* reached;                 // of each tile of the block: whether a cell in it fires
    double h;                              // of one step of the integration, ms
    std::size_t count;                     // of them
};

// Integrates, takes the input, and resets the cells that fire; gives 0, or another number where something is wrong.
template <class Number>
using CustomStep = int(const CustomWork<Number>*);
