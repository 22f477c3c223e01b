-- The archive. Ids of messages and presences are the microsecond of their
-- time (plus one on a clash), so that rowid order is time order: newest
-- first, ranges and full-text results need no sorting.
--
-- Moments are microseconds since 1970. Numbers of enumerations are those of
-- src/model/names.h. For reading by hand use the views (views.sql).

-- key      secret of the identity hash (16 bytes)
-- created  when the archive was made
CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value
) WITHOUT ROWID;

-- Every JID once. `bare` is the row of its bare JID (its own if it is one);
-- `fold` is the folded text that from:, to: and with: look into.
CREATE TABLE address (
	id INTEGER PRIMARY KEY,
	jid TEXT NOT NULL UNIQUE,
	bare INTEGER NOT NULL,
	domain TEXT NOT NULL,
	resource TEXT,
	fold TEXT NOT NULL
);
CREATE INDEX address_bare ON address (bare);

-- What an account needs beyond one session. `address` is its bare JID.
CREATE TABLE account (
	id INTEGER PRIMARY KEY REFERENCES address,
	resource TEXT,			-- chosen once per archive
	scram_seen INTEGER,		-- SCRAM has worked: no PLAIN any more
	plus_seen INTEGER,		-- so has channel binding
	login_seen INTEGER,		-- when a login last worked
	roster_version TEXT,
	presences INTEGER NOT NULL DEFAULT 0	-- how many are archived
);

CREATE TABLE roster (
	account INTEGER NOT NULL REFERENCES account,
	contact INTEGER NOT NULL REFERENCES address,
	name TEXT,
	name_fold TEXT,
	subscription TEXT NOT NULL,
	ask TEXT,
	groups TEXT,			-- one a line
	PRIMARY KEY (account, contact)
) WITHOUT ROWID;

-- Conversations: what `chat` is in the command line's JSON.
CREATE TABLE chat (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	peer INTEGER NOT NULL REFERENCES address,
	kind INTEGER NOT NULL,		-- enum chat_kind
	UNIQUE (account, peer)
);
CREATE INDEX chat_peer ON chat (peer);

-- Streams: from binding (or the start) to their end. `alive` is touched by
-- each commit and each minute, so that absence can be derived.
CREATE TABLE session (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	jid INTEGER REFERENCES address,	-- full JID that was bound
	opened INTEGER NOT NULL,
	alive INTEGER NOT NULL,
	closed INTEGER,			-- NULL: open, or the process died
	reason TEXT,			-- why it broke; NULL: closed in good order
	lang TEXT,			-- the server's stream xml:lang
	mode TEXT,			-- observe | mirror | sole
	carbons INTEGER
);
CREATE INDEX session_account ON session (account, opened);

-- One logical message; the columns are those of its first copy. Ids that
-- look like a lower-case UUID are kept as its 16 bytes, all others as text.
-- The archive id's giver is the room in a room's chat, else the account.
--
-- flags: 1 wants a receipt, 2 wants a marker, 4 no-store, 8 no-copy,
--	16 has valid corrections, 32 retracted or moderated or a tombstone,
--	64 encrypted, 128 delayed (rows in delay), 256 links, 512 reacted to,
--	1024 a reply, 2048 displayed by somebody, 4096 rows in text,
--	8192 a row in detail, 16384 rows in copy, 32768 rows in ref,
--	65536 rows in fallback, 131072 shown: has text or what stands for one
--	(an envelope, an invitation, an error), and does nothing to another
--	(no valid correction, no retraction, no reaction), 262144 its origin-id
--	is as its id attribute
CREATE TABLE message (
	id INTEGER PRIMARY KEY,
	chat INTEGER NOT NULL REFERENCES chat,
	type INTEGER NOT NULL,		-- enum message_type
	direction INTEGER NOT NULL,	-- enum direction
	route INTEGER NOT NULL,		-- enum route, of the first copy
	sender INTEGER NOT NULL REFERENCES address,
	recipient INTEGER REFERENCES address,
	time INTEGER,			-- NULL: the id
	received INTEGER NOT NULL,	-- microseconds after `time`
	arrival INTEGER NOT NULL,	-- number of the first copy, for seals
	stream INTEGER,			-- session
	query INTEGER,			-- of the archive, in this stream
	sid,				-- id attribute; a UUID as 16 bytes
	oid,				-- origin-id; NULL when none, or as sid
	aid,				-- trusted archive id of the first copy
	hash INTEGER NOT NULL,		-- keyed, of the canonical content
	flags INTEGER NOT NULL,		-- see above; enum put_flag
	state INTEGER NOT NULL,		-- enum chat_state
	root INTEGER,			-- a valid correction: the first version
	lang TEXT,
	thread TEXT,
	subject TEXT,			-- the first one
	body TEXT,			-- the first one
	nick TEXT			-- where `sender` does not say it
);
CREATE INDEX message_chat ON message (chat);

-- Texts that the columns above cannot hold: the second and later bodies and
-- subjects, and a first one whose language is not the stanza's.
-- kind 0 body, 1 subject; seq counts from 0 in stanza order.
CREATE TABLE text (
	message INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	lang TEXT,
	text TEXT,			-- NULL: the one in `message`
	PRIMARY KEY (message, kind, seq)
) WITHOUT ROWID;

-- The stanza itself: zstd with dictionary `dict` (0: none; -1: plain).
CREATE TABLE raw (
	message INTEGER PRIMARY KEY,
	dict INTEGER NOT NULL,
	data BLOB NOT NULL
);
CREATE TABLE dict (
	id INTEGER PRIMARY KEY,
	data BLOB NOT NULL
);

-- Second and later copies of a message. seq counts from 1 (the first copy
-- is the row of the message, seq 0).
CREATE TABLE copy (
	message INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	arrival INTEGER NOT NULL,
	route INTEGER NOT NULL,
	received INTEGER NOT NULL,
	stamp INTEGER,			-- what the archive, carbon or room said
	stream INTEGER,
	query INTEGER,
	hash INTEGER,			-- where the content differs
	aid,				-- trusted, by the archive it came from
	aid_by INTEGER REFERENCES address,	-- NULL: as the chat implies
	how INTEGER NOT NULL,		-- enum put_how: 1 archive id, 2 stanza
					-- id, 3 content (heuristic), 4 resend,
					-- 5 new version of the archive's row
	dict INTEGER,			-- raw, only where the content differs
	raw BLOB,
	PRIMARY KEY (message, seq)
) WITHOUT ROWID;

-- Ids that archives gave beyond the one in `message.aid`.
CREATE TABLE archive_id (
	message INTEGER NOT NULL,
	by INTEGER NOT NULL REFERENCES address,
	id TEXT NOT NULL,
	trusted INTEGER NOT NULL,
	PRIMARY KEY (message, by, id)
) WITHOUT ROWID;

-- Identity: keyed hash of (account, who assigned it, id), under each day
-- known of the message (its stamp, a claimed delay, a live copy's arrival).
-- The day makes inserts append: unique keys on random ids would dirty a page
-- for each message. A hit is compared with the real id.
CREATE TABLE ident (
	day INTEGER NOT NULL,
	hash INTEGER NOT NULL,
	message INTEGER NOT NULL,
	PRIMARY KEY (day, hash, message)
) WITHOUT ROWID;

-- What messages do to others. `target` is NULL while the other is not known;
-- where the other is itself a valid correction, it is the first version.
-- `valid` says whether the sender had the right (XEP-0308: corrections from
-- the same sender; XEP-0425: moderation from the room). A tombstone is its own
-- target.
CREATE TABLE ref (
	message INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	kind INTEGER NOT NULL,		-- enum ref_kind
	target INTEGER,
	valid INTEGER NOT NULL,
	id TEXT,			-- as the payload gives it
	jid INTEGER REFERENCES address,	-- reply: to; moderation: by
	reason TEXT,
	emojis TEXT,			-- one a line
	stamp INTEGER,
	PRIMARY KEY (message, seq)
) WITHOUT ROWID;
CREATE INDEX ref_target ON ref (target) WHERE target IS NOT NULL;

-- References whose target has not been seen: looked up by each new message.
-- Older days are searched within a budget per commit; `next` is the day
-- that comes next, NULL once all were looked at.
CREATE TABLE pending (
	hash INTEGER NOT NULL,		-- as in ident
	message INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	next INTEGER,
	PRIMARY KEY (hash, message, seq)
) WITHOUT ROWID;
CREATE INDEX pending_next ON pending (next) WHERE next IS NOT NULL;

-- Facts that few messages have.
CREATE TABLE delay (
	message INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	stamp INTEGER NOT NULL,
	sender TEXT,			-- as it came
	reason TEXT,
	PRIMARY KEY (message, seq)
) WITHOUT ROWID;
CREATE TABLE link (
	message INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	url TEXT NOT NULL,
	description TEXT,
	media_type TEXT,
	name TEXT,
	size INTEGER,
	PRIMARY KEY (message, seq)
) WITHOUT ROWID;
CREATE TABLE fallback (
	message INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	for_ns TEXT,
	is_subject INTEGER NOT NULL,
	first INTEGER NOT NULL,		-- code points
	past INTEGER NOT NULL,		-- -1: to the end
	PRIMARY KEY (message, seq)
) WITHOUT ROWID;
CREATE TABLE detail (
	message INTEGER PRIMARY KEY,
	parent_thread TEXT,
	occupant_id TEXT,
	encryption_ns TEXT,
	encryption_name TEXT,
	event TEXT,
	error_type TEXT,
	error_condition TEXT,
	error_text TEXT,
	error_by TEXT,
	error_code INTEGER,
	invite_room TEXT,
	invite_sender TEXT,
	invite_reason TEXT,
	invite_kind INTEGER,		-- 0 mediated, 1 direct, 2 declined
	sender_raw TEXT,		-- where preparing changed it
	recipient_raw TEXT,
	oversize INTEGER,		-- its whole length; raw is a prefix
	oversize_sha256 BLOB
);

-- Presence changes of full JIDs.
CREATE TABLE presence (
	id INTEGER PRIMARY KEY,
	account INTEGER NOT NULL REFERENCES account,
	sender INTEGER NOT NULL REFERENCES address,
	recipient INTEGER REFERENCES address,
	type INTEGER NOT NULL,		-- enum presence_type
	show INTEGER NOT NULL,		-- enum presence_show
	priority INTEGER NOT NULL,
	time INTEGER,			-- NULL: the id
	received INTEGER NOT NULL,	-- microseconds after `time`
	arrival INTEGER NOT NULL,
	stream INTEGER,
	status TEXT,			-- the first one
	status_lang TEXT,
	idle INTEGER,
	event TEXT,			-- join part kick ban nick role ...
	caps INTEGER REFERENCES caps
);
CREATE INDEX presence_sender ON presence (sender);
CREATE TABLE presence_status (
	presence INTEGER NOT NULL,
	seq INTEGER NOT NULL,		-- from 1: the first is above
	lang TEXT,
	text TEXT NOT NULL,
	PRIMARY KEY (presence, seq)
) WITHOUT ROWID;
CREATE TABLE presence_room (
	presence INTEGER PRIMARY KEY,
	nick TEXT,
	new_nick TEXT,
	jid TEXT,
	affiliation TEXT,
	role TEXT,
	actor TEXT,
	reason TEXT,
	codes TEXT,			-- numbers, separated by spaces
	occupant_id TEXT
);
CREATE TABLE presence_detail (
	presence INTEGER PRIMARY KEY,
	photo TEXT,
	delay INTEGER,
	delay_sender TEXT,
	error_type TEXT,
	error_condition TEXT,
	error_text TEXT,
	error_by TEXT
);
CREATE TABLE caps (
	id INTEGER PRIMARY KEY,
	node TEXT NOT NULL,
	ver TEXT NOT NULL,
	UNIQUE (node, ver)
);

-- Stanzas that were refused as forged, and those that are no message and no
-- presence but had to be kept. Never shown among messages.
CREATE TABLE forged (
	id INTEGER PRIMARY KEY,		-- received, or the next one free in
					-- this table and `message`
	account INTEGER NOT NULL REFERENCES account,
	kind INTEGER NOT NULL,		-- enum forged; 0: kept for another reason
	why TEXT NOT NULL,
	received INTEGER NOT NULL,
	arrival INTEGER NOT NULL,
	stream INTEGER,
	query INTEGER,
	archive INTEGER REFERENCES address,	-- that holds it, if one does
	aid TEXT,			-- its id there: it is read again
	type INTEGER NOT NULL,		-- as in message
	route INTEGER NOT NULL,
	sender TEXT,
	recipient TEXT,
	chat TEXT NOT NULL,
	sid TEXT,
	lang TEXT,
	body TEXT,
	raw BLOB NOT NULL
);
CREATE INDEX forged_aid ON forged (aid) WHERE aid IS NOT NULL;

-- How far each archive has been read: the last id of a verified page.
CREATE TABLE position (
	account INTEGER NOT NULL REFERENCES account,
	archive INTEGER NOT NULL REFERENCES address,
	id TEXT NOT NULL,
	stamp INTEGER NOT NULL,
	moved INTEGER NOT NULL,		-- when
	PRIMARY KEY (account, archive)
) WITHOUT ROWID;

-- The chain: SHA-256 over the head before it and the digests of the copies
-- that the commit added, in order of arrival (store/chain.h).
CREATE TABLE seal (
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	arrival INTEGER NOT NULL,	-- the last one that it covers
	head BLOB NOT NULL
);

-- Messages per conversation and month (months since 1970-01, UTC).
CREATE TABLE tally (
	chat INTEGER NOT NULL,
	month INTEGER NOT NULL,
	shown INTEGER NOT NULL,		-- those with flag 131072
	total INTEGER NOT NULL,
	PRIMARY KEY (chat, month)
) WITHOUT ROWID;

-- One full-text document per message, whether it has text or not: `meta`
-- holds c<chat> and, in rooms, f<sender>, so that a conversation or a
-- speaker is an intersection of posting lists and not a scan.
CREATE VIEW ft_source AS
SELECT m.id AS id,
	m.body || coalesce((SELECT group_concat(char(10, 10) || t.text, '')
		FROM text t WHERE t.message = m.id AND t.kind = 0
		AND t.text IS NOT NULL), '') AS body,
	m.subject || coalesce((SELECT group_concat(char(10, 10) || t.text, '')
		FROM text t WHERE t.message = m.id AND t.kind = 1
		AND t.text IS NOT NULL), '') AS subject,
	'c' || m.chat || CASE m.type WHEN 2 THEN ' f' || m.sender ELSE '' END
		AS meta
FROM message m;
CREATE VIRTUAL TABLE ft USING fts5 (
	body, subject, meta,
	content = 'ft_source', content_rowid = 'id',
	tokenize = 'backscroll', columnsize = 0
);
INSERT INTO ft (ft, rank) VALUES ('automerge', 8);
