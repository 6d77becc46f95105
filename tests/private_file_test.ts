import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { PrivateFile } from "../lib/host/private_file.ts";
import { UsageError } from "../lib/errors.ts";
import { withFolder } from "./support/cli.ts";

const isLinux = Deno.build.os === "linux";
const bytes = (text: string) => new TextEncoder().encode(text);
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
const modeOf = (path: string) => Deno.statSync(path).mode! & 0o777;

function refused(words: RegExp) {
  return (error: unknown) => {
    ok(error instanceof UsageError && words.test(error.message), String(error));
    return true;
  };
}

Deno.test("PrivateFile.create() makes a file that only its owner can read", async () => {
  await withFolder(async (folder) => {
    const file = await PrivateFile.create(`${folder}/x`, "refuse");
    await file.write(bytes("hello"));
    await file.publish();
    file.close();
    equal(modeOf(`${folder}/x`), 0o600);
    equal(await Deno.readTextFile(`${folder}/x`), "hello");
    deepEqual(namesIn(folder), ["x"]);
  });
});

Deno.test("PrivateFile.create() refuses what it must not touch, and says why", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/there`, "old");
    await Deno.symlink(`${folder}/there`, `${folder}/link`);
    await Deno.symlink(`${folder}/nowhere`, `${folder}/dangling`);
    const before = namesIn(folder);
    await rejects(PrivateFile.create(`${folder}/there`, "refuse"), refused(/it exists; --overwrite/));
    for (const ifExists of ["refuse", "replace", "append"] as const) {
      await rejects(PrivateFile.create(`${folder}/link`, ifExists), refused(/symbolic link/));
      await rejects(PrivateFile.create(`${folder}/dangling`, ifExists), refused(/symbolic link/));
      await rejects(PrivateFile.create(folder, ifExists), refused(/directory/));
      await rejects(PrivateFile.create(`${folder}/no/x`, ifExists), refused(/its directory does not exist/));
      if (isLinux) await rejects(PrivateFile.create("/proc/x", ifExists), refused(/files cannot be created in \/proc/));
      await rejects(PrivateFile.create(`${folder}/there/x`, ifExists), refused(/not a directory/));
    }
    deepEqual(namesIn(folder), before);
    equal(await Deno.readTextFile(`${folder}/there`), "old");
  });
});

Deno.test("PrivateFile keeps what it replaces until it is published, and then the old mode is gone too", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x`;
    await Deno.writeTextFile(path, "old", { mode: 0o644 });
    const file = await PrivateFile.create(path, "replace");
    await file.write(bytes("new"));
    equal(await Deno.readTextFile(path), "old");
    await file.publish();
    await file.publish();
    equal(await Deno.readTextFile(path), "new");
    file.close();
    equal(modeOf(path), 0o600);
    deepEqual(namesIn(folder), ["x"]);
  });
});

Deno.test("PrivateFile.discard() leaves everything as it was", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x`;
    const fresh = await PrivateFile.create(path, "refuse");
    await fresh.write(bytes("new"));
    await fresh.discard();
    deepEqual(namesIn(folder), []);
    await Deno.writeTextFile(path, "old");
    for (const ifExists of ["replace", "append"] as const) {
      const file = await PrivateFile.create(path, ifExists);
      await file.write(bytes("new"));
      await file.discard();
      deepEqual(namesIn(folder), ["x"]);
      equal(await Deno.readTextFile(path), "old");
    }
  });
});

Deno.test("PrivateFile appends behind what is there, and cuts back to where it was told", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x`, "old,");
    const file = await PrivateFile.create(`${folder}/x`, "append");
    equal(file.start, 4);
    await file.write(bytes("one,"));
    await file.write(bytes("two,"));
    await file.truncate(8);
    await file.write(bytes("three"));
    await file.sync();
    equal(await file.size(), 13);
    file.close();
    equal(await Deno.readTextFile(`${folder}/x`), "old,one,three");
  });
});

Deno.test("PrivateFile.read() reads anywhere without moving the end, and less where the file ends", async () => {
  await withFolder(async (folder) => {
    const file = await PrivateFile.create(`${folder}/x`, "refuse");
    await file.write(bytes("abcdef"));
    equal(new TextDecoder().decode(await file.read(2, 3)), "cde");
    await file.write(bytes("ghi"));
    equal(new TextDecoder().decode(await file.read(7, 100)), "hi");
    equal((await file.read(100, 5)).length, 0);
    file.close();
    equal(await Deno.readTextFile(`${folder}/x`), "abcdefghi");
  });
});

Deno.test("PrivateFile.cutTail() keeps the torn tail beside the file, as private as the file, and an earlier one too", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x`;
    await Deno.writeTextFile(path, "whole,torn");
    await Deno.writeTextFile(`${path}.torn`, "of an earlier crash", { mode: 0o644 });
    const file = await PrivateFile.create(path, "append");
    equal(await file.cutTail(6), `${path}.torn2`);
    await file.write(bytes("more"));
    file.close();
    equal(await Deno.readTextFile(path), "whole,more");
    equal(await Deno.readTextFile(`${path}.torn`), "of an earlier crash");
    equal(await Deno.readTextFile(`${path}.torn2`), "torn");
    equal(modeOf(`${path}.torn2`), 0o600);
  });
});

Deno.test("PrivateFile.cutTail() writes through no symbolic link", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/victim`, "mine");
    await Deno.symlink(`${folder}/victim`, `${folder}/x.torn`);
    await Deno.writeTextFile(`${folder}/x`, "whole,torn");
    const file = await PrivateFile.create(`${folder}/x`, "append");
    equal(await file.cutTail(6), `${folder}/x.torn2`);
    file.close();
    equal(await Deno.readTextFile(`${folder}/victim`), "mine");
    equal(await Deno.readTextFile(`${folder}/x`), "whole,");
  });
});

Deno.test("PrivateFile.sibling() takes the place of the file when it is published", async () => {
  await withFolder(async (folder) => {
    const file = await PrivateFile.create(`${folder}/x`, "refuse");
    await file.write(bytes("long"));
    const better = await file.sibling();
    await better.write(bytes("short"));
    equal(await Deno.readTextFile(`${folder}/x`), "long");
    await better.publish();
    better.close();
    file.close();
    equal(await Deno.readTextFile(`${folder}/x`), "short");
    equal(modeOf(`${folder}/x`), 0o600);
    deepEqual(namesIn(folder), ["x"]);
  });
});

Deno.test("PrivateFile.create() refuses pipes and devices, which renaming over would destroy", async () => {
  await withFolder(async (folder) => {
    const make = (...args: string[]) => new Deno.Command(args[0]!, { args: args.slice(1) }).output();
    await make("mkfifo", `${folder}/pipe`);
    for (const ifExists of ["refuse", "replace", "append"] as const) {
      await rejects(PrivateFile.create(`${folder}/pipe`, ifExists), refused(/named pipe; write to stdout/));
      await rejects(PrivateFile.create("/dev/null", ifExists), refused(/device; write to stdout/));
      await rejects(PrivateFile.create("", ifExists), refused(/without a name/));
    }
    ok(Deno.statSync(`${folder}/pipe`).isFifo);
    ok(Deno.statSync("/dev/null").isCharDevice);
  });
});

Deno.test("PrivateFile.create() neither replaces nor adds to what somebody is writing", async () => {
  await withFolder(async (folder) => {
    const first = await PrivateFile.create(`${folder}/x`, "refuse");
    for (const ifExists of ["replace", "append"] as const) {
      await rejects(PrivateFile.create(`${folder}/x`, ifExists), refused(/somebody is writing it/));
    }
    first.close();
    const second = await PrivateFile.create(`${folder}/x`, "append");
    await rejects(PrivateFile.create(`${folder}/x`, "replace"), refused(/somebody is writing it/));
    second.close();
    (await PrivateFile.create(`${folder}/x`, "replace")).close();
  });
});

Deno.test("PrivateFile.tampering() tells what became of the file behind our back", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x`;
    const file = await PrivateFile.create(path, "refuse");
    await file.write(bytes("hello"));
    equal(await file.tampering(), undefined);
    await Deno.writeTextFile(path, "!", { append: true });
    ok(/written to it/.test((await file.tampering())!));
    await file.truncate(3);
    equal(await file.tampering(), undefined);
    await Deno.rename(path, `${path}.old`);
    ok(/removed it/.test((await file.tampering())!));
    await Deno.writeTextFile(path, "hel");
    ok(/another file/.test((await file.tampering())!));
    file.close();
  });
});

Deno.test("PrivateFile.tampering() tells that the file was cut, also when it was written to after that, and when it was added to", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x`;
    await Deno.writeTextFile(path, "an earlier recording. ");
    for (const ifExists of ["append", "replace"] as const) {
      const file = await PrivateFile.create(path, ifExists);
      await file.write(bytes("x".repeat(500)));
      await file.publish();
      equal(await file.tampering(true), undefined);
      await Deno.truncate(path, 100);
      match((await file.tampering(true))!, /cut it/);
      await file.write(bytes("y".repeat(500)));
      match((await file.tampering())!, /cut it/);
      match((await file.tampering(true))!, /cut it/);
      ok(!(await Deno.readFile(path)).includes(0), "there is no hole");
      await file.truncate(file.start + 900);
      match((await file.tampering())!, /cut it/, "a disk that refused does not hide it");
      ok(!(await Deno.readFile(path)).includes(0), "there is no hole");
      file.close();
    }
  });
});

Deno.test("PrivateFile.create() says that the directory has been removed", { ignore: !isLinux }, async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/gone`);
    const script = `const { PrivateFile } = await import(${
      JSON.stringify(import.meta.resolve("../lib/host/private_file.ts"))
    });
      await Deno.remove(${JSON.stringify(`${folder}/gone`)});
      await PrivateFile.create("x", "refuse").catch(({ message }) => console.log(message));`;
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", script], cwd: `${folder}/gone` })
      .output();
    equal(new TextDecoder().decode(stdout), "Cannot write x: its directory has been removed\n");
  });
});
