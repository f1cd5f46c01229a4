// What the engine hands over to the code of a user's equations: plain C, the same on both sides.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

// Where the values of tile t begin: base + t × stride; the stride is 0 where all cells share what one tile holds.
struct CustomLane {
    const double* base;
    std::size_t stride;
};

// One step of the tiles [first, last) of a block; a tile is 64 cells.
struct CustomWork {
    std::size_t first, last;
    double* const* states;         // by number; each begins with the block's first cell
    const CustomLane* parameters;  // by number; those of the user, then what follows from them
    CustomLane current;            // i_inj, nA
    double* const* inputs;         // by receptor; each begins with tile `first`; to be cleared
    const std::int64_t* free;      // of each cell of the block: all bits set where it is not refractory
    std::int64_t* fires;           // of each cell of the block, where its tile is marked: whether it fires
    std::uint8_t* reached;         // of each tile of the block: whether a cell in it fires
    double h;                      // of one step of the integration, ms
    std::size_t count;             // of them
};

// Integrates, takes the input, and resets the cells that fire; gives 0, or another number where something is wrong.
typedef int (*CustomStep)(const CustomWork*);
}
