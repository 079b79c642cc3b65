// One option of a section: name, form, default, meaning, and where its value goes.
//
// The rows of a section's table drive everything: reading, the default, --show-full, the JSON
// Schema, the search for near misses, and what a reload does about a change. A row is bound to a
// member of the entry it fills, so the default is whatever a fresh entry holds.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/model.hpp"
#include "config/node.hpp"
#include "config/pre_shared_key.hpp"
#include "config/problem.hpp"

namespace xfrmd::config {

/// One word of an option that takes one of several. A word with a refusal is known but not taken.
struct Choice {
    std::string_view word;
    std::uint8_t value = 0;
    std::string_view refusal = {};
};

template <class E>
    requires std::is_enum_v<E>
constexpr Choice choice(std::string_view word, E value) {
    return {word, static_cast<std::uint8_t>(value), {}};
}

constexpr Choice refused_choice(std::string_view word, std::string_view refusal) {
    return {word, 0, refusal};
}

enum class Form : std::uint8_t {
    boolean,
    number,
    text,
    choice,         ///< a word of a list
    number_choice,  ///< a number of a list
    address,
    subnet,
    names,
    ike_proposals,
    esp_proposals,
    groups,
    secret,
    interval,  ///< seconds, or [seconds, milliseconds]
};

/// What values look like.
struct Shape {
    Form form;
    std::uint64_t minimum = 0;
    std::uint64_t maximum = 0;  ///< of a number; octets of a text
    std::span<const Choice> choices = {};
    std::optional<IpFamily> family = {};  ///< of an address or a subnet; absent: both
};

constexpr Shape boolean() {
    return {.form = Form::boolean};
}
constexpr Shape number(std::uint64_t minimum, std::uint64_t maximum) {
    return {.form = Form::number, .minimum = minimum, .maximum = maximum};
}
constexpr Shape text(std::uint64_t max_octets) {
    return {.form = Form::text, .maximum = max_octets};
}
constexpr Shape one_of(std::span<const Choice> choices) {
    return {.form = Form::choice, .choices = choices};
}
constexpr Shape one_number_of(std::span<const Choice> choices) {
    return {.form = Form::number_choice, .choices = choices};
}
constexpr Shape address(IpFamily family) {
    return {.form = Form::address, .family = family};
}
constexpr Shape any_address() {
    return {.form = Form::address};
}
constexpr Shape subnet(IpFamily family) {
    return {.form = Form::subnet, .family = family};
}
constexpr Shape any_subnet() {
    return {.form = Form::subnet};
}
constexpr Shape shape(Form form) {
    return {.form = form};
}

/// An option has a meaning only while another one has one of these values.
struct Condition {
    std::string_view option = {};
    std::array<std::string_view, 2> values = {};  ///< as JSON without quotes
    /// How a value that is set all the same is reported.
    Problem::Severity severity = Problem::Severity::error;
};

/// A complaint about an item of a list is about that item.
struct ReadError {
    Complaint complaint;
    std::optional<std::size_t> item = {};
};
/// Everything that is wrong with a value: of a list, an error for each wrong item. Never empty.
using ReadErrors = std::vector<ReadError>;
using ReadResult = std::expected<void, ReadErrors>;

// One pair for each type of member. Readers write only on success.
ReadResult read_value(const Shape& shape, const Node& node, bool& out);
ReadResult read_value(const Shape& shape, const Node& node, std::string& out);
ReadResult read_value(const Shape& shape, const Node& node, std::vector<std::string>& out);
ReadResult read_value(const Shape& shape, const Node& node, std::optional<IpAddress>& out);
ReadResult read_value(const Shape& shape, const Node& node, std::optional<Subnet>& out);
ReadResult read_value(const Shape& shape, const Node& node, std::vector<IkeProposal>& out);
ReadResult read_value(const Shape& shape, const Node& node, std::vector<EspProposal>& out);
ReadResult read_value(const Shape& shape, const Node& node,
                      std::vector<wire::KeyExchangeMethod>& out);
ReadResult read_value(const Shape& shape, const Node& node, SecretSource& out);
ReadResult read_value(const Shape& shape, const Node& node, std::chrono::milliseconds& out);
std::expected<std::uint64_t, ReadErrors> read_number(const Shape& shape, const Node& node);
std::expected<std::uint8_t, ReadErrors> read_choice(const Shape& shape, const Node& node);

/// A null node means that there is nothing to show.
Node write_value(const Shape& shape, bool value);
Node write_value(const Shape& shape, const std::string& value);
Node write_value(const Shape& shape, const std::vector<std::string>& value);
Node write_value(const Shape& shape, const std::optional<IpAddress>& value);
Node write_value(const Shape& shape, const std::optional<Subnet>& value);
Node write_value(const Shape& shape, const std::vector<IkeProposal>& value);
Node write_value(const Shape& shape, const std::vector<EspProposal>& value);
Node write_value(const Shape& shape, const std::vector<wire::KeyExchangeMethod>& value);
Node write_value(const Shape& shape, const SecretSource& value);
Node write_value(const Shape& shape, std::chrono::milliseconds value);
Node write_choice(const Shape& shape, std::uint8_t value);
/// The value that an option of a table has in effect, as JSON without quotes; used for conditions.
std::string bare_text(const Node& value);

template <class T>
    requires(std::unsigned_integral<T> && !std::same_as<T, bool>)
ReadResult read_value(const Shape& shape, const Node& node, T& out) {
    const auto value = read_number(shape, node);
    if (!value) return std::unexpected(value.error());
    out = static_cast<T>(*value);
    return {};
}

inline ReadResult read_value(const Shape& shape, const Node& node, std::chrono::seconds& out) {
    const auto value = read_number(shape, node);
    if (!value) return std::unexpected(value.error());
    out = std::chrono::seconds(*value);
    return {};
}

template <class E>
    requires std::is_enum_v<E>
ReadResult read_value(const Shape& shape, const Node& node, E& out) {
    const auto value = read_choice(shape, node);
    if (!value) return std::unexpected(value.error());
    out = static_cast<E>(*value);
    return {};
}

template <class T>
    requires(std::unsigned_integral<T> && !std::same_as<T, bool>)
Node write_value(const Shape&, const T& value) {
    return Node::of(static_cast<std::uint64_t>(value));
}

inline Node write_value(const Shape&, std::chrono::seconds value) {
    return Node::of(static_cast<std::uint64_t>(value.count()));
}

template <class E>
    requires std::is_enum_v<E>
Node write_value(const Shape& shape, E value) {
    return write_choice(shape, static_cast<std::uint8_t>(value));
}

/// What a reload has to renew because an option's value changed. All else goes on as it was.
enum class Renews : std::uint8_t {
    nothing,    ///< it takes effect in place, at once or with what is negotiated next
    child_sas,  ///< they get successors by the new terms, without a gap: of a phase 1 all of them
    tunnel,     ///< down and up again: of a phase 1 all of it, of a phase 2 that one alone
};

/// What a row says without the entry it is bound to.
struct OptionInfo {
    std::string_view name;
    Shape shape;
    Renews renews;
    std::string_view meaning;
    Condition condition = {};
    std::string_view required = {};  ///< not empty: what to write when the option is missing
    /// It stands for something that may change while its own text does not: a secret in a file,
    /// the addresses of a name.
    bool indirect = false;
    /// Whatever "true" costs, "false" costs nothing.
    bool turned_off_for_nothing = false;
};

template <class Entry>
struct Option : OptionInfo {
    /// What the entry comes to when it is applied.
    using Model = typename Entry::Model;

    ReadResult (*read)(const Shape&, const Node&, Entry&);
    Node (*write)(const Shape&, const Entry&);
    /// True if what the option decides is the same in both.
    bool (*same)(const Model&, const Model&);

    constexpr Option when(std::string_view option, std::string_view value,
                          std::string_view or_value = {}) const {
        Option row = *this;
        row.condition = {option, {value, or_value}, Problem::Severity::error};
        return row;
    }
    /// As `when`, for options whose vain use does no harm.
    constexpr Option mild_when(std::string_view option, std::string_view value,
                               std::string_view or_value = {}) const {
        Option row = when(option, value, or_value);
        row.condition.severity = Problem::Severity::warning;
        return row;
    }
    constexpr Option or_else_write(std::string_view remedy) const {
        Option row = *this;
        row.required = remedy;
        return row;
    }
    constexpr Option free_to_turn_off() const {
        Option row = *this;
        row.turned_off_for_nothing = true;
        return row;
    }
    constexpr Option stands_for_more() const {
        Option row = *this;
        row.indirect = true;
        return row;
    }
};

template <class T>
bool same_value(const T& a, const T& b) {
    return a == b;
}
inline bool same_value(const std::shared_ptr<const Secret>& a,
                       const std::shared_ptr<const Secret>& b) {
    if (!a || !b) return a == b;
    return Secret::equal(a->view(), b->view());
}

/// For options that are checked and then forgotten: the model knows nothing of them.
inline constexpr struct DecidesNothing {
} decides_nothing{};

/// Whether two entries agree in what `Decided` takes from the model: a member, or a function.
template <class Model, auto Decided>
constexpr auto sameness() {
    return [](const Model& a, const Model& b) {
        if constexpr (std::same_as<std::remove_const_t<decltype(Decided)>, DecidesNothing>)
            return true;
        else
            return same_value(std::invoke(Decided, a), std::invoke(Decided, b));
    };
}

/// A row bound to a member. A member that is not the model's own has to say what it decides there.
template <class Entry, auto Member, auto Decided = Member>
constexpr Option<Entry> option(std::string_view name, Shape shape, Renews renews,
                               std::string_view meaning) {
    return {{.name = name, .shape = shape, .renews = renews, .meaning = meaning},
            [](const Shape& form, const Node& node, Entry& entry) {
                return read_value(form, node, entry.*Member);
            },
            [](const Shape& form, const Entry& entry) { return write_value(form, entry.*Member); },
            sameness<typename Entry::Model, Decided>()};
}

/// True if no other option takes this one's meaning away.
template <class Entry>
bool applies(const Option<Entry>& row, std::span<const Option<Entry>> options, const Entry& entry) {
    if (row.condition.option.empty()) return true;
    const auto other = std::ranges::find(options, row.condition.option, &OptionInfo::name);
    const std::string value = bare_text(other->write(other->shape, entry));
    return std::ranges::find(row.condition.values, value) != row.condition.values.end();
}

/// An option that FortiOS has and xfrmd has not.
struct ForeignOption {
    std::string_view name;
    /// Values that change nothing here and are taken, as JSON; "*" takes every value.
    std::array<std::string_view, 2> harmless = {};
    std::string_view reason;  ///< why not, or why it has no effect
};

}  // namespace xfrmd::config
