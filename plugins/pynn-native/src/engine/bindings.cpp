// What Python sees of the engine: the module pynn_native._engine (described in _engine.pyi).

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <limits>
#include <stdexcept>
#include <utility>

#include "engine.hpp"
#include "row_maker.hpp"

namespace nb = nanobind;

namespace pynn_native {
namespace {

using Floats = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Integers = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

using Words = nb::ndarray<const std::uint64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <class Array>
auto copy(const Array& array) {
    return std::vector<std::remove_const_t<typename Array::Scalar>>(array.data(), array.data() + array.size());
}

Values view(const Floats& array) { return {array.data(), array.size()}; }

Rows view(const Integers& array) {
    // An empty array may have no address, which would mean "all rows".
    static const std::int64_t nothing = 0;
    return {array.size() ? array.data() : &nothing, array.size()};
}

Rows view(const std::optional<Integers>& array) { return array ? view(*array) : Rows{}; }

// Hand a vector over to NumPy without a copy.
template <class Vector>
auto numpy(Vector&& values, std::vector<std::size_t> shape) {
    using Owned = std::decay_t<Vector>;
    auto* owned = new Owned(std::forward<Vector>(values));
    nb::capsule owner(owned, [](void* p) noexcept { delete static_cast<Owned*>(p); });
    return nb::ndarray<nb::numpy, typename Owned::value_type>(owned->data(), shape.size(), shape.data(), owner);
}

template <class Vector>
auto numpy(Vector&& values) {
    const std::size_t size = values.size();
    return numpy(std::forward<Vector>(values), {size});
}

// Work without Python's lock, so that other threads go on; a signal that raises in Python (Ctrl-C) ends it.
template <class Work>
auto interruptible(Work work) {
    Interruption interruption([] {
        const nb::gil_scoped_acquire locked;
        if (PyErr_CheckSignals() != 0) throw nb::python_error();
    });
    try {
        const nb::gil_scoped_release unlocked;
        return work(interruption);
    } catch (const Interrupted&) {
        std::rethrow_exception(interruption.reason());
    }
}

// The engine as Python uses it: one thread at a time.
class Guarded {
public:
    Guarded(double timestep, unsigned threads, double max_rate, bool single_weights, bool single_state, std::size_t rank,
            std::size_t ranks, std::optional<nb::callable> exchange)
        : exchange_(std::move(exchange)),
          engine_(timestep, threads, max_rate, single_weights, single_state, {rank, ranks, exchanger()}) {
        if (!(timestep > 0.0) || threads == 0) throw std::invalid_argument("a positive timestep and number of threads");
    }

    Engine& operator*() { return idle(); }
    Engine* operator->() { return &idle(); }
    Step step() const { return engine_.step(); }

    // While it runs, other threads of Python run too; they must not touch this engine, except inside the pulse.
    Engine::Outcome advance(Step goal, const nb::callable& pulse) {
        Engine& engine = idle();
        const auto beat = [&] {
            const nb::gil_scoped_acquire locked;
            running_ = false;
            const bool go_on = nb::cast<bool>(nb::bool_(pulse()));
            if (PyErr_CheckSignals() != 0) throw nb::python_error();
            running_ = true;
            return go_on;
        };
        running_ = true;
        const Ended ended{running_};
        const nb::gil_scoped_release unlocked;
        return engine.advance(goal, beat);
    }

    // As long as a rule is expanded, the same holds.
    std::size_t expand(const std::string& kind, const Engine::Ends& ends, const Rule& rule, const std::vector<Draw>& draws,
                       const std::map<std::string, double>& common, Key key) {
        Engine& engine = idle();
        running_ = true;
        const Ended ended{running_};
        return interruptible([&](Interruption& interruption) {
            return engine.connect(kind, ends, rule, draws, common, key, interruption);
        });
    }

private:
    struct Ended {
        std::atomic<bool>& running;
        ~Ended() { running = false; }
    };

    // Bytes of this process for those of all, by way of Python.
    std::function<std::vector<std::string>(const std::string&)> exchanger() {
        if (!exchange_) return {};
        return [this](const std::string& mine) {
            const nb::gil_scoped_acquire locked;
            std::vector<std::string> all;
            for (const nb::handle theirs : nb::list((*exchange_)(nb::bytes(mine.data(), mine.size())))) {
                const auto bytes = nb::cast<nb::bytes>(theirs);
                all.emplace_back(bytes.c_str(), bytes.size());
            }
            return all;
        };
    }

    Engine& idle() {
        if (running_) throw std::runtime_error("The engine is running in another thread. Wait until run() is over.");
        return engine_;
    }

    std::optional<nb::callable> exchange_;
    Engine engine_;
    std::atomic<bool> running_{false};
};

// A rule, with the arrays of Python that it looks at.
struct HeldRule {
    HeldRule(const std::string& kind, std::pair<std::uint64_t, std::uint64_t> key, Integers pre_rows, Integers post_rows,
             std::optional<Integers> twin_numbers, double probability, Floats numbers, bool with_replacement, bool mutual)
        : pre(std::move(pre_rows)), post(std::move(post_rows)), twins(std::move(twin_numbers)),
          number(std::move(numbers)),
          rule{rule_kind(kind), view(pre), view(post), view(twins), probability, view(number), with_replacement, mutual,
               {key.first, key.second}} {}

    Integers pre, post;
    std::optional<Integers> twins;
    Floats number;
    Rule rule;
};

// The synapses of one projection: they arrive in chunks, or a rule is expanded.
class Arriving {
public:
    Arriving(Guarded& engine, bool from_sources, std::size_t pre, std::size_t post, std::size_t receptor)
        : engine_(engine), ends_{from_sources, pre, post, receptor} {}

    void add(const Integers& pre, const Integers& post, const std::map<std::string, Floats>& values) {
        std::map<std::string, Values> columns;
        for (const auto& [name, value] : values) columns[name] = view(value);
        engine_->arrive(ends_, arrivals_, view(pre), view(post), columns);
    }

    std::size_t connect(const std::string& kind, const std::map<std::string, double>& common, std::uint64_t low,
                        std::uint64_t high) {
        return engine_->connect(kind, ends_, arrivals_, common, {low, high});
    }
    std::size_t expand(const std::string& kind, const HeldRule& rule, const std::vector<Draw>& draws,
                       const std::map<std::string, double>& common, std::uint64_t low, std::uint64_t high) {
        return engine_.expand(kind, ends_, rule.rule, draws, common, {low, high});
    }
    std::size_t procedural(const HeldRule& rule, const std::vector<Draw>& draws,
                           const std::map<std::string, double>& common) {
        return engine_->connect_procedural(ends_, rule.rule, draws, common);
    }
    std::size_t connect_gaps(const std::map<std::string, double>& common) {
        return engine_->connect_gaps(ends_, arrivals_, common);
    }

private:
    Guarded& engine_;
    Engine::Ends ends_;
    Arrivals arrivals_;
};

// Rows of a rule for another simulator, with the names of their values.
class HeldRowMaker {
public:
    HeldRowMaker(const HeldRule& rule, const std::vector<Draw>& draws) {
        for (const Draw& draw : draws) names_.push_back(draw.name);
        maker_ = interruptible(
            [&](Interruption& interruption) { return std::make_unique<RowMaker>(rule.rule, draws, interruption); });
    }

    auto next(std::size_t most) {
        MadeRows made = interruptible([&](Interruption& interruption) { return maker_->next(most, interruption); });
        nb::dict values;
        for (std::size_t d = 0; d < names_.size(); ++d) values[names_[d].c_str()] = numpy(std::move(made.values[d]));
        return nb::make_tuple(numpy(std::move(made.pre)), numpy(std::move(made.post)), values);
    }

private:
    std::vector<std::string> names_;
    std::unique_ptr<RowMaker> maker_;
};

auto read_spikes(Guarded& engine, SpikeTap& tap) {
    std::vector<std::int64_t> rows;
    std::vector<double> times;
    tap.take(rows, times, engine->timestep());
    return std::make_pair(numpy(std::move(rows)), numpy(std::move(times)));
}

auto read_samples(Guarded& engine, SampleTap& tap) {
    engine->look(tap);
    Doubles values;
    const Step first = tap.take(values);
    const std::size_t channels = tap.channels();
    const std::size_t samples = static_cast<std::size_t>((tap.next() - first) / tap.every());
    return std::make_pair(first, numpy(std::move(values), {samples, channels}));
}

}  // namespace
}  // namespace pynn_native

NB_MODULE(_engine, m) {
    using namespace pynn_native;
    nb::enum_<Engine::Outcome>(m, "Outcome")
        .value("arrived", Engine::Outcome::arrived)
        .value("stopped", Engine::Outcome::stopped)
        .value("trouble", Engine::Outcome::trouble);
    nb::class_<SpikeTap>(m, "SpikeTap");
    nb::class_<SampleTap>(m, "SampleTap");
    nb::class_<Guarded>(m, "Engine")
        .def(nb::init<double, unsigned, double, bool, bool, std::size_t, std::size_t, std::optional<nb::callable>>(),
             nb::arg("timestep"), nb::arg("threads"), nb::arg("max_rate") = std::numeric_limits<double>::infinity(),
             nb::arg("single_weights") = false, nb::arg("single_state") = false, nb::arg("rank") = 0, nb::arg("ranks") = 1,
             nb::arg("exchange").none() = nb::none())
        .def("local", [](Guarded& e, std::size_t cells) {
            const Range rows = e->local(cells);
            return std::make_pair(rows.first, rows.last);
        })
        .def_prop_ro("step", &Guarded::step)
        .def("create_cells", [](Guarded& e, const std::string& kind, std::size_t n) { return e->create_cells(kind, n); })
        .def("create_custom",
             [](Guarded& e, std::vector<std::string> states, std::vector<std::string> parameters, std::string refractory,
                std::vector<std::string> tau_syn, std::string origin, std::size_t count, std::uintptr_t step,
                std::size_t size) {
                 return e->create_cells(CustomKind{std::move(states), std::move(parameters), std::move(refractory),
                                                   std::move(tau_syn), std::move(origin), count, step},
                                        size);
             })
        .def("seed_cells", [](Guarded& e, std::size_t cells, std::uint64_t low,
                              std::uint64_t high) { e->seed_cells(cells, {low, high}); })
        .def("get_gaps",
             [](Guarded& e, std::size_t gaps, const std::string& name, const std::optional<Integers>& rows) {
                 return numpy(e->get_gaps(gaps, name, view(rows)));
             },
             nb::arg(), nb::arg(), nb::arg().none())
        .def("set_gaps",
             [](Guarded& e, std::size_t gaps, const std::string& name, const Floats& values,
                const std::optional<Integers>& rows) { e->set_gaps(gaps, name, view(values), view(rows)); },
             nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
        .def("create_sources", [](Guarded& e, std::size_t n) { return e->create_sources(n); })
        .def("create_current", [](Guarded& e) { return e->create_current(); })
        .def("set_cells",
             [](Guarded& e, std::size_t cells, const std::string& name, const Floats& values,
                const std::optional<Integers>& rows) { e->set_cells(cells, name, view(values), view(rows)); },
             nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
        .def("get_cells",
             [](Guarded& e, std::size_t cells, const std::string& name, const std::optional<Integers>& rows) {
                 return numpy(e->get_cells(cells, name, view(rows)));
             },
             nb::arg(), nb::arg(), nb::arg().none())
        .def("set_spike_times",
             [](Guarded& e, std::size_t sources, const Floats& data, const Integers& splits,
                const std::optional<Integers>& rows) {
                 e->set_spike_times(sources, view(data), view(splits), view(rows));
             },
             nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
        .def("drive",
             [](Guarded& e, std::size_t sources, const Floats& rate, const Floats& start, const Floats& stop,
                std::pair<std::uint64_t, std::uint64_t> key, double since, const Integers& table,
                const std::vector<Words>& thresholds) {
                 Trains trains{copy(rate), copy(start), copy(stop), {key.first, key.second}, since, copy(table), {}};
                 for (const Words& each : thresholds) trains.thresholds.push_back(copy(each));
                 e->drive(sources, std::move(trains));
             },
             nb::arg(), nb::kw_only(), nb::arg("rate"), nb::arg("start"), nb::arg("stop"), nb::arg("key"),
             nb::arg("since"), nb::arg("table"), nb::arg("thresholds"))
        .def("set_current", [](Guarded& e, std::size_t current, const Floats& times,
                               const Floats& amplitudes) { e->set_current(current, view(times), view(amplitudes)); })
        .def("inject", [](Guarded& e, std::size_t current, std::size_t cells,
                          const Integers& rows) { e->inject(current, cells, view(rows)); })
        .def("get_synapses",
             [](Guarded& e, std::size_t synapses, const std::string& name, const std::optional<Integers>& rows) {
                 return numpy(e->get_synapses(synapses, name, view(rows)));
             },
             nb::arg(), nb::arg(), nb::arg().none())
        .def("set_synapses",
             [](Guarded& e, std::size_t synapses, const std::string& name, const Floats& values,
                const std::optional<Integers>& rows) { e->set_synapses(synapses, name, view(values), view(rows)); },
             nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
        .def("record_spikes",
             [](Guarded& e, bool of_sources, std::size_t block, const Integers& rows) {
                 return &e->record_spikes(of_sources, block, view(rows));
             },
             nb::rv_policy::reference_internal)
        .def("record_samples",
             [](Guarded& e, std::size_t cells, const std::string& variable, const Integers& rows, Step every) {
                 return &e->record_samples(cells, variable, view(rows), every);
             },
             nb::rv_policy::reference_internal)
        .def("read_spikes", &read_spikes)
        .def("read_samples", &read_samples)
        .def("stop_spikes", [](Guarded& e, const SpikeTap& tap) { e->stop(tap); })
        .def("stop_samples", [](Guarded& e, const SampleTap& tap) { e->stop(tap); })
        .def("advance", &Guarded::advance, nb::arg("goal"), nb::arg("pulse"))
        .def("trouble", [](Guarded& e) {
            const Trouble& t = e->trouble();
            return std::make_tuple(t.kind == Trouble::Kind::runaway, t.block, t.row, t.value, t.since);
        });
    nb::class_<Arriving>(m, "Arriving")
        .def(nb::init<Guarded&, bool, std::size_t, std::size_t, std::size_t>(), nb::keep_alive<1, 2>(),
             nb::arg("engine"), nb::arg("from_sources"), nb::arg("pre"), nb::arg("post"), nb::arg("receptor"))
        .def("add", &Arriving::add)
        .def("connect", &Arriving::connect, nb::arg(), nb::arg(), nb::arg() = 0, nb::arg() = 0)
        .def("expand", &Arriving::expand)
        .def("procedural", &Arriving::procedural)
        .def("connect_gaps", &Arriving::connect_gaps);
    nb::class_<HeldRule>(m, "Rule")
        .def(nb::init<const std::string&, std::pair<std::uint64_t, std::uint64_t>, Integers, Integers,
                      std::optional<Integers>, double, Floats, bool, bool>(),
             nb::arg("kind"), nb::arg("key"), nb::arg("pre"), nb::arg("post"), nb::arg("twins").none(),
             nb::arg("probability"), nb::arg("number"), nb::arg("with_replacement"), nb::arg("mutual"));
    nb::class_<HeldRowMaker>(m, "RowMaker")
        .def(nb::init<const HeldRule&, const std::vector<Draw>&>(), nb::keep_alive<1, 2>(), nb::arg("rule"),
             nb::arg("draws"))
        .def("next", &HeldRowMaker::next, nb::arg("most"));
    nb::class_<Draw>(m, "Draw")
        .def("__init__",
             [](Draw* place, const std::string& name, const std::string& distribution, std::vector<double> parameters,
                std::pair<std::uint64_t, std::uint64_t> key, double scale, double step, double lowest, double highest) {
                 const Draw::Distribution kind = distribution_of(distribution, parameters.size());
                 new (place) Draw{name, kind, std::move(parameters), {key.first, key.second}, scale, step, lowest, highest};
             },
             nb::arg("name"), nb::arg("distribution"), nb::arg("parameters"), nb::arg("key"), nb::arg("scale"),
             nb::arg("step"), nb::arg("lowest"), nb::arg("highest"));
}
