"""check_readme.py README FLUIT: runs the README's commands that are marked to run.

A fenced block after the line "<!-- run -->" is pasted, as it stands, into a shell in one fresh
directory, with the built program on the PATH. Every command must succeed. Every other `fluit ...`
line of the README must at least name a command and options that exist.
"""
import os
import re
import subprocess
import sys
import tempfile

readme_path, fluit = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
text = open(readme_path, encoding="utf-8").read()
env = dict(os.environ, PATH=os.path.dirname(fluit) + ":" + os.environ["PATH"])
failures = []

runs = re.findall(r"<!-- run -->\n```sh\n(.*?)```", text, re.S)
if not runs:
    failures.append("no block is marked to run")
with tempfile.TemporaryDirectory() as room:
    for block in runs:
        done = subprocess.run(["bash", "-euc", block], cwd=room, env=env, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            failures.append(f"exit {done.returncode} of:\n{block}{done.stderr}")

helps = {}
for block in re.findall(r"```sh\n(.*?)```", text, re.S):
    for line in block.splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] != "fluit":
            continue
        if words[1] not in helps:
            done = subprocess.run([fluit, words[1], "--help"], capture_output=True, text=True)
            helps[words[1]] = done.stdout + done.stderr
        for option in [w for w in words if w.startswith("--")]:
            if option not in helps[words[1]]:
                failures.append(f"'fluit {words[1]}' has no option {option}: {line}")

for script in re.findall(r"`?(?:\./)?scripts/([a-z]+)", text):
    if not os.access(os.path.join(os.path.dirname(readme_path), "scripts", script), os.X_OK):
        failures.append(f"there is no scripts/{script}")
for path in re.findall(r"\]\(([^)#:]+)\)", text):
    if not os.path.exists(os.path.join(os.path.dirname(readme_path), path)):
        failures.append(f"there is no {path}")

print("\n".join(failures) or f"{len(runs)} blocks ran")
sys.exit(bool(failures))
