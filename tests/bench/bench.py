#!/usr/bin/env python3
"""bench.py --build DIR [--cloud-pcs N] [--many N] [--json FILE]: what the mount costs, in requests and in time.

Each row is a command on N Cloud PCs: its time, its ratio to the same command on tmpfs (listings: to one curl that
fetches the same pages on one kept connection), taken in the same run, the FUSE requests by opcode and the requests to
Graph. Times depend on the machine; requests do not.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Bench:
    def __init__(self, args):
        self.build = pathlib.Path(args.build).resolve()
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="w365fs-bench."))
        self.mnt = self.dir / "mnt"
        self.mnt.mkdir()
        self.sim = None
        self.rows = []

    # -- the simulator and the mount

    def start_sim(self, cloud_pcs):
        cert, key, env = self.dir / "cert.pem", self.dir / "key.pem", self.dir / "env"
        if not cert.exists():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-days", "2", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1",
                            "-keyout", key, "-out", cert], check=True, **QUIET)
        self.sim = subprocess.Popen([self.build / "sim/w365sim", "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key",
                                     key, "--env", env, "--quiet", "--cloud-pcs", str(cloud_pcs)],
                                    stdout=subprocess.PIPE, text=True)
        self.sim.stdout.readline()
        self.env = {}
        for line in env.read_text().splitlines():
            name, _, value = line.removeprefix("export ").partition("=")
            self.env[name] = value.strip("'")
        secret = self.dir / "secret"
        secret.touch(mode=0o600)
        secret.write_text(self.env["CLIENT_SECRET"])

    def stop_sim(self):
        if self.sim:
            self.sim.terminate()
            self.sim.wait()
            self.sim = None

    def hook(self, method, path):
        out = subprocess.run(["curl", "-sS", "--cacert", self.dir / "cert.pem", "-X", method, self.env["GRAPH_BASE"] + path],
                             check=True, capture_output=True, text=True).stdout
        return json.loads(out) if out else None

    def mount(self, options="ttl=86400"):
        subprocess.run([self.build / "fs/w365fs", "mount", "--config", "/dev/null", "--tenant", self.env["TENANT"], "--client-id",
                        self.env["CLIENT_ID"], "--client-secret-file", self.dir / "secret", "--authority",
                        self.env["ENTRA_BASE"], "--graph-endpoint", self.env["GRAPH_BASE"], "--ca-file",
                        self.dir / "cert.pem", "-o", options, self.mnt], check=True)

    def unmount(self):
        pid = self.daemon()
        subprocess.run([self.build / "fs/w365fs", "umount", "--lazy", self.mnt], check=True)
        while pid and os.path.exists(f"/proc/{pid}/exe"):
            try:
                if open(f"/proc/{pid}/stat").read().split()[2] == "Z":
                    break
            except FileNotFoundError:
                break
            time.sleep(0.01)

    def daemon(self):
        out = subprocess.run(["pgrep", "-f", f"mount .*{self.mnt}$"], capture_output=True, text=True).stdout.split()
        return int(out[0]) if out else 0

    def load(self):
        """Has the snapshot listed without the kernel learning a single name."""
        try:
            os.stat(self.mnt / "cloudPCs/by-id/none.json")
        except FileNotFoundError:
            pass

    def status(self):
        time.sleep(0.06)  # a status that is being read stays as it is for a moment
        return json.loads((self.mnt / ".w365fs/status.json").read_text())

    # -- measuring

    def timed(self, command, cwd):
        start = time.perf_counter()
        subprocess.run(command, cwd=cwd, check=False, shell=isinstance(command, str), **QUIET)
        return time.perf_counter() - start

    def spent(self, command, cwd):
        """Seconds, FUSE requests by opcode, requests to Graph."""
        zero = self.status()
        before = self.status()  # what one look at the counters costs
        seconds = self.timed(command, cwd)
        after = self.status()
        fuse = {}
        for op, n in after["fuse"].items():
            own = before["fuse"].get(op, 0) - zero["fuse"].get(op, 0)
            n -= before["fuse"].get(op, 0) + own
            if n > 0 and op != "notifications":
                fuse[op] = n
        return seconds, fuse, after["graph"]["requests"] - before["graph"]["requests"]

    def row(self, what, seconds, base, fuse, graph, base_name="tmpfs", note=""):
        self.rows.append({"what": what, "seconds": seconds, "base": base_name, "base_seconds": base,
                          "ratio": seconds / base if base else None, "fuse": fuse, "graph": graph, "note": note})
        ops = " ".join(f"{op}={n}" for op, n in sorted(fuse.items())) or "none"
        ratio = f"{seconds / base:6.2f}" if base else "     -"
        print(f"{what:<44} {seconds * 1000:9.1f} ms  {ratio} x {base_name:<6} graph {graph:<5} fuse {ops} {note}", flush=True)

    # -- what is measured

    def commands(self, n):
        some = min(n, 10000)
        return [
            ("find", "find cloudPCs"),
            ("ls -l", "ls -l cloudPCs"),
            ("grep -r", "grep -r zzzz cloudPCs"),
            ("cat all", "find cloudPCs -maxdepth 1 -name '*.json' -print0 | xargs -0 cat"),
            ("jq all", f"find cloudPCs -maxdepth 1 -name '*.json' | head -n {some} | tr '\\n' '\\0' | xargs -0 jq -r .status"),
        ]

    def tree(self, n):
        """The same tree on tmpfs, for comparison."""
        shm = pathlib.Path(tempfile.mkdtemp(prefix="w365fs-bench.", dir="/dev/shm"))
        self.mount()
        subprocess.run(["cp", "-r", self.mnt / "cloudPCs", shm], check=True)
        self.unmount()
        subprocess.run(["chmod", "-R", "u+w", shm], check=False)
        return shm

    def everyday(self, n, repeat):
        shm = self.tree(n)
        for name, command in self.commands(n):
            base = statistics.median(self.timed(command, shm) for _ in range(repeat))
            first = []
            for _ in range(3):
                self.mount()
                self.load()
                first.append(self.spent(command, self.mnt))
                warm = [self.spent(command, self.mnt) for _ in range(repeat)]
                self.unmount()
            first.sort(key=lambda r: r[0])
            self.row(f"{name}, first pass", first[1][0], base, first[1][1], first[1][2])
            warm.sort(key=lambda r: (sum(r[1].values()), r[0]))
            least = [r for r in warm if r[1] == warm[0][1]]
            self.row(f"{name}, warm", statistics.median(r[0] for r in least), base, warm[0][1], warm[0][2])
        shutil.rmtree(shm)

    def whole(self, cloud_pcs):
        """grep -r over all of a mount that nobody has looked at: each page once, and nothing else."""
        command = "grep -r zzzz ."
        self.start_sim(cloud_pcs)
        shm = pathlib.Path(tempfile.mkdtemp(prefix="w365fs-bench.", dir="/dev/shm"))
        self.mount()
        subprocess.run(["cp", "-r", f"{self.mnt}/.", shm], check=True)
        self.unmount()
        subprocess.run(["chmod", "-R", "u+w", shm], check=False)
        base = statistics.median(self.timed(command, shm) for _ in range(3))
        self.hook("DELETE", "/_sim/log")
        self.mount()
        first = self.spent(command, self.mnt)
        log = [r for r in self.hook("GET", "/_sim/log")["requests"] if "/deviceManagement/" in r["path"]]
        pages = {(r["path"], r["query"]) for r in log if r["status"] == 200}
        files = sum(1 for _ in shm.rglob("*.json"))
        self.row(f"grep -r of a whole mount, {files} files", first[0], base, first[1], first[2],
                 note=f"({len(pages)} pages, {len(log) - len(pages)} other requests)")
        warm = self.spent(command, self.mnt)
        self.row("grep -r of a whole mount, once more", warm[0], base, warm[1], warm[2])
        self.unmount()
        shutil.rmtree(shm)
        self.stop_sim()

    def pages(self):
        """The addresses of all pages, as the mount asks for them."""
        log = self.hook("GET", "/_sim/log")
        return [self.env["GRAPH_BASE"] + r["path"] + "?" + r["query"] for r in log["requests"]
                if r["path"].endswith("/virtualEndpoint/cloudPCs")]

    def curl_config(self, urls):
        token = json.loads(subprocess.run(
            ["curl", "-sS", "--cacert", self.dir / "cert.pem", f"{self.env['ENTRA_BASE']}/{self.env['TENANT']}/oauth2/v2.0/token",
             "--data-urlencode", "client_id=" + self.env["CLIENT_ID"], "--data-urlencode",
             "client_secret=" + self.env["CLIENT_SECRET"], "-d", "grant_type=client_credentials", "-d",
             "scope=" + urllib.parse.quote("https://graph.microsoft.com/.default")],
            check=True, capture_output=True, text=True).stdout)["access_token"]
        config = self.dir / "curlrc"
        config.write_text(f'header = "Authorization: Bearer {token}"\nheader = "Prefer: include-unknown-enum-members"\n'
                          f'cacert = "{self.dir}/cert.pem"\nsilent\ncompressed\nglobbing = false\n'.replace("globbing = false", "globoff")
                          + "".join(f'url = "{u}"\noutput = "/dev/null"\n' for u in urls))
        return ["curl", "-K", str(config)]

    def cold(self, n, repeat, latency=0):
        """Against curl, which throws away what it gets. @latency: milliseconds that the service takes for a page."""
        self.hook("POST", f"/_sim/latency?ms={latency}")
        self.hook("DELETE", "/_sim/log")
        self.mount()
        self.load()
        self.unmount()
        urls = self.pages()
        curl = self.curl_config(urls)
        base = statistics.median(self.timed(curl, "/") for _ in range(repeat))
        runs = []
        for _ in range(repeat):
            self.mount()
            runs.append(self.spent("ls cloudPCs/by-id/none.json", self.mnt))
            self.unmount()
        runs.sort(key=lambda r: r[0])
        middle = runs[len(runs) // 2]
        self.row(f"cold listing of {n}, {latency} ms a page" if latency else f"cold listing of {n}", middle[0], base,
                 middle[1], middle[2], "curl", f"({len(urls)} pages)")
        self.hook("POST", "/_sim/latency?ms=0")

    def memory(self, n):
        self.mount()
        self.load()
        subprocess.run(["ls", "-l", self.mnt / "cloudPCs"], check=True, **QUIET)
        status = self.status()
        text = next(c["bytes"] for c in status["collections"] if c["name"] == "cloudPCs")
        lines = pathlib.Path(f"/proc/{self.daemon()}/status").read_text().splitlines()
        rss, peak = (1024 * int(next(line.split()[1] for line in lines if line.startswith(key))) for key in ("VmRSS", "VmHWM"))
        bound = 1.25 * text + 200 * n
        self.rows.append({"what": f"memory at {n}", "rss": rss, "peak": peak, "text": text, "bound": bound})
        print(f"{'memory at ' + str(n):<44} {rss / 1e6:9.1f} MB for {text / 1e6:.1f} MB of text "
              f"({rss / text:.2f} x, {(rss - text) / n:.0f} bytes a file above it); allowed {bound / 1e6:.1f} MB", flush=True)
        self.unmount()

    def idle(self):
        self.mount()
        subprocess.run(["ls", self.mnt / "cloudPCs"], check=True, **QUIET)
        before = self.status()
        time.sleep(1)

        def switches():
            total = 0
            for task in pathlib.Path(f"/proc/{self.daemon()}/task").iterdir():
                for line in (task / "status").read_text().splitlines():
                    if "ctxt_switches" in line:
                        total += int(line.split()[1])
            return total

        start = switches()
        time.sleep(10)
        woken = switches() - start
        asked = self.status()["graph"]["requests"] - before["graph"]["requests"]
        self.rows.append({"what": "idle for 10 s", "wakeups": woken, "graph": asked})
        print(f"{'idle for 10 s':<44} {woken} wake-ups, {asked} requests", flush=True)
        self.unmount()

    def act(self, n):
        """Reboots by one write to a control file; against the same bodies sent by one curl on one kept connection."""
        self.hook("POST", "/_sim/course?speed=1000")
        self.mount("rw,ttl=86400,max-targets=1000000")
        self.load()
        pcs = [json.loads(p.read_text()) for p in sorted((self.mnt / "cloudPCs").glob("*.json"))]
        ids = [pc["id"] for pc in pcs if pc["status"] == "provisioned"][:n]
        lines = self.dir / "lines"
        lines.write_text("".join(i + "\n" for i in ids))
        groups = [ids[at:at + 20] for at in range(0, len(ids), 20)]
        path = "/deviceManagement/virtualEndpoint/cloudPCs/"
        for i, group in enumerate(groups):
            (self.dir / f"batch{i}").write_text(json.dumps({"requests": [
                {"id": str(k), "method": "POST", "url": f"{path}{pc}/reboot"} for k, pc in enumerate(group)]}))
        self.curl_config([])
        config = self.dir / "curlrc"
        common = config.read_text() + 'header = "Content-Type: application/json"\noutput = "/dev/null"\n'
        config.write_text("next\n".join(common + f'url = "{self.env["GRAPH_BASE"]}/beta/$batch"\n'
                                        f'data-binary = "@{self.dir}/batch{i}"\n' for i in range(len(groups))))
        base = self.timed(["curl", "-K", str(config)], "/")
        self.hook("POST", "/_sim/course?advance=60")
        self.hook("DELETE", "/_sim/log")
        seconds, fuse, graph = self.spent(f"cat {lines} > cloudPCs/actions/reboot", self.mnt)
        batches = self.hook("GET", "/_sim/log?counts=1")["counts"].get("POST /beta/$batch", 0)
        self.row(f"{len(ids)} reboots in one write", seconds, base, fuse, graph, "curl",
                 f"({len(ids) / seconds:.0f} a second, {batches} batches)")
        self.unmount()

    def close(self):
        subprocess.run(["fusermount3", "-uzq", self.mnt], check=False, **QUIET)
        self.stop_sim()
        shutil.rmtree(self.dir, ignore_errors=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default="build")
    p.add_argument("--cloud-pcs", type=int, default=10000)
    p.add_argument("--many", type=int, default=100000, help="for memory and the large listing; 0: leave out")
    p.add_argument("--repeat", type=int, default=5)
    p.add_argument("--json", default=None)
    args = p.parse_args()
    bench = Bench(args)
    try:
        print(f"w365fs on {args.cloud_pcs} Cloud PCs, {os.uname().release}, {os.cpu_count()} processors")
        bench.whole(min(args.cloud_pcs, 60))
        bench.start_sim(args.cloud_pcs)
        bench.everyday(args.cloud_pcs, args.repeat)
        bench.cold(args.cloud_pcs, args.repeat)
        bench.cold(args.cloud_pcs, args.repeat, latency=100)
        bench.act(min(args.cloud_pcs, 2000))
        bench.idle()
        bench.stop_sim()
        if args.many:
            bench.start_sim(args.many)
            bench.cold(args.many, 3)
            bench.cold(args.many, 3, latency=30)
            bench.memory(args.many)
    finally:
        bench.close()
    target = pathlib.Path(args.json or pathlib.Path(args.build) / "bench.json")
    target.write_text(json.dumps(bench.rows, indent=2) + "\n")
    print(f"Written: {target}")


if __name__ == "__main__":
    sys.exit(main())
