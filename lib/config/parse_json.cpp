// The one place that knows nlohmann's parser. It is driven as a reader of events, so that every
// value gets its line, depth is bounded before memory is, and a key given twice is noticed.
#include "config/parse_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/secret.hpp"

namespace xfrmd::config {

namespace {

/// An iterator over the text that tells how far the parser has read.
struct TrackingIterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at;
    const char** furthest;

    reference operator*() const { return *at; }
    TrackingIterator& operator++() {
        *furthest = ++at;
        return *this;
    }
    TrackingIterator operator++(int) {
        TrackingIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const TrackingIterator& other) const { return at == other.at; }
};

/// Turns a position that only grows into a line, without walking the text twice.
class LineCounter {
  public:
    explicit LineCounter(const char* begin) : counted_(begin) {}

    unsigned line_at(const char* position) {
        if (position > counted_) {
            line_ += static_cast<unsigned>(std::count(counted_, position, '\n'));
            counted_ = position;
        }
        return line_;
    }

  private:
    const char* counted_;
    unsigned line_ = 1;
};

/// nlohmann's words without its own prefix and, above all, without what it last read: that may be
/// a part of a secret.
std::string plain_words(std::string message) {
    if (const auto start = message.find(": syntax error "); start != std::string::npos)
        message.erase(0, start + 2);
    else if (const auto bracket = message.find("] "); bracket != std::string::npos)
        message.erase(0, bracket + 2);
    for (const std::string_view before_token : {"; last read: '", " parsing '"})
        message.resize(std::min(message.size(), message.find(before_token)));
    return message;
}

/// Builds the document from the parser's events (nlohmann's "SAX" interface names the functions).
class DocumentBuilder {
  public:
    DocumentBuilder(const SourceFile& file, Report& report)
        : file_(file), report_(report), position_(file.text.data()), lines_(position_) {}

    const char** position() { return &position_; }
    Node take() { return std::move(root_); }

    bool null() { return put({}); }
    bool boolean(bool value) { return put(Node::of(value)); }
    bool number_unsigned(std::uint64_t value) { return put_number(Node::of(value)); }
    bool number_integer(std::int64_t value) { return put_spelling(std::to_string(value)); }
    bool number_float(double, const std::string& spelling) { return put_spelling(spelling); }
    bool string(std::string& value) {
        const bool going_on = put(Node::of(value));
        wipe_text(value);
        return going_on;
    }
    bool binary(nlohmann::json::binary_t&) { return false; }

    bool start_object(std::size_t) { return open(Node::object()); }
    bool key(std::string& key) {
        open_.back()->members.push_back({key, lines_.line_at(position_), {}});
        return true;
    }
    bool end_object() {
        report_duplicates();
        open_.pop_back();
        return true;
    }
    bool start_array(std::size_t) { return open(Node::list()); }
    bool end_array() {
        open_.pop_back();
        return true;
    }

    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::json::exception& error) {
        const std::size_t end = std::min(position, file_.text.size());
        fail(end == 0 ? 0 : end - 1, plain_words(error.what()));
        return false;
    }

    void fail(std::size_t offset, std::string message) {
        const std::string_view before = std::string_view(file_.text).substr(0, offset);
        const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
        report_.add({.severity = Problem::Severity::error,
                     .file = file_.name,
                     .line = 1 + static_cast<unsigned>(std::ranges::count(before, '\n')),
                     .column = 1 + static_cast<unsigned>(offset - line_start),
                     .pointer = {},
                     .value = {},
                     .message = std::move(message),
                     .remedy = {}});
    }

  private:
    static void wipe_text(std::string& text) {
        wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    }

    /// The parser has read one octet behind a number; that may be the end of its line.
    bool put_number(Node value) {
        const bool past_line = position_ != file_.text.data() && position_[-1] == '\n';
        value.line = lines_.line_at(past_line ? position_ - 1 : position_);
        return place(std::move(value)) != nullptr;
    }

    bool put_spelling(std::string spelling) {
        Node value;
        value.kind = Node::Kind::other_number;
        value.text = std::move(spelling);
        return put_number(std::move(value));
    }

    bool put(Node value) {
        value.line = lines_.line_at(position_);
        return place(std::move(value)) != nullptr;
    }

    bool open(Node value) {
        if (open_.size() == max_depth) {
            fail(static_cast<std::size_t>(position_ - file_.text.data()) - 1,
                 fmt::format("values are nested deeper than {} levels", max_depth));
            return false;
        }
        value.line = lines_.line_at(position_);
        open_.push_back(place(std::move(value)));
        return true;
    }

    /// Puts a value where the document goes on. Only the innermost open list or object grows, so
    /// that what `open_` points to stays where it is.
    Node* place(Node value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        Node& parent = *open_.back();
        if (parent.is(Node::Kind::list)) return &parent.add(std::move(value));
        Node& slot = parent.members.back().value;
        slot = std::move(value);
        return &slot;
    }

    Place place_of_open() const {
        Place place{file_.name, open_.back()->line, {}};
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            const Node& parent = *open_[i];
            const std::string step = parent.is(Node::Kind::list)
                                         ? std::to_string(parent.items.size() - 1)
                                         : parent.members.back().key;
            place = place.below(step, open_.back()->line);
        }
        return place;
    }

    void report_duplicates() {
        std::vector<const Member*> sorted;
        for (const Member& member : open_.back()->members)
            sorted.push_back(&member);
        std::ranges::sort(sorted, {}, [](const Member* member) {
            return std::pair<std::string_view, const Member*>(member->key, member);
        });
        for (std::size_t i = 1; i < sorted.size(); ++i) {
            if (sorted[i]->key != sorted[i - 1]->key) continue;
            report_.error(
                place_of_open().below(sorted[i]->key, sorted[i]->line), in_quotes(sorted[i]->key),
                {fmt::format("the key stands twice, first in line {}", sorted[i - 1]->line),
                 "remove one of them"});
        }
    }

    const SourceFile& file_;
    Report& report_;
    const char* position_;
    LineCounter lines_;
    Node root_;
    std::vector<Node*> open_;
};

}  // namespace

std::optional<Node> parse_json(const SourceFile& file, Report& report) {
    const std::string& text = file.text;
    DocumentBuilder builder(file, report);
    if (text.size() > max_file_octets) {
        report.error(
            {file.name, 0, {}}, {},
            {fmt::format("the file has {} octets, more than {}", text.size(), max_file_octets)});
        return std::nullopt;
    }
    // nlohmann takes an octet of zero for the end of the text.
    if (const auto zero = text.find('\0'); zero != std::string::npos) {
        builder.fail(zero, "an octet of zero is not JSON");
        return std::nullopt;
    }
    bool complete = false;
    try {
        const char* begin = text.data();
        complete =
            nlohmann::json::sax_parse(TrackingIterator{begin, builder.position()},
                                      TrackingIterator{begin + text.size(), builder.position()},
                                      &builder, nlohmann::json::input_format_t::json, true, true);
    } catch (const nlohmann::json::exception& error) {
        builder.fail(0, plain_words(error.what()));
    }
    Node root = builder.take();
    if (complete) return root;
    root.wipe_texts();
    return std::nullopt;
}

}  // namespace xfrmd::config
