#include "row_maker.hpp"

#include <algorithm>
#include <limits>

namespace pynn_native {

namespace {

bool negative(std::int64_t row) { return row < 0; }

const Rule& checked(const Rule& rule) {
    constexpr auto any = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
    check(rule, any, any);
    return rule;
}

}  // namespace

RowMaker::RowMaker(const Rule& rule, std::vector<Draw> draws, Interruption& interruption)
    : rule_(checked(rule)), draws_(std::move(draws)), tables_(rule_, interruption), chooser_(rule_, tables_),
      drawn_(draws_.size()) {
    const Rows partners = rule_.by_source() ? rule_.post : rule_.pre;
    some_left_out_ = std::any_of(partners.data, partners.data + partners.size, negative);
}

bool RowMaker::choose_next() {
    const Rows own = rule_.by_source() ? rule_.pre : rule_.post;
    while (next_group_ < own.size && own[next_group_] < 0) ++next_group_;
    if (next_group_ == own.size) return false;
    group_ = next_group_++;
    const std::vector<Cell>& found = chooser_.choose(group_, true);
    given_ = 0;
    for (std::size_t d = 0; d < draws_.size(); ++d) {
        drawn_[d].resize(found.size());
        fill(draws_[d], group_, drawn_[d]);
    }
    if (!some_left_out_) {
        chosen_ = found;
        return true;
    }
    const Rows partners = rule_.by_source() ? rule_.post : rule_.pre;
    chosen_.clear();
    for (std::size_t k = 0; k < found.size(); ++k) {
        if (partners[found[k]] < 0) continue;
        for (std::vector<double>& values : drawn_) values[chosen_.size()] = values[k];
        chosen_.push_back(found[k]);
    }
    return true;
}

void RowMaker::append(std::size_t count, MadeRows& made) const {
    const bool by_source = rule_.by_source();
    const Rows partners = by_source ? rule_.post : rule_.pre;
    Table<std::int64_t>& own = by_source ? made.pre : made.post;
    Table<std::int64_t>& other = by_source ? made.post : made.pre;
    const std::size_t before = own.size();
    own.resize(before + count, (by_source ? rule_.pre : rule_.post)[group_]);
    other.resize(before + count);
    const Cell* const chosen = chosen_.data() + given_;
    std::int64_t* const row = other.data() + before;
    for (std::size_t k = 0; k < count; ++k) row[k] = partners[chosen[k]];
    for (std::size_t d = 0; d < drawn_.size(); ++d) {
        const double* const first = drawn_[d].data() + given_;
        made.values[d].insert(made.values[d].end(), first, first + count);
    }
}

MadeRows RowMaker::next(std::size_t most, Interruption& interruption) {
    MadeRows made;
    made.values.resize(draws_.size());
    const std::size_t room = std::min(most, room_);
    made.pre.reserve(room);
    made.post.reserve(room);
    for (Table<double>& values : made.values) values.reserve(room);
    while (made.pre.size() < most) {
        if (given_ == chosen_.size() && !choose_next()) break;
        const std::size_t count = std::min(chosen_.size() - given_, most - made.pre.size());
        append(count, made);
        given_ += count;
        interruption.check();
    }
    room_ = std::max(room_, made.pre.size());
    return made;
}

}  // namespace pynn_native
