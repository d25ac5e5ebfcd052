/**
 * What a channel still lacks: everything that a channel consists of outside its own module, looked for in the tree. The
 * tutorial "Add a channel" in CONTRIBUTING goes through the same list.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChannelModule } from "../../shared/channels/module.ts";
import { landingModules } from "../../shared/channels/registry.ts";
import { resultFamilies } from "../../shared/channels/result-families.ts";
import { readSettings } from "../../shared/config/read.ts";
import { type SettingName, settings } from "../../shared/config/settings.ts";
import { routes } from "../../shared/contract/routes.ts";
import { verification } from "../../shared/contract/verification.ts";
import { MisconfiguredError } from "../../shared/runtime/errors.ts";
import { readBundle } from "../../tools/build/serverless-yml.ts";
import { groups as doctorGroups } from "../../tools/doctor/run-checks.ts";

/** A channel's module and tooling, with names that need not exist. */
export type DescribedChannel = {
  readonly [Key in "name" | "route" | "identityPolicy"]: string;
} & { readonly [Key in "enablingSettings" | "resultFamilies"]: readonly string[] } & {
  readonly landing: ChannelModule["landing"];
  readonly issuing: { readonly settings: readonly string[] };
  readonly observing: { readonly settings: readonly string[] };
  readonly tooling?: {
    readonly checks: readonly { readonly settings: readonly string[] }[];
    readonly simulated: {
      readonly service: string;
      readonly settings: Readonly<Record<string, string | undefined>>;
    };
  };
};

const root = join(import.meta.dirname, "../..");
const isFile = (file: string) => existsSync(join(root, file));

/** Every part that is missing, one line each; empty for a channel that is complete. */
export const missingParts = (channel: DescribedChannel): string[] => [
  ...missingFiles(channel),
  ...missingRoute(channel),
  ...missingInServerlessYml(channel),
  ...missingSettings(channel),
  ...missingCodes(channel),
  ...missingInSimulator(channel),
  ...missingInDoctor(channel),
];

const functionOf = ({ name }: DescribedChannel) => `token-${name}`;

function missingFiles(channel: DescribedChannel): string[] {
  const name = functionOf(channel);
  return [
    `shared/channels/${channel.name}/index.ts`,
    `shared/channels/${channel.name}/tooling.ts`,
    `functions/${name}/index.ts`,
    `events/${name}.http.json`,
    `events/${name}.apigw.json`,
  ]
    .filter((file) => !isFile(file))
    .map((file) => `${file}: no such file`);
}

function missingRoute(channel: DescribedChannel): string[] {
  const route = Object.entries(routes).find(([name]) => name === channel.route)?.[1];
  const wanted = {
    method: "POST",
    path: `/tokens/${channel.name}`,
    function: functionOf(channel),
    access: "bearer",
  };
  const right = route && Object.entries(wanted).every(([key, value]) => Reflect.get(route, key) === value);
  const landing = landingModules.some(({ name }) => name === channel.name);
  return [
    ...(right ? [] : [`shared/contract/routes.ts: no route ${channel.route} to POST ${wanted.path}`]),
    ...(verification.shape.channel.safeParse(channel.name).success
      ? []
      : [`the contract's schema of a verification: no channel ${channel.name}`]),
    ...(landing === (channel.landing !== "never")
      ? []
      : [`shared/channels/registry.ts: landingModules does not fit landing ${channel.landing}`]),
  ];
}

function settingsOf(channel: DescribedChannel): string[] {
  const { identityPolicy, enablingSettings, issuing, observing, tooling } = channel;
  const policy = identityPolicy === "required" ? [] : [identityPolicy];
  const checked = (tooling?.checks ?? []).flatMap(({ settings }) => settings);
  return [
    ...new Set([...issuing.settings, ...observing.settings, ...enablingSettings, ...policy, ...checked]),
  ];
}

/** A temporary key cannot be handed to a function, and the simulator is never deployed. */
const neverDeployed = ["TENCENT_TOKEN", "SIMULATOR_URL"];

function missingInServerlessYml(channel: DescribedChannel): string[] {
  const name = functionOf(channel);
  const entry = readBundle().functions[name];
  if (!entry?.http) return [`serverless.yml: no function ${name} with an http trigger`];
  const { issuing, identityPolicy } = channel;
  return [...issuing.settings, ...(identityPolicy === "required" ? [] : [identityPolicy])]
    .filter((setting) => !neverDeployed.includes(setting) && !(setting in entry.environment))
    .map((setting) => `serverless.yml: ${name} is not given ${setting}`);
}

const isSetting = (name: string): name is SettingName => name in settings;

const missingSettings = (channel: DescribedChannel): string[] =>
  settingsOf(channel)
    .filter((name) => !isSetting(name))
    .map((name) => `shared/config/settings.ts: no setting ${name}`);

function missingCodes({ resultFamilies: names }: DescribedChannel): string[] {
  if (names.length === 0) return ["resultFamilies: it has none"];
  return names.flatMap((name) => {
    const family = Object.entries(resultFamilies).find(([known]) => known === name)?.[1];
    if (!family) return [`shared/channels/result-families.ts: no family ${name}`];
    const classes = Object.values(family.codes).map((meaning) => meaning.class);
    return [
      ...(classes.includes("passed") ? [] : [`the code table of ${name}: no code is a pass`]),
      ...Object.entries(family.codes).flatMap(([code, { zh, en }]) =>
        /\p{Script=Han}/u.test(zh) && /^[A-Z][ -~]+$/.test(en)
          ? []
          : [`the code table of ${name}: ${code} lacks its text in zh or en`],
      ),
    ];
  });
}

function missingInSimulator({ issuing, enablingSettings, tooling }: DescribedChannel): string[] {
  if (!tooling) return ["shared/channels/tooling.ts: it is not in the list"];
  const { simulated } = tooling;
  const folder = join("simulator", simulated.service);
  if (!isFile(folder)) return [`${folder}: no such simulated service`];
  const values = Object.entries(simulated.settings).filter(([name]) => issuing.settings.includes(name));
  const source = readdirSync(join(root, "simulator"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "simulator", file), "utf8"))
    .join("\n");
  return [
    ...enablingSettings
      .filter((name) => !simulated.settings[name])
      .map((name) => `simulated.settings: no value of ${name}`),
    ...values
      .filter(([, value = ""]) => !source.includes(value))
      .map(([name]) => `simulator/: does not know the simulated ${name}`),
    ...values
      .filter(([name]) => isSetting(name) && !isRefusedByRealServices(name, simulated.settings))
      .map(([name]) => `shared/config/settings.ts: the simulated ${name} is accepted for the real services`),
  ];
}

/** Whether the settings refuse a simulated value where no simulator is set. */
function isRefusedByRealServices(
  name: SettingName,
  settings: Readonly<Record<string, string | undefined>>,
): boolean {
  try {
    readSettings([name, "SIMULATOR_URL"], { ...settings, TENCENTCLOUD_SECRETID: "of the role" });
    return false;
  } catch (error) {
    if (!(error instanceof MisconfiguredError)) throw error;
    return error.problems.some(
      ({ setting, message }) => setting === name && message.includes("is simulated"),
    );
  }
}

function missingInDoctor(channel: DescribedChannel): string[] {
  const lines: readonly string[] = doctorGroups.flatMap(([, checks]) => checks.map(({ name }) => name));
  const wanted = (channel.tooling?.checks ?? []).map(({ settings }) => settings.join(" and "));
  if (wanted.length === 0) return ["checks: the doctor checks nothing of it"];
  return wanted.filter((line) => !lines.includes(line)).map((line) => `tools/doctor/: no check ${line}`);
}
