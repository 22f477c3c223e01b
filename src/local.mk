# Storey by storey, lowest first (src/README).
include src/base/local.mk
include src/xml/local.mk
include src/model/local.mk
include src/net/local.mk
include src/xmpp/local.mk
include src/extract/local.mk
include src/store/local.mk
include src/xep/local.mk
include src/query/local.mk
include src/format/local.mk
include src/app/local.mk
include src/daemon/local.mk
include src/cmd/local.mk
