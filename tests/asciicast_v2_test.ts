import { asciicastV2 } from "../formats/asciicast_v2.ts";
import { formatContract } from "./contracts/format_contract.ts";
import { sessions } from "./support/generate.ts";
import { keptByAsciicast } from "./support/asciicast.ts";

formatContract(asciicastV2, { events: sessions({ text: true }), kept: keptByAsciicast });
