import { asciicastV3 } from "../formats/asciicast_v3.ts";
import { formatContract } from "./contracts/format_contract.ts";
import { sessions } from "./support/generate.ts";
import { keptByAsciicast } from "./support/asciicast.ts";

formatContract(asciicastV3, { events: sessions({ text: true }), kept: keptByAsciicast });
