/* The mount's README.md: all of it from the catalogue and the tree. */
#include "base/buf.h"
#include "fs/fs.h"
#include "graph/usage.h"

static void collections(const struct fs *fs, struct w365_buf *out)
{
	w365_buf_adds(out, "| what | is | permission to read |\n| --- | --- | --- |\n");
	for (unsigned i = 0; i < graph_n_collections; i++) {
		const struct graph_collection *c = &graph_collections[i];
		const struct graph_permission *p =
			&c->methods[c->kind == GRAPH_SINGLETON ? GRAPH_GET : GRAPH_LIST].permission;
		const char *end = c->kind == GRAPH_SINGLETON ? ".json" : "/";

		if (!fs_tree_of(fs->tree, c))
			continue;
		w365_buf_addf(out, "| `%s%s` | %s%s | %s%s |\n", c->name, end, c->help,
			      c->deprecated ? " (deprecated)" : "",
			      p->delegated || p->application
				      ? p->delegated ? p->delegated : p->application
				      : "unknown",
			      p->delegated && !p->application   ? ", for a signed-in person only"
			      : !p->delegated && p->application ? ", for an application only"
								: "");
	}
}

static const char saving[] =
	"## Changing something\n\n"
	"Edit a file with any program: what you changed is sent when it is saved, as one change; nothing else is. A text\n"
	"that is refused is kept in `.w365fs/rejected`, the version before each change in `.w365fs/history`: copy it back\n"
	"to undo. A new NAME.json without an `id` makes a new item; a copy with the `id` in it is a draft. Swap files and\n"
	"backups are memory, and never sent. `.w365fs/schema/COLLECTION.schema.json` tells an editor what may be in a file.\n\n"
	"```sh\n"
	"sed -i 's/\"northeurope\"/\"westeurope\"/' provisioningPolicies/'Engineering EU.json'\n"
	"jq 'del(.id, .assignments, .displayName)' provisioningPolicies/A.json > provisioningPolicies/B.json\n"
	"tail -1 .w365fs/errors                                    # why it was refused\n"
	"```\n\n";

static void questions(const struct fs *fs, struct w365_buf *out)
{
	struct graph_part part = fs_part(fs->config);
	struct graph_question q;

	w365_buf_adds(
		out,
		"\n## Questions\n\n"
		"What the service computes is a file, too, whose name says what is asked: parts separated by commas (a comma\n"
		"inside one is `%2C`), first the item, as its file is called, or its id, then `key=value`; `all` where there is\n"
		"nothing to say. These directories list nothing.");
	if (!part.own)
		w365_buf_adds(
			out,
			" Reports have all rows, as `.json` or `.csv`, unless `filter=`,\n"
			"`select=`, `search=`, `groupBy=`, `orderBy=`, `skip=` or `top=` say otherwise.");
	w365_buf_adds(out, "\n\n| file | shows | permission |\n| --- | --- | --- |\n");
	for (unsigned at = 0; graph_question_next(&part, &at, &q);)
		graph_question_row(out, &q, fs->config->version);
}

static const char acting[] =
	"## Acting\n\n"
	"A line written to a control file is done, once; `write` returns when the service has answered. TARGET is a file's\n"
	"name, a path to it, or an id; or a line is JSON: `{\"target\":\"…\",\"key\":value}`. All lines of a write are checked before\n"
	"any is sent. Reading a control file tells how it is used, and what came of the last lines; written back, that does\n"
	"nothing. What can lose data wants `confirm=`. `wait=60` waits for the end. What was sent is in `.w365fs/actions.ndjson`.\n\n";

static const char acting_on_all[] =
	"```sh\n"
	"echo CPC-NAME > cloudPCs/actions/reboot\n"
	"echo \"CPC-NAME displayName='Alex, second'\" > cloudPCs/actions/rename\n"
	"ls cloudPCs/by-status/failed > cloudPCs/actions/troubleshoot\n"
	"jq -c 'select(.status == \"failed\") | {target: .id, confirm: .id}' cloudPCs/*.json |\n"
	"\tdd obs=1M status=none > cloudPCs/actions/reprovision    # dd: full batches of twenty\n"
	"tail -f .w365fs/events                                    # what becomes of them\n"
	"```\n\n";

static const char acting_on_own[] =
	"```sh\n"
	"ls cloudPCs                                               # what your Cloud PCs are called\n"
	"echo CPC-NAME > cloudPCs/actions/reboot\n"
	"echo \"CPC-NAME displayName='My second one' wait=60\" > cloudPCs/actions/rename\n"
	"tail -f .w365fs/events                                    # what becomes of it\n"
	"```\n\n";

static void actions(const struct fs *fs, struct w365_buf *out)
{
	struct graph_part part = fs_part(fs->config);
	struct graph_action a;

	w365_buf_adds(out, acting);
	w365_buf_adds(out, part.own ? acting_on_own : acting_on_all);
	if (!fs->config->rw)
		w365_buf_adds(out, "This mount is read-only: it takes `-o rw`.\n\n");
	w365_buf_adds(out, "| control file | a line of it | | |\n| --- | --- | --- | --- |\n");
	for (unsigned i = 0; i < graph_n_collections; i++)
		for (unsigned at = 0;
		     graph_collection_in(&graph_collections[i], &part) &&
		     graph_action_next(&graph_collections[i], part.version, &at, &a);)
			graph_usage_row(out, &a, fs->config->version);
	w365_buf_addc(out, '\n');
}

static const char trying_all[] =
	"`cloudPCs/by-status/failed/` and the like are links to the same files by a property of theirs.\n\n"
	"## Try\n\n"
	"```sh\n"
	"ls -lt cloudPCs | head                                    # what changed last\n"
	"jq -r '[.managedDeviceName,.status]|@tsv' cloudPCs/*.json # a table\n"
	"grep -rl '\"failed\"' cloudPCs                              # who is in trouble\n"
	"tail -f .w365fs/events | jq -c 'select(.changed)'         # what changes, as it is seen\n"
	"tail -f .w365fs/audit.ndjson | jq -r .activityType        # what administrators do\n"
	"getfattr -d provisioningPolicies/*.json                   # id, Graph path, when it was fetched\n"
	"ls cloudPCs/by-status/failed                              # the same, by a view\n"
	"jq . cloudPCs/functions/retrieveSnapshots/CPC-NAME.json    # its restore points\n"
	"cp reports/getTotalAggregatedRemoteConnectionReports/all.csv ~/usage.csv\n"
	"git init ~/policies && cp -r --no-preserve=mode provisioningPolicies/. ~/policies\n"
	"```\n\n";

static const char trying_own[] =
	"These are the Cloud PCs of whoever is signed in, and what a user may do to them.\n\n"
	"## Try\n\n"
	"```sh\n"
	"jq -r '[.displayName,.servicePlanName]|@tsv' cloudPCs/*.json\n"
	"jq . cloudPCs/functions/retrieveCloudPcLaunchDetail/CPC-NAME.json    # where to connect\n"
	"```\n\n";

void fs_readme_write(struct fs *fs, struct w365_buf *out)
{
	w365_buf_addf(
		out,
		"# Windows 365, as files\n\n"
		"Tenant %s through Microsoft Graph (%s) at %s. Mounted by w365fs %s, %s.\n\n"
		"Directories are collections, files are JSON resources. Nothing is fetched before it is looked at; what was\n"
		"fetched is kept for a while, and asked for again when it is looked at later.\n\n",
		fs->config->tenant, graph_version_name(fs->config->version), fs->config->endpoint,
		W365_VERSION, fs->config->rw ? "for writing" : "read-only");
	collections(fs, out);
	questions(fs, out);
	w365_buf_adds(
		out,
		"\n## Names\n\n"
		"A file is called what the service calls the thing. `/`, control characters, `%` and a leading `.` are written\n"
		"`%XX`. Things of one name all get `~` and the beginning of their id. `by-id/ID.json` never changes.\n\n");
	w365_buf_adds(out, fs->config->own ? trying_own : trying_all);
	if (fs->config->rw && !fs->config->own)
		w365_buf_adds(out, saving);
	actions(fs, out);
	w365_buf_adds(out, "## When something fails\n\n");
	for (const struct fs_special *s = fs->specials; s->path; s++)
		if (s->kind != FS_SPECIAL_FIXED)
			w365_buf_addf(out, "- `%s`: %s (not listed, but there)\n", s->path,
				      s->help);
	w365_buf_adds(
		out, "- `w365fs refresh MOUNTPOINT [COLLECTION...]` asks the service again now.\n");
}
