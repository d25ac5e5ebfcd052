/**
 * The napkin drawing of the house, checked: arrows point one way.
 * functions → shared/{verification, archive} → shared/channels → shared/providers; store and http serve those above.
 */
const rule = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

module.exports = {
  forbidden: [
    rule("no-cycles", "an arrow that comes back is two rooms that are one", {}, { circular: true }),
    rule(
      "shared-knows-no-caller",
      "the library never reaches for those who use it",
      { path: "^shared/" },
      { path: "^(functions|local|simulator|tools)/" },
    ),
    rule(
      "providers-know-nothing-of-us",
      "a provider client speaks the vendor's words and could be published alone",
      { path: "^shared/providers/" },
      { path: "^shared/", pathNot: "^shared/providers/" },
    ),
    rule(
      "contract-stands-alone",
      "the contract is read by clients and documents too: schemas and nothing else",
      { path: "^shared/contract/" },
      { pathNot: "(^shared/contract/|node_modules/zod/)" },
    ),
    rule(
      "providers-through-their-index",
      "each provider's index.ts says all that is public",
      { path: "^(functions|shared|bench|tools/doctor)/", pathNot: "^shared/providers/" },
      { path: "^shared/providers/[^/]+/", pathNot: "^shared/providers/[^/]+/index\\.ts$" },
    ),
    rule(
      "channels-only-translate",
      "channels stand on providers and on nothing that keeps state or answers HTTP",
      { path: "^shared/channels/" },
      { path: "^shared/(verification|archive|store|http)/" },
    ),
    rule(
      "channels-stand-alone",
      "one folder per channel; what several FaceID channels share is in faceid/",
      { path: "^shared/channels/([^/]+)/" },
      { path: "^shared/channels/[^/]+/", pathNot: "^shared/channels/($1|faceid)/" },
    ),
    rule(
      "store-keeps",
      "queries know the record, not the rules; the one thing of a provider that is kept is WeChat's access_token",
      { path: "^shared/store/" },
      { path: "^shared/(verification/|archive/|http/|channels/(?!types)|providers/(?!wechat/index))" },
    ),
    rule(
      "domain-knows-no-http",
      "the domain is the same behind any trigger",
      { path: "^shared/(verification|archive)/" },
      { path: "^shared/http/" },
    ),
    rule(
      "functions-stand-alone",
      "one folder a function; what two need belongs to shared",
      { path: "^functions/([^/]+)/" },
      { path: "^functions/", pathNot: "^functions/$1/" },
    ),
    rule(
      "commands-call-and-are-not-called",
      "a command is the last word of a sentence: what others need too belongs to bundle or shared",
      { path: "^(functions|simulator|local|shared)/" },
      { path: "^tools/cli/" },
    ),
    rule(
      "simulator-is-a-twin",
      "the twin of the services must not be built from our reading of them",
      { path: "^simulator/" },
      { path: "^(shared|functions|local|tools)/" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
