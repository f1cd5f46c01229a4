#include "sources.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "column.hpp"

namespace pynn_native {

namespace {
constexpr double kNever = 9e15;  // steps beyond this are no whole numbers of a double any more

bool earlier(const Drive::Spike& a, const Drive::Spike& b) { return a.step != b.step ? a.step < b.step : a.row < b.row; }

void sort(std::vector<Drive::Spike>& spikes) {
    // Rows were collected one after the other, so a stable distribution by step suffices where the steps are dense
    // (the core sends about 100 ms of all cells at a time); else sort by comparing.
    if (spikes.empty()) return;
    const auto by_row = [](const Drive::Spike& a, const Drive::Spike& b) { return a.row < b.row; };
    const auto by_step = [](const Drive::Spike& a, const Drive::Spike& b) { return a.step < b.step; };
    const auto ends = std::minmax_element(spikes.begin(), spikes.end(), by_step);
    const Step base = ends.first->step, span = ends.second->step - base + 1;
    const bool dense = span < static_cast<Step>(4 * spikes.size() + 1024);
    if (!dense || !std::is_sorted(spikes.begin(), spikes.end(), by_row)) {
        std::sort(spikes.begin(), spikes.end(), earlier);
        return;
    }
    std::vector<std::size_t> place(static_cast<std::size_t>(span) + 1);
    for (const Drive::Spike& spike : spikes) ++place[static_cast<std::size_t>(spike.step - base) + 1];
    for (std::size_t k = 1; k < place.size(); ++k) place[k] += place[k - 1];
    std::vector<Drive::Spike> sorted(spikes.size());
    for (const Drive::Spike& spike : spikes) sorted[place[static_cast<std::size_t>(spike.step - base)]++] = spike;
    spikes = std::move(sorted);
}

}  // namespace

void Sources::replace(Values data, Rows splits, Rows rows, double timestep, Step now) {
    const std::size_t count = rows.data ? rows.size : size();
    check({data.data, 1}, rows, size());
    if (splits.size != 2 && splits.size != count + 1) throw std::invalid_argument("as many rows of times as rows");
    for (std::size_t k = 0; k + 1 < splits.size; ++k) {
        if (splits[k] < 0 || splits[k] > splits[k + 1]) throw std::invalid_argument("splits must not decrease");
    }
    if (static_cast<std::size_t>(splits[splits.size - 1]) > data.size) throw std::out_of_range("splits beyond data");
    drop(rows);
    const bool one = splits.size == 2;
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t from = static_cast<std::size_t>(splits[one ? 0 : k]);
        const std::size_t to = static_cast<std::size_t>(splits[one ? 1 : k + 1]);
        collect({data.data + from, to - from}, static_cast<Cell>(rows.data ? static_cast<std::size_t>(rows[k]) : k),
                timestep, now);
    }
    sort(pending_);
}

void Sources::drop(Rows rows) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
    if (!rows.data) {
        pending_.clear();
        return;
    }
    std::vector<bool> chosen(size());
    for (std::size_t k = 0; k < rows.size; ++k) chosen[static_cast<std::size_t>(rows[k])] = true;
    const auto gone = [&](const Spike& spike) { return chosen[spike.row]; };
    pending_.erase(std::remove_if(pending_.begin(), pending_.end(), gone), pending_.end());
}

void Sources::collect(Values times, Cell row, double timestep, Step now) {
    for (std::size_t k = 0; k < times.size; ++k) {
        const double step = std::nearbyint(times[k] / timestep);
        if (step > static_cast<double>(now) && step < kNever) pending_.push_back({static_cast<Step>(step), row});
    }
}

void Sources::replace(Trains trains, double timestep) {
    auto drive = std::make_unique<Drive>(size(), std::move(trains), timestep);
    drop({});
    drive_ = std::move(drive);
}

void Sources::draw(Step last) {
    std::vector<Spike> drawn;
    drive_->draw_windows(last, drawn);
    if (drawn.empty()) return;
    sort(drawn);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
    const auto before = static_cast<std::ptrdiff_t>(pending_.size());
    pending_.insert(pending_.end(), drawn.begin(), drawn.end());
    std::inplace_merge(pending_.begin(), pending_.begin() + before, pending_.end(), earlier);
}

std::size_t Sources::strong_tiles() const { return drive_ && drive_->strong() ? padded(size()) / kTile : 0; }

void Sources::fire(Step first, Step last, Workers& workers, bool together, const Ahead& ahead) {
    if (drive_) draw(last);
    for (Step step = first; step <= last; ++step) {
        Fired& fired = histories[0].at(step);
        fired.clear();
        while (next_ < pending_.size() && pending_[next_].step < step) ++next_;
        while (next_ < pending_.size() && pending_[next_].step == step) fired.push_back(pending_[next_++].row);
    }
    if (strong_tiles()) return count(first, last, workers, together, ahead);
    for (Step step = first; step <= last; ++step) histories[0].counts(step).clear();
}

void Sources::count(Step first, Step last, Workers& workers, bool together, const Ahead& ahead) {
    const std::size_t tiles = padded(size()) / kTile, shares = workers.shares();
    // What was counted before is left for its thread to write over: it has it in its own cache.
    for (Step step = first; step <= last; ++step) histories[0].counts(step).resize((tiles + 1) * kTile);
    drive_->make_room();
    workers.run(
        [&](unsigned share) {
            const Range mine{share * tiles / shares, (share + 1) * tiles / shares};
            Fetching& fetching = ahead(share);
            for (Step step = first; step <= last; ++step) {
                drive_->count(step, mine, histories[0].counts(step).data(), fetching);
            }
        },
        together);
    for (Step step = first; step <= last; ++step) list(step);
}

void Sources::list(Step step) {
    Fired& fired = histories[0].at(step);
    std::vector<std::uint8_t>& counts = histories[0].counts(step);
    const Fired seldom(fired);
    if (lists_ || !drive_->counted()) {
        for (std::size_t k = 0; k < size(); ++k) fired.insert(fired.end(), counts[k], static_cast<Cell>(k));
        std::inplace_merge(fired.begin(), fired.begin() + static_cast<std::ptrdiff_t>(seldom.size()), fired.end());
    }
    if (!drive_->counted()) return counts.clear();
    for (const Cell k : seldom) ++counts[k];
}

}  // namespace pynn_native
