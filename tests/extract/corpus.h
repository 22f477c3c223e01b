/*
 * corpus - test cases that are files.
 *
 * A case is NAME.xml: lines "key: value", an empty line, then XML. Beside it
 * NAME.txt holds what is to come out.
 */
#ifndef TESTS_EXTRACT_CORPUS_H
#define TESTS_EXTRACT_CORPUS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

/* A whole file as a string in the arena; NULL if it is not there. */
__attribute__((unused)) static char *
corpus_read(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { 0 };
	char *text;
	size_t got;

	if (f == NULL)
		return NULL;
	do {
		got = fread(buf_room(&b, 4096), 1, 4096, f);
		buf_added(&b, got);
	} while (got > 0);
	fclose(f);
	text = arena_strn(a, b.data, b.len);
	buf_clear(&b);
	return text;
}

/* The value of a header line, or NULL. */
__attribute__((unused)) static const char *
corpus_header(struct arena *a, const char *text, const char *key)
{
	size_t len = strlen(key);

	while (*text != '\0' && *text != '\n' && *text != '<') {
		const char *end = strchr(text, '\n');

		if (end == NULL)
			break;
		if (strncmp(text, key, len) == 0 && text[len] == ':') {
			text += len + 1;
			while (*text == ' ')
				text++;
			return arena_strn(a, text, (size_t)(end - text));
		}
		text = end + 1;
	}
	return NULL;
}

/* What stands behind the header. */
__attribute__((unused)) static const char *
corpus_body(const char *text)
{
	const char *empty;

	if (*text == '<')
		return text;
	empty = strstr(text, "\n\n");
	return empty == NULL ? "" : empty + 2;
}

__attribute__((unused)) static int
corpus_is_case(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".xml") == 0;
}

/* Calls run(path without ".xml", name) for each case; returns their number. */
__attribute__((unused)) static int
corpus_each(const char *dir,
    void (*run)(const char *stem, const char *name))
{
	struct dirent **entries;
	int count = scandir(dir, &entries, corpus_is_case, alphasort), i;

	for (i = 0; i < count; i++) {
		char stem[2048], *name = entries[i]->d_name;

		name[strlen(name) - 4] = '\0';
		snprintf(stem, sizeof stem, "%s/%s", dir, name);
		run(stem, name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return count;
}

#endif
