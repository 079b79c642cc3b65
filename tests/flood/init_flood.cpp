// Sends IKE_SA_INIT requests under addresses that are not its own, at a steady rate: what a gateway
// has to stand. For a network namespace of a test: it refuses to send to addresses that could be
// anybody's, and its number and rate have limits.
//
//     init-flood DESTINATION COUNT RATE
//
// Prints how many left and how long it took.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr long most_datagrams = 1'000'000;
constexpr long highest_rate = 100'000;
constexpr std::size_t batch = 32;  // datagrams for each system call
constexpr std::size_t headers = 20 + 8;

using Octets = std::vector<std::uint8_t>;

void put16(Octets& out, unsigned value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

/// A payload with its generic header.
void put_payload(Octets& out, std::uint8_t next, const Octets& body) {
    out.push_back(next);
    out.push_back(0);
    put16(out, static_cast<unsigned>(4 + body.size()));
    out.insert(out.end(), body.begin(), body.end());
}

/// HDR(A,0), SAi1, KEi, Ni: AES-GCM-16/128, PRF_HMAC_SHA2_256, group 31 (RFC 7296 section 1.2).
Octets first_message() {
    const Octets proposal{0, 0, 0, 36, 1, 1, 0, 3,                     // one proposal of IKE
                          3, 0, 0, 12, 1, 0, 0, 20, 0x80, 14, 0, 128,  // ENCR
                          3, 0, 0, 8,  2, 0, 0, 5,                     // PRF
                          0, 0, 0, 8,  4, 0, 0, 31};                   // KE
    Octets key_exchange{0, 31, 0, 0};
    key_exchange.resize(4 + 32, 9);
    Octets message(16, 0);  // SPIs
    message.insert(message.end(), {33, 0x20, 34, 0x08, 0, 0, 0, 0, 0, 0, 0, 0});
    put_payload(message, 34, proposal);
    put_payload(message, 40, key_exchange);
    put_payload(message, 0, Octets(32, 7));
    message[27] = static_cast<std::uint8_t>(message.size());  // below 256 octets
    return message;
}

/// IPv4 and UDP in front of it; the kernel fills in the IP checksum, UDP needs none.
Octets datagram(in_addr destination) {
    const Octets message = first_message();
    Octets octets{0x45, 0};
    put16(octets, static_cast<unsigned>(headers + message.size()));
    octets.insert(octets.end(), {0, 0, 0, 0, 64, IPPROTO_UDP, 0, 0, 0, 0, 0, 0});
    const auto* address = reinterpret_cast<const std::uint8_t*>(&destination);
    octets.insert(octets.end(), address, address + 4);
    put16(octets, 500);
    put16(octets, 500);
    put16(octets, static_cast<unsigned>(8 + message.size()));
    put16(octets, 0);
    octets.insert(octets.end(), message.begin(), message.end());
    return octets;
}

/// From 11.0.0.0 on, each with an SPI of its own.
void set_sender(Octets& octets, std::uint32_t number) {
    const std::uint32_t address = htonl(0x0b000000U + number);
    std::memcpy(octets.data() + 12, &address, 4);
    std::memcpy(octets.data() + headers, &address, 4);
}

/// Addresses for documentation, and private ones: a test's own.
bool is_of_a_test(in_addr address) {
    const std::uint32_t host = ntohl(address.s_addr);
    return host >> 8 == 0xc00002 || host >> 8 == 0xc63364 || host >> 8 == 0xcb0071 ||
           host >> 24 == 10 || host >> 24 == 127;
}

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void sleep_until(double moment) {
    const double rest = moment - now();
    if (rest <= 0) return;
    const timespec time{
        static_cast<time_t>(rest),
        static_cast<long>((rest - static_cast<double>(static_cast<time_t>(rest))) * 1e9)};
    nanosleep(&time, nullptr);
}

/// How many of the batch were taken.
std::size_t send_batch(int socket, sockaddr_in& to, std::vector<Octets>& ready, std::size_t count) {
    std::array<mmsghdr, batch> messages{};
    std::array<iovec, batch> parts{};
    for (std::size_t i = 0; i < count; ++i) {
        parts[i] = {ready[i].data(), ready[i].size()};
        messages[i].msg_hdr.msg_name = &to;
        messages[i].msg_hdr.msg_namelen = sizeof to;
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = sendmmsg(socket, messages.data(), static_cast<unsigned>(count), 0);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

int flood(in_addr destination, long count, long rate) {
    const int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    if (raw < 0) {
        std::perror("raw socket");
        return EXIT_FAILURE;
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr = destination;
    std::vector<Octets> ready(batch, datagram(destination));
    const double began = now();
    long taken = 0;
    for (long sent = 0; sent < count;) {
        sleep_until(began + static_cast<double>(sent) / static_cast<double>(rate));
        std::size_t size = 0;
        for (; size < batch && sent < count; ++size, ++sent)
            set_sender(ready[size], static_cast<std::uint32_t>(sent));
        taken += static_cast<long>(send_batch(raw, to, ready, size));
    }
    const double seconds = now() - began;
    std::printf("%ld of %ld in %.2f s: %.0f a second\n", taken, count, seconds,
                static_cast<double>(count) / seconds);
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    in_addr destination{};
    const long count = argc == 4 ? std::strtol(argv[2], nullptr, 10) : 0;
    const long rate = argc == 4 ? std::strtol(argv[3], nullptr, 10) : 0;
    if (argc != 4 || inet_pton(AF_INET, argv[1], &destination) != 1 || !is_of_a_test(destination) ||
        count < 1 || count > most_datagrams || rate < 1 || rate > highest_rate) {
        std::fprintf(stderr,
                     "usage: init-flood DESTINATION COUNT RATE   (a test's address, up to %ld, %ld "
                     "a second)\n",
                     most_datagrams, highest_rate);
        return 2;
    }
    return flood(destination, count, rate);
}
