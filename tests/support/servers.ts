/**
 * Servers that tests use where they run: `tests/servers/` starts them and tells where they are. Without them tests skip with a notice.
 * @module
 */

import { S3Client } from "../../storage/s3/client.ts";

/** A bucket of its own on the S3 server; `undefined`, with a notice, where there is none. */
export async function testBucket(): Promise<{ url: string; client: S3Client } | undefined> {
  if (Deno.env.get("TERM2AI_TEST_S3")) return await bucketOn(Deno.env.toObject());
  console.log("    skipped: no S3 server; see tests/servers/swift.sh");
}

/** A new bucket on the server that these variables name. */
export async function bucketOn(
  variables: Readonly<Record<string, string>>,
): Promise<{ url: string; client: S3Client }> {
  const endpoint = variables.TERM2AI_TEST_S3!;
  const credentials = {
    accessKeyId: variables.TERM2AI_TEST_S3_KEY!,
    secretAccessKey: variables.TERM2AI_TEST_S3_SECRET!,
  };
  Deno.env.set("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  Deno.env.set("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  const bucket = `t${crypto.randomUUID().slice(0, 13)}`;
  const client = new S3Client({ endpoint, bucket, region: "us-east-1", virtualHost: false, credentials });
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

/** A server of a test's own, which may be restarted under it; `undefined` where the common one is not there either. */
export async function ownServer(name: "postgres" | "swift", folder: string): Promise<OwnServer | undefined> {
  if (!Deno.env.get(name === "swift" ? "TERM2AI_TEST_S3" : "TERM2AI_TEST_POSTGRES")) {
    return void console.log(`    skipped: see tests/servers/${name}.sh`);
  }
  await Deno.chmod(folder, 0o755); // PostgreSQL runs as a user of its own, if we are root
  const script = new URL(`../servers/${name}.sh`, import.meta.url).pathname;
  const run = async (action: string) => {
    const output = new Deno.Command(script, { args: [action, `${folder}/${name}`], stdin: "null", stderr: "inherit" });
    const { success, stdout } = await output.output();
    if (!success) throw new Error(`Cannot ${action} ${name}`);
    return new TextDecoder().decode(stdout);
  };
  const told = await run("start");
  const variables = Object.fromEntries(told.matchAll(/(\w+)=(\S+)/g).map(([, key, value]) => [key!, value!]));
  return { variables, restart: () => run("restart"), stop: () => run("stop") };
}

/** One that is running. */
export interface OwnServer {
  /** What the script tells to export. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ends it as a crash does, and starts it again. */
  restart(): Promise<unknown>;
  stop(): Promise<unknown>;
}
