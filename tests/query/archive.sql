-- A small archive for tests/query/archive.c. Messages are named by their
-- stanza id; their time is the id. m(n) below: 2026-MM-DD hh:mm.
INSERT INTO address (id, jid, bare, domain, resource, fold) VALUES
	(1, 'juliet@example.com', 1, 'example.com', NULL, 'juliet@example.com'),
	(2, 'nurse@example.com', 2, 'example.com', NULL, 'nurse@example.com'),
	(3, 'romeo@example.net', 3, 'example.net', NULL, 'romeo@example.net'),
	(4, 'romeo@example.net/Orchard', 3, 'example.net', 'Orchard', 'romeo@example.net/orchard'),
	(5, 'romeo@example.net/cell', 3, 'example.net', 'cell', 'romeo@example.net/cell'),
	(6, 'benvolio@example.org', 6, 'example.org', NULL, 'benvolio@example.org'),
	(7, 'benvolio@example.org/pda', 6, 'example.org', 'pda', 'benvolio@example.org/pda'),
	(8, 'orchard@conference.example.com', 8, 'conference.example.com', NULL, 'orchard@conference.example.com'),
	(9, 'orchard@conference.example.com/Romeo', 8, 'conference.example.com', 'Romeo', 'orchard@conference.example.com/romeo'),
	(10, 'orchard@conference.example.com/Thirdwitch', 8, 'conference.example.com', 'Thirdwitch', 'orchard@conference.example.com/thirdwitch'),
	(11, 'juliet@example.com/balcony', 1, 'example.com', 'balcony', 'juliet@example.com/balcony'),
	(12, 'nurse@example.com/hall', 2, 'example.com', 'hall', 'nurse@example.com/hall'),
	(13, 'orchard@conference.example.com/Juliet', 8, 'conference.example.com', 'Juliet', 'orchard@conference.example.com/juliet');
INSERT INTO account (id) VALUES (1), (2);
INSERT INTO roster (account, contact, name, name_fold, subscription) VALUES
	(1, 3, 'Můj Montek', 'muj montek', 'both'),
	(1, 6, 'Ben', 'ben', 'both');
INSERT INTO chat (id, account, peer, kind) VALUES
	(1, 1, 3, 0),	-- juliet and romeo
	(2, 1, 6, 0),	-- juliet and benvolio
	(3, 1, 8, 1),	-- juliet in the orchard
	(4, 1, 9, 2),	-- juliet and Romeo of the orchard
	(5, 2, 3, 0);	-- nurse and romeo
-- A crowd of contacts, too many to name in the index's language.
WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
INSERT INTO address SELECT i, 'crowd' || i || '@example.info', i,
	'example.info', NULL, 'crowd' || i || '@example.info' FROM n;
INSERT INTO chat SELECT id, 1, id, 0 FROM address WHERE id >= 100;
-- id, chat, type, direction, route, sender, recipient, sid, flags, root, lang,
-- thread, subject, body, nick
CREATE TEMP TABLE said (at, chat, type, direction, route, sender, recipient,
	sid, flags, root, lang, thread, subject, body, nick);
INSERT INTO said VALUES
	('2026-01-05 10:00', 1, 1, 0, 0, 4, 11, 'a', 131072, NULL, 'en', 'T-1', NULL, 'Hello dear, dinner tonight?', NULL),
	('2026-01-05 10:01', 1, 1, 1, 1, 11, 3, 'b', 131072, NULL, 'cs', 'T-1', NULL, 'Příliš žluťoučký kůň', NULL),
	('2026-01-05 10:02', 1, 1, 0, 0, 4, 11, 'c', 0, '2026-01-05 10:00', 'en', 'T-1', NULL, 'Hello dear, supper tonight?', NULL),
	('2026-01-05 10:03', 1, 1, 0, 0, 4, 11, 'd', 32768, NULL, NULL, NULL, NULL, NULL, NULL),
	('2026-01-31 23:30', 2, 0, 0, 2, 7, 11, 'e', 131072, NULL, 'en', NULL, 'News from Verona', 'foo_bar-baz it''s C++ at 10:30', NULL),
	('2026-02-01 08:00', 2, 0, 1, 5, 11, 6, 'f', 131072, NULL, NULL, NULL, NULL, 'see https://example.com/a?b=c 👍🏽', NULL),
	('2026-02-10 09:00', 3, 2, 0, 0, 9, 11, 'g', 131072, NULL, 'en', NULL, NULL, 'dinner in the orchard', NULL),
	('2026-02-10 09:01', 3, 2, 0, 0, 10, 11, 'h', 131072, NULL, 'zh-Hant', NULL, NULL, '我們今天去東京吃飯', NULL),
	('2026-02-10 09:02', 3, 2, 1, 0, 13, 11, 'i', 131072, NULL, 'en', NULL, NULL, 'Straße, ｆｕｌｌ width', NULL),
	('2026-02-10 09:03', 3, 2, 0, 0, 8, 11, 'j', 131072, NULL, NULL, NULL, 'The topic', NULL, NULL),
	('2026-02-11 09:00', 4, 1, 0, 0, 9, 11, 'k', 131072, NULL, 'en', NULL, NULL, 'a private word', NULL),
	('2026-03-01 12:00', 5, 1, 0, 0, 5, 12, 'l', 131072, NULL, 'en', NULL, NULL, 'nurse, bring dinner', NULL),
	('2026-03-01 12:01', 5, 1, 1, 5, 12, 3, 'm', 131136, NULL, 'en', NULL, NULL, 'sealed words', NULL),
	('2026-03-02 00:00', 1, 4, 0, 0, 3, 11, 'n', 131072, NULL, NULL, NULL, NULL, NULL, NULL),
	('2026-03-02 01:00', 222, 1, 0, 0, 222, 11, 'p', 131072, NULL, 'en', NULL, NULL, 'one of the crowd', NULL),
	('2026-03-02 02:00', 444, 1, 1, 0, 11, 444, 'q', 131072, NULL, 'en', NULL, NULL, 'to one of a crowd', NULL),
	('2026-03-03 07:00', 1, 3, 0, 0, 4, 11, 'o', 131072, NULL, 'zh-Hans', NULL, '系统', '维护系统软件', 'Monty');
INSERT INTO message (id, chat, type, direction, route, sender, recipient,
	received, arrival, sid, hash, flags, state, root, lang, thread, subject,
	body, nick)
SELECT strftime('%s', at) * 1000000, chat, type, direction, route, sender,
	recipient, 1000000, 0, sid, 0, flags, 0,
	strftime('%s', root) * 1000000, lang, thread, subject, body, nick
FROM said;
-- b has a second body; its first one's language is its own. h came again.
INSERT INTO text VALUES
	((SELECT id FROM message WHERE sid = 'b'), 0, 1, 'en', 'Too yellow a horse');
UPDATE message SET flags = flags | 4096 WHERE sid = 'b';
INSERT INTO copy (message, seq, arrival, route, received, stamp, how, aid)
SELECT id, 1, 0, 2, id + 5000000, id, 1, x'00112233445566778899aabbccddeeff'
FROM message WHERE sid = 'h';
UPDATE message SET flags = flags | 16384 WHERE sid = 'h';
INSERT INTO archive_id (message, by, id, trusted)
SELECT id, 8, 'arch-8', 1 FROM message WHERE sid = 'h' UNION ALL
SELECT id, 1, 'arch-7', 0 FROM message WHERE sid = 'i' UNION ALL
SELECT id, 1, 'arch-9', 0 FROM message WHERE sid = 'i';
UPDATE message SET aid = 'arch-7', oid = x'ffeeddccbbaa99887766554433221100'
WHERE sid = 'g';
-- c corrects a; d reacts to a and says so again; benvolio's f was read; k is
-- retracted; g is replied to by i.
INSERT INTO ref (message, seq, kind, target, valid, id, emojis, reason)
SELECT x.id, 0, k.kind, y.id, k.valid, y.sid, k.emojis, k.reason
FROM (SELECT 'c' AS a, 'a' AS b, 0 AS kind, 1 AS valid, NULL AS emojis,
	NULL AS reason UNION ALL
	SELECT 'd', 'a', 3, 1, '❤' || char(10) || '👍', NULL UNION ALL
	SELECT 'e', 'f', 6, 1, NULL, NULL UNION ALL
	SELECT 'h', 'k', 1, 0, NULL, 'forged' UNION ALL
	SELECT 'g', 'k', 1, 1, NULL, 'a slip' UNION ALL
	SELECT 'i', 'g', 4, 1, NULL, NULL) k
JOIN message x ON x.sid = k.a JOIN message y ON y.sid = k.b;
UPDATE message SET flags = flags | 16 | 512 WHERE sid = 'a';
UPDATE message SET flags = flags | 32 WHERE sid = 'k';
UPDATE message SET flags = flags | 2048 WHERE sid = 'f';
UPDATE message SET flags = flags | 1024 | 32768 WHERE sid = 'i';
INSERT INTO link (message, seq, url, name)
SELECT id, 0, 'https://example.com/a?b=c', 'a' FROM message WHERE sid = 'f';
UPDATE message SET flags = flags | 256 WHERE sid = 'f';
INSERT INTO detail (message, error_type, error_condition)
SELECT id, 'cancel', 'service-unavailable' FROM message WHERE sid = 'n';
UPDATE message SET flags = flags | 8192 WHERE sid = 'n';
INSERT INTO delay SELECT id, 0, id - 60000000, 'example.com', NULL
FROM message WHERE sid = 'e';
UPDATE message SET flags = flags | 128 WHERE sid = 'e';
INSERT INTO ft (rowid, body, subject, meta)
SELECT id, body, subject, meta FROM ft_source ORDER BY id;
INSERT INTO tally (chat, month, shown, total)
SELECT chat, 0, sum(root IS NULL AND flags & 131072 <> 0), count(*)
FROM message GROUP BY chat;
INSERT INTO forged (id, account, kind, why, received, arrival, type, route,
	sender, recipient, chat, sid, lang, body, raw) VALUES
	(1767607200000000, 1, 1, 'a carbon from a stranger', 1767607200000000,
	0, 1, 1, 'Mallory@example.net/Cave', 'juliet@example.com/balcony',
	'Mallory@example.net', 'F-1', 'en-GB', 'Trust me, dinner',
	'<message/>');
INSERT INTO presence (id, account, sender, recipient, type, show, priority,
	received, arrival, status, status_lang) VALUES
	(1767607200000000, 1, 4, 11, 0, 2, 5, 0, 0, 'sleeping', 'en'),
	(1767607260000000, 1, 10, 11, 0, 0, 0, 0, 0, NULL, NULL),
	(1767607320000000, 1, 4, 11, 1, 0, 0, 0, 0, NULL, NULL);
INSERT INTO presence_status VALUES (1767607200000000, 1, 'cs', 'spím');
INSERT INTO presence_room (presence, nick, affiliation, role, codes) VALUES
	(1767607260000000, 'Thirdwitch', 'member', 'participant', '110 201');
