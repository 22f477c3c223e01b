/*
 * log - diagnostics of the service. Never a message body, never a secret.
 *
 * The line goes to a sink that the program sets; without one it is dropped,
 * so libraries and tests are silent. Control characters in it are made
 * visible before the sink sees it: much of what is logged was written by
 * strangers.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

typedef void (*log_sink)(enum log_level level, const char *line);

void log_to(log_sink sink, enum log_level most);

/* `who` is the account or NULL. */
void log_at(enum log_level level, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(who, ...)	log_at(LOG_ERROR, who, __VA_ARGS__)
#define log_warn(who, ...)	log_at(LOG_WARN, who, __VA_ARGS__)
#define log_info(who, ...)	log_at(LOG_INFO, who, __VA_ARGS__)
#define log_debug(who, ...)	log_at(LOG_DEBUG, who, __VA_ARGS__)

#endif
