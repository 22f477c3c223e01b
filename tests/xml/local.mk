check_PROGRAMS += tests/xml/parse tests/xml/tree
TESTS += tests/xml/parse tests/xml/tree
tests_xml_parse_SOURCES = tests/xml/parse.c
tests_xml_parse_LDADD = $(XML_LIBS)
tests_xml_tree_SOURCES = tests/xml/tree.c
tests_xml_tree_LDADD = $(XML_LIBS)

# What a peer may send to hurt, and what must come of it.
EXTRA_DIST += \
	tests/xml/hostile/after-end.xml tests/xml/hostile/after-end.want \
	tests/xml/hostile/bad-utf8.xml tests/xml/hostile/bad-utf8.want \
	tests/xml/hostile/billion-laughs.xml tests/xml/hostile/billion-laughs.want \
	tests/xml/hostile/comment.xml tests/xml/hostile/comment.want \
	tests/xml/hostile/comment-inside.xml tests/xml/hostile/comment-inside.want \
	tests/xml/hostile/crossed.xml tests/xml/hostile/crossed.want \
	tests/xml/hostile/declaration-late.xml tests/xml/hostile/declaration-late.want \
	tests/xml/hostile/doctype.xml tests/xml/hostile/doctype.want \
	tests/xml/hostile/doctype-late.xml tests/xml/hostile/doctype-late.want \
	tests/xml/hostile/entity.xml tests/xml/hostile/entity.want \
	tests/xml/hostile/escape.xml tests/xml/hostile/escape.want \
	tests/xml/hostile/external-entity.xml tests/xml/hostile/external-entity.want \
	tests/xml/hostile/fffe.xml tests/xml/hostile/fffe.want \
	tests/xml/hostile/http.xml tests/xml/hostile/http.want \
	tests/xml/hostile/instruction.xml tests/xml/hostile/instruction.want \
	tests/xml/hostile/latin1.xml tests/xml/hostile/latin1.want \
	tests/xml/hostile/namespaces.xml tests/xml/hostile/namespaces.want \
	tests/xml/hostile/nul-second.xml tests/xml/hostile/nul-second.want \
	tests/xml/hostile/nul.xml tests/xml/hostile/nul.want \
	tests/xml/hostile/nul-reference.xml tests/xml/hostile/nul-reference.want \
	tests/xml/hostile/overlong-utf8.xml tests/xml/hostile/overlong-utf8.want \
	tests/xml/hostile/root-name.xml tests/xml/hostile/root-name.want \
	tests/xml/hostile/root-namespace.xml tests/xml/hostile/root-namespace.want \
	tests/xml/hostile/root-other.xml tests/xml/hostile/root-other.want \
	tests/xml/hostile/root-unprefixed.xml tests/xml/hostile/root-unprefixed.want \
	tests/xml/hostile/surrogate.xml tests/xml/hostile/surrogate.want \
	tests/xml/hostile/text-between.xml tests/xml/hostile/text-between.want \
	tests/xml/hostile/two-attributes.xml tests/xml/hostile/two-attributes.want \
	tests/xml/hostile/two-attributes-ns.xml tests/xml/hostile/two-attributes-ns.want \
	tests/xml/hostile/unbound-prefix.xml tests/xml/hostile/unbound-prefix.want \
	tests/xml/hostile/unclosed-body.xml tests/xml/hostile/unclosed-body.want \
	tests/xml/hostile/utf16.xml tests/xml/hostile/utf16.want \
	tests/xml/hostile/xml-prefix-stolen.xml tests/xml/hostile/xml-prefix-stolen.want
