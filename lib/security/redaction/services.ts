/**
 * Keys and tokens that tell by themselves what they are: each service has its own beginning.
 *
 * Sources: what the services document, and the rules of gitleaks (MIT) for the lengths.
 *
 * This module is browser compatible.
 * @module
 */

import { BEHIND_ESCAPE, type CharSet, charSet, type Rule } from "./rule.ts";

const ALNUM = charSet("A-Za-z0-9");
const WORD = charSet("A-Za-z0-9_-");
const DOTTED = charSet("A-Za-z0-9_.=-");
const HEX = charSet("a-f0-9");
const CAPITALS = charSet("A-Z0-9");
const BASE64 = charSet("A-Za-z0-9+/=_-");

/** `beginnings` in their own case, of which none is the middle of a word. */
function token(
  name: string,
  beginnings: readonly string[],
  chars: CharSet,
  [least, most]: readonly [least: number, most?: number],
  hides: readonly string[],
  keeps: readonly string[],
  form?: RegExp,
): Rule {
  const any = beginnings.map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
  const lead = new RegExp(`(?:(?<![A-Za-z0-9_-])|${BEHIND_ESCAPE})(?:${any})`, "y");
  return {
    name,
    words: beginnings,
    lead,
    chars,
    least,
    ...(most === undefined ? {} : { most }),
    ...(form && { form }),
    hides,
    keeps,
  };
}

/** Tokens with a beginning of their own. */
export const SERVICE_RULES: readonly Rule[] = [
  token("aws-access-key-id", ["AKIA", "ASIA", "ABIA", "ACCA"], CAPITALS, [16, 16], ["AKIA<U16>", "id: ASIA<U16>."], [
    "AKIA<U9>",
    "xAKIA<U16>",
  ]),
  token("github-token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], ALNUM, [36, 255], [
    "ghp_<A36>",
    "x ghs_<A36>,",
    '{"log":"x\\nghp_<A36>"}',
    "a%20ghp_<A36>%0A",
    "\\u001b[0;1mghp_<A36>\\x1b[m",
  ], [
    "ghp_<A20>",
    "ghp_tokens_are_long",
  ]),
  token("github-fine-grained-token", ["github_pat_"], charSet("A-Za-z0-9_"), [50, 255], ["github_pat_<A22>_<A59>"], [
    "github_pat_list",
  ]),
  token(
    "gitlab-token",
    ["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "glsoat-", "gloas-"],
    charSet("A-Za-z0-9_.-"),
    [20, 300],
    ["glpat-<A20>", "glrt-<A20>"],
    ["glpat-<A8>"],
  ),
  token(
    "slack-token",
    ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xoxp-", "xoxe.xoxb-", "xapp-"],
    WORD,
    [20, 300],
    ["xoxb-<d11>-<d11>-<A24>", "xapp-1-<U11>-<d13>-<h64>"],
    ["xoxb-short"],
    /^(?=[^0-9]*[0-9])[\w-]+$/,
  ),
  token(
    "slack-webhook",
    ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/"],
    charSet("A-Za-z0-9/+"),
    [40, 120],
    ["https://hooks.slack.com/services/T<U8>/B<U8>/<A24>"],
    ["https://hooks.slack.com/services/T0/B0"],
  ),
  token(
    "discord-webhook",
    ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"],
    charSet("A-Za-z0-9/_-"),
    [
      70,
      150,
    ],
    ["https://discord.com/api/webhooks/<d18>/<A68>"],
    ["https://discord.com/api/webhooks/docs"],
  ),
  token("stripe-key", ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "rk_prod_"], ALNUM, [16, 247], [
    "sk_live_<A24>",
    "rk_test_<A99>",
  ], ["sk_live_key", "risk_test_<A24>"]),
  token("stripe-webhook-secret", ["whsec_"], charSet("A-Za-z0-9+/="), [32, 80], ["whsec_<A32>"], ["whsec_name"]),
  token(
    "openai-key",
    ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"],
    WORD,
    [40, 300],
    ["sk-proj-<A60>_<A40>", "sk-svcacct-<A74>"],
    ["sk-proj-name-of-a-project"],
    /^(?=\D*\d)[\w-]+$/,
  ),
  token("openai-key-legacy", ["sk-"], ALNUM, [48, 51], ["sk-<A20>T3BlbkFJ<A20>"], ["sk-<A20>", "task-<A48>"]),
  token("anthropic-key", ["sk-ant-"], WORD, [40, 200], ["sk-ant-api03-<A93>AA", "sk-ant-admin01-<A93>AA"], [
    "sk-ant-api03",
  ]),
  token("openrouter-key", ["sk-or-v1-"], HEX, [64, 64], ["sk-or-v1-<h64>"], ["sk-or-v1-<h12>"]),
  token("google-api-key", ["AIza"], WORD, [35, 35], ["AIza<A35>"], ["AIza<A20>", "<A30>AIza<A35>"]),
  token("google-oauth-secret", ["GOCSPX-"], WORD, [24, 40], ["GOCSPX-<A28>"], ["GOCSPX-x"]),
  token("google-access-token", ["ya29."], DOTTED, [30, 2048], ["ya29.<A60>"], ["ya29.x"]),
  token("google-refresh-token", ["1//0"], WORD, [40, 200], ["1//0<A60>"], ["1//0", "2021//01/<d8>"]),
  token("npm-token", ["npm_"], ALNUM, [36, 36], ["npm_<A36>"], ["npm_config_registry", "npm_lifecycle_event"]),
  token("pypi-token", ["pypi-"], WORD, [60, 500], ["pypi-AgEIcHlwaS5vcmc<A70>"], ["pypi-mirror-of-our-company"]),
  token("rubygems-key", ["rubygems_"], HEX, [48, 48], ["rubygems_<h48>"], ["rubygems_mirror"]),
  token("crates-io-token", ["cio"], ALNUM, [32, 32], ["cio<A32>"], ["cio<A12>", "precious<A32>"], /^(?=\D*\d)\w+$/),
  token("nuget-key", ["oy2"], charSet("a-z0-9"), [43, 43], ["oy2<a43>"], ["oy2<a12>"]),
  token("clojars-token", ["CLOJARS_"], charSet("a-z0-9"), [60, 60], ["CLOJARS_<a60>"], ["CLOJARS_USERNAME"]),
  token("docker-token", ["dckr_pat_", "dckr_oat_"], WORD, [20, 60], ["dckr_pat_<A27>"], ["dckr_pat_x"]),
  token("digitalocean-token", ["dop_v1_", "doo_v1_", "dor_v1_"], HEX, [64, 64], ["dop_v1_<h64>"], ["dop_v1_<h20>"]),
  token("heroku-key", ["HRKU-"], WORD, [36, 100], ["HRKU-AA<A58>"], ["HRKU-x"]),
  token("sendgrid-key", ["SG."], charSet("A-Za-z0-9_.-"), [66, 69], ["SG.<A22>.<A43>"], [
    "SG.<A22>",
    "MSG.<A22>.<A43>",
  ], /^[\w-]{20,24}\.[\w-]{40,45}$/),
  token("mailgun-key", ["key-", "pubkey-"], HEX, [32, 32], ["key-<h32>"], ["key-<h20>", "monkey-<h32>"]),
  token("brevo-key", ["xkeysib-", "xsmtpsib-"], WORD, [64, 100], ["xkeysib-<h64>-<A16>"], ["xkeysib-"]),
  token(
    "twilio-key",
    ["SK0", "SK1", "SK2", "SK3", "SK4", "SK5", "SK6", "SK7", "SK8", "SK9", "SKa", "SKb", "SKc", "SKd", "SKe", "SKf"],
    HEX,
    [31, 31],
    ["SK3<h31>"],
    ["SK3<h12>"],
  ),
  token("shopify-token", ["shpat_", "shpca_", "shppa_", "shpss_"], charSet("a-fA-F0-9"), [32, 32], ["shpat_<h32>"], [
    "shpat_<h8>",
  ]),
  token("square-token", ["sq0atp-", "sq0csp-", "sq0idp-"], WORD, [22, 60], ["sq0atp-<A22>", "sq0csp-<A43>"], [
    "sq0atp-x",
  ]),
  token("databricks-token", ["dapi"], HEX, [32, 32], ["dapi<h32>"], ["dapi<h16>", "webdapi<h32>"]),
  token("vault-token", ["hvs.", "hvb.", "hvr."], WORD, [24, 300], ["hvs.<A95>"], ["hvs.read"]),
  token("pulumi-token", ["pul-"], HEX, [40, 40], ["pul-<h40>"], ["pul-<h12>"]),
  token("doppler-token", ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], DOTTED, [40, 60], [
    "dp.pt.<A43>",
  ], ["dp.pt.x"]),
  token("linear-key", ["lin_api_", "lin_oauth_"], ALNUM, [40, 64], ["lin_api_<A40>"], ["lin_api_v2"]),
  token("notion-token", ["ntn_"], ALNUM, [40, 60], ["ntn_<d11><A35>"], ["ntn_x"]),
  token("figma-token", ["figd_", "figo_"], WORD, [40, 60], ["figd_<A40>"], ["figd_x"]),
  token("postman-key", ["PMAK-"], charSet("a-f0-9-"), [59, 59], ["PMAK-<h24>-<h34>"], ["PMAK-<h24>"]),
  token("new-relic-key", ["NRAK-", "NRII-", "NRJS-"], charSet("A-Za-z0-9_-"), [19, 40], ["NRAK-<U27>"], ["NRAK-X"]),
  token("grafana-token", ["glsa_", "glc_"], charSet("A-Za-z0-9_+/="), [32, 400], ["glsa_<A32>_<h8>", "glc_eyJ<A60>"], [
    "glc_x",
  ], /^(?=\D*\d)[\w+/=]+$/),
  token("sentry-token", ["sntrys_", "sntryu_"], BASE64, [40, 400], ["sntrys_eyJ<A80>_<A40>", "sntryu_<h64>"], [
    "sntrys_x",
  ]),
  token("planetscale-token", ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], DOTTED, [32, 64], ["pscale_tkn_<A40>"], [
    "pscale_tkn_x",
  ]),
  token("supabase-token", ["sbp_", "sb_secret_"], WORD, [30, 60], ["sbp_<h40>"], ["sbp_x"]),
  token("hugging-face-token", ["hf_", "api_org_"], ALNUM, [34, 40], ["hf_<A34>"], ["hf_hub_download", "half_<A34>"]),
  token("replicate-token", ["r8_"], ALNUM, [37, 40], ["r8_<A37>"], ["r8_x"]),
  token("nvidia-key", ["nvapi-"], WORD, [40, 100], ["nvapi-<A64>"], ["nvapi-x"]),
  token(
    "encoded-private-key",
    [
      "LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUg",
      "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBL",
      "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtF",
      "LS0tLS1CRUdJTiBQUklWQVRFIEtF",
      "LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBL",
      "LS0tLS1CRUdJTiBQR1AgUFJJVkFURSBL",
      "LS0tLS1CRUdJTiBEU0EgUFJJVkFURSBL",
    ],
    charSet("A-Za-z0-9+/="),
    [20],
    ["LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZ<b300>"],
    ["LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0t<b60>", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tKioqKioqKioqKio<b60>"],
    /^(?![^]*KioqKioq)/,
  ),
  token("groq-key", ["gsk_"], ALNUM, [48, 60], ["gsk_<A52>"], ["gsk_style_context_add"]),
  token("xai-key", ["xai-"], ALNUM, [70, 90], ["xai-<A80>"], ["xai-grok"]),
  token("perplexity-key", ["pplx-"], ALNUM, [40, 60], ["pplx-<A48>"], ["pplx-api"]),
  token("tailscale-key", ["tskey-"], WORD, [20, 120], ["tskey-auth-<A17>-<A32>"], ["tskey-x"]),
  token("atlassian-token", ["ATATT3", "ATCTT3", "ATBB"], BASE64, [28, 250], ["ATATT3<A180>=<h8>", "ATBB<A32>"], [
    "ATATT3",
    "COMBATBB<A32>",
  ]),
  token("artifactory-key", ["AKCp"], ALNUM, [60, 80], ["AKCp8<A68>"], ["AKCp8<A12>"]),
  token("dynatrace-token", ["dt0c01.", "dt0s16.", "dt0s01."], charSet("A-Z0-9."), [80, 100], ["dt0c01.<U24>.<U64>"], [
    "dt0c01.<U24>",
  ]),
  token(
    "facebook-token",
    ["EAACEdEose0cBA", "EAAG", "EAAC", "EAAB", "EAAE", "EAAF", "EAAI", "EAAJ", "EAAK", "EAAL", "EAAM"],
    ALNUM,
    [90, 300],
    ["EAAG<A120>"],
    ["EAAG<A20>"],
  ),
  token("buildkite-token", ["bkua_", "bkat_", "bkct_"], ALNUM, [40, 64], ["bkua_<h40>"], ["bkua_x"]),
  token("age-secret-key", ["AGE-SECRET-KEY-1", "AGE-SECRET-KEY-PQ-1"], CAPITALS, [58, 200], ["AGE-SECRET-KEY-1<U58>"], [
    "AGE-SECRET-KEY-1",
  ]),
];
