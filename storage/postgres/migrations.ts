/**
 * How our tables in PostgreSQL came to be: each entry leads from the version before it to its own (`term2ai.version`). None is ever
 * changed once it was published.
 *
 * Everything lies in the schema `term2ai`. Each row has an owner, and row-level security shows everybody only their own. PostgreSQL then
 * compares rows by an index only where it trusts the operator; so the first versions, which looked into an index of trigrams, had
 * functions for that with the rights of whoever made them. Nothing is left of those.
 * @module
 */

/** In order; `trgm` is the schema that has the extension. */
export const MIGRATIONS: readonly ((trgm: string) => string)[] = [
  (trgm) => `
   CREATE TABLE term2ai.blobs (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     owner text NOT NULL DEFAULT current_user,
     key text NOT NULL COLLATE "C",
     size bigint NOT NULL DEFAULT 0,
     modified bigint NOT NULL,
     whole boolean NOT NULL DEFAULT false
   );
   CREATE UNIQUE INDEX ON term2ai.blobs (owner, key) WHERE whole;
   CREATE TABLE term2ai.chunks (
     blob bigint NOT NULL REFERENCES term2ai.blobs (id) ON DELETE CASCADE,
     number integer NOT NULL,
     owner text NOT NULL DEFAULT current_user,
     data bytea NOT NULL,
     PRIMARY KEY (blob, number)
   );
   ALTER TABLE term2ai.chunks ALTER data SET STORAGE EXTERNAL;
   CREATE TABLE term2ai.recordings (
     owner text NOT NULL DEFAULT current_user,
     base bigint NOT NULL,
     id text NOT NULL COLLATE "C",
     started bigint NOT NULL,
     duration bigint NOT NULL,
     bytes bigint NOT NULL,
     exit integer,
     "user" text,
     host text,
     tags text[] NOT NULL,
     about text NOT NULL,
     passages integer,
     text bigint NOT NULL DEFAULT 0,
     meta text NOT NULL,
     PRIMARY KEY (owner, base)
   );
   CREATE UNIQUE INDEX ON term2ai.recordings (owner, id);
   CREATE TABLE term2ai.passages (
     owner text NOT NULL DEFAULT current_user,
     place bigint NOT NULL,
     times text NOT NULL,
     text text NOT NULL,
     PRIMARY KEY (owner, place)
   ) WITH (toast_tuple_target = 128);
   CREATE INDEX ON term2ai.passages USING gin (${trgm}.show_trgm(text));

   CREATE FUNCTION term2ai.find(grams text[], low bigint, high bigint, most integer)
   RETURNS TABLE (place bigint, times text, text text)
   LANGUAGE plpgsql STABLE SECURITY DEFINER
   SET search_path = term2ai, ${trgm}, pg_temp SET enable_seqscan = off SET work_mem = '64MB' SET jit = off AS $body$
   BEGIN
     RETURN QUERY EXECUTE 'SELECT p.place, p.times, p.text FROM term2ai.passages p
       WHERE p.owner || '''' = $1 AND p.place + 0 >= $2 AND p.place + 0 < $3 AND ${trgm}.show_trgm(p.text) @> $4
       ORDER BY p.place + 0 DESC LIMIT $5'
       USING session_user::text, low, high, grams, most;
   END $body$;

   CREATE FUNCTION term2ai.count(grams text[])
   RETURNS TABLE (base bigint, hits bigint)
   LANGUAGE plpgsql STABLE SECURITY DEFINER
   SET search_path = term2ai, ${trgm}, pg_temp SET enable_seqscan = off SET work_mem = '64MB' SET jit = off AS $body$
   BEGIN
     RETURN QUERY EXECUTE 'SELECT p.place >> 20, count(*) FROM term2ai.passages p
       WHERE p.owner || '''' = $1 AND ${trgm}.show_trgm(p.text) @> $2 GROUP BY 1' USING session_user::text, grams;
   END $body$;

   ALTER TABLE term2ai.blobs ENABLE ROW LEVEL SECURITY;
   ALTER TABLE term2ai.chunks ENABLE ROW LEVEL SECURITY;
   ALTER TABLE term2ai.recordings ENABLE ROW LEVEL SECURITY;
   ALTER TABLE term2ai.passages ENABLE ROW LEVEL SECURITY;
   CREATE POLICY own ON term2ai.blobs USING (owner = current_user) WITH CHECK (owner = current_user);
   CREATE POLICY own ON term2ai.chunks USING (owner = current_user) WITH CHECK (owner = current_user);
   CREATE POLICY own ON term2ai.recordings USING (owner = current_user) WITH CHECK (owner = current_user);
   CREATE POLICY own ON term2ai.passages USING (owner = current_user) WITH CHECK (owner = current_user);
   GRANT SELECT, INSERT, UPDATE, DELETE ON term2ai.blobs, term2ai.chunks, term2ai.recordings, term2ai.passages TO PUBLIC;
   GRANT SELECT ON term2ai.version TO PUBLIC;`,
  () => `
   CREATE TABLE term2ai.commands (
     owner text NOT NULL DEFAULT current_user,
     base bigint NOT NULL,
     digest bytea NOT NULL,
     records text NOT NULL,
     PRIMARY KEY (owner, base),
     FOREIGN KEY (owner, base) REFERENCES term2ai.recordings ON DELETE CASCADE
   );
   ALTER TABLE term2ai.commands ENABLE ROW LEVEL SECURITY;
   CREATE POLICY own ON term2ai.commands USING (owner = current_user) WITH CHECK (owner = current_user);
   GRANT SELECT, INSERT, UPDATE, DELETE ON term2ai.commands TO PUBLIC;`,
  // Where the newest of many are wanted, only the newest part of the index is to be looked at: each passage is also listed under the
  // hour, the day and the fortnight of its recording, or nearly so. What is found is compared here, not sent and compared there.
  (trgm) => `
   DROP INDEX term2ai.passages_show_trgm_idx;
   CREATE INDEX ON term2ai.passages USING gin (${gramsOf(trgm)});
   DROP FUNCTION term2ai.find;
   DROP FUNCTION term2ai.count;

   CREATE FUNCTION term2ai.find(grams text[], patterns text[], low bigint, high bigint, most integer)
   RETURNS TABLE (place bigint, times text, text text)
   LANGUAGE plpgsql STABLE SECURITY DEFINER
   SET search_path = term2ai, ${trgm}, pg_temp SET enable_seqscan = off SET work_mem = '64MB' SET jit = off AS $body$
   DECLARE
     above bigint := high;
     bottom bigint;
     newest bigint;
     told integer := 0;
     more integer;
     wanted text[];
   BEGIN
     SELECT max(p.place) INTO newest FROM term2ai.passages p WHERE p.owner = session_user::text AND p.place < high;
     FOR level IN 1..4 LOOP
       IF level = 4 THEN
         bottom := low;
         wanted := grams;
       ELSE
         bottom := greatest(low, newest >> (38 + 4 * level) << (38 + 4 * level));
         wanted := grams || ('@@' || level || '.' || (newest >> (38 + 4 * level)));
       END IF;
       CONTINUE WHEN bottom >= above;
       RETURN QUERY EXECUTE 'SELECT p.place, p.times, p.text FROM term2ai.passages p
         WHERE p.owner || '''' = $1 AND p.place + 0 >= $2 AND p.place + 0 < $3 AND ${
    gramsOf(trgm, "p.").replaceAll("'", "''")
  } @> $4
           AND p.text COLLATE "C" ILIKE ALL ($5)
         ORDER BY p.place + 0 DESC LIMIT $6'
         USING session_user::text, bottom, above, wanted, patterns, most - told;
       GET DIAGNOSTICS more = ROW_COUNT;
       told := told + more;
       EXIT WHEN told >= most OR bottom <= low;
       above := bottom;
     END LOOP;
   END $body$;

   CREATE FUNCTION term2ai.count(grams text[])
   RETURNS TABLE (base bigint, hits bigint)
   LANGUAGE plpgsql STABLE SECURITY DEFINER
   SET search_path = term2ai, ${trgm}, pg_temp SET enable_seqscan = off SET work_mem = '64MB' SET jit = off AS $body$
   BEGIN
     RETURN QUERY EXECUTE 'SELECT p.place >> 20, count(*) FROM term2ai.passages p
       WHERE p.owner || '''' = $1 AND ${gramsOf(trgm, "p.").replaceAll("'", "''")} @> $2 GROUP BY 1'
       USING session_user::text, grams;
   END $body$;`,
  // The newest hour, day or fortnight may just have begun, and a passage holds the trigrams of most frequent words: of those all in a
  // fortnight would be compared and sorted. As long as something is found, the stretch before, up to three times, is step enough.
  (trgm) => `
   CREATE OR REPLACE FUNCTION term2ai.find(grams text[], patterns text[], low bigint, high bigint, most integer)
   RETURNS TABLE (place bigint, times text, text text)
   LANGUAGE plpgsql STABLE SECURITY DEFINER
   SET search_path = term2ai, ${trgm}, pg_temp SET enable_seqscan = off SET work_mem = '64MB' SET jit = off AS $body$
   DECLARE
     above bigint;
     bottom bigint;
     bits integer;
     level integer := 1;
     tries integer := 0;
     told integer := 0;
     more integer;
     wanted text[];
   BEGIN
     SELECT max(p.place) + 1 INTO above FROM term2ai.passages p WHERE p.owner = session_user::text AND p.place < high;
     WHILE told < most AND above > low LOOP
       IF level = 4 THEN
         bottom := low;
         wanted := grams;
       ELSE
         bits := 38 + 4 * level;
         bottom := greatest(low, (above - 1) >> bits << bits);
         wanted := grams || ('@@' || level || '.' || ((above - 1) >> bits));
       END IF;
       RETURN QUERY EXECUTE 'SELECT p.place, p.times, p.text FROM term2ai.passages p
         WHERE p.owner || '''' = $1 AND p.place + 0 >= $2 AND p.place + 0 < $3 AND ${
    gramsOf(trgm, "p.").replaceAll("'", "''")
  } @> $4
           AND p.text COLLATE "C" ILIKE ALL ($5)
         ORDER BY p.place + 0 DESC LIMIT $6'
         USING session_user::text, bottom, above, wanted, patterns, most - told;
       GET DIAGNOSTICS more = ROW_COUNT;
       told := told + more;
       tries := tries + 1;
       above := bottom;
       IF more = 0 OR tries = 4 THEN
         level := least(4, level + 1);
         tries := 0;
       END IF;
     END LOOP;
   END $body$;`,
  // Signatures (`lib/search/signature.ts`) in the place of trigrams: to take in a megabyte of text took the server half a second, and a
  // passage of 4 KB holds the trigrams of most words somewhere. Text lies in the open, since to unpack a passage took ten times as long
  // as to look at it. What there is has to be taken in anew.
  () => `
   DROP FUNCTION term2ai.find;
   DROP FUNCTION term2ai.count;
   DROP TABLE term2ai.passages;
   CREATE TABLE term2ai.passages (
     owner text NOT NULL DEFAULT current_user COLLATE "C",
     place bigint NOT NULL,
     times text NOT NULL,
     text text NOT NULL COLLATE "C",
     PRIMARY KEY (owner, place)
   );
   CREATE TABLE term2ai.packs (
     owner text NOT NULL DEFAULT current_user COLLATE "C",
     pack bigint GENERATED ALWAYS AS IDENTITY,
     width integer NOT NULL,
     low bigint NOT NULL,
     high bigint NOT NULL,
     spans bytea NOT NULL,
     PRIMARY KEY (owner, pack)
   );
   CREATE TABLE term2ai.slices (
     owner text NOT NULL DEFAULT current_user COLLATE "C",
     pack bigint NOT NULL,
     slice smallint NOT NULL,
     bits bit varying NOT NULL,
     PRIMARY KEY (owner, pack, slice)
   );
   ALTER TABLE term2ai.slices ALTER bits SET STORAGE PLAIN;
   CREATE TABLE term2ai.fresh (
     owner text NOT NULL DEFAULT current_user COLLATE "C",
     base bigint NOT NULL,
     first integer NOT NULL,
     width integer NOT NULL,
     bits bytea NOT NULL,
     PRIMARY KEY (owner, base, first)
   );
   ALTER TABLE term2ai.fresh ALTER bits SET STORAGE EXTERNAL;
   UPDATE term2ai.recordings SET passages = NULL, text = 0;
   CREATE INDEX ON term2ai.recordings (owner, started);
   ${
    ["passages", "packs", "slices", "fresh"].map((table) => `
   ALTER TABLE term2ai.${table} ENABLE ROW LEVEL SECURITY;
   CREATE POLICY own ON term2ai.${table} USING (owner = current_user) WITH CHECK (owner = current_user);`).join("")
  }
   GRANT SELECT, INSERT, UPDATE, DELETE ON term2ai.passages, term2ai.packs, term2ai.slices, term2ai.fresh TO PUBLIC;`,
];

/**
 * What the index lists a passage under: the trigrams of its words, and 2^22, 2^26 and 2^30 milliseconds that it is one of. The long s
 * and the Kelvin sign are letters as others are to those who search.
 */
function gramsOf(trgm: string, from = ""): string {
  const spans = [42, 46, 50].map((bits, at) => `'@@${at + 1}.' || (${from}place >> ${bits})`);
  return `(${trgm}.show_trgm(translate(${from}text, '\u017f\u212a', 'sk')) || ARRAY[${spans.join(", ")}])`;
}
