/*
 * ns - the namespaces that extractors know, each under one name.
 */
#ifndef EXTRACT_NS_H
#define EXTRACT_NS_H

#include "xml/ns.h"	/* those that others know too */

#define NS_ATTACH	"urn:xmpp:message-attaching:1"		/* XEP-0367 */
#define NS_ATTENTION	"urn:xmpp:attention:0"			/* XEP-0224 */
#define NS_CHAT_STATES	"http://jabber.org/protocol/chatstates"	/* XEP-0085 */
#define NS_CONFERENCE	"jabber:x:conference"			/* XEP-0249 */
#define NS_CORRECT	"urn:xmpp:message-correct:0"		/* XEP-0308 */
#define NS_DELAY	"urn:xmpp:delay"			/* XEP-0203 */
#define NS_DELAY_OLD	"jabber:x:delay"			/* XEP-0091 */
#define NS_EME		"urn:xmpp:eme:0"			/* XEP-0380 */
#define NS_ESFS		"urn:xmpp:esfs:0"			/* XEP-0448 */
#define NS_EVENT_OLD	"jabber:x:event"			/* XEP-0022 */
#define NS_FALLBACK	"urn:xmpp:fallback:0"			/* XEP-0428 */
#define NS_FALLBACK_OLD	"urn:xmpp:feature-fallback:0"
#define NS_FASTEN	"urn:xmpp:fasten:0"			/* XEP-0422 */
#define NS_HINTS	"urn:xmpp:hints"			/* XEP-0334 */
#define NS_IDLE		"urn:xmpp:idle:1"			/* XEP-0319 */
#define NS_MAM_TMP	"urn:xmpp:mam:tmp"
#define NS_MARKERS	"urn:xmpp:chat-markers:0"		/* XEP-0333 */
#define NS_MODERATE	"urn:xmpp:message-moderate:1"		/* XEP-0425 */
#define NS_MODERATE_0	"urn:xmpp:message-moderate:0"
#define NS_MUC		"http://jabber.org/protocol/muc"	/* XEP-0045 */
#define NS_MUC_USER	"http://jabber.org/protocol/muc#user"
#define NS_NICK		"http://jabber.org/protocol/nick"	/* XEP-0172 */
#define NS_OCCUPANT	"urn:xmpp:occupant-id:0"		/* XEP-0421 */
#define NS_OFFLINE	"http://jabber.org/protocol/offline"	/* XEP-0013 */
#define NS_OOB		"jabber:x:oob"				/* XEP-0066 */
#define NS_PUBSUB_EVENT	"http://jabber.org/protocol/pubsub#event"
#define NS_REACTIONS	"urn:xmpp:reactions:0"			/* XEP-0444 */
#define NS_RECEIPTS	"urn:xmpp:receipts"			/* XEP-0184 */
#define NS_REFERENCE	"urn:xmpp:reference:0"			/* XEP-0372 */
#define NS_REPLY	"urn:xmpp:reply:0"			/* XEP-0461 */
#define NS_RETRACT	"urn:xmpp:message-retract:1"		/* XEP-0424 */
#define NS_RETRACT_0	"urn:xmpp:message-retract:0"
#define NS_RTT		"urn:xmpp:rtt:0"			/* XEP-0301 */
#define NS_SFS		"urn:xmpp:sfs:0"			/* XEP-0447 */
#define NS_SID		"urn:xmpp:sid:0"			/* XEP-0359 */
#define NS_SIMS		"urn:xmpp:sims:1"			/* XEP-0385 */
#define NS_URL_DATA	"http://jabber.org/protocol/url-data"	/* XEP-0103 */
#define NS_VCARD_UPDATE	"vcard-temp:x:update"			/* XEP-0153 */

/* Envelopes of encryption. */
#define NS_AXOLOTL	"eu.siacs.conversations.axolotl"	/* XEP-0384 0.3 */
#define NS_OMEMO_1	"urn:xmpp:omemo:1"
#define NS_OMEMO_2	"urn:xmpp:omemo:2"
#define NS_OPENPGP	"urn:xmpp:openpgp:0"			/* XEP-0373 */
#define NS_OPENPGP_OLD	"jabber:x:encrypted"			/* XEP-0027 */
#define NS_OTR		"urn:xmpp:otr:0"			/* XEP-0364 */

#endif
