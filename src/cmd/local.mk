bin_PROGRAMS += src/cmd/backscroll
src_cmd_backscroll_CPPFLAGS = $(AM_CPPFLAGS) -DSBINDIR='"$(sbindir)"'
src_cmd_backscroll_SOURCES = \
	src/cmd/chat.c src/cmd/chat.h \
	src/cmd/chats.c \
	src/cmd/command.h \
	src/cmd/elsewhere.c src/cmd/elsewhere.h \
	src/cmd/export.c \
	src/cmd/help.c src/cmd/help.h \
	src/cmd/list.c src/cmd/list.h \
	src/cmd/log.c \
	src/cmd/main.c \
	src/cmd/options.c src/cmd/options.h \
	src/cmd/output.c src/cmd/output.h \
	src/cmd/presence.c \
	src/cmd/reader.c src/cmd/reader.h \
	src/cmd/reload.c \
	src/cmd/say.c src/cmd/say.h \
	src/cmd/search.c \
	src/cmd/service.c src/cmd/service.h \
	src/cmd/setting.c src/cmd/setting.h \
	src/cmd/show.c \
	src/cmd/status.c
src_cmd_backscroll_LDADD = $(QUERY_LIBS) $(FORMAT_LIBS) $(APP_LIBS) \
	$(STORE_LIBS)
