noinst_LIBRARIES += libextract.a
libextract_a_SOURCES = \
	src/extract/address.c \
	src/extract/delay.c \
	src/extract/extract.c src/extract/extract.h \
	src/extract/fault.c \
	src/extract/forward.c src/extract/forward.h \
	src/extract/hash.c \
	src/extract/ids.c \
	src/extract/inside.h \
	src/extract/media.c \
	src/extract/ns.h \
	src/extract/presence.c \
	src/extract/pubsub.c \
	src/extract/refs.c \
	src/extract/room.c \
	src/extract/sealed.c \
	src/extract/signals.c \
	src/extract/texts.c

EXTRACT_LIBS = libextract.a $(XML_LIBS) $(MODEL_LIBS)
