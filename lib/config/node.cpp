#include "config/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/secret.hpp"

namespace xfrmd::config {

namespace {

std::string escaped(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (octet < 0x20 || octet == 0x7f)
            out += fmt::format("\\u{:04x}", octet);
        else
            out += c;
    }
    return out + '"';
}

bool is_plain(const Node& node) {
    return !node.is(Node::Kind::list) && !node.is(Node::Kind::object);
}

std::string plain_text(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null: return "null";
        case Node::Kind::boolean: return node.boolean ? "true" : "false";
        case Node::Kind::number: return std::to_string(node.number);
        case Node::Kind::other_number: return node.text;
        case Node::Kind::text: return escaped(node.text);
        case Node::Kind::list:
        case Node::Kind::object: break;
    }
    return {};
}

/// Writes `node`; `indent` is the depth in pretty text and absent (-1) on one line.
void write(const Node& node, int indent, std::string& out) {
    if (is_plain(node)) {
        out += plain_text(node);
        return;
    }
    const bool is_list = node.is(Node::Kind::list);
    const bool one_line = indent < 0 || (is_list && std::ranges::all_of(node.items, is_plain));
    const int inner = one_line ? -1 : indent + 1;
    const auto separate = [&](bool first) {
        if (!first) out += ",";
        if (!one_line) out += "\n" + std::string(static_cast<std::size_t>(inner) * 2, ' ');
        if (one_line && !first) out += " ";
    };
    bool first = true;
    out += is_list ? "[" : "{";
    for (const Node& item : node.items) {
        separate(std::exchange(first, false));
        write(item, inner, out);
    }
    for (const Member& member : node.members) {
        separate(std::exchange(first, false));
        out += escaped(member.key) + ": ";
        write(member.value, inner, out);
    }
    if (!one_line && !first) out += "\n" + std::string(static_cast<std::size_t>(indent) * 2, ' ');
    out += is_list ? "]" : "}";
}

}  // namespace

Node::Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

Node Node::of(bool value) {
    Node node;
    node.kind = Kind::boolean;
    node.boolean = value;
    return node;
}

Node Node::of(std::uint64_t value) {
    Node node;
    node.kind = Kind::number;
    node.number = value;
    return node;
}

Node Node::of(std::string_view value) {
    Node node;
    node.kind = Kind::text;
    node.text = value;
    return node;
}

Node Node::list() {
    Node node;
    node.kind = Kind::list;
    return node;
}

Node Node::object() {
    Node node;
    node.kind = Kind::object;
    return node;
}

Node& Node::add(std::string_view key, Node value) {
    members.push_back({std::string(key), value.line, std::move(value)});
    return members.back().value;
}

Node& Node::add(Node value) {
    items.push_back(std::move(value));
    return items.back();
}

const Node* Node::find(std::string_view key) const {
    const auto member = std::ranges::find(members, key, &Member::key);
    return member == members.end() ? nullptr : &member->value;
}

std::string Node::to_text() const {
    std::string out;
    write(*this, -1, out);
    return out;
}

std::string Node::to_pretty_text() const {
    std::string out;
    write(*this, 0, out);
    return out + "\n";
}

void Node::wipe_texts() {
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    for (Node& item : items)
        item.wipe_texts();
    for (Member& member : members)
        member.value.wipe_texts();
}

}  // namespace xfrmd::config
