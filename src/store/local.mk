noinst_LIBRARIES += libstore.a
libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(ZSTD_CFLAGS)
libstore_a_SOURCES = \
	src/store/batch.c src/store/batch.h \
	src/store/chain.c src/store/chain.h \
	src/store/copy.c src/store/copy.h \
	src/store/db.c src/store/db.h \
	src/store/docs.c src/store/docs.h \
	src/store/fts.c src/store/fts.h \
	src/store/gaps.c src/store/gaps.h \
	src/store/gaps_account.c \
	src/store/gaps_roster.c \
	src/store/ident.c src/store/ident.h \
	src/store/inside.c src/store/inside.h \
	src/store/known.c src/store/known.h \
	src/store/intern.c src/store/intern.h \
	src/store/memo.c src/store/memo.h \
	src/store/migrate.c src/store/migrate.h \
	src/store/pack.c src/store/pack.h \
	src/store/presence.c src/store/presence.h \
	src/store/put.c src/store/put.h \
	src/store/queue.h \
	src/store/read.c src/store/read.h \
	src/store/read_chats.c \
	src/store/read_effects.c \
	src/store/read_entry.c src/store/read_entry.h \
	src/store/read_presence.c \
	src/store/refs.c src/store/refs.h \
	src/store/rows.c src/store/rows.h \
	src/store/store.c src/store/store.h \
	src/store/target.c src/store/target.h \
	src/store/uuid.c src/store/uuid.h
nodist_libstore_a_SOURCES = src/store/sql.c

STORE_LIBS = libstore.a $(SQLITE_LIBS) $(ZSTD_LIBS) $(MODEL_LIBS)

# The SQL is compiled in, each file as one string.
STORE_SQL = sql/0001-archive.sql sql/views.sql
EXTRA_DIST += $(STORE_SQL) sql/schema.sql
CLEANFILES += src/store/sql.c

src/store/sql.c: $(STORE_SQL)
	$(AM_V_GEN)$(MKDIR_P) src/store && { \
	echo '#include "store/migrate.h"'; \
	for f in $(STORE_SQL); do \
		n=`echo "$$f" | sed -e 's|.*/||' -e 's|[.]sql$$||' -e 's|-|_|g'`; \
		echo; echo "const char sql_$$n[] ="; \
		sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/?/\\?/g' \
		    -e 's/^/"/' -e 's/$$/\\n"/' "$(srcdir)/$$f"; \
		echo ';'; \
	done; } >$@.tmp && mv $@.tmp $@
