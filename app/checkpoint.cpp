#include "app/checkpoint.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <charconv>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "app/signing_key.hpp"
#include "domain/json_members.hpp"
#include "domain/json_writer.hpp"
#include "net/base64url.hpp"

namespace usher::app {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* what) const noexcept {
    Free(what);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using memory = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

std::string text_of(BIO* from) {
  char* text = nullptr;
  const auto size = BIO_get_mem_data(from, &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string private_text(EVP_PKEY* key) {
  const memory out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) fail("can't write a key");
  return text_of(out.get());
}

std::string public_text(EVP_PKEY* key) {
  const memory out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PUBKEY(out.get(), key) != 1) fail("can't write a public key");
  return text_of(out.get());
}

key_ptr load(const std::string& path, bool secret) {
  const auto text = read_whole_file(path);
  const memory from(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  key_ptr key(secret ? PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr)
                     : PEM_read_bio_PUBKEY(from.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) fail(path + " holds no Ed25519 key");
  return key;
}

std::string sign(EVP_PKEY* key, const std::string& text) {
  const digest_ptr with(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::string signature(64, '\0');
  auto size = signature.size();
  if (EVP_DigestSignInit(with.get(), nullptr, nullptr, nullptr, key) != 1 ||
      EVP_DigestSign(with.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) != 1)
    fail("can't sign");
  signature.resize(size);
  return signature;
}

bool is_signed(EVP_PKEY* key, const std::string& text, const std::string& signature) {
  const digest_ptr with(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(with.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(with.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

/// The text of a member; empty when it is missing.
std::string member(std::string_view object, std::string_view name) {
  for (auto& [key, value] : domain::json_members(object))
    if (key == name) return std::move(value);
  return {};
}

std::string word(std::string_view object, std::string_view name) {
  return domain::json_string(member(object, name)).value_or(std::string());
}

store::chain_head head_of(std::string_view chain) {
  store::chain_head out;
  const auto organization = domain::parse_uuid(word(chain, "organization_id"));
  const auto seq = member(chain, "seq");
  const auto [end, problem] = std::from_chars(seq.data(), seq.data() + seq.size(), out.seq);
  if (!organization || problem != std::errc() || !net::decode_base64url(word(chain, "hash"), out.hash))
    fail("the checkpoint has a chain that can't be read");
  out.organization = *organization;
  return out;
}

}  // namespace

void ensure_checkpoint_key(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    const key_ptr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    if (key == nullptr) fail("can't make a key");
    place_private_file(path, private_text(key.get()));
  }
  if (std::filesystem::exists(path + ".pub")) return;
  place_private_file(path + ".pub", public_text(load(path, true).get()));
}

std::string sign_checkpoint(const std::vector<store::chain_head>& heads, domain::instant at,
                            const std::string& key_file) {
  std::string text;
  domain::json_writer content(text);
  content.begin_object();
  content.key("at");
  content.value(at);
  content.key("chains");
  content.begin_array();
  for (const auto& head : heads) {
    content.begin_object();
    content.key("organization_id");
    content.value(head.organization);
    content.key("seq");
    content.value(head.seq);
    content.key("hash");
    content.value(net::encode_base64url(head.hash));
    content.end_object();
  }
  content.end_array();
  content.end_object();
  const auto key = load(key_file, true);
  return domain::to_json_object(
      {{"checkpoint", text}, {"signature", '"' + net::encode_base64url(sign(key.get(), text)) + '"'}});
}

std::vector<store::chain_head> read_checkpoint(const std::string& text, const std::string& public_key_file) {
  const auto content = member(text, "checkpoint");
  std::string signature;
  if (content.empty() || !net::decode_base64url(word(text, "signature"), signature)) fail("that is no checkpoint");
  if (!is_signed(load(public_key_file, false).get(), content, signature))
    fail("the checkpoint is not signed by the key of " + public_key_file);
  std::vector<store::chain_head> out;
  const auto chains = member(content, "chains");
  for (const auto chain : domain::json_elements(chains)) out.push_back(head_of(chain));
  return out;
}

}  // namespace usher::app
