# tests/node/lib.sh - what is needed from npm, installed once into the build directory. Sourced after tests/mount/lib.sh.
requires node npm flock

# The modules' folder is $NODE_DIR/node_modules; two tests may want it at once. Another package.json installs anew.
mkdir -p "$NODE_DIR"
flock "$NODE_DIR" sh -c 'cp "$2"/*.mjs "$1" && cd "$1" && { cmp -s "$2/package.json" node_modules/.installed || {
	cp "$2/package.json" . && npm install --no-package-lock --no-audit --no-fund --silent >npm.log 2>&1 &&
		cp package.json node_modules/.installed; }; }' sh "$NODE_DIR" "$NODE_SOURCE" || skip "npm cannot install what is needed"
