#include "config/load.hpp"
#include "config/sections.hpp"
#include "config/suite_token.hpp"

namespace xfrmd::config {

namespace {

Node of_type(std::string_view type) {
    Node node = Node::object();
    node.add("type", Node::of(type));
    return node;
}

Node array_of(Node items) {
    Node node = of_type("array");
    node.add("items", std::move(items));
    node.add("uniqueItems", Node::of(true));
    return node;
}

Node either(Node one, Node other) {
    Node alternatives = Node::list();
    alternatives.add(std::move(one));
    alternatives.add(std::move(other));
    Node node = Node::object();
    node.add("anyOf", std::move(alternatives));
    return node;
}

Node enumeration(const std::vector<std::string>& words) {
    Node list = Node::list();
    for (const std::string& word : words)
        list.add(Node::of(word));
    Node node = Node::object();
    node.add("enum", std::move(list));
    return node;
}

Node integer(const Shape& shape) {
    Node node = of_type("integer");
    node.add("minimum", Node::of(shape.minimum));
    node.add("maximum", Node::of(shape.maximum));
    return node;
}

Node choices(const Shape& shape) {
    Node list = Node::list();
    for (const Choice& choice : shape.choices)
        if (choice.refusal.empty()) list.add(write_choice(shape, choice.value));
    Node node = Node::object();
    node.add("enum", std::move(list));
    return node;
}

Node group_numbers() {
    Node list = Node::list();
    for (const wire::KeyExchangeMethod method : groups())
        list.add(Node::of(static_cast<std::uint64_t>(method)));
    Node node = Node::object();
    node.add("enum", std::move(list));
    return node;
}

/// {"file": PATH} or {"credential": NAME}.
Node secret_place(std::string_view key) {
    Node properties = Node::object();
    properties.add(key, of_type("string"));
    Node required = Node::list();
    required.add(Node::of(key));
    Node node = of_type("object");
    node.add("properties", std::move(properties));
    node.add("required", std::move(required));
    node.add("additionalProperties", Node::of(false));
    return node;
}

Node interval(const Shape& shape) {
    Node pair = of_type("array");
    pair.add("prefixItems", Node::list());
    pair.members.back().value.add(integer(shape));
    pair.members.back().value.add(integer(number(0, 999)));
    pair.add("minItems", Node::of(std::uint64_t{2}));
    pair.add("maxItems", Node::of(std::uint64_t{2}));
    return either(integer(shape), std::move(pair));
}

Node text_of(const Shape& shape) {
    Node node = of_type("string");
    node.add("maxLength", Node::of(shape.maximum));
    return node;
}

Node form_of(const Shape& shape) {
    switch (shape.form) {
        case Form::boolean: return of_type("boolean");
        case Form::number: return integer(shape);
        case Form::text: return text_of(shape);
        case Form::choice:
        case Form::number_choice: return choices(shape);
        case Form::address:
        case Form::subnet: return of_type("string");
        case Form::names: return either(array_of(of_type("string")), of_type("string"));
        case Form::ike_proposals:
            return either(array_of(enumeration(ike_tokens())), of_type("string"));
        case Form::esp_proposals:
            return either(array_of(enumeration(esp_tokens())), of_type("string"));
        case Form::groups: return either(array_of(group_numbers()), group_numbers());
        case Form::secret:
            return either(of_type("string"),
                          either(secret_place("file"), secret_place("credential")));
        case Form::interval: return interval(shape);
    }
    return {};
}

Node foreign_form(const ForeignOption& foreign) {
    Node node = Node::object();
    const bool takes_all = foreign.harmless[0] == "*";
    node.add("description",
             Node::of(std::string(takes_all ? "FortiOS's; without effect: "
                                            : "FortiOS's; only its default is taken: ") +
                      std::string(foreign.reason) + "."));
    node.add("deprecated", Node::of(true));
    return node;
}

template <class Entry>
Node entry_schema(const Section& in, std::span<const Option<Entry>> options, const Entry& fresh) {
    Node properties = Node::object();
    Node required = Node::list();
    for (const Option<Entry>& row : options) {
        if (in.name == section_name::phase1 && is_for_route_based_only(row.name)) continue;
        Node& property = properties.add(row.name, form_of(row.shape));
        property.add("description", Node::of(row.meaning));
        if (!row.required.empty()) {
            required.add(Node::of(row.name));
            continue;
        }
        Node value = row.write(row.shape, fresh);
        if (!value.is(Node::Kind::null)) property.add("default", std::move(value));
    }
    for (const ForeignOption& foreign : in.foreign)
        if (!foreign.harmless[0].empty()) properties.add(foreign.name, foreign_form(foreign));
    Node node = of_type("object");
    node.add("description", Node::of(in.meaning));
    node.add("properties", std::move(properties));
    if (!required.items.empty()) node.add("required", std::move(required));
    node.add("additionalProperties", Node::of(false));
    return node;
}

Node reference_to(std::string_view definition) {
    Node node = Node::object();
    node.add("$ref", Node::of("#/$defs/" + std::string(definition)));
    return node;
}

/// A section is an object of named entries, but for those that are one entry themselves.
Node section_schema(const Section& in) {
    if (in.max_name_octets == 0) return reference_to(in.name);
    Node names = Node::object();
    names.add("minLength", Node::of(std::uint64_t{1}));
    names.add("maxLength", Node::of(std::uint64_t{in.max_name_octets}));
    Node node = of_type("object");
    node.add("propertyNames", std::move(names));
    node.add("additionalProperties", reference_to(in.name));
    return node;
}

}  // namespace

std::string json_schema() {
    Node properties = Node::object();
    Node definitions = Node::object();
    properties.add("$schema", of_type("string"));
    for_each_section([&](const Section& in, const auto& options, const auto& fresh) {
        properties.add(in.name, section_schema(in));
        definitions.add(in.name, entry_schema(in, options, fresh));
    });
    Node root = Node::object();
    root.add("$schema", Node::of("https://json-schema.org/draft/2020-12/schema"));
    root.add("title", Node::of("xfrmd.json"));
    root.add("type", Node::of("object"));
    root.add("properties", std::move(properties));
    root.add("additionalProperties", Node::of(false));
    root.add("$defs", std::move(definitions));
    return root.to_pretty_text();
}

}  // namespace xfrmd::config
