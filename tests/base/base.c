/* base/: buffers, strings, times, digests, characters. */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/hostport.h"
#include "base/mem.h"
#include "base/random.h"
#include "base/str.h"
#include "base/time.h"
#include "base/unicode.h"
#include "tests/tap.h"

static void
buffers(void)
{
	struct buf b = { 0 };
	char *s;
	int i;

	for (i = 0; i < 1000; i++)
		buf_printf(&b, "%03d,", i);
	is_int((long long)b.len, 4000, "a buffer grows");
	buf_eat(&b, 4 * 998);
	is_str(b.data, "998,999,", "eating drops the front");
	buf_add(&b, "x", 1);
	is_str(b.data, "998,999,x", "adding goes on behind what is left");
	for (i = 0; i < 5000; i++)
		buf_char(&b, 'y');
	ok(b.len == 5009 && str_starts(b.data, "998,999,xy"),
	    "growing keeps what is left");
	buf_cut(&b, 3);
	s = buf_take(&b);
	is_str(s, "998", "a buffer can be taken as a string");
	ok(b.data == NULL && b.len == 0, "a taken buffer is empty");
	free(s);
	s = buf_take(&b);
	is_str(s, "", "an empty buffer is an empty string");
	free(s);
	buf_utf8(&b, 0x1f44d);
	is_str(b.data, "\xf0\x9f\x91\x8d", "a code point is written as UTF-8");
	buf_clear(&b);
}

static void
arenas(void)
{
	struct arena *a = arena_new();
	char *big, *small;
	int i;

	small = arena_str(a, "small");
	big = arena_alloc(a, 100000);
	memset(big, 1, 100000);
	for (i = 0; i < 10000; i++)
		arena_printf(a, "%d", i);
	is_str(small, "small", "an arena keeps what it gave");
	ok(((uintptr_t)arena_alloc(a, 1) & 15) == 0, "memory is aligned");
	arena_reset(a);
	is_int((long long)arena_used(a), 0, "a reset arena is empty");
	small = arena_alloc(a, 64);
	ok(small[0] == 0 && small[63] == 0, "memory is zeroed after a reset");
	arena_free(a);
}

static void
strings(void)
{
	static const struct { const char *in; bool good; } utf8[] = {
		{ "plain", true }, { "P\xc5\x99\xc3\xadli\xc5\xa1", true },
		{ "\xf0\x9f\x91\x8d", true }, { "\xc0\x80", false },
		{ "\xed\xa0\x80", false }, { "\xf4\x90\x80\x80", false },
		{ "\xe2\x82", false }, { "\xff", false }, { "", true },
	};
	static const struct { const char *in; long long out; bool good; }
	numbers[] = {
		{ "0", 0, true }, { "-7", -7, true },
		{ "9223372036854775807", INT64_MAX, true },
		{ "-9223372036854775808", INT64_MIN, true },
		{ "9223372036854775808", 0, false }, { "", 0, false },
		{ "-", 0, false }, { "+1", 0, false }, { " 1", 0, false },
		{ "1x", 0, false }, { "99999999999999999999", 0, false },
	};
	static const struct { const char *in, *out; } coded[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	static const char *const uncodable[] = {
		"Zg=", "Zg", "Z===", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n", "=Zg=",
	};
	struct buf b = { 0 };
	char hex[7];
	size_t i;

	for (i = 0; i < COUNT(utf8); i++)
		ok(str_is_utf8(utf8[i].in, strlen(utf8[i].in), NULL) ==
		    utf8[i].good, "UTF-8 case %zu", i);
	for (i = 0; i < COUNT(numbers); i++) {
		long long n = 0;
		bool good = str_to_i64(numbers[i].in, &n);

		ok(good == numbers[i].good && n == numbers[i].out,
		    "number '%s'", numbers[i].in);
	}
	for (i = 0; i < COUNT(coded); i++) {
		buf_reset(&b);
		str_base64(&b, coded[i].in, strlen(coded[i].in));
		buf_room(&b, 0)[0] = '\0';
		is_str(b.data, coded[i].out, "base64 (RFC 4648 10)");
		buf_reset(&b);
		ok(str_unbase64(&b, coded[i].out, strlen(coded[i].out)) &&
		    b.len == strlen(coded[i].in) &&
		    memcmp(b.data ? b.data : "", coded[i].in, b.len) == 0,
		    "and back: %s", coded[i].out);
	}
	for (i = 0; i < COUNT(uncodable); i++)
		ok(!str_unbase64(&b, uncodable[i], strlen(uncodable[i])),
		    "no base64: %s", uncodable[i]);
	str_copy(hex, sizeof hex, "short");
	is_str(hex, "short", "a copy that fits");
	str_copy(hex, sizeof hex, "P\xc5\x99\xc3\xadli\xc5\xa1");
	is_str(hex, "P\xc5\x99\xc3\xadl", "one that is cut, not in a character");
	str_hex(hex, "\x01\xab\xff", 3);
	is_str(hex, "01abff", "hexadecimal");
	ok(str_ascii_casecmp("ABC", "abc") == 0 &&
	    str_ascii_casecmp("a", "b") < 0, "ASCII case");
	buf_clear(&b);
}

static void
times(void)
{
	static const struct { const char *in, *out; } good[] = {
		{ "1969-07-21T02:56:15Z", "1970-01-01T00:00:00.000Z" },
		{ "2026-11-22T10:11:12.123456Z", "2026-11-22T10:11:12.123Z" },
		{ "2026-11-22T10:11:12+02:00", "2026-11-22T08:11:12.000Z" },
		{ "2026-11-22T10:11:12-05:30", "2026-11-22T15:41:12.000Z" },
		{ "2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z" },
		{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z" },
		{ "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999Z" },
		{ "2026-11-22T10:11:12.5Z", "2026-11-22T10:11:12.500Z" },
	};
	static const char *const bad[] = {
		"", "2026-11-22", "2026-11-22T10:11:12", "2026-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z",
		"2026-11-22T10:11:12.Z", "2026-11-22T10:11:12Zx",
		"2026-11-22 10:11:12Z", "0000-01-01T00:00:00Z",
		"20261122T10:11:12", "2026-11-22T10:11:12+2:00",
	};
	char text[TIME_TEXT];
	int64_t us, step;
	struct time_fields f;
	bool same = true;
	size_t i;

	for (i = 0; i < COUNT(good); i++)
		ok(time_parse(good[i].in, &us) &&
		    strcmp(time_format(text, us), good[i].out) == 0,
		    "%s is %s", good[i].in, good[i].out);
	for (i = 0; i < COUNT(bad); i++)
		ok(!time_parse(bad[i], &us), "no time: '%s'", bad[i]);
	ok(time_parse("1969-07-21T02:56:15Z", &us) && us < 0,
	    "moments before 1970 are negative");
	ok(time_parse_legacy("20020910T23:08:25", &us) && strcmp(
	    time_format(text, us), "2002-09-10T23:08:25.000Z") == 0,
	    "XEP-0091's stamp");
	ok(!time_parse_legacy("2002-09-10T23:08:25", &us), "is no other's");
	for (us = -800 * 365 * TIME_DAY, step = 0; us < TIME_MOST;
	    us += 86399 * TIME_SECOND * 97 + step++) {
		time_split(us, &f);
		same = same && time_join(&f) == us;
	}
	ok(same, "splitting and joining agree over the centuries");
	is_int(time_day(-1), -1, "the microsecond before 1970 is day -1");
	is_int(time_day(TIME_DAY), 1, "days are rounded down");
}

static void
digests(void)
{
	unsigned char out[DIGEST_SHA256], key[DIGEST_KEY], in[15];
	struct digest *d = digest_new();
	char hex[65];
	int i;

	digest_sha1(out, "3EE948B0Calli0pe", 16);
	str_hex(hex, out, DIGEST_SHA1);
	is_str(hex, "48fc78be9ec8f86d8ce1c39c320c97c21d62334d",
	    "SHA-1: XEP-0078's example");
	digest_start(d);
	digest_add(d, "a", 1);
	digest_add(d, "bc", 2);
	digest_end(d, out);
	str_hex(hex, out, DIGEST_SHA256);
	is_str(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
	    "f20015ad", "SHA-256 in pieces: FIPS 180-2's example");
	digest_free(d);
	ok(digest_pbkdf2(out, "SHA-1", "password",
	    (const unsigned char *)"salt", 4, 4096), "PBKDF2 knows SHA-1");
	str_hex(hex, out, DIGEST_SHA1);
	is_str(hex, "4b007901b765489abead49d926f721d065a429c1",
	    "PBKDF2: RFC 6070's third vector");
	ok(!digest_pbkdf2(out, "MD5", "", out, 0, 1), "and no other hash");
	for (i = 0; i < DIGEST_KEY; i++)
		key[i] = (unsigned char)i;
	for (i = 0; i < 15; i++)
		in[i] = (unsigned char)i;
	ok(digest_hash64(key, in, 15) == UINT64_C(0xa129ca6149be45e5),
	    "SipHash-2-4: the paper's vector");
}

static void
characters(void)
{
	static const struct { const char *in, *out; } folds[] = {
		{ "P\xc5\x99\xc3\xadli\xc5\xa1", "prilis" },
		{ "Pr\xcc\x8ci\xcc\x81lis\xcc\x8c", "prilis" },
		{ "Stra\xc3\x9f" "e", "strasse" },
		{ "STRASSE", "strasse" },
		{ "\xc5\x81\xc3\xb3" "d\xc5\xba", "lodz" },
		{ "\xc3\x98l \xc4\x90 \xc3\x86 \xc5\x92uvre", "ol d ae oeuvre" },
		{ "Il\xc4\xb1" "ca \xc4\xb0zmir", "ilica izmir" },
		{ "\xef\xbd\x86\xef\xbd\x95\xef\xbd\x8c\xef\xbd\x8c", "full" },
		{ "\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xac" },
		{ "\xe3\x82\xab\xe3\x82\x99", "\xe3\x82\xac" },
		{ "\xed\x95\x9c\xea\xb5\xad", "\xed\x95\x9c\xea\xb5\xad" },
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" },
		{ "co\xc2\xad" "operate", "cooperate" },
		{ "\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82",
		    "\xcf\x83\xce\xb9\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x83" },
		{ "\xff", "\xef\xbf\xbd" }, { "", "" },
	};
	static const struct { unsigned c; enum unicode_class want; } classes[] = {
		{ 'a', UNICODE_WORD }, { '_', UNICODE_OTHER },
		{ 0x159, UNICODE_WORD }, { 0x7edf, UNICODE_DENSE },
		{ 0xe01, UNICODE_DENSE }, { 0xe31, UNICODE_DENSE },
		{ 0x30bd, UNICODE_DENSE }, { 0x30fc, UNICODE_DENSE },
		{ 0xd55c, UNICODE_DENSE }, { 0x1f44d, UNICODE_EMOJI },
		{ 0x2764, UNICODE_EMOJI }, { 0x1f1e8, UNICODE_EMOJI },
		{ 0x200d, UNICODE_JOINER }, { 0xfe0f, UNICODE_JOINER },
		{ 0x3002, UNICODE_OTHER }, { 0x2014, UNICODE_OTHER },
		{ 0x93f, UNICODE_WORD }, { 0x30fb, UNICODE_OTHER },
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < COUNT(folds); i++) {
		buf_reset(&b);
		unicode_fold(&b, folds[i].in, strlen(folds[i].in));
		is_str(b.len ? b.data : "", folds[i].out, folds[i].in);
	}
	for (i = 0; i < COUNT(classes); i++)
		ok(unicode_class(classes[i].c) == classes[i].want,
		    "class of U+%04X", classes[i].c);
	is_int((long long)unicode_columns("\xe0\xa4\xb9\xe0\xa4\xbf"
	    "\xd8\x80\xe4\xb7\x80", 12), 2 + 1 + 2, "columns: a spacing mark, "
	    "a number sign, a hexagram");
	is_int((long long)unicode_columns("a\xe7\xbb\x9f" "e\xcc\x81\xf0\x9f\x91"
	    "\x8d", 12), 1 + 2 + 1 + 2, "columns: wide, combining, emoji");
	buf_reset(&b);
	unicode_visible(&b, "a\x1b[31m\x7f\xc2\x9b\xe2\x80\xae\n\tz\xff", 16);
	is_str(b.data, "a\xe2\x90\x9b[31m\xe2\x90\xa1<U+009B><U+202E>\xe2\x90\x8a "
	    "z\xef\xbf\xbd", "control characters are made visible");
	buf_reset(&b);
	unicode_visible_lines(&b, "one\ntwo", 7, 2);
	is_str(b.data, "one\n  two", "lines of a message are indented");
	buf_clear(&b);
}

static void
reading_on(void)
{
	const char *s = "0421x";
	int value = 7;

	ok(!str_take_digits(&s, 5, &value) && value == 7 && *s == '0',
	    "too few digits are none");
	ok(str_take_digits(&s, 2, &value) && value == 4 &&
	    strcmp(s, "21x") == 0, "as many digits as are wanted");
	ok(!str_take(&s, "212") && strcmp(s, "21x") == 0,
	    "another word is not taken");
	ok(str_take(&s, "21") && str_take(&s, "x") && !str_take(&s, "x") &&
	    *s == '\0', "words are, and nothing behind the end");
}

static void
hosts(void)
{
	static const struct {
		const char *in;
		enum hostport_fault fault;
		const char *host;
		unsigned port;
	} table[] = {
		{ "xmpp.example.net", HOSTPORT_GOOD, "xmpp.example.net", 0 },
		{ "xmpp.example.net:5222", HOSTPORT_GOOD, "xmpp.example.net",
		    5222 },
		{ "192.0.2.1:1", HOSTPORT_GOOD, "192.0.2.1", 1 },
		{ "[2001:db8::1]", HOSTPORT_GOOD, "2001:db8::1", 0 },
		{ "[2001:db8::1]:65535", HOSTPORT_GOOD, "2001:db8::1", 65535 },
		{ "2001:db8::1", HOSTPORT_V6, NULL, 0 },
		{ "[2001:db8::1", HOSTPORT_V6, NULL, 0 },
		{ "[2001:db8::1]5222", HOSTPORT_V6, NULL, 0 },
		{ "[192.0.2.1]", HOSTPORT_V6, NULL, 0 },
		{ "[xmpp.example.net]", HOSTPORT_V6, NULL, 0 },
		{ "[]", HOSTPORT_V6, NULL, 0 },
		{ "[", HOSTPORT_V6, NULL, 0 },
		{ "", HOSTPORT_HOST, NULL, 0 },
		{ ":5222", HOSTPORT_HOST, NULL, 0 },
		{ "a b", HOSTPORT_HOST, NULL, 0 },
		{ "a/b:1", HOSTPORT_HOST, NULL, 0 },
		{ "a@b", HOSTPORT_HOST, NULL, 0 },
		{ "a\x1b[m", HOSTPORT_HOST, NULL, 0 },
		{ "host:", HOSTPORT_PORT, NULL, 0 },
		{ "host:0", HOSTPORT_PORT, NULL, 0 },
		{ "host:65536", HOSTPORT_PORT, NULL, 0 },
		{ "host:xmpp", HOSTPORT_PORT, NULL, 0 },
		{ "host:-1", HOSTPORT_PORT, NULL, 0 },
		{ "host:4294972518", HOSTPORT_PORT, NULL, 0 },
		{ "[::1]:", HOSTPORT_PORT, NULL, 0 },
	};
	char longest[257];
	struct hostport at;
	size_t i;

	for (i = 0; i < COUNT(table); i++) {
		is_int(hostport_split(table[i].in, &at), table[i].fault,
		    table[i].in);
		if (table[i].fault != HOSTPORT_GOOD)
			continue;
		ok(at.host_len == strlen(table[i].host) &&
		    memcmp(at.host, table[i].host, at.host_len) == 0 &&
		    at.port == table[i].port, "the parts of %s", table[i].in);
	}
	memset(longest, 'a', sizeof longest);
	longest[256] = '\0';
	is_int(hostport_split(longest, &at), HOSTPORT_HOST, "256 bytes");
	is_int(hostport_split(longest + 1, &at), HOSTPORT_GOOD, "255 bytes");
}

static void
errors(void)
{
	struct err e;
	char id[RANDOM_ID], other[RANDOM_ID];

	err_set(&e, ERR_INPUT, "no %s", "way");
	err_prefix(&e, "%s:%d", "file", 3);
	is_str(e.text, "file:3: no way", "a prefix names the place");
	ok(e.code == ERR_INPUT && err_set(NULL, ERR_INPUT, "x") == -1,
	    "nobody need look");
	ok(strlen(random_id(id)) == 22 && strcmp(id, random_id(other)) != 0,
	    "random ids differ");
}

int
main(void)
{
	buffers();
	arenas();
	strings();
	times();
	digests();
	characters();
	reading_on();
	hosts();
	errors();
	return done();
}
