#!/usr/bin/env python3
"""summary.py BUILD-DIR...: names what failed, and ends with a line "N passed, M failed"."""
import json
import pathlib
import sys


def main():
    passed = failed = skipped = 0
    for build in sys.argv[1:]:
        log = pathlib.Path(build) / "meson-logs" / "testlog.json"
        if not log.exists():
            print(f"{build}: no test has run")
            failed += 1
            continue
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            test = json.loads(line)
            lines = test.get("stdout", "").splitlines()
            ok = sum(1 for text in lines if text.startswith("ok "))
            bad = sum(1 for text in lines if text.startswith("not ok "))
            if test["result"] == "SKIP":
                print(f"{build}: {test['name']} was skipped: {' '.join(lines)}")
                skipped += 1
                continue
            if test["result"] != "OK":
                print(f"{build}: {test['name']}: {test['result']}")
                bad = max(bad, 1)
            passed += ok if ok or bad else 1
            failed += bad
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
