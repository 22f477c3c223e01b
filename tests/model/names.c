#include "model/names.h"

#include <stddef.h>

#include "base/mem.h"
#include "tests/tap.h"

static void
test_words(void)
{
	enum message_type type = MESSAGE_CHAT;
	enum presence_show show = SHOW_DND;
	enum account_state state = ACCOUNT_OFFLINE;
	int i;

	for (i = MESSAGE_NORMAL; i <= MESSAGE_ERROR; i++)
		ok(message_type_parse(message_type_name(i), &type) &&
		    (int)type == i, "message type %d and its word agree", i);
	ok(!message_type_parse("Chat", &type), "words have their case");
	is_int(type, MESSAGE_ERROR, "and an unknown one changes nothing");
	ok(!message_type_parse(NULL, &type), "no word is no type");
	ok(!presence_show_parse("", &show), "an empty <show/> says nothing");
	ok(account_state_parse("catching-up", &state) &&
	    state == ACCOUNT_CATCHING_UP && !account_state_parse("up", &state),
	    "states of an account have their words");
	is_str(message_type_name((enum message_type)99), "?",
	    "a number from the future has a name to print");
}

static void
test_codes(void)
{
	static const struct {
		int code;
		const char *condition, *type;
	} rows[] = {
		{ 302, "redirect", "modify" },
		{ 400, "bad-request", "modify" },
		{ 401, "not-authorized", "auth" },
		{ 404, "item-not-found", "cancel" },
		{ 406, "not-acceptable", "modify" },
		{ 409, "conflict", "cancel" },
		{ 500, "internal-server-error", "wait" },
		{ 503, "service-unavailable", "cancel" },
		{ 504, "remote-server-timeout", "wait" },
		{ 510, "service-unavailable", "cancel" },
		{ 0, NULL, NULL }, { 418, NULL, NULL }, { -1, NULL, NULL },
	};
	char name[64];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(name, sizeof name, "code %d has its condition",
		    rows[i].code);
		is_str(error_condition_of_code(rows[i].code),
		    rows[i].condition, name);
		is_str(error_type_of_code(rows[i].code), rows[i].type,
		    "  and its type");
	}
}

int
main(void)
{
	test_words();
	test_codes();
	return done();
}
