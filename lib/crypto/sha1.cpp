#include "crypto/sha1.hpp"

#include "crypto/library_parts.hpp"

namespace xfrmd::crypto {

std::optional<Sha1Digest> sha1(const Library& library, std::initializer_list<ByteView> data) {
    const Library::Parts& parts = library.parts();
    EVP_MD_CTX* context = parts.hash_context.get();
    if (!parts.sha1 || context == nullptr) return std::nullopt;
    bool done = EVP_DigestInit_ex2(context, parts.sha1.get(), nullptr) == 1;
    for (ByteView part : data)
        done = done && EVP_DigestUpdate(context, part.data(), part.size()) == 1;
    Sha1Digest digest{};
    done = done && EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
    if (done) return digest;
    ERR_clear_error();
    return std::nullopt;
}

}  // namespace xfrmd::crypto
