/**
 * The layers of the code: each module may import those listed for it, and itself. What is not listed is an error.
 *
 * functions → shared/app → shared/{http, verification, archive, webhooks, console} → shared/{channels, store}
 *   → shared/{providers, crypto, config, contract, runtime}
 */
const bottom = ["shared/providers", "shared/crypto", "shared/config", "shared/contract", "shared/runtime"];
const shared = [
  ...bottom,
  "shared/channels",
  "shared/store",
  "shared/verification",
  "shared/archive",
  "shared/webhooks",
  "shared/console",
  "shared/http",
  "shared/app",
];

const allowed = {
  // A provider's client uses the vendor's words and could be published alone.
  "shared/providers": [],
  // Clients and documents read the contract too: schemas and nothing else.
  "shared/contract": [],
  "shared/crypto": [],
  "shared/runtime": ["shared/contract"],
  "shared/config": ["shared/contract", "shared/crypto", "shared/runtime"],
  // Channels translate: they keep no state and answer no HTTP.
  "shared/channels": ["shared/providers", "shared/config", "shared/contract", "shared/runtime"],
  // Of a provider, only WeChat's access_token is kept; of channels, only their types are known.
  "shared/store": [
    "shared/providers",
    "shared/crypto",
    "shared/contract",
    "shared/runtime",
    "shared/channels",
  ],
  // The domain is the same behind any trigger.
  "shared/verification": [...bottom, "shared/channels", "shared/store"],
  "shared/archive": [...bottom, "shared/channels", "shared/store", "shared/verification"],
  "shared/webhooks": [...bottom, "shared/store"],
  "shared/console": ["shared/contract", "shared/runtime", "shared/store", "shared/verification"],
  "shared/http": [...bottom, "shared/channels", "shared/store", "shared/verification"],
  "shared/app": shared,
  functions: shared,
  // Browser code: the build puts it into the functions that serve it.
  "pages/console": [],
  "pages/local": ["pages/console", "client"],
  // Published alone, to run on phones: types of the contract are copied, and a test compares them.
  client: [],
  // The simulated services are built from the vendors' documents, not from our reading of them.
  simulator: [],
  local: [
    "shared/channels",
    "shared/contract",
    "shared/store",
    "tools/build",
    "tools/language",
    "tools/openapi",
  ],
  "tools/language": [],
  "tools/build": [...shared, "functions", "tools/language"],
  "tools/openapi": ["shared/contract"],
  "tools/diagnose": ["tools/language"],
  "tools/settings": [...shared, "tools/build", "tools/language"],
  "tools/deploy": [...shared, "tools/build", "tools/language", "tools/diagnose", "tools/settings"],
  "tools/doctor": [
    ...shared,
    "tools/build",
    "tools/language",
    "tools/diagnose",
    "tools/settings",
    "tools/deploy",
  ],
  "tools/cli": [
    ...shared,
    "tools/build",
    "tools/language",
    "tools/diagnose",
    "tools/settings",
    "tools/deploy",
    "tools/doctor",
    "tools/openapi",
    "local",
    // Started alone by one command, which knows nothing of it.
    "simulator",
  ],
  // For developers alone: not part of what is deployed or operated.
  "tools/mutate": ["tools/cli", "tools/language"],
  "tools/examples": ["tools/build", "tools/cli", "tools/doctor", "tools/language"],
};

const modules = Object.keys(allowed);
const pathOf = (module) => `^${module}/`;

const layerRules = modules.map((module) => ({
  name: `${module.replace("/", "-")}-imports`,
  severity: "error",
  from: { path: pathOf(module) },
  to: {
    path: modules.map(pathOf).join("|"),
    pathNot: [module, ...allowed[module]].map(pathOf).join("|"),
  },
}));

const rule = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

module.exports = {
  forbidden: [
    ...layerRules,
    rule("no-cycles", "no circular dependencies", {}, { circular: true }),
    rule(
      "functions-stand-alone",
      "one folder per function; what two need belongs to shared",
      { path: "^functions/([^/]+)/" },
      { path: "^functions/", pathNot: "^functions/$1/" },
    ),
    rule(
      "channels-stand-alone",
      "one folder per channel; what several FaceID channels share is in faceid/",
      { path: "^shared/channels/([^/]+)/" },
      { path: "^shared/channels/[^/]+/", pathNot: "^shared/channels/($1|faceid)/" },
    ),
    rule(
      "contract-needs-zod-alone",
      "clients and documents use the contract without the rest",
      { path: "^shared/contract/" },
      { pathNot: "(^shared/contract/|node_modules/zod/)" },
    ),
    rule(
      "deployed-code-uses-zod-mini",
      "zod's classes cost each cold start five times as much",
      { path: "^(functions|shared)/" },
      { path: "node_modules/zod/index\\." },
    ),
    rule(
      "store-knows-types-of-channels",
      "queries know the record, not the rules",
      { path: "^shared/store/" },
      { path: "^shared/(channels/(?!types)|providers/(?!wechat/))" },
    ),
    rule(
      "providers-through-their-index",
      "each provider's index.ts says all that is public",
      { path: "^(functions|shared|local|bench|tools)/", pathNot: "^shared/providers/" },
      { path: "^shared/providers/(tencent-cloud|wechat|cos)/(?!index\\.ts$)" },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
