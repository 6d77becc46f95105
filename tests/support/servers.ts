/**
 * Servers that tests use where they run: `tests/servers/` starts them and tells where they are. Without them tests skip with a notice.
 * @module
 */

import { S3Client } from "../../storage/s3/client.ts";

/** A bucket of its own on the S3 server; `undefined`, with a notice, where there is none. */
export async function testBucket(): Promise<{ url: string; client: S3Client } | undefined> {
  const endpoint = Deno.env.get("TERM2AI_TEST_S3");
  if (!endpoint) return void console.log("    skipped: no S3 server; see tests/servers/swift.sh");
  Deno.env.set("AWS_ACCESS_KEY_ID", Deno.env.get("TERM2AI_TEST_S3_KEY")!);
  Deno.env.set("AWS_SECRET_ACCESS_KEY", Deno.env.get("TERM2AI_TEST_S3_SECRET")!);
  const bucket = `t${crypto.randomUUID().slice(0, 13)}`;
  const client = new S3Client({
    endpoint,
    bucket,
    region: "us-east-1",
    virtualHost: false,
    credentials: {
      accessKeyId: Deno.env.get("TERM2AI_TEST_S3_KEY")!,
      secretAccessKey: Deno.env.get("TERM2AI_TEST_S3_SECRET")!,
    },
  });
  await client.text("PUT", {});
  return { url: `s3://${bucket}/some/prefix?endpoint=${encodeURIComponent(endpoint)}`, client };
}

/** A database of its own on the PostgreSQL server; `undefined`, with a notice, where there is none. */
export async function testDatabase(): Promise<string | undefined> {
  const server = Deno.env.get("TERM2AI_TEST_POSTGRES");
  if (!server) return void console.log("    skipped: no PostgreSQL; see tests/servers/postgres.sh");
  const { default: postgres } = await import("postgres");
  const name = `t${crypto.randomUUID().replaceAll("-", "")}`;
  const sql = postgres(server, { max: 1, onnotice: () => {} });
  await sql.unsafe(`CREATE DATABASE ${name}`);
  await sql.end();
  return server.replace(/\/[^/]*$/, `/${name}`);
}
