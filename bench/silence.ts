/** Imported before everything else: benches that call functions in this process want none of their log between the figures. */
if (process.argv.some((word) => ["rows", "archive"].includes(word))) process.env["LOG_LEVEL"] ??= "silent";
