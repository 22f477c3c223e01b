-- For people with sqlite3: the archive in words. These views are the stable
-- face of the tables behind them; they need nothing but plain SQLite. Ids are
-- those of the command line, times are RFC 3339 in UTC. The newest twenty:
--
--	SELECT time, sender, body FROM messages WHERE chat = 'a@b.example'
--	ORDER BY id DESC LIMIT 20;
--
-- Searching with MATCH needs the program's own tokenizer: `backscroll search`.

-- Every message with its first body and subject. `correction_of` is set on a
-- valid correction: it is a later version of that message.
DROP VIEW IF EXISTS messages;
CREATE VIEW messages AS
SELECT printf('%016x', m.id) AS id,
	acct.jid AS account,
	peer.jid AS chat,
	CASE c.kind WHEN 0 THEN 'direct' WHEN 1 THEN 'room' WHEN 2 THEN
		'private' END AS chat_kind,
	CASE m.type WHEN 0 THEN 'normal' WHEN 1 THEN 'chat' WHEN 2 THEN
		'groupchat' WHEN 3 THEN 'headline' WHEN 4 THEN 'error' END AS type,
	CASE m.direction WHEN 1 THEN 'out' ELSE 'in' END AS direction,
	CASE m.route WHEN 0 THEN 'live' WHEN 1 THEN 'carbon' WHEN 2 THEN
		'mam' WHEN 3 THEN 'offline' WHEN 4 THEN 'history' WHEN 5 THEN 'sent'
		WHEN 6 THEN 'import' END AS source,
	s.jid AS sender,
	r.jid AS recipient,
	m.nick AS nick,
	strftime('%Y-%m-%dT%H:%M:%S', (coalesce(m.time, m.id)) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (coalesce(m.time, m.id)) / 1000 % 1000) AS time,
	strftime('%Y-%m-%dT%H:%M:%S', (coalesce(m.time, m.id) + m.received) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (coalesce(m.time, m.id) + m.received) / 1000 % 1000) AS received,
	CASE typeof(m.sid) WHEN 'blob' THEN
		substr(lower(hex(m.sid)), 1, 8) || '-' || substr(lower(hex(m.sid)), 9, 4) || '-' ||
		substr(lower(hex(m.sid)), 13, 4) || '-' || substr(lower(hex(m.sid)), 17, 4) || '-' ||
		substr(lower(hex(m.sid)), 21) ELSE m.sid END AS stanza_id,
	CASE typeof(m.oid) WHEN 'blob' THEN
		substr(lower(hex(m.oid)), 1, 8) || '-' || substr(lower(hex(m.oid)), 9, 4) || '-' ||
		substr(lower(hex(m.oid)), 13, 4) || '-' || substr(lower(hex(m.oid)), 17, 4) || '-' ||
		substr(lower(hex(m.oid)), 21) ELSE m.oid END AS origin_id,
	CASE typeof(m.aid) WHEN 'blob' THEN
		substr(lower(hex(m.aid)), 1, 8) || '-' || substr(lower(hex(m.aid)), 9, 4) || '-' ||
		substr(lower(hex(m.aid)), 13, 4) || '-' || substr(lower(hex(m.aid)), 17, 4) || '-' ||
		substr(lower(hex(m.aid)), 21) ELSE m.aid END AS archive_id,
	m.lang AS lang,
	m.thread AS thread,
	m.subject AS subject,
	m.body AS body,
	CASE WHEN m.root IS NOT NULL THEN printf('%016x', m.root) END
		AS correction_of,
	m.flags & 16 <> 0 AS edited,
	m.flags & 32 <> 0 AS retracted,
	m.flags & 64 <> 0 AS encrypted
FROM message m
JOIN chat c ON c.id = m.chat
JOIN address acct ON acct.id = c.account
JOIN address peer ON peer.id = c.peer
JOIN address s ON s.id = m.sender
LEFT JOIN address r ON r.id = m.recipient;

-- Every body and subject in every language, in stanza order (seq from 0).
-- `lang` is the language in force.
DROP VIEW IF EXISTS texts;
CREATE VIEW texts AS
SELECT printf('%016x', m.id) AS message, 'body' AS kind, 0 AS seq,
	CASE WHEN t.message IS NULL THEN m.lang ELSE t.lang END AS lang, m.body AS text
FROM message m
LEFT JOIN text t ON t.message = m.id AND t.kind = 0 AND t.seq = 0
WHERE m.body IS NOT NULL
UNION ALL
SELECT printf('%016x', m.id), 'subject', 0,
	CASE WHEN t.message IS NULL THEN m.lang ELSE t.lang END, m.subject
FROM message m
LEFT JOIN text t ON t.message = m.id AND t.kind = 1 AND t.seq = 0
WHERE m.subject IS NOT NULL
UNION ALL
SELECT printf('%016x', message),
	CASE kind WHEN 0 THEN 'body' ELSE 'subject' END, seq, lang, text
FROM text WHERE text IS NOT NULL;

-- What messages do to others. `target` is the other message, once known;
-- `valid` says whether the sender had the right to it.
DROP VIEW IF EXISTS effects;
CREATE VIEW effects AS
SELECT printf('%016x', f.message) AS message,
	CASE f.kind WHEN 0 THEN 'replace' WHEN 1 THEN 'retract' WHEN 2 THEN
		'moderate' WHEN 3 THEN 'react' WHEN 4 THEN 'reply' WHEN 5 THEN
		'received' WHEN 6 THEN 'displayed' WHEN 7 THEN 'acknowledged' WHEN 8
		THEN 'attach' WHEN 9 THEN 'tombstone' END AS kind,
	CASE WHEN f.target IS NOT NULL THEN printf('%016x', f.target) END
		AS target,
	f.valid AS valid,
	f.id AS stanza_id,
	a.jid AS jid,
	f.reason AS reason,
	f.emojis AS emojis
FROM ref f
LEFT JOIN address a ON a.id = f.jid;

-- Where each copy of a message came from; seq 0 is the first.
DROP VIEW IF EXISTS copies;
CREATE VIEW copies AS
SELECT printf('%016x', m.id) AS message, 0 AS seq,
	CASE m.route WHEN 0 THEN 'live' WHEN 1 THEN 'carbon' WHEN 2 THEN
		'mam' WHEN 3 THEN 'offline' WHEN 4 THEN 'history' WHEN 5 THEN 'sent'
		WHEN 6 THEN 'import' END AS source,
	strftime('%Y-%m-%dT%H:%M:%S', (coalesce(m.time, m.id) + m.received) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (coalesce(m.time, m.id) + m.received) / 1000 % 1000) AS received,
	CASE typeof(m.aid) WHEN 'blob' THEN
		substr(lower(hex(m.aid)), 1, 8) || '-' || substr(lower(hex(m.aid)), 9, 4) || '-' ||
		substr(lower(hex(m.aid)), 13, 4) || '-' || substr(lower(hex(m.aid)), 17, 4) || '-' ||
		substr(lower(hex(m.aid)), 21) ELSE m.aid END AS archive_id,
	m.stream AS session
FROM message m
UNION ALL
SELECT printf('%016x', k.message), k.seq,
	CASE k.route WHEN 0 THEN 'live' WHEN 1 THEN 'carbon' WHEN 2 THEN
		'mam' WHEN 3 THEN 'offline' WHEN 4 THEN 'history' WHEN 5 THEN 'sent'
		WHEN 6 THEN 'import' END,
	strftime('%Y-%m-%dT%H:%M:%S', (k.received) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (k.received) / 1000 % 1000),
	CASE typeof(k.aid) WHEN 'blob' THEN
		substr(lower(hex(k.aid)), 1, 8) || '-' || substr(lower(hex(k.aid)), 9, 4) || '-' ||
		substr(lower(hex(k.aid)), 13, 4) || '-' || substr(lower(hex(k.aid)), 17, 4) || '-' ||
		substr(lower(hex(k.aid)), 21) ELSE k.aid END,
	k.stream
FROM copy k;

-- Presence changes.
DROP VIEW IF EXISTS presences;
CREATE VIEW presences AS
SELECT printf('%016x', p.id) AS id,
	acct.jid AS account,
	s.jid AS sender,
	r.jid AS recipient,
	CASE p.type WHEN 0 THEN 'available' WHEN 1 THEN 'unavailable' WHEN 2
		THEN 'subscribe' WHEN 3 THEN 'subscribed' WHEN 4 THEN 'unsubscribe'
		WHEN 5 THEN 'unsubscribed' WHEN 6 THEN 'error' WHEN 7 THEN 'probe'
		END AS type,
	CASE p.show WHEN 1 THEN 'chat' WHEN 2 THEN 'away' WHEN 3 THEN 'xa'
		WHEN 4 THEN 'dnd' END AS show,
	p.priority AS priority,
	strftime('%Y-%m-%dT%H:%M:%S', (coalesce(p.time, p.id)) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (coalesce(p.time, p.id)) / 1000 % 1000) AS time,
	p.status AS status,
	p.status_lang AS status_lang,
	p.event AS event,
	x.nick AS nick,
	x.affiliation AS affiliation,
	x.role AS role,
	x.jid AS occupant_jid
FROM presence p
JOIN address acct ON acct.id = p.account
JOIN address s ON s.id = p.sender
LEFT JOIN address r ON r.id = p.recipient
LEFT JOIN presence_room x ON x.presence = p.id;

-- Conversations. `messages` counts what `log` shows.
DROP VIEW IF EXISTS chats;
CREATE VIEW chats AS
SELECT acct.jid AS account,
	peer.jid AS chat,
	CASE c.kind WHEN 0 THEN 'direct' WHEN 1 THEN 'room' WHEN 2 THEN
		'private' END AS kind,
	(SELECT name FROM roster WHERE account = c.account AND contact = c.peer)
		AS name,
	(SELECT sum(shown) FROM tally WHERE chat = c.id) AS messages,
	(SELECT sum(total) FROM tally WHERE chat = c.id) AS records,
	(SELECT strftime('%Y-%m-%dT%H:%M:%S', (min(id)) / 1000000, 'unixepoch') || printf('.%03dZ', (min(id)) / 1000 % 1000)
		FROM message WHERE chat = c.id) AS first,
	(SELECT strftime('%Y-%m-%dT%H:%M:%S', (max(id)) / 1000000, 'unixepoch') || printf('.%03dZ', (max(id)) / 1000 % 1000)
		FROM message WHERE chat = c.id) AS last
FROM chat c
JOIN address acct ON acct.id = c.account
JOIN address peer ON peer.id = c.peer;

-- When the archiver was connected. `closed` NULL: still open, or it died
-- after `alive`.
DROP VIEW IF EXISTS sessions;
CREATE VIEW sessions AS
SELECT n.id AS id,
	acct.jid AS account,
	j.jid AS jid,
	strftime('%Y-%m-%dT%H:%M:%S', (n.opened) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (n.opened) / 1000 % 1000) AS opened,
	strftime('%Y-%m-%dT%H:%M:%S', (n.alive) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (n.alive) / 1000 % 1000) AS alive,
	strftime('%Y-%m-%dT%H:%M:%S', (n.closed) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (n.closed) / 1000 % 1000) AS closed,
	n.reason AS reason,
	n.mode AS mode,
	n.carbons AS carbons
FROM session n
JOIN address acct ON acct.id = n.account
LEFT JOIN address j ON j.id = n.jid;

-- How far each server archive has been read.
DROP VIEW IF EXISTS positions;
CREATE VIEW positions AS
SELECT acct.jid AS account,
	a.jid AS archive,
	p.id AS id,
	strftime('%Y-%m-%dT%H:%M:%S', (p.stamp) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (p.stamp) / 1000 % 1000) AS stamp,
	strftime('%Y-%m-%dT%H:%M:%S', (p.moved) / 1000000, 'unixepoch')
		|| printf('.%03dZ', (p.moved) / 1000 % 1000) AS moved
FROM position p
JOIN address acct ON acct.id = p.account
JOIN address a ON a.id = p.archive;
