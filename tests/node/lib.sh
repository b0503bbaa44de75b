# tests/node/lib.sh - what is needed from npm, installed once into the build directory. Sourced after tests/mount/lib.sh.
requires node npm flock

# The modules' folder is $NODE_DIR/node_modules; two tests may want it at once.
mkdir -p "$NODE_DIR"
cp "$NODE_SOURCE/package.json" "$NODE_SOURCE"/*.mjs "$NODE_DIR"
flock "$NODE_DIR" sh -c '[ -f "$1/node_modules/.installed" ] || { cd "$1" && npm install --no-package-lock --no-audit --no-fund --silent \
	>npm.log 2>&1 && touch node_modules/.installed; }' sh "$NODE_DIR" || skip "npm cannot install what is needed"
