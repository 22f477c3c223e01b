/*
 * ns - the namespaces that more than one directory knows, each under one
 * name. What only one knows is named there.
 */
#ifndef XML_NS_H
#define XML_NS_H

#define NS_CLIENT	"jabber:client"
#define NS_STREAM	"http://etherx.jabber.org/streams"
#define NS_STANZAS	"urn:ietf:params:xml:ns:xmpp-stanzas"

#define NS_CAPS		"http://jabber.org/protocol/caps"	/* XEP-0115 */
#define NS_CARBONS	"urn:xmpp:carbons:2"			/* XEP-0280 */
#define NS_FORWARD	"urn:xmpp:forward:0"			/* XEP-0297 */
#define NS_MAM		"urn:xmpp:mam:2"			/* XEP-0313 */

#endif
