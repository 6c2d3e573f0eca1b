"""pages.py: what people at the pages wait for, and what a page costs; pages.js measures it, by
Chromium against a hub and 12 tables."""
import json
import os
import shutil
import subprocess


def measure(fluit, _tools, _room, runs):
    node = shutil.which("node") or shutil.which("nodejs")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pages.js")
    with subprocess.Popen([node, script, str(runs)], env=dict(os.environ, FLUIT=fluit),
                          stdout=subprocess.PIPE, text=True) as measuring:
        for line in measuring.stdout:
            yield json.loads(line)
    if measuring.returncode:
        raise RuntimeError("pages.js did not come to its end")
