# Who may include whom: fs -> graph -> auth -> base, and sim -> base. What runs against an arrow does not compile in a
# reader's head. And what the product never does.
cd "$SOURCE" || exit 1
. tests/lib/tap.sh

# no WHY PATTERN FILE...: nothing matches
no() {
	_w=$1 _p=$2
	shift 2
	is "$_w" "$(grep -nE "$_p" "$@" /dev/null | head -5)" ""
}
no "base includes base alone" '#include "(auth|graph|fs|sim|tests)/' base/*.[ch]
no "auth includes auth and base" '#include "(graph|fs|sim|tests)/' auth/*.[ch]
no "graph includes graph, auth and base" '#include "(fs|sim|tests)/' graph/*.[ch]
no "fs includes all below it" '#include "(sim|tests)/' fs/*.[ch]
no "sim includes sim and base" '#include "(auth|graph|fs|tests)/' sim/*.[ch]
no "includes are written from the root" '#include "[^/"]*"' base/*.[ch] auth/*.[ch] graph/*.[ch] fs/*.[ch] sim/*.[ch]
no "auth opens no socket and reads no clock" '\b(socket|connect|clock_gettime|time|gettimeofday) ?\(NULL|<sys/socket.h>|<curl/' auth/*.[ch]
no "graph knows no FUSE" 'fuse_|<fuse' graph/*.[ch]
no "fs spells no URL and no property of Graph" 'deviceManagement|virtualEndpoint/|"displayName"|"lastModifiedDateTime"' fs/*.[ch]
no "nobody sleeps" '\b(u|nano)?sleep ?\(' base/*.c auth/*.c graph/*.c fs/*.c sim/*.c
no "nobody takes a lock" 'pthread_mutex|pthread_rwlock|sem_wait' base/*.c auth/*.c graph/*.c fs/*.c
no "notifications that may wait come from the notifier alone" 'fuse_lowlevel_notify_[^p]' $(ls fs/*.c | grep -v fs/notify.c)
is "every header says what it is for" "$(for f in base/*.h auth/*.h graph/*.h fs/*.h sim/*.h; do head -1 "$f" | grep -q "^/\* $f - " || echo "$f"; done)" ""
finish
