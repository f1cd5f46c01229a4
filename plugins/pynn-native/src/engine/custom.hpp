// Cells of a user's equations, whose step is a function that is made elsewhere.
#pragma once

#include "../pynn_native/include/custom_work.hpp"
#include "cells.hpp"

namespace pynn_native {

// A cell type: the names of its columns, and the function that moves them on, of the numbers that cells are computed in.
struct CustomKind {
    std::vector<std::string> states;      // "v" among them
    std::vector<std::string> parameters;  // those of the user, then what follows from them, in the order of the function
    std::string refractory;               // the parameter that holds the refractory time, ms
    std::vector<std::string> tau_syn;     // by receptor: the parameter that holds its time constant, ms
    std::string origin;                   // the parameter whose first value v counts from in 32 bits, or ""
    std::size_t count = 1;                // steps of the integration in one of the clock
    std::uintptr_t step = 0;              // the address of a CustomStep
};

class Custom final : public Cells {
public:
    Custom(const Layout& layout, const CustomKind& kind);

    Column& column(const std::string& name) override;
    void advance(const Strip& strip, Step step, Fired& fired) override;
    bool has_strips() const override { return false; }
    double tau_syn(std::size_t receptor, std::size_t row) const override;

private:
    void derive() override {}
    double drive_of(double current, std::size_t) const override { return current; }

    // What one part hands over; tables of parameters may move from step to step.
    template <class Number>
    struct Handed {
        std::vector<Number*> states, inputs;
        std::vector<CustomLane<Number>> parameters;
    };
    template <class Number>
    using AllHanded = std::vector<Handed<Number>>;  // by part

    template <class Number>
    void advance_part(std::size_t part, Step step, Fired& fired);

    std::map<std::string, Column> own_;
    std::map<std::string, Column*> inherited_;  // columns that every block of cells has
    std::vector<Column*> states_, parameters_, tau_syn_of_;
    std::size_t count_;
    std::uintptr_t step_;
    Either<AllHanded> handed_;
    Either<Masks> fires_;
    std::vector<std::uint8_t> reached_;  // by tile
};

}  // namespace pynn_native
