#include "ike/wish.hpp"

#include <algorithm>
#include <utility>

namespace xfrmd::ike {
namespace {

/// The order of the variant is the order of urgency; from CREATE on all are equal.
std::size_t urgency(const Wish& wish) {
    return std::min<std::size_t>(wish.index(), 2);
}

}  // namespace

bool WishList::contains(const Wish& wish) const {
    return std::ranges::find(wishes_, wish) != wishes_.end();
}

bool WishList::add(Wish wish) {
    if (contains(wish)) return true;
    if (wishes_.size() >= most) return false;
    const auto place = std::ranges::upper_bound(wishes_, urgency(wish), {}, urgency);
    wishes_.insert(place, std::move(wish));
    return true;
}

std::optional<Wish> WishList::take() {
    if (wishes_.empty()) return std::nullopt;
    Wish wish = std::move(wishes_.front());
    wishes_.pop_front();
    return wish;
}

bool WishList::deletes_child(EspSpi spi_out) const {
    return std::ranges::any_of(wishes_, [spi_out](const Wish& wish) {
        const auto* deletion = std::get_if<DeleteChildren>(&wish);
        return deletion != nullptr &&
               std::ranges::find(deletion->children, spi_out, &ChildSpis::out) !=
                   deletion->children.end();
    });
}

}  // namespace xfrmd::ike
