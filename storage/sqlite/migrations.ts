/**
 * How the tables of an SQLite database came to be: each entry leads from the version before it to its own (`PRAGMA user_version`).
 * None is ever changed once it was published.
 *
 * Blobs lie in rows of 256 KiB, since SQLite reads a whole row to find a part of it.
 * @module
 */

/** In order. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE blobs (
     id INTEGER PRIMARY KEY,
     key TEXT NOT NULL,
     size INTEGER NOT NULL,
     modified INTEGER NOT NULL,
     whole INTEGER NOT NULL
   );
   CREATE UNIQUE INDEX blobs_by_key ON blobs (key) WHERE whole;
   CREATE TABLE chunks (
     blob INTEGER NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
     number INTEGER NOT NULL,
     data BLOB NOT NULL,
     PRIMARY KEY (blob, number)
   ) WITHOUT ROWID;
   CREATE TABLE recordings (
     base INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     started INTEGER NOT NULL,
     duration INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     exit INTEGER,
     user TEXT,
     host TEXT,
     tags TEXT NOT NULL,
     about TEXT NOT NULL,
     passages INTEGER,
     text INTEGER NOT NULL DEFAULT 0,
     meta TEXT NOT NULL
   );
   CREATE TABLE packs (row INTEGER PRIMARY KEY, data BLOB NOT NULL);
   CREATE VIRTUAL TABLE trigrams USING fts5 (text, content = '', detail = none, columnsize = 0, tokenize = 'trigram');
   CREATE VIRTUAL TABLE words USING fts5 (
     text, content = '', detail = none, columnsize = 0, tokenize = "unicode61 remove_diacritics 0 tokenchars '_'"
   );
   INSERT INTO trigrams (trigrams, rank) VALUES ('automerge', 8), ('hashsize', 16777216);
   INSERT INTO words (words, rank) VALUES ('automerge', 8), ('hashsize', 4194304);`,
  // Two tables, since SQLite walks over all of a row to come to the next.
  `CREATE TABLE commands (
     base INTEGER PRIMARY KEY REFERENCES recordings (base) ON DELETE CASCADE,
     digest BLOB NOT NULL
   );
   CREATE TABLE command_records (
     base INTEGER PRIMARY KEY REFERENCES recordings (base) ON DELETE CASCADE,
     records BLOB NOT NULL
   );`,
  // Text lies in the open, since to unpack it took ten times as long as to look at it; what there is has to be taken in anew.
  `DROP TABLE packs;
   CREATE TABLE passages (row INTEGER PRIMARY KEY, times TEXT NOT NULL, text TEXT NOT NULL);
   INSERT INTO trigrams (trigrams) VALUES ('delete-all');
   INSERT INTO words (words) VALUES ('delete-all');
   UPDATE recordings SET passages = NULL, text = 0;`,
  // Signatures (`lib/search/signature.ts`) in the place of words and trigrams, which told what a kilobyte holds: a phrase of common words
  // was compared with thousands of passages. What there is has to be taken in anew.
  `DROP TABLE trigrams;
   DROP TABLE words;
   DELETE FROM passages;
   CREATE TABLE packs (
     pack INTEGER PRIMARY KEY AUTOINCREMENT,
     width INTEGER NOT NULL,
     low INTEGER NOT NULL,
     high INTEGER NOT NULL,
     spans BLOB NOT NULL
   );
   CREATE TABLE slices (row INTEGER PRIMARY KEY, bits BLOB NOT NULL);
   CREATE TABLE fresh (row INTEGER PRIMARY KEY, width INTEGER NOT NULL, bits BLOB NOT NULL);
   UPDATE recordings SET passages = NULL, text = 0;`,
];
