/**
 * Asks for a passphrase at the terminal, without showing it.
 * @module
 */

/** Ctrl-C, Ctrl-D, backspace, delete, Ctrl-U, and both ways to end a line. */
const [CANCEL, END, BACK, DELETE, CLEAR, NEWLINE, RETURN] = [3, 4, 8, 127, 21, 10, 13];

/** Somebody does not want to go on: Ctrl-C, or a signal. */
export class Interrupted extends Error {
  /** What a shell calls it: 128 and the signal. */
  readonly status: number;

  constructor(status: number) {
    super("interrupted");
    this.status = status;
  }
}

const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;

/**
 * What somebody types after the question; `undefined` without a terminal, or when they press Ctrl-D.
 *
 * The terminal is given back as it was, also when a signal comes.
 *
 * @throws {Interrupted} When they press Ctrl-C, or a signal comes.
 */
export async function askSecret(question: string): Promise<string | undefined> {
  const terminal = await Deno.open("/dev/tty", { read: true, write: true }).catch(() => undefined);
  if (!terminal?.isTerminal()) {
    terminal?.close();
    return undefined;
  }
  const screen = await Deno.open("/dev/tty", { write: true }); // the other one is busy as long as it waits for keys
  const { promise: signalled, reject } = Promise.withResolvers<never>();
  const listeners = SIGNALS.map(([signal, status]) => [signal, () => reject(new Interrupted(status))] as const);
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  try {
    terminal.setRaw(true);
    await screen.write(new TextEncoder().encode(question));
    return await Promise.race([readLine(terminal), signalled]);
  } finally {
    terminal.setRaw(false);
    await screen.write(new TextEncoder().encode("\n")).catch(() => {});
    screen.close();
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    terminal.close();
  }
}

async function readLine(terminal: Deno.FsFile): Promise<string | undefined> {
  const typed: number[] = [];
  const bytes = new Uint8Array(256);
  for (let read = await terminal.read(bytes); read !== null; read = await terminal.read(bytes)) {
    for (const byte of bytes.subarray(0, read)) {
      if (byte === CANCEL) throw new Interrupted(130);
      if (byte === END && typed.length === 0) return undefined;
      if (byte === NEWLINE || byte === RETURN) return new TextDecoder().decode(Uint8Array.from(typed));
      if (byte === BACK || byte === DELETE) forgetCharacter(typed);
      else if (byte === CLEAR) typed.length = 0;
      else typed.push(byte);
    }
  }
  return undefined;
}

/** A character may be several bytes of UTF-8. */
function forgetCharacter(typed: number[]): void {
  while (typed.length > 0 && (typed.pop()! & 0xc0) === 0x80);
}
