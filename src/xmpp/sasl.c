#include "xmpp/sasl.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/jid.h"
#include "xmpp/scram.h"

enum { KEY_MOST = 32 };

struct sasl {
	struct mechanism_choice choice;
	Gsasl *library;
	Gsasl_session *session;
	char *binding;		/* base64; NULL: none */
	bool is_plain;		/* PLAIN carries a prepared password */
	bool is_proven;		/* the library says the exchange is complete */

	const char *hash;	/* SCRAM's */
	char *ssdp;		/* what h= must be */
	struct buf client_first, server_first;
	struct scram_first first;
	struct stream_key_request request;

	const char *condition, *text;
};

/*
 * Channel-binding data is given to a mechanism that binds, and to no other:
 * libgsasl then fails instead of saying "y".
 */
static int
on_property(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	const struct sasl *s = gsasl_session_hook_get(session);

	if (s == NULL || s->binding == NULL)
		return GSASL_NO_CALLBACK;
	if (property == (s->choice.binding == BINDING_EXPORTER ?
	    GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE)) {
		gsasl_property_set(session, property, s->binding);
		return GSASL_OK;
	}
	return GSASL_NO_CALLBACK;
}

static enum sasl_result
bad(struct sasl *s, const char *condition, const char *text)
{
	s->condition = condition;
	s->text = text;
	return SASL_BAD;
}

static enum sasl_result
bad_code(struct sasl *s, int code)
{
	const char *condition = "bad-challenge";

	switch (code) {
	case GSASL_MALLOC_ERROR:
		abort();
	case GSASL_UNKNOWN_MECHANISM:
		condition = "no-mechanism";
		break;
	case GSASL_SASLPREP_ERROR:
		condition = "unusable-password";
		break;
	case GSASL_AUTHENTICATION_ERROR:
		condition = "unproven-server";
		break;
	}
	return bad(s, condition, gsasl_strerror(code));
}

static char *
encoded(const unsigned char *data, size_t len)
{
	struct buf b = { 0 };

	str_base64(&b, data, len);
	return buf_take(&b);
}

struct sasl *
sasl_new(const struct mechanism_choice *choice,
    const struct mechanism_offer *offer, const char *local,
    const char *domain, const struct stream_tls *tls)
{
	struct sasl *s = mem_alloc(sizeof *s);
	struct buf ssdp = { 0 };
	int code;

	s->choice = *choice;
	s->is_plain = strcmp(choice->name, "PLAIN") == 0;
	s->text = "";
	if (choice->is_scram) {
		s->hash = str_starts(choice->name, "SCRAM-SHA-256") ?
		    "SHA-256" : "SHA-1";
		mechanism_ssdp(&ssdp, offer, s->hash);
		s->ssdp = buf_take(&ssdp);
	}
	if (choice->binding == BINDING_EXPORTER)
		s->binding = encoded(tls->exporter, tls->exporter_len);
	else if (choice->binding == BINDING_UNIQUE)
		s->binding = encoded(tls->unique, tls->unique_len);

	code = gsasl_init(&s->library);
	if (code == GSASL_OK) {
		gsasl_callback_set(s->library, on_property);
		code = gsasl_client_start(s->library, choice->name,
		    &s->session);
	}
	if (code != GSASL_OK) {
		bad_code(s, code);
		return s;
	}
	gsasl_session_hook_set(s->session, s);
	/* The certificate says who we are; otherwise the local part. No
	 * authorization identity (RFC 6120 6.3.8): it is the same. */
	if (choice->wants_password && gsasl_property_set(s->session,
	    GSASL_AUTHID, local) != GSASL_OK)
		abort();
	if (gsasl_property_set(s->session, GSASL_SERVICE, "xmpp") != GSASL_OK ||
	    gsasl_property_set(s->session, GSASL_HOSTNAME, domain) != GSASL_OK)
		abort();
	return s;
}

/* The library frees its copies of secrets as they are. */
static void
wipe_property(struct sasl *s, Gsasl_property property)
{
	char *secret;

	if (s->session == NULL)
		return;
	secret = (char *)(uintptr_t)gsasl_property_fast(s->session, property);
	if (secret == NULL)
		return;
	mem_wipe_str(secret);
	if (gsasl_property_set(s->session, property, NULL) != GSASL_OK)
		abort();
}

void
sasl_free(struct sasl *s)
{
	if (s == NULL)
		return;
	wipe_property(s, GSASL_PASSWORD);
	wipe_property(s, GSASL_SCRAM_SALTED_PASSWORD);
	if (s->session != NULL)
		gsasl_finish(s->session);
	if (s->library != NULL)
		gsasl_done(s->library);
	if (s->binding != NULL)
		mem_wipe_str(s->binding);
	free(s->binding);
	free(s->ssdp);
	buf_clear(&s->client_first);
	buf_clear(&s->server_first);
	scram_clear(&s->first);
	free(s);
}

void
sasl_password(struct sasl *s, const char *password)
{
	char *prepared = NULL;

	if (s->choice.is_scram || s->session == NULL)
		return;
	/* RFC 4616 2. A password that does not prepare is tried as it is:
	 * the server may have stored it so. */
	if (s->is_plain)
		prepared = jid_saslprep(password);
	if (gsasl_property_set(s->session, GSASL_PASSWORD,
	    prepared != NULL ? prepared : password) != GSASL_OK)
		abort();
	if (prepared != NULL)
		mem_wipe_str(prepared);
	free(prepared);
}

void
sasl_identity(struct sasl *s, const char *jid)
{
	if (s->session != NULL && gsasl_property_set(s->session,
	    GSASL_AUTHZID, jid) != GSASL_OK)
		abort();
}

/* One step of the library; what it says goes into `out` in base64. */
static enum sasl_result
step(struct sasl *s, const char *in, size_t len, struct buf *out)
{
	char *said = NULL;
	size_t said_len = 0;
	int code;

	code = gsasl_step(s->session, in, len, &said, &said_len);
	if (code != GSASL_OK && code != GSASL_NEEDS_MORE) {
		gsasl_free(said);
		return bad_code(s, code);
	}
	s->is_proven = code == GSASL_OK;
	if (out != NULL) {
		if (s->choice.is_scram && s->client_first.len == 0)
			buf_add(&s->client_first, said, said_len);
		str_base64(out, said, said_len);
	}
	if (said != NULL)
		mem_wipe(said, said_len);	/* PLAIN's has the password */
	gsasl_free(said);
	return code == GSASL_OK ? SASL_DONE : SASL_SEND;
}

enum sasl_result
sasl_start(struct sasl *s, struct buf *out)
{
	size_t before = out->len;
	enum sasl_result result;

	if (s->session == NULL)
		return SASL_BAD;
	result = step(s, NULL, 0, out);
	if (result == SASL_BAD || !s->choice.sends_first)
		return result;
	/* RFC 6120 6.4.2: nothing to say is not the same as saying nothing. */
	if (out->len == before)
		buf_char(out, '=');
	return SASL_SEND;
}

static bool
decode(struct buf *out, const char *base64)
{
	if (strcmp(base64, "=") == 0)
		return true;
	return str_unbase64(out, base64, strlen(base64));
}

static enum sasl_result
read_first(struct sasl *s)
{
	const char *condition, *text;

	if (!scram_read(&s->first, s->client_first.data, s->client_first.len,
	    s->server_first.data, s->server_first.len, &condition, &text))
		return bad(s, condition, text);
	if (s->first.ssdp != NULL ? strcmp(s->first.ssdp, s->ssdp) != 0
				  : s->choice.needs_ssdp)
		return bad(s, "mechanisms-altered", "");
	s->request = (struct stream_key_request){
		.hash = s->hash,
		.salt = (const unsigned char *)s->first.salt.data,
		.salt_len = s->first.salt.len,
		.iterations = s->first.iterations,
	};
	return SASL_WANT_KEY;
}

enum sasl_result
sasl_challenge(struct sasl *s, const char *base64, struct buf *out)
{
	struct buf in = { 0 };
	enum sasl_result result;

	if (s->is_proven && s->choice.needs_proof)
		return bad(s, "bad-challenge", "a challenge too many");
	if (!decode(&in, base64)) {
		buf_clear(&in);
		return bad(s, "bad-challenge", "not base64");
	}
	buf_room(&in, 0);
	if (s->choice.is_scram && s->server_first.len == 0 && in.len > 0) {
		buf_clear(&s->server_first);
		s->server_first = in;
		return read_first(s);
	}
	result = step(s, in.data, in.len, out);
	buf_clear(&in);
	return result;
}

const struct stream_key_request *
sasl_key_request(const struct sasl *s)
{
	return &s->request;
}

enum sasl_result
sasl_key(struct sasl *s, const unsigned char *key, size_t len,
    struct buf *out)
{
	char hex[2 * KEY_MOST + 1];

	if (len != (strcmp(s->hash, "SHA-1") == 0 ? 20 : 32))
		return bad(s, "unusable-password", "a key of a wrong size");
	str_hex(hex, key, len);
	if (gsasl_property_set(s->session, GSASL_SCRAM_SALTED_PASSWORD,
	    hex) != GSASL_OK)
		abort();
	mem_wipe(hex, sizeof hex);
	return step(s, s->server_first.data, s->server_first.len, out);
}

enum sasl_result
sasl_success(struct sasl *s, const char *base64)
{
	struct buf in = { 0 };
	enum sasl_result result = SASL_DONE;

	if (!decode(&in, base64))
		return bad(s, "bad-challenge", "not base64");
	if (s->choice.needs_proof && !s->is_proven) {
		buf_room(&in, 0);
		result = in.len == 0 ? SASL_SEND
				     : step(s, in.data, in.len, NULL);
		if (result == SASL_SEND)
			result = bad(s, "unproven-server",
			    "success without a signature");
	}
	buf_clear(&in);
	return result;
}

const char *
sasl_condition(const struct sasl *s)
{
	return s->condition;
}

const char *
sasl_text(const struct sasl *s)
{
	return s->text;
}
