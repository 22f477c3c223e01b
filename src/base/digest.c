#include "base/digest.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct digest {
	EVP_MD_CTX *ctx;
};

static void
must(int ok)
{
	if (!ok)
		abort();
}

/* Fetching by name is most of the cost of a small digest: do it once. */
static const EVP_MD *
sha256(void)
{
	static EVP_MD *md;

	if (md == NULL)
		must((md = EVP_MD_fetch(NULL, "SHA256", NULL)) != NULL);
	return md;
}

struct digest *
digest_new(void)
{
	struct digest *d = mem_alloc(sizeof *d);

	must((d->ctx = EVP_MD_CTX_new()) != NULL);
	return d;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}

void
digest_start(struct digest *d)
{
	must(EVP_DigestInit_ex2(d->ctx, sha256(), NULL));
}

void
digest_add(struct digest *d, const void *p, size_t len)
{
	must(EVP_DigestUpdate(d->ctx, p, len));
}

void
digest_end(struct digest *d, unsigned char out[DIGEST_SHA256])
{
	must(EVP_DigestFinal_ex(d->ctx, out, NULL));
}

void
digest_sha256(unsigned char out[DIGEST_SHA256], const void *p, size_t len)
{
	must(EVP_Digest(p, len, out, NULL, sha256(), NULL));
}

void
digest_sha1(unsigned char out[DIGEST_SHA1], const void *p, size_t len)
{
	must(EVP_Digest(p, len, out, NULL, EVP_sha1(), NULL));
}

bool
digest_pbkdf2(unsigned char *out, const char *hash, const char *password,
    const unsigned char *salt, size_t salt_len, unsigned iterations)
{
	const EVP_MD *md;
	int len;

	if (strcmp(hash, "SHA-1") == 0) {
		md = EVP_sha1();
		len = DIGEST_SHA1;
	} else if (strcmp(hash, "SHA-256") == 0) {
		md = EVP_sha256();	/* sha256() is not for other threads */
		len = DIGEST_SHA256;
	} else {
		return false;
	}
	if (iterations == 0 || iterations > INT_MAX || salt_len > INT_MAX)
		return false;
	must(PKCS5_PBKDF2_HMAC(password, -1, salt, (int)salt_len,
	    (int)iterations, md, len, out));
	return true;
}

uint64_t
digest_hash64(const unsigned char key[DIGEST_KEY], const void *p, size_t len)
{
	static EVP_MAC_CTX *ctx;
	unsigned char out[8];
	uint64_t hash = 0;
	size_t got;
	int i;

	if (ctx == NULL) {
		size_t size = sizeof out;
		OSSL_PARAM params[] = {
			OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
			OSSL_PARAM_construct_end(),
		};
		EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);

		must(mac != NULL && (ctx = EVP_MAC_CTX_new(mac)) != NULL);
		must(EVP_MAC_CTX_set_params(ctx, params));
		EVP_MAC_free(mac);
	}
	must(EVP_MAC_init(ctx, key, DIGEST_KEY, NULL) &&
	    EVP_MAC_update(ctx, p, len) &&
	    EVP_MAC_final(ctx, out, &got, sizeof out) && got == sizeof out);
	for (i = 7; i >= 0; i--)
		hash = hash << 8 | out[i];
	return hash;
}
