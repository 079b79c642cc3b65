#include "config/option.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/suite_token.hpp"

namespace xfrmd::config {

namespace {

/// More than anybody negotiates; keeps SA payloads small.
constexpr std::size_t max_proposals = 32;
/// Members of a group, and other lists of names.
constexpr std::size_t max_names = 1000;
constexpr std::size_t max_name_octets = 255;

std::unexpected<ReadErrors> complain(std::string message, std::string remedy = {}) {
    return std::unexpected(ReadErrors{{{std::move(message), std::move(remedy)}}});
}

std::unexpected<ReadErrors> complain_of_item(std::size_t item, Complaint complaint) {
    return std::unexpected(ReadErrors{{std::move(complaint), item}});
}

bool has_control_characters(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7f;
    });
}

/// The words of a list, or of one text that separates them by blanks as FortiOS prints it.
std::expected<std::vector<std::string>, ReadErrors> read_words(const Node& node) {
    std::vector<std::string> words;
    if (node.is(Node::Kind::text)) {
        std::string_view rest = node.text;
        while (true) {
            const auto start = rest.find_first_not_of(' ');
            if (start == std::string_view::npos) break;
            rest.remove_prefix(start);
            const auto end = std::min(rest.find(' '), rest.size());
            words.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end);
        }
        return words;
    }
    if (!node.is(Node::Kind::list)) return complain("not a list", "write [\"...\", \"...\"]");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (!node.items[i].is(Node::Kind::text))
            return complain_of_item(i, {"not a text", "write it in quotes"});
        words.push_back(node.items[i].text);
    }
    return words;
}

template <class T, class Parse>
ReadResult read_proposals(const Node& node, Parse parse, std::vector<T>& out) {
    const auto words = read_words(node);
    if (!words) return std::unexpected(words.error());
    if (words->empty()) return complain("the list is empty", "write one proposal at least");
    if (words->size() > max_proposals)
        return complain(fmt::format("more than {} proposals", max_proposals));
    const bool from_list = node.is(Node::Kind::list);
    std::vector<T> proposals;
    ReadErrors errors;
    const auto complain_of = [&](std::size_t i, Complaint complaint) {
        if (from_list) return errors.push_back({std::move(complaint), i});
        complaint.message = fmt::format("{}: {}", in_quotes((*words)[i]), complaint.message);
        errors.push_back({std::move(complaint)});
    };
    for (std::size_t i = 0; i < words->size(); ++i) {
        auto proposal = parse((*words)[i]);
        if (!proposal)
            complain_of(i, std::move(proposal).error());
        else if (std::ranges::find(proposals, *proposal) != proposals.end())
            complain_of(i, {"stands twice in the list", "remove one of them"});
        else
            proposals.push_back(*proposal);
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    out = std::move(proposals);
    return {};
}

template <class T>
Node write_proposals(const std::vector<T>& proposals) {
    Node list = Node::list();
    for (const T& proposal : proposals)
        list.add(Node::of(to_token(proposal)));
    return list;
}

/// "255.255.255.0" to 24; nothing for a mask with holes.
std::optional<std::uint8_t> prefix_length_of_mask(const IpAddress& mask) {
    std::uint8_t length = 0;
    bool ended = false;
    for (std::uint8_t octet : mask.bytes()) {
        for (int bit = 7; bit >= 0; --bit) {
            const bool set = ((octet >> bit) & 1) != 0;
            if (set && ended) return std::nullopt;
            if (set) ++length;
            ended = !set;
        }
    }
    return length;
}

/// "10.1.0.0/24" for "10.1.0.5/24".
std::string without_host_bits(const IpAddress& address, unsigned prefix_length) {
    Bytes octets = to_bytes(address.bytes());
    for (std::size_t bit = prefix_length; bit < octets.size() * 8; ++bit)
        octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] & ~(0x80U >> (bit % 8)));
    return fmt::format("{}/{}", IpAddress::from_bytes(octets)->to_text(), prefix_length);
}

std::expected<Subnet, Complaint> parse_subnet(std::string_view text) {
    const Complaint malformed{"not a subnet", "write it as 10.1.0.0/24"};
    std::string form(text);
    if (const auto blank = text.find(' '); blank != std::string_view::npos) {
        const auto mask = IpAddress::from_text(text.substr(blank + 1));
        if (!mask || mask->family() != IpFamily::v4) return std::unexpected(malformed);
        const auto length = prefix_length_of_mask(*mask);
        if (!length)
            return std::unexpected(Complaint{"the mask has holes", "write it as 10.1.0.0/24"});
        form = fmt::format("{}/{}", text.substr(0, blank), *length);
    }
    if (const auto subnet = Subnet::from_text(form)) return *subnet;
    const auto slash = form.find('/');
    if (slash == std::string::npos) return std::unexpected(malformed);
    const auto address = IpAddress::from_text(std::string_view(form).substr(0, slash));
    const std::string_view digits = std::string_view(form).substr(slash + 1);
    const bool is_number = !digits.empty() && digits.size() <= 3 &&
                           std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!address || !is_number) return std::unexpected(malformed);
    const unsigned long length = std::stoul(std::string(digits));
    if (length > address_bits(address->family()))
        return std::unexpected(Complaint{
            fmt::format("a prefix has at most {} bits", address_bits(address->family()))});
    return std::unexpected(
        Complaint{"the address has bits set behind the prefix",
                  fmt::format("write {} for the subnet, or {} for the host",
                              without_host_bits(*address, static_cast<unsigned>(length)),
                              address->to_text())});
}

std::string family_text(IpFamily family) {
    return family == IpFamily::v4 ? "IPv4" : "IPv6";
}

std::unexpected<ReadErrors> complain_of_family(IpFamily wanted) {
    return complain(fmt::format("not {}", wanted == IpFamily::v4 ? "an IPv4 one" : "an IPv6 one"),
                    fmt::format("write an {} one", family_text(wanted)));
}

std::string known_words(const Shape& shape) {
    std::string words;
    for (const Choice& choice : shape.choices) {
        if (!choice.refusal.empty()) continue;
        words += words.empty() ? "" : ", ";
        words += shape.form == Form::choice ? in_quotes(choice.word) : std::string(choice.word);
    }
    return words;
}

}  // namespace

ReadResult read_value(const Shape&, const Node& node, bool& out) {
    if (node.is(Node::Kind::boolean)) {
        out = node.boolean;
        return {};
    }
    const bool enable = node.is(Node::Kind::text) && node.text == "enable";
    const bool disable = node.is(Node::Kind::text) && node.text == "disable";
    if (enable || disable)
        return complain("JSON has a word of its own for this",
                        fmt::format("write {}, without quotes", enable ? "true" : "false"));
    return complain("neither true nor false", "write true or false");
}

std::expected<std::uint64_t, ReadErrors> read_number(const Shape& shape, const Node& node) {
    const std::string range =
        fmt::format("write a number from {} to {}", shape.minimum, shape.maximum);
    if (node.is(Node::Kind::text)) return complain("a text, not a number", range);
    if (node.is(Node::Kind::other_number)) return complain("out of range or not whole", range);
    if (!node.is(Node::Kind::number)) return complain("not a number", range);
    if (node.number < shape.minimum || node.number > shape.maximum)
        return complain("out of range", range);
    return node.number;
}

std::expected<std::uint8_t, ReadErrors> read_choice(const Shape& shape, const Node& node) {
    std::string word;
    if (shape.form == Form::choice && node.is(Node::Kind::text)) word = node.text;
    if (shape.form == Form::number_choice && node.is(Node::Kind::number))
        word = std::to_string(node.number);
    const auto found = std::ranges::find(shape.choices, word, &Choice::word);
    if (found != shape.choices.end() && found->refusal.empty()) return found->value;
    const std::string known = "write " + known_words(shape);
    if (found != shape.choices.end()) return complain(std::string(found->refusal), known);
    if (word.empty()) return complain("not one of the values of this option", known);
    std::vector<std::string_view> words;
    for (const Choice& choice : shape.choices)
        words.push_back(choice.word);
    std::string remedy = did_you_mean(word, words);
    return complain("not one of the values of this option", remedy.empty() ? known : remedy);
}

ReadResult read_value(const Shape& shape, const Node& node, std::string& out) {
    if (!node.is(Node::Kind::text)) return complain("not a text", "write it in quotes");
    if (node.text.size() > shape.maximum)
        return complain(fmt::format("longer than {} octets", shape.maximum), "shorten it");
    if (has_control_characters(node.text))
        return complain("has a control character in it", "remove it");
    out = node.text;
    return {};
}

ReadResult read_value(const Shape&, const Node& node, std::vector<std::string>& out) {
    if (node.is(Node::Kind::list) && node.items.size() > max_names)
        return complain(fmt::format("more than {} names", max_names));
    std::vector<std::string> names;
    if (node.is(Node::Kind::text)) {
        names.push_back(node.text);  // one name, which may hold blanks
    } else {
        const auto words = read_words(node);
        if (!words) return std::unexpected(words.error());
        names = *words;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty() || names[i].size() > max_name_octets ||
            has_control_characters(names[i]))
            return complain_of_item(i, {"not a name", "write the name of an entry"});
        if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
            names.begin() + static_cast<std::ptrdiff_t>(i))
            return complain_of_item(i, {"stands twice in the list", "remove one of them"});
    }
    out = std::move(names);
    return {};
}

ReadResult read_value(const Shape& shape, const Node& node, std::optional<IpAddress>& out) {
    const auto address = node.is(Node::Kind::text) ? IpAddress::from_text(node.text) : std::nullopt;
    if (!address)
        return complain("not an IP address", shape.family == IpFamily::v6
                                                 ? "write it as \"2001:db8::1\""
                                                 : "write it as \"192.0.2.1\"");
    if (shape.family && address->family() != *shape.family)
        return complain_of_family(*shape.family);
    out = address->is_any() ? std::nullopt : address;
    return {};
}

ReadResult read_value(const Shape& shape, const Node& node, std::optional<Subnet>& out) {
    if (!node.is(Node::Kind::text)) return complain("not a text", "write it as \"10.1.0.0/24\"");
    auto subnet = parse_subnet(node.text);
    if (!subnet) return std::unexpected(ReadErrors{{std::move(subnet).error()}});
    if (shape.family && subnet->address.family() != *shape.family)
        return complain_of_family(*shape.family);
    out = *subnet;
    return {};
}

ReadResult read_value(const Shape&, const Node& node, std::vector<IkeProposal>& out) {
    return read_proposals(node, parse_ike_token, out);
}

ReadResult read_value(const Shape&, const Node& node, std::vector<EspProposal>& out) {
    return read_proposals(node, parse_esp_token, out);
}

ReadResult read_value(const Shape&, const Node& node, std::vector<wire::KeyExchangeMethod>& out) {
    if (!node.is(Node::Kind::list) && !node.is(Node::Kind::number))
        return complain("not a list of numbers", "write [20, 14]");
    const std::vector<Node> alone =
        node.is(Node::Kind::number) ? std::vector{node} : std::vector<Node>{};
    const std::vector<Node>& items = alone.empty() ? node.items : alone;
    if (items.empty()) return complain("the list is empty", "write [20, 14]");
    std::vector<wire::KeyExchangeMethod> methods;
    ReadErrors errors;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].is(Node::Kind::number)) {
            errors.push_back({{"not a number", "write [20, 14]"}, i});
            continue;
        }
        auto method = parse_group(items[i].number);
        if (!method)
            errors.push_back({std::move(method).error(), i});
        else if (std::ranges::find(methods, *method) != methods.end())
            errors.push_back({{"stands twice in the list", "remove one of them"}, i});
        else
            methods.push_back(*method);
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    out = std::move(methods);
    return {};
}

ReadResult read_value(const Shape&, const Node& node, SecretSource& out) {
    constexpr std::string_view forms = "write a text, {\"file\": PATH} or {\"credential\": NAME}";
    if (node.is(Node::Kind::text)) {
        out = {
            SecretSource::Kind::literal, std::make_shared<const Secret>(as_bytes(node.text)), {}};
        return {};
    }
    if (!node.is(Node::Kind::object) || node.members.size() != 1)
        return complain("not a secret", std::string(forms));
    const Member& member = node.members.front();
    const bool is_file = member.key == "file";
    if (!is_file && member.key != "credential") return complain("not a secret", std::string(forms));
    if (!member.value.is(Node::Kind::text) || member.value.text.empty() ||
        has_control_characters(member.value.text))
        return complain("the place of the secret is not a text", std::string(forms));
    if (!is_file && member.value.text.contains('/'))
        return complain("the name of a credential has no \"/\"", "use {\"file\": PATH} for a file");
    out = {is_file ? SecretSource::Kind::file : SecretSource::Kind::credential, nullptr,
           member.value.text};
    return {};
}

ReadResult read_value(const Shape& shape, const Node& node, std::chrono::milliseconds& out) {
    constexpr std::uint64_t max_milliseconds = 999;
    if (!node.is(Node::Kind::list)) {
        const auto whole = read_number(shape, node);
        if (!whole) return std::unexpected(whole.error());
        out = std::chrono::seconds(*whole);
        return {};
    }
    if (node.items.size() != 2) return complain("not two numbers", "write [SECONDS, MILLISECONDS]");
    const auto whole = read_number(shape, node.items[0]);
    if (!whole) return complain_of_item(0, whole.error().front().complaint);
    const auto rest = read_number(number(0, max_milliseconds), node.items[1]);
    if (!rest) return complain_of_item(1, rest.error().front().complaint);
    out = std::chrono::seconds(*whole) + std::chrono::milliseconds(*rest);
    return {};
}

Node write_value(const Shape&, bool value) {
    return Node::of(value);
}

Node write_value(const Shape&, const std::string& value) {
    return Node::of(value);
}

Node write_value(const Shape&, const std::vector<std::string>& value) {
    Node list = Node::list();
    for (const std::string& name : value)
        list.add(Node::of(name));
    return list;
}

Node write_value(const Shape& shape, const std::optional<IpAddress>& value) {
    if (value) return Node::of(value->to_text());
    return shape.family ? Node::of(IpAddress::any(*shape.family).to_text()) : Node();
}

Node write_value(const Shape& shape, const std::optional<Subnet>& value) {
    if (value) return Node::of(value->to_text());
    return shape.family ? Node::of(Subnet::any(*shape.family).to_text()) : Node();
}

Node write_value(const Shape&, const std::vector<IkeProposal>& value) {
    return write_proposals(value);
}

Node write_value(const Shape&, const std::vector<EspProposal>& value) {
    return write_proposals(value);
}

Node write_value(const Shape&, const std::vector<wire::KeyExchangeMethod>& value) {
    Node list = Node::list();
    for (const wire::KeyExchangeMethod method : value)
        list.add(Node::of(static_cast<std::uint64_t>(method)));
    return list;
}

Node write_value(const Shape&, const SecretSource& value) {
    Node place = Node::object();
    switch (value.kind) {
        case SecretSource::Kind::none: return {};
        case SecretSource::Kind::literal: return Node::of("***");
        case SecretSource::Kind::file: place.add("file", Node::of(value.name)); break;
        case SecretSource::Kind::credential: place.add("credential", Node::of(value.name)); break;
    }
    return place;
}

Node write_value(const Shape&, std::chrono::milliseconds value) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(value);
    const Node seconds_node = Node::of(static_cast<std::uint64_t>(whole.count()));
    if (whole == value) return seconds_node;
    Node list = Node::list();
    list.add(seconds_node);
    list.add(Node::of(static_cast<std::uint64_t>((value - whole).count())));
    return list;
}

std::string bare_text(const Node& value) {
    return value.is(Node::Kind::text) ? value.text : value.to_text();
}

Node write_choice(const Shape& shape, std::uint8_t value) {
    for (const Choice& choice : shape.choices) {
        if (choice.value != value || !choice.refusal.empty()) continue;
        if (shape.form == Form::choice) return Node::of(choice.word);
        return Node::of(static_cast<std::uint64_t>(std::stoul(std::string(choice.word))));
    }
    return {};
}

}  // namespace xfrmd::config
