import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { BlobStore } from "../lib/ports.ts";
import { FileBlobs } from "../storage/file.ts";
import { blobContract } from "./contracts/blob_contract.ts";
import { withFolder } from "./support/cli.ts";

const stream = (text: string) => new Blob([text]).stream();

/** A store whose folder is gone when it is closed. */
async function temporary(): Promise<BlobStore> {
  const folder = await Deno.makeTempDir({ prefix: "term2ai-test-" });
  const blobs = await FileBlobs.open(`${folder}/store/`);
  blobs.close = () => Deno.remove(folder, { recursive: true });
  return blobs;
}

blobContract("FileBlobs", { open: temporary });

Deno.test("FileBlobs makes its folder for its owner alone, and its files too, whatever the umask", async () => {
  await withFolder(async (folder) => {
    const umask = Deno.umask(0);
    try {
      const blobs = await FileBlobs.open(`${folder}/a/b`);
      await blobs.put("x", stream("secret"), "refuse");
      for (const path of [`${folder}/a`, `${folder}/a/b`]) equal(Deno.statSync(path).mode! & 0o777, 0o700);
      equal(Deno.statSync(`${folder}/a/b/x`).mode! & 0o777, 0o600);
    } finally {
      Deno.umask(umask);
    }
  });
});

Deno.test("FileBlobs neither reads nor writes through a symbolic link", async () => {
  await withFolder(async (folder) => {
    const blobs = await FileBlobs.open(`${folder}/store`);
    await Deno.writeTextFile(`${folder}/outside`, "outside");
    await Deno.symlink(`${folder}/outside`, `${folder}/store/x`);
    await rejects(blobs.get("x"), /Cannot read x in .*: it is a symbolic link/);
    await rejects(blobs.ranges("x"), /symbolic link/);
    await rejects(blobs.put("x", stream("new"), "refuse"), /there already/);
    await blobs.put("x", stream("new"), "replace"); // the link is replaced, not what it leads to
    equal(await Deno.readTextFile(`${folder}/outside`), "outside");
    equal((await blobs.stat("x"))?.size, 3);
  });
});

Deno.test("FileBlobs takes no name that leads out of its folder, and no hidden one", async () => {
  await withFolder(async (folder) => {
    const blobs = await FileBlobs.open(`${folder}/store`);
    for (const key of ["../x", "a/b", ".x", "", ".."]) {
      await rejects(blobs.put(key, stream("x"), "replace"), /Cannot use .* as a name/);
      await rejects(blobs.get(key), /Cannot use .* as a name/);
    }
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["store"]);
  });
});

Deno.test("FileBlobs.open() refuses a file, and a folder that cannot be made", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await rejects(FileBlobs.open(`${folder}/file`), /Cannot use .*file as a store: .*(no folder|not a directory)/);
    await rejects(FileBlobs.open(`${folder}/file/below`), /Cannot use .*below as a store/);
    await rejects(FileBlobs.open("/proc/nothing"), /Cannot use \/proc\/nothing as a store/);
  });
});

Deno.test("FileBlobs.sweep() removes what a killed put has left, once it is old enough", async () => {
  await withFolder(async (folder) => {
    const blobs = await FileBlobs.open(folder);
    await blobs.put("x", stream("whole"), "refuse");
    await Deno.writeTextFile(`${folder}/.y.1234abcd.part`, "torn");
    deepEqual(await blobs.sweep(Date.now() - 60_000, false), { count: 0, bytes: 0 });
    deepEqual(await blobs.sweep(Date.now() + 60_000, true), { count: 1, bytes: 4 });
    ok(await Deno.stat(`${folder}/.y.1234abcd.part`));
    deepEqual(await blobs.sweep(Date.now() + 60_000, false), { count: 1, bytes: 4 });
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["x"]);
  });
});
