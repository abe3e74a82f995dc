/** `SHLF`, where SQLite keeps whose file it is. */
export const APPLICATION = 0x53_48_4c_46
/** Of the tables below. Another one is another cache. */
export const FORMAT = 1

/*
 * Times are in milliseconds since 1970, `Infinity` for never; `ends` is when a row is of no use any more.
 *
 * state: one row. `epoch` is another one in every file, `invalidated` counts invalidations of tags, `latest` is when the last sweep
 *   was, `origin` what time it was when the machine started: time never goes back behind either.
 * fences: the token in the form `a.b`: whoever takes the fence or uses it up hands on `a`, which only an invalidation ends.
 *   `lease` and `failed` are when these end; `taker` has taken the fence, `committer` has used it up.
 * tags: `changed` is the count of invalidations when the id was made or changed.
 * messages: the newest one always stays, so that whoever knows it can tell that it was not forgotten. The first says nothing.
 */
export const SCHEMA: string = `
CREATE TABLE state (epoch TEXT NOT NULL, invalidated INTEGER NOT NULL, latest REAL NOT NULL, origin REAL NOT NULL) STRICT;
CREATE TABLE records (
  key TEXT PRIMARY KEY, created REAL NOT NULL, fresh REAL NOT NULL, ends REAL NOT NULL, envelope BLOB
) STRICT;
CREATE INDEX records_ends ON records (ends);
CREATE TABLE fences (
  key TEXT PRIMARY KEY, token TEXT NOT NULL, owner TEXT, lease REAL NOT NULL, failed REAL NOT NULL,
  taker TEXT, committer TEXT, ends REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX fences_ends ON fences (ends);
CREATE TABLE tags (tag TEXT PRIMARY KEY, id TEXT NOT NULL, changed INTEGER NOT NULL, ends REAL NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX tags_ends ON tags (ends);
CREATE TABLE messages (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, sender TEXT NOT NULL, type TEXT NOT NULL, names TEXT NOT NULL, sent REAL NOT NULL
) STRICT;
INSERT INTO state VALUES (hex(randomblob(12)), 0, 0, 0);
INSERT INTO messages VALUES (1, hex(randomblob(12)), '', '', '[]', 0);
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = ${FORMAT};
`
