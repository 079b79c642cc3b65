// A JSON document whose every value knows its line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xfrmd::config {

struct Member;

/// A JSON value.
struct Node {
    /// `number` is an unsigned integer of 64 bits; every other number is kept by its spelling.
    enum class Kind : std::uint8_t { null, boolean, number, other_number, text, list, object };

    Kind kind = Kind::null;
    unsigned line = 0;  ///< from 1; 0 for a value that stands in no file
    bool boolean = false;
    std::uint64_t number = 0;
    std::string text;             ///< of a text, or the spelling of an `other_number`
    std::vector<Node> items;      ///< of a list
    std::vector<Member> members;  ///< of an object, in the order of the file

    // Defined where Member is known.
    Node();
    Node(const Node&);
    Node(Node&&) noexcept;
    Node& operator=(const Node&);
    Node& operator=(Node&&) noexcept;
    ~Node();

    static Node of(bool value);
    static Node of(std::uint64_t value);
    static Node of(std::string_view value);
    static Node of(const char* value) { return of(std::string_view(value)); }
    static Node list();
    static Node object();

    /// Adds a member to an object or an item to a list and returns the added value.
    Node& add(std::string_view key, Node value);
    Node& add(Node value);

    bool is(Kind wanted) const { return kind == wanted; }
    const Node* find(std::string_view key) const;

    /// On one line, for messages.
    std::string to_text() const;
    /// Indented, for people; lists of plain values stay on one line.
    std::string to_pretty_text() const;

    /// Overwrites every text: a document that held secrets is wiped before its memory goes back.
    void wipe_texts();
};

struct Member {
    std::string key;
    unsigned line = 0;
    Node value;
};

}  // namespace xfrmd::config
