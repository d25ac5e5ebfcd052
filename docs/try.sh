# For the examples of these documents, while `npm start` runs: `. docs/try.sh` in bash or zsh.
API=http://127.0.0.1:${PORT:-3000}
SIM=http://127.0.0.1:${SIMULATOR_PORT:-3100}
LOCAL=$(cd "${LOCAL_DIR:-.local}" && pwd)

# The bearer tokens that npm start prints: of the user demo-user, and of a backend.
USER_TOKEN=$(node -p 'require(process.argv[1]).user' "$LOCAL/tokens.json")
BACKEND_TOKEN=$(node -p 'require(process.argv[1]).backend' "$LOCAL/tokens.json")

# curl with a bearer token: call <address> [<curl options>]
call() { curl -sS -w '\n' -H "Authorization: Bearer $USER_TOKEN" -H 'Content-Type: application/json' "$@"; }
call_as_backend() { curl -sS -w '\n' -H "Authorization: Bearer $BACKEND_TOKEN" -H 'Content-Type: application/json' "$@"; }

# One field of the JSON on stdin: field .start.url
field() { node -p "JSON.parse(require('fs').readFileSync(0, 'utf8'))$1"; }
