#include "daemon/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/report.h"

enum { OPT_FORMAT = 256, OPT_FORMAT_VERSION, OPT_COLOR, OPT_IGNORED,
	OPT_CONNECT, OPT_HELP,
	OPT_VERSION };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "archive", required_argument, NULL, 'f' },
	{ "account", required_argument, NULL, 'a' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "format-version", required_argument, NULL, OPT_FORMAT_VERSION },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "no-pager", no_argument, NULL, OPT_IGNORED },
	{ "utc", no_argument, NULL, OPT_IGNORED },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "connect", no_argument, NULL, OPT_CONNECT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* Only whole short options: `-n5` and `-vv` are for the reading verbs. */
static bool
is_attached(const char *word)
{
	return word[0] == '-' && word[1] != '-' && word[1] != '\0' &&
	    word[2] != '\0';
}

int
options_parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ 0 };
	o->accounts = mem_array((size_t)argc + 1, sizeof *o->accounts);
	opterr = 0;
	optind = 1;
	for (;;) {
		const char *word = optind < argc ? argv[optind] : NULL;

		c = getopt_long(argc, argv, ":c:f:a:vq", long_options, NULL);
		if (c == -1)
			break;
		if (word != NULL && is_attached(word)) {
			report("%s: short options stand by themselves", word);
			return 2;
		}
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 'f':
			o->archive = optarg;
			break;
		case 'a':
			o->accounts[o->account_count++] = optarg;
			break;
		case 'v':
			o->verbosity++;
			break;
		case 'q':
			o->verbosity = -1;
			break;
		case OPT_FORMAT:
			o->is_json = strcmp(optarg, "json") == 0;
			if (!o->is_json && strcmp(optarg, "text") != 0) {
				report("--format %s: this command has text "
				    "and json", optarg);
				return 2;
			}
			break;
		case OPT_FORMAT_VERSION:
			if (strcmp(optarg, "1") != 0) {
				report("--format-version %s: there is only 1",
				    optarg);
				return 2;
			}
			break;
		case OPT_COLOR:
			if (strcmp(optarg, "auto") != 0 && strcmp(optarg,
			    "always") != 0 && strcmp(optarg, "never") != 0) {
				report("--color %s: auto, always or never",
				    optarg);
				return 2;
			}
			break;
		case OPT_IGNORED:
			break;
		case OPT_CONNECT:
			o->is_connect = true;
			break;
		case OPT_HELP:
			o->wants_help = true;
			break;
		case OPT_VERSION:
			o->wants_version = true;
			break;
		case ':':
			report("%s: a value is missing", argv[optind - 1]);
			return 2;
		default:
			report("%s: no such option", argv[optind - 1]);
			return 2;
		}
	}
	if (optind < argc)
		o->verb = argv[optind++];
	if (optind < argc) {
		report("%s: %s takes no argument", argv[optind], o->verb);
		return 2;
	}
	if (o->is_connect && (o->verb == NULL ||
	    strcmp(o->verb, "check") != 0)) {
		report("--connect: only for check");
		return 2;
	}
	return 0;
}

void
options_clear(struct options *o)
{
	free(o->accounts);
	*o = (struct options){ 0 };
}
