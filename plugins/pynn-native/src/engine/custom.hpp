// Cells of a user's equations, whose step is a function that is made elsewhere.
#pragma once

#include "../pynn_native/include/custom_work.hpp"
#include "cells.hpp"

namespace pynn_native {

// A cell type: the names of its columns, and the function that moves them on.
struct CustomKind {
    std::vector<std::string> states;      // "v" among them
    std::vector<std::string> parameters;  // those of the user, then what follows from them, in the order of the function
    std::string refractory;               // the parameter that holds the refractory time, ms
    std::vector<std::string> tau_syn;     // by receptor: the parameter that holds its time constant, ms
    std::size_t count = 1;                // steps of the integration in one of the clock
    CustomStep step = nullptr;
};

class Custom final : public Cells {
public:
    // Throws std::invalid_argument where 32-bit numbers are asked for: the function knows none.
    Custom(const Layout& layout, const CustomKind& kind);

    Column& column(const std::string& name) override;
    void advance(const Strip& strip, Step step, Fired& fired) override;
    bool has_strips() const override { return false; }
    double tau_syn(std::size_t receptor, std::size_t row) const override;

private:
    void derive() override {}
    double drive_of(double current, std::size_t) const override { return current; }

    // What one part hands over; tables of parameters may move from step to step.
    struct Handed {
        std::vector<double*> states, inputs;
        std::vector<CustomLane> parameters;
    };

    std::map<std::string, Column> own_;
    std::map<std::string, Column*> inherited_;  // columns that every block of cells has
    std::vector<Column*> states_, parameters_, tau_syn_of_;
    std::size_t count_;
    CustomStep step_;
    std::vector<Handed> handed_;  // by part
    Masks fires_;
    std::vector<std::uint8_t> reached_;  // by tile
};

}  // namespace pynn_native
