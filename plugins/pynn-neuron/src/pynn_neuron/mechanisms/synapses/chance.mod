COMMENT
Synapses that release by chance, each spike of each synapse with its own numbers from the keyed stream of its block: word
k of spike `spikes` of the nth synapse from i to j is word k mod 4 for the counter (spikes, i, j, nth + 2^32 (k div 4)).

sites 0: each spike passes with probability p.
sites 1 or more (Stochastic Tsodyks-Markram, multi-quantal; Fuhrmann, Segev, Markram & Tsodyks 2002, J. Neurophysiol.
87:140): at a spike u = U + u (1 - U) exp(-interval / tau_facil); each empty site is full again with probability
1 - exp(-interval / tau_rec), by word k; each full one releases with probability u, by word sites + k.
ENDCOMMENT

NEURON {
    POINT_PROCESS CawanChance
    RANGE p, U, tau_rec, tau_facil, sites, u, i, j, nth, spikes, stream, emptied, lastly
    THREADSAFE
}

PARAMETER {
    p = 0.5
    U = 0.5
    tau_rec = 800
    tau_facil = 0
    sites = 0
}

ASSIGNED {
    u
    i
    j
    nth
    spikes
    stream[4]
    emptied  : bit k is 1 where site k is empty
    lastly
}

VERBATIM
#include "philox.hpp"
ENDVERBATIM

INCLUDE "synapse.inc"

FUNCTION released() {
    if (sites == 0) {
        released = 0
        if (drawn(0) < p) {
            released = weight
        }
    } else {
        released = quanta() * weight
    }
    spikes = spikes + 1
}

FUNCTION quanta() { LOCAL interval, kept, recovers, count
    interval = (nearest_step() - lastly) * dt
    lastly = nearest_step()
    kept = 0
    if (tau_facil > 0) {
        kept = exp(-interval / tau_facil)
    }
    u = U + u * (1 - U) * kept
    recovers = 1 - exp(-interval / tau_rec)
    count = 0
    FROM k = 0 TO sites - 1 {
        count = count + site_releases(k, recovers)
    }
    quanta = count
}

FUNCTION site_releases(k, recovers) { LOCAL refilled, chance
    refilled = drawn(k)
    chance = drawn(sites + k)
VERBATIM
    const auto bit = std::uint64_t{1} << static_cast<unsigned>(_lk);
    auto bits = static_cast<std::uint64_t>(emptied);
    const bool is_full = !(bits & bit) || _lrefilled < _lrecovers;
    const bool releases = is_full && _lchance < u;
    bits = is_full && !releases ? bits & ~bit : bits | bit;
    emptied = static_cast<double>(bits);
    _lsite_releases = releases ? 1.0 : 0.0;
ENDVERBATIM
}

FUNCTION drawn(word) {
VERBATIM
    const auto place = static_cast<std::uint64_t>(_lword);
    _ldrawn = cawan::uniform_at(
        cawan::Key(stream), static_cast<int>(place % 4), static_cast<std::uint64_t>(spikes),
        static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(j),
        static_cast<std::uint64_t>(nth) + (place / 4 << 32));
ENDVERBATIM
}
