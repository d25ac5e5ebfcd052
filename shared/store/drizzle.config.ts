/**
 * For the next migration, written from the schema. The tool is 40 MB with a bundler of its own, so it is not installed:
 * `npx drizzle-kit@0.31.11 generate --config shared/store/drizzle.config.ts --name <what-changes>`
 */
export default {
  dialect: "postgresql",
  schema: "./shared/store/schema.ts",
  out: "./shared/store/migrations",
};
