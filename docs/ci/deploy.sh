#!/bin/sh
# Deploys Zhenren from any CI: sh docs/ci/deploy.sh [--direct] [--without-migrate]
#
#   --direct            deploys through SCF's API instead of the serverless CLI
#   --without-migrate   for a machine that does not reach the database: somebody has migrated it before, from one that does
#
# Settings come from the environment (.env.example names all), never from arguments, which other users of the machine can see.
# Every deploy needs all of them: what is missing is taken away from the functions.
#
# npm ci belongs before this, in a step without secrets: packages may run code when they are installed.
set -eu
set +x # a traced command line would show what variables hold

say() { printf '%s\n' "$*"; }
stop() {
  printf 'Not deployed: %s\n' "$*" >&2
  exit 1
}

direct=
migrate=yes
for argument; do
  case $argument in
    --direct) direct=--direct ;;
    --without-migrate) migrate=no ;;
    *)
      printf 'Usage: sh docs/ci/deploy.sh [--direct] [--without-migrate]\n' >&2
      exit 2
      ;;
  esac
done

cd "$(dirname "$0")/../.."

# Here only what no deployment does without; npm run deploy checks each function's settings, before its first call.
missing=
for name in STAGE REGION TENCENT_SECRET_ID TENCENT_SECRET_KEY DATABASE_URL MASTER_KEY; do
  eval "value=\${$name:-}"
  [ -n "$value" ] || missing="$missing $name"
done
if [ -z "${SCF_ROLE:-}" ] && { [ -z "${FUNCTION_SECRET_ID:-}" ] || [ -z "${FUNCTION_SECRET_KEY:-}" ]; }; then
  missing="$missing SCF_ROLE (or FUNCTION_SECRET_ID and FUNCTION_SECRET_KEY)"
fi
[ -z "$missing" ] || stop "set in the CI's secrets or variables:$missing"
case $STAGE in
  *[!A-Za-z0-9_-]*) stop "STAGE may hold letters, digits, - and _ only" ;;
esac
[ -d node_modules ] || stop "run npm ci first, in a step without secrets"
[ -n "${TENCENT_TOKEN:-}" ] ||
  say "Note: the key is a permanent one. A temporary one, with TENCENT_TOKEN, cannot be misused for long."

# Two deploys at once would undo each other's work. This lock knows one machine only: where deploys run on several, let the CI
# queue them too.
lock="${TMPDIR:-/tmp}/zhenren-deploy-$STAGE"
mkdir "$lock" 2>/dev/null ||
  stop "another deploy of $STAGE runs; wait for its end (or, if none does, remove the folder $lock)"
trap 'rmdir "$lock"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# First what would be wrong, while nothing is changed yet.
npm run deploy -- $direct --dry-run

# The database before the functions: migrations only add, so the functions of before go on with the newer tables, while new
# functions would fail on the older ones. If it fails, no function has changed.
if [ "$migrate" = yes ]; then
  npm run migrate
else
  say "Left out npm run migrate: the database must have been migrated to this very version."
fi

npm run deploy -- $direct
