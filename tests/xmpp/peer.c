#include "tests/xmpp/peer.h"

#include <gsasl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/str.h"

#define NS "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"

static const char salt[] = "a salt of our own";

void
peer_clear(struct peer *p)
{
	free(p->offer);
	free(p->mechanism);
	free(p->gs2);
	free(p->client_bare);
	free(p->server_first);
	free(p->nonce);
	free(p->final_bare);
	free(p->proof);
	if (p->session != NULL)
		gsasl_finish(p->session);
	if (p->gsasl != NULL)
		gsasl_done(p->gsasl);
	*p = (struct peer){ .offer = NULL };
}

static void
set(char **at, char *value)
{
	free(*at);
	*at = value;
}

void
peer_offer(struct peer *p, const char *features)
{
	set(&p->offer, mem_str(features));
}

void
peer_key(struct peer *p, const struct stream_key_request *request)
{
	snprintf(p->hash, sizeof p->hash, "%s", request->hash);
	p->salt_len = request->salt_len < sizeof p->salt ? request->salt_len
							 : sizeof p->salt;
	memcpy(p->salt, request->salt, p->salt_len);
	p->iterations = request->iterations;
}

static const EVP_MD *
md_of(const struct peer *p)
{
	return str_is(p->hash, "SHA-1") ? EVP_sha1() : EVP_sha256();
}

/* A dialogue is played hundreds of times, and the sums are slow. */
size_t
peer_derive(const struct peer *p, const char *password,
    unsigned char key[32])
{
	static struct known {
		char hash[8], password[32], salt[64];
		unsigned iterations;
		unsigned char key[32];
	} known[32];
	static size_t count;
	size_t i, len = (size_t)EVP_MD_get_size(md_of(p));

	for (i = 0; i < count; i++)
		if (str_is(known[i].hash, p->hash) &&
		    str_is(known[i].password, password) &&
		    known[i].iterations == p->iterations &&
		    memcmp(known[i].salt, p->salt, p->salt_len) == 0) {
			memcpy(key, known[i].key, len);
			return len;
		}
	PKCS5_PBKDF2_HMAC(password, (int)strlen(password), p->salt,
	    (int)p->salt_len, (int)p->iterations, md_of(p), (int)len, key);
	if (count < COUNT(known)) {
		struct known *k = &known[count++];

		snprintf(k->hash, sizeof k->hash, "%s", p->hash);
		snprintf(k->password, sizeof k->password, "%s", password);
		memcpy(k->salt, p->salt, p->salt_len);
		k->iterations = p->iterations;
		memcpy(k->key, key, len);
	}
	return len;
}

static void
hmac(const struct peer *p, const void *key, size_t key_len, const char *text,
    unsigned char out[32])
{
	unsigned len = 0;

	HMAC(md_of(p), key, (int)key_len, (const unsigned char *)text,
	    strlen(text), out, &len);
}

/* What stands between the first > and the < behind it, decoded. */
static char *
inside(const char *said)
{
	const char *from = strchr(said, '>'), *to;
	struct buf b = { 0 };

	if (from == NULL || (to = strchr(++from, '<')) == NULL)
		return NULL;
	if (!str_unbase64(&b, from, (size_t)(to - from))) {
		buf_clear(&b);
		return NULL;
	}
	return buf_take(&b);
}

static void
say_element(struct buf *say, const char *name, const char *text)
{
	buf_printf(say, "<%s " NS ">", name);
	str_base64(say, text, strlen(text));
	buf_printf(say, "</%s>", name);
}

/* Words of `what` as name=value; NULL if it is not there. */
static const char *
word(const char *what, const char *name, char value[64])
{
	const char *at = strstr(what, name);

	if (at == NULL)
		return NULL;
	snprintf(value, 64, "%.*s", (int)strcspn(at + strlen(name), " "),
	    at + strlen(name));
	return value;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All values between `open` and `close`, sorted, joined. */
static void
collect(struct buf *out, const char *text, const char *open,
    const char *close)
{
	char *names[32];
	size_t count = 0, i;
	const char *at, *end;

	for (at = text; (at = strstr(at, open)) != NULL && count < 32;
	     at = end) {
		at += strlen(open);
		end = strstr(at, close);
		names[count++] = mem_strn(at, (size_t)(end - at));
	}
	if (count > 1)
		qsort(names, count, sizeof *names, compare);
	for (i = 0; i < count; i++) {
		buf_printf(out, "%s%s", i > 0 ? "\x1e" : "", names[i]);
		free(names[i]);
	}
}

static void
say_ssdp(const struct peer *p, struct buf *out)
{
	unsigned char sum[32];
	unsigned len = 0;
	struct buf b = { 0 };

	collect(&b, p->offer, "<mechanism>", "</mechanism>");
	if (strstr(p->offer, "urn:xmpp:sasl-cb:0") != NULL) {
		buf_char(&b, '\x1f');
		collect(&b, p->offer, "channel-binding type='", "'");
	}
	EVP_Digest(b.data, b.len, sum, &len, md_of(p), NULL);
	str_base64(out, sum, len);
	buf_clear(&b);
}

/* <auth/> with the client's first message: "gs2,,n=user,r=nonce". */
static const char *
read_client_first(struct peer *p, const char *said)
{
	char *first = inside(said), *bare, *nonce, value[64];

	if (first == NULL)
		return "no initial response";
	if (word(said, "mechanism='", value) == NULL) {
		free(first);
		return "no mechanism";
	}
	value[strcspn(value, "'")] = '\0';
	set(&p->mechanism, mem_str(value));
	snprintf(p->hash, sizeof p->hash, "%s",
	    strstr(value, "SHA-256") != NULL ? "SHA-256" : "SHA-1");
	bare = strstr(first, "n=juliet,r=");
	if (bare == NULL) {
		free(first);
		return "not juliet";
	}
	nonce = bare + strlen("n=juliet,r=");
	set(&p->gs2, mem_strn(first, (size_t)(bare - first)));
	set(&p->client_bare, mem_str(bare));
	set(&p->nonce, mem_str(nonce));
	free(first);
	return NULL;
}

static const char *
scram_challenge(struct peer *p, const char *what, const char *said,
    struct buf *say)
{
	const char *why = read_client_first(p, said);
	struct buf b = { 0 };
	char value[64];

	if (why != NULL)
		return why;
	if (word(what, "m=", value) != NULL)
		buf_printf(&b, "m=%s,", value);
	if (word(what, "nonce=", value) == NULL)
		buf_printf(&b, "r=%sserver", p->nonce);
	else if (str_is(value, "same"))
		buf_printf(&b, "r=%s", p->nonce);
	else
		buf_str(&b, "r=somebodyelsesnonceserver");
	buf_str(&b, ",s=");
	if (word(what, "salt=", value) == NULL)
		str_base64(&b, salt, strlen(salt));
	buf_printf(&b, ",i=%s", word(what, "i=", value) != NULL ? value
							       : "4096");
	if (word(what, "h=", value) != NULL) {
		buf_str(&b, ",h=");
		if (str_is(value, "good"))
			say_ssdp(p, &b);
		else
			buf_str(&b, "AAAA");
	}
	p->iterations = 4096;
	memcpy(p->salt, salt, strlen(salt));
	p->salt_len = strlen(salt);
	set(&p->server_first, buf_take(&b));
	say_element(say, "challenge", p->server_first);
	return NULL;
}

/* ServerSignature, or ClientSignature and its key. */
static char *
auth_message(const struct peer *p)
{
	return mem_printf("%s,%s,%s", p->client_bare, p->server_first,
	    p->final_bare);
}

static const char *
is_proof(struct peer *p, const char *password)
{
	unsigned char salted[32], key[32], stored[32], signature[32];
	size_t len = peer_derive(p, password, salted), i;
	unsigned n = 0;
	struct buf want = { 0 };
	char *message = auth_message(p);
	const char *why = NULL;

	hmac(p, salted, len, "Client Key", key);
	EVP_Digest(key, len, stored, &n, md_of(p), NULL);
	hmac(p, stored, len, message, signature);
	for (i = 0; i < len; i++)
		key[i] ^= signature[i];
	str_base64(&want, key, len);
	if (strcmp(want.data, p->proof) != 0)
		why = "a wrong proof";
	buf_clear(&want);
	free(message);
	return why;
}

/* c= must be the gs2 header and, for -PLUS, the channel's own data. */
static const char *
is_binding(const struct peer *p, const char *final)
{
	struct buf want = { 0 }, b = { 0 };
	const char *why = NULL;

	buf_str(&b, p->gs2);
	if (str_starts(p->gs2, "p=tls-exporter,"))
		buf_str(&b, "exported key of 32 bytes length.");
	else if (str_starts(p->gs2, "p=tls-unique,"))
		buf_str(&b, "twelve bytes");
	else if (!str_starts(p->gs2, "n,"))
		why = "a strange gs2 header";
	if (str_ends(p->mechanism, "-PLUS") != str_starts(p->gs2, "p="))
		why = "binding and mechanism do not agree";
	buf_str(&want, "c=");
	str_base64(&want, b.data, b.len);
	buf_str(&want, ",r=");
	if (why == NULL && !str_starts(final, want.data))
		why = "a wrong channel binding";
	buf_clear(&want);
	buf_clear(&b);
	return why;
}

static const char *
scram_proof(struct peer *p, const char *what, const char *said)
{
	char *final = inside(said), *at;
	const char *why = "no response";

	if (!str_starts(said, "<response") || final == NULL ||
	    (at = strstr(final, ",p=")) == NULL) {
		free(final);
		return why;
	}
	set(&p->proof, mem_str(at + 3));
	set(&p->final_bare, mem_strn(final, (size_t)(at - final)));
	why = is_binding(p, final);
	if (why == NULL)
		why = is_proof(p, *what != '\0' ? what : "secret");
	free(final);
	return why;
}

static void
scram_final(struct peer *p, const char *element, const char *what,
    struct buf *say)
{
	unsigned char salted[32], key[32], signature[32];
	size_t len = peer_derive(p, "secret", salted);
	char *message = auth_message(p);
	struct buf b = { 0 };

	hmac(p, salted, len, "Server Key", key);
	hmac(p, key, len, message, signature);
	if (strstr(what, "wrong") != NULL)
		signature[0] ^= 1;
	buf_str(&b, "v=");
	str_base64(&b, signature, len);
	if (strstr(what, "missing") != NULL)
		buf_printf(say, "<%s " NS "/>", element);
	else
		say_element(say, element, b.data);
	buf_clear(&b);
	free(message);
}

static const char *
scram(struct peer *p, const char *what, const char *said, struct buf *say)
{
	if (str_starts(what, "challenge"))
		return scram_challenge(p, what, said, say);
	if (str_starts(what, "proof")) {
		what += strlen("proof");
		return scram_proof(p, *what == ' ' ? what + 1 : what, said);
	}
	if (*said != '\0')
		return "sent before the server's turn";
	if (str_starts(what, "final"))
		scram_final(p, "challenge", what, say);
	else if (str_starts(what, "success"))
		scram_final(p, "success", what, say);
	else
		return "unknown turn";
	return NULL;
}

static int
on_property(Gsasl *g, Gsasl_session *session, Gsasl_property property)
{
	switch (property) {
	case GSASL_PASSWORD:
		return gsasl_property_set(session, property, "secret");
	case GSASL_REALM:
		return gsasl_property_set(session, property, "example.com");
	case GSASL_QOPS:
		return gsasl_property_set(session, property, "qop-auth");
	default:
		return GSASL_NO_CALLBACK;
	}
}

static const char *
digest(struct peer *p, const char *what, const char *said, struct buf *say)
{
	char *in = NULL, *out = NULL;
	size_t len = 0;
	int code;

	if (str_starts(what, "challenge")) {
		Gsasl *g;
		Gsasl_session *session;

		if (strstr(said, "mechanism='DIGEST-MD5'/>") == NULL)
			return "not an empty auth";
		if (gsasl_init(&g) != GSASL_OK)
			return "no library";
		gsasl_callback_set(g, on_property);
		p->gsasl = g;
		if (gsasl_server_start(g, "DIGEST-MD5", &session) != GSASL_OK)
			return "no server";
		p->session = session;
	} else if (str_starts(what, "proof")) {
		in = inside(said);
		if (in == NULL)
			return "no response";
		if (strstr(in, "digest-uri=\"xmpp/example.com\"") == NULL) {
			free(in);
			return "a wrong digest-uri";
		}
	} else if (str_starts(what, "success")) {
		if (*said != '\0' && strstr(said, "<response ") == NULL)
			return "sent before the server's turn";
		if (strstr(what, "missing") != NULL)
			buf_str(say, "<success " NS "/>");
		else
			say_element(say, "success",
			    strstr(what, "wrong") != NULL
			    ? "rspauth=00000000000000000000000000000000"
			    : p->server_first);
		return NULL;
	}
	code = gsasl_step(p->session, in, in == NULL ? 0 : strlen(in), &out,
	    &len);
	free(in);
	if (code != GSASL_OK && code != GSASL_NEEDS_MORE)
		return gsasl_strerror(code);
	set(&p->server_first, mem_strn(out == NULL ? "" : out, len));
	gsasl_free(out);
	if (str_starts(what, "challenge"))
		say_element(say, "challenge", p->server_first);
	return NULL;
}

const char *
peer_turn(struct peer *p, const char *mechanism, const char *what,
    const char *said, struct buf *say)
{
	return str_is(mechanism, "scram") ? scram(p, what, said, say)
					  : digest(p, what, said, say);
}
