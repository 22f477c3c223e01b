/*
 * report - what the service says on standard error: one line
 * `backscroll: WHAT: WHY`, and the log's sink.
 */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

/* Always said. Control characters are made visible. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What to do about it; not with -q. */
void report_advice(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * Directs base/log.h to standard error. verbosity -1: errors; 0: warnings and
 * what matters to a keeper; 1: everything. Under the journal (JOURNAL_STREAM)
 * lines carry its level prefix; elsewhere the local time.
 */
void report_logs(int verbosity);

#endif
