/**
 * Words like those that programs print: some hundred real ones, and as many made ones as are asked for, in which letters follow each
 * other as they do in the real ones. An index of parts of words is only as good as parts of words differ, so syllables drawn by lot
 * would not do: all texts have all of those.
 * @module
 */

const REAL =
  `the of and to in for is not with on from at by error warning info debug failed failure success build test file line
compile compiling compiled linking connection refused timeout request response server client started stopped running waiting
process thread memory disk network socket address port host user group permission denied found missing unknown invalid expected
unexpected value type string number array object function method class module package version install installed update upgrade
download downloading upload checksum signature certificate key token password session database query table column row index
transaction commit rollback migration schema insert select delete create drop alter backup restore snapshot cluster node replica
leader election heartbeat container image registry volume mount device driver kernel interrupt scheduler queue worker job task
pipeline stage step artifact cache hit miss evicted expired retry attempt backoff exceeded limit quota throttled rejected accepted
queued dispatched completed cancelled aborted skipped passed assertion coverage report summary duration elapsed seconds
milliseconds bytes total average percent available required optional deprecated default enabled disabled configuration option
argument parameter environment variable path directory archive extract compress encoding decoding parser lexer syntax semantic
optimization pass target feature library static dynamic shared symbol undefined reference duplicate definition declaration header
source include import export resolve resolved dependency conflict lock graph tree branch merge rebase push pull fetch remote origin
head detached changed deletion insertion tag release deploy deployment rollout service endpoint route handler middleware controller
template render asset bundle chunk minify watch reload browser element event listener callback promise async await stream buffer
reader writer closed opened flush read write seek length offset position cursor screen terminal session record replay frame color
width height resize scroll history command shell prompt exit status code signal killed child parent fork exec daemon init system
unit journal log rotate syslog monitor metric counter gauge histogram alert threshold trigger notification email message payload
body content length header cookie redirect location method status gateway proxy upstream balancer health check probe ready alive
namespace pod replica ingress secret config map storage claim bucket object region zone instance subnet firewall rule policy role
account identity provider authentication authorization login logout verify encrypt decrypt cipher hash random seed entropy nonce`
    .split(/\s+/);

/** `count` words, the real ones first, from a generator of numbers between 0 and 1. */
export function vocabulary(count: number, random: () => number): string[] {
  const words = new Set(REAL);
  const next = followers(REAL);
  while (words.size < count) {
    let word = "^";
    for (let letter = ""; letter !== "$"; word += letter) {
      const choices = next.get(word.slice(-2))!;
      letter = choices[Math.floor(random() * choices.length)]!;
    }
    if (word.length >= 4 && word.length <= 16) words.add(word.slice(1, -1));
  }
  return [...words];
}

/** For each two letters what stood behind them, as often as it did. */
function followers(words: readonly string[]): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const word of words) {
    const letters = `^${word}$`;
    for (let at = 1; at < letters.length; at++) {
      const before = letters.slice(Math.max(0, at - 2), at);
      next.set(before, [...next.get(before) ?? [], letters[at]!]);
    }
  }
  return next;
}
