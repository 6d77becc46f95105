import { t2aFormat } from "../formats/t2a.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { formatContract } from "./contracts/format_contract.ts";

formatContract(t2aFormat({ loadCodec }));
