# Every way in which programs save a file ends in exactly one PATCH with exactly the property that was changed, seen in the
# simulator's log; nothing is made, nothing is removed, nothing is left over.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state" TERM=xterm EDITOR_DIR="$TMP"
mkdir -p "$HOME"
sim_start
mount_w365fs -o rw
DIR=$MNT/provisioningPolicies
FILE="Engineering EU.json"
ID=$(jq -r .id "$DIR/$FILE")
BEFORE=$(ls "$DIR")
N=0

# saved WHY: one PATCH of the description alone, and the directory as it was.
saved() {
	is "$1: one change, of what was changed" "$(changes)" "PATCH /beta/deviceManagement/virtualEndpoint/provisioningPolicies/$ID {\"description\":\"$WANT\"}"
	is "$1: the file has it" "$(jq -r .description "$DIR/$FILE")" "$WANT"
	is "$1: nothing is left over" "$(ls -A "$DIR" | grep -v "$LEFT_PATTERN")" "$BEFORE"
	for _f in $LEFT; do rm -f "$DIR/$_f"; done
}

# with PROGRAM WHY COMMAND...: one way to save. COMMAND finds the file's name in $FILE and the new description in $WANT.
with() {
	_program=$1 _case=$2
	shift 2
	if ! command -v "$_program" >/dev/null; then
		echo "# without $_program: $_case is left out"
		return
	fi
	N=$((N + 1))
	WANT="saved $N by $_program"
	export WANT FILE
	forget_changes
	(cd "$DIR" && "$@") >"$TMP/said" 2>&1 || show said "$(cat "$TMP/said")"
	saved "$_case"
}
LEFT= LEFT_PATTERN='^$'
with sed 'sed -i' sh -c 'sed -i "s/\"description\": .*/\"description\": \"$WANT\",/" "$FILE"'
LEFT="Engineering*.bak" LEFT_PATTERN='\.bak$'
with sed 'sed -i.bak' sh -c 'sed -i.bak "s/\"description\": .*/\"description\": \"$WANT\",/" "$FILE"'
with perl 'perl -pi.bak' sh -c 'perl -pi.bak -e "s/\"description\": .*/\"description\": \"$WANT\",/" "$FILE"'
LEFT= LEFT_PATTERN='^$'
rm -f "$DIR"/*.bak
with perl 'perl -pi' sh -c 'perl -pi -e "s/\"description\": .*/\"description\": \"$WANT\",/" "$FILE"'
with jq 'jq > tmp.json && mv' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >tmp.json && mv tmp.json "$FILE"'
with jq 'jq > /tmp && mv' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new" && mv "$EDITOR_DIR/new" "$FILE"'
with jq 'jq > /tmp && cp' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new" && cp "$EDITOR_DIR/new" "$FILE"'
with jq 'cp -p' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new" && cp -p "$EDITOR_DIR/new" "$FILE"'
with jq 'cat >' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new" && cat "$EDITOR_DIR/new" >"$FILE"'
with install 'install' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new" && install -m 600 "$EDITOR_DIR/new" "$FILE"'
with tee 'tee' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new" && tee "$FILE" <"$EDITOR_DIR/new"'
with dd 'dd in pieces' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new" && dd if="$EDITOR_DIR/new" of="$FILE" bs=100'
with sponge 'sponge' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" | sponge "$FILE"'
with gawk 'gawk -i inplace' gawk -i inplace '{ sub(/"description": .*/, "\"description\": \"" ENVIRON["WANT"] "\","); print }' "$FILE"
with rsync 'rsync' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/$FILE" && rsync "$EDITOR_DIR/$FILE" .'
with rsync 'rsync --inplace' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/$FILE" && rsync -I --inplace "$EDITOR_DIR/$FILE" .'
with patch 'patch' sh -c 'jq --arg d "$WANT" ".description = \$d" "$FILE" >"$EDITOR_DIR/new"; diff -u "$FILE" "$EDITOR_DIR/new" | patch "$FILE"'
with ed 'ed' sh -c 'printf ",s/\"description\": .*/\"description\": \"%s\",/\nw\nq\n" "$WANT" | ed -s "$FILE"'
with python3 'python open(w)' python3 -c 'import json, os
f = os.environ["FILE"]; d = json.load(open(f)); d["description"] = os.environ["WANT"]
with open(f, "w") as o: json.dump(d, o, indent=4)'
with python3 'python r+, in place' python3 -c 'import json, os
f = open(os.environ["FILE"], "r+"); d = json.load(f); d["description"] = os.environ["WANT"]
f.seek(0); json.dump(d, f); f.truncate(); f.flush(); os.fsync(f.fileno()); f.close()'
with python3 'python mmap' python3 -c 'import json, mmap, os
f = open(os.environ["FILE"], "r+b"); d = json.load(f); d["description"] = os.environ["WANT"]
t = json.dumps(d).encode(); f.truncate(len(t)); m = mmap.mmap(f.fileno(), len(t)); m[:] = t; m.flush(); m.close(); f.close()'

for copy in auto yes no; do
	with vim "vim, backupcopy=$copy" sh -c "vim -N -u NONE -i NONE -es -c 'set swapfile backup writebackup backupcopy=$copy backupdir=. directory=.' \
		-c \"%s/\\\"description\\\": .*/\\\"description\\\": \\\"\$WANT\\\",/\" -c wq \"\$FILE\"; rm -f *~"
	with vim "vim, no backup kept, backupcopy=$copy" sh -c "vim -N -u NONE -i NONE -es -c 'set swapfile nobackup writebackup backupcopy=$copy' \
		-c \"%s/\\\"description\\\": .*/\\\"description\\\": \\\"\$WANT\\\",/\" -c wq \"\$FILE\""
done
with nvim 'neovim' sh -c 'nvim -u NONE -i NONE -es -c "%s/\"description\": .*/\"description\": \"$WANT\",/" -c wq "$FILE"'
with kak 'kakoune' sh -c 'printf "%%s\"description\": [^\\\\n]*<ret>c\"description\": \"%s\",<esc>:wq<ret>" "$WANT" >"$EDITOR_DIR/keys"
	kak -n -ui dummy -e "execute-keys %{$(cat "$EDITOR_DIR/keys")}" "$FILE"'
with emacs 'emacs' emacs --batch -Q "$FILE" --eval '(progn (re-search-forward "\"description\": .*")
	(replace-match (concat "\"description\": \"" (getenv "WANT") "\",") t t) (setq make-backup-files nil) (save-buffer))'
with emacs 'emacs with a backup' sh -c 'emacs --batch -Q "$FILE" --eval "(progn (re-search-forward \"\\\"description\\\": .*\")
	(replace-match (concat \"\\\"description\\\": \\\"\" (getenv \"WANT\") \"\\\",\") t t) (setq make-backup-files t backup-by-copying nil)
	(save-buffer))"; rm -f *~'

# In a terminal, as people have them.
in_terminal() {
	_program=$1
	shift
	tmux -L "$TERMINAL" -f /dev/null new-session -d -x 200 -y 60 "$_program"
	eventually sh -c "tmux -L '$TERMINAL' capture-pane -p | grep -q displayName" # it is ready
	for _keys in "$@"; do
		case $_keys in
		-*) tmux -L "$TERMINAL" send-keys "${_keys#-}" ;;
		*) tmux -L "$TERMINAL" send-keys -l "$_keys" ;;
		esac
	done
	eventually sh -c "! tmux -L '$TERMINAL' has-session"
}
TERMINAL=w365fs-$$
if command -v tmux >/dev/null; then
	with nano 'nano' in_terminal "nano -I '$FILE'" '-C-w' '"description":' '-Enter' '-C-k' \
		"\"description\": \"saved $((N + 1)) by nano\"," '-Enter' '-C-s' '-C-x'
	with vim 'vim in a terminal' in_terminal "vim -u NONE -N -i NONE '$FILE'" \
		":%s/\"description\": .*/\"description\": \"saved $((N + 1)) by vim\",/" '-Enter' ':wq' '-Enter'
fi

# git, whose work tree is the mount.
if command -v git >/dev/null; then
	export GIT_DIR="$TMP/policies.git" GIT_WORK_TREE="$DIR" GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b \
		GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	git init -q 2>"$TMP/said" && (cd "$DIR" && git add -- *.json && git commit -qm all)
	WAS=$(jq -r .description "$DIR/$FILE")
	(cd "$DIR" && sed -i 's/"description": .*/"description": "to be undone",/' "$FILE")
	has "git diff shows a change" "$(cd "$DIR" && git diff -- "$FILE")" '+  "description": "to be undone"'
	WANT=$WAS
	forget_changes
	(cd "$DIR" && git checkout -q -- "$FILE") || show said "$(cat "$TMP/said")"
	saved "git checkout"
	is "and git finds it as it was, but for the time of the change" \
		"$(cd "$DIR" && git diff -U0 -- "$FILE" | grep '^[-+] ' | grep -v lastModified)" ""
	unset GIT_DIR GIT_WORK_TREE
fi

# Nothing is sent where nothing was changed.
forget_changes
(cd "$DIR" && vim -u NONE -i NONE -N -es -c wq "$FILE"; cp "$FILE" "$TMP/same" && cp "$TMP/same" "$FILE"; touch "$FILE"; chmod 644 "$FILE"
	jq -c . "$FILE" >"$TMP/compact" && cat "$TMP/compact" >"$FILE"; : >"$FILE"; : >>"$FILE"
	jq 'del(.description)' "$FILE" >"$TMP/less" && cp "$TMP/less" "$FILE") >"$TMP/said" 2>&1
is "nothing is sent where nothing was changed" "$(changes)" ""
is "and an emptied file is as it was" "$(jq -r .id "$DIR/$FILE")" "$ID"
finish
