// The catalogue that Arbor loads: one point mechanism, which moves a cell of PyNN; and what Python tells it, in C.
//
// Arbor's clock: a step of PyNN lasts `unit` of its ms, and the cell moves at their beginning. A cell that fires lifts
// Arbor's voltage from -1 to 1, which the threshold detector at 0 sees, and lowers it in Arbor's next step. If that is the
// same step of PyNN, it can fire in every one.
#include <arbor/mechanism_abi.h>

#include <map>

#include "world.hpp"

namespace cawan {

namespace {

std::map<std::size_t, std::unique_ptr<World>>& worlds() {
    static std::map<std::size_t, std::unique_ptr<World>> all;
    return all;
}

enum { CELL, WORLD, UNIT };
enum { STEP, PHASE };

void init(arb_mechanism_ppack* pp) {
    for (arb_size_type i = 0; i < pp->width; ++i) {
        pp->state_vars[STEP][i] = 0.0;
        pp->state_vars[PHASE][i] = 0.0;
        pp->vec_v[pp->node_index[i]] = -1.0;
    }
}

void nothing(arb_mechanism_ppack*) {}

void apply_events(arb_mechanism_ppack* pp, arb_deliverable_event_stream* stream) {
    if (stream->begin == stream->end) return;
    World& here = world(static_cast<std::size_t>(pp->parameters[WORLD][0]));
    const auto step = static_cast<Step>(pp->state_vars[STEP][0]);  // the next to be moved
    for (auto event = stream->begin; event != stream->end; ++event) {
        if (event->weight < 0.0f) continue;  // it only sets Arbor's pace
        const auto cell = static_cast<std::size_t>(pp->parameters[CELL][event->mech_index]);
        here.deliver(cell, static_cast<std::size_t>(event->weight), step);
    }
}

// A group's cells have one clock, kept with the first of them, and follow one another.
void advance_state(arb_mechanism_ppack* pp) {
    if (!pp->width) return;
    double &phase = pp->state_vars[PHASE][0], &step = pp->state_vars[STEP][0];
    const auto* node = pp->node_index;
    for (arb_size_type i = 0; i < pp->width; ++i) pp->vec_v[node[i]] = -1.0;
    if (phase == 0.0) {
        World& here = world(static_cast<std::size_t>(pp->parameters[WORLD][0]));
        const auto first = static_cast<std::size_t>(pp->parameters[CELL][0]);
        here.advance(first, pp->width, static_cast<Step>(step), [&](std::size_t cell) { pp->vec_v[node[cell - first]] = 1.0; });
        step += 1.0;
    }
    phase += pp->dt;
    if (phase > pp->parameters[UNIT][0] - 1e-6) phase = 0.0;
}

}  // namespace

World& world(std::size_t number) { return *worlds().at(number); }

}  // namespace cawan

extern "C" {

static arb_mechanism_type cell_type() {
    static arb_field_info state_vars[] = {{"step", "", 0, -1e300, 1e300}, {"phase", "", 0, -1e300, 1e300}};
    static arb_field_info parameters[] = {
        {"cell", "", 0, -1e300, 1e300}, {"world", "", 0, -1e300, 1e300}, {"unit", "", 3, -1e300, 1e300}};
    arb_mechanism_type made{};
    made.abi_version = ARB_MECH_ABI_VERSION;
    made.fingerprint = "<cawan>";
    made.name = "cawan_cell";
    made.kind = arb_mechanism_kind_point;
    made.is_linear = false;
    made.has_post_events = false;
    made.state_vars = state_vars;
    made.n_state_vars = 2;
    made.parameters = parameters;
    made.n_parameters = 3;
    return made;
}

static arb_mechanism_interface* cell_interface() {
    static arb_mechanism_interface made = {
        arb_backend_kind_cpu, 1, 1, cawan::init, cawan::nothing, cawan::apply_events, cawan::advance_state,
        cawan::nothing, cawan::nothing};
    return &made;
}

static arb_mechanism_interface* none() { return nullptr; }

const void* get_catalogue(int* n) {
    static arb_mechanism made[] = {{cell_type, cell_interface, none}};
    *n = 1;
    return made;
}

// -- what Python tells ------------------------------------------------------------------------------------------------

using cawan::Block;
using cawan::Synapses;
using cawan::world;

void cawan_begin(std::size_t number, double h) {
    cawan::worlds()[number] = std::make_unique<cawan::World>();
    world(number).h = h;
}

void cawan_end(std::size_t number) { cawan::worlds().erase(number); }

std::size_t cawan_block(std::size_t number, int membrane, std::size_t size, std::uint64_t low, std::uint64_t high) {
    auto& here = world(number);
    here.blocks.push_back(std::make_unique<Block>(membrane, size, here.h, cawan::Key{low, high}));
    return here.blocks.size() - 1;
}

void cawan_column(std::size_t number, std::size_t block, double* column) { world(number).blocks[block]->col.push_back(column); }

void cawan_port(std::size_t number, std::size_t block, int kind, double* g, double* s, double* e_rev, double* rise, double* decay) {
    Block& b = *world(number).blocks[block];
    cawan::Port port;
    port.kind = kind, port.g = g, port.s = s, port.e_rev = e_rev, port.rise = rise, port.decay = decay;
    b.ports.push_back(std::move(port));
    b.arrived.resize(b.ports.size() * b.size, 0.0);
}

void cawan_kernel(std::size_t number, std::size_t block, int gamma, std::size_t n, double* a, double* tau, double* value) {
    Block& b = *world(number).blocks[block];
    (gamma ? b.gamma : b.eta) = {n, a, tau, value};
}

void cawan_prepare(std::size_t number, std::size_t block) { cawan::prepare(*world(number).blocks[block]); }

// `done`: the last step that the source has passed.
void cawan_times(std::size_t number, std::size_t block, const std::int64_t* splits, const std::int64_t* steps, std::int64_t done) {
    Block& b = *world(number).blocks[block];
    b.splits = splits, b.steps = steps;
    b.cursor.assign(splits, splits + b.size);
    for (std::size_t k = 0; k < b.size; ++k) {
        while (b.cursor[k] < splits[k + 1] && steps[b.cursor[k]] <= done) ++b.cursor[k];
    }
}

void cawan_current(std::size_t number, std::size_t block, const std::int32_t* channel, std::size_t channels, const double* values, std::int64_t first) {
    Block& b = *world(number).blocks[block];
    b.channel = channel, b.channels = channels, b.current = values, b.current_first = first;
}

void cawan_no_taps(std::size_t number, std::size_t block) { world(number).blocks[block]->taps.clear(); }

void cawan_tap(std::size_t number, std::size_t block, const double* column, const std::int64_t* place, std::size_t channels,
               std::int64_t first, std::int64_t every, std::int64_t last, double* values) {
    world(number).blocks[block]->taps.push_back({column, place, channels, first, every, last, values});
}

void cawan_log(std::size_t number, std::size_t block, int on) { world(number).blocks[block]->logging = on != 0; }

std::size_t cawan_fired(std::size_t number, std::size_t block) { return world(number).blocks[block]->fired_step.size(); }

void cawan_drain(std::size_t number, std::size_t block, std::int64_t* steps, std::int64_t* rows) {
    Block& b = *world(number).blocks[block];
    std::copy(b.fired_step.begin(), b.fired_step.end(), steps);
    std::copy(b.fired_row.begin(), b.fired_row.end(), rows);
    b.fired_step.clear();
    b.fired_row.clear();
}

// `arrays`: pre, target, delay, behind, nth, spikes, full.
std::size_t cawan_synapses(std::size_t number, int kind, std::size_t pre, std::size_t post, std::size_t port, std::uint64_t low,
                           std::uint64_t high, std::size_t size, std::size_t width, void** arrays) {
    auto& here = world(number);
    auto made = std::make_unique<Synapses>();
    made->kind = kind;
    made->pre_block = here.blocks[pre].get(), made->post = here.blocks[post].get();
    made->port = port;
    made->key = {low, high};
    made->size = size, made->width = width;
    const auto whole = [&](int n) { return static_cast<std::int64_t*>(arrays[n]); };
    made->pre = whole(0), made->target = whole(1), made->delay = whole(2), made->behind = whole(3), made->nth = whole(4);
    made->spikes = whole(5), made->full = static_cast<char*>(arrays[6]);
    here.synapses.push_back(std::move(made));
    return here.synapses.size() - 1;
}

void cawan_settle(std::size_t number, std::size_t synapses, std::int64_t now) { world(number).synapses[synapses]->settle(now); }

void cawan_forget(std::size_t number, std::int64_t last) {
    for (auto& block : world(number).blocks) block->forget(last);
}

void cawan_gaps(std::size_t number, const std::int64_t* offset, const std::int64_t* other, const std::int64_t* place, const double* weight) {
    auto& here = world(number);
    here.gap_offset = offset, here.gap_other = other, here.gap_place = place, here.gap_weight = weight;
}

void cawan_look(std::size_t number) { world(number).look(); }

void cawan_synapse_column(std::size_t number, std::size_t synapses, double* column) { world(number).synapses[synapses]->col.push_back(column); }

void cawan_incoming(std::size_t number, const std::int64_t* offset, const std::int32_t* of, const std::int64_t* row) {
    auto& here = world(number);
    here.offset = offset, here.of = of, here.row = row;
    here.number_cells();
}

}  // extern "C"
