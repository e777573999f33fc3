"""What CI systems are given: the GitHub Action, the hook for pre-commit and the job for GitLab, each run as its host runs it."""

import argparse
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import xml.etree.ElementTree

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
METHOD = "{Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !GetAtt A.RootResourceId, HttpMethod: GET, AuthorizationType: %s}}"
TEMPLATE = "Resources:\n  A: {Type: AWS::ApiGateway::RestApi}\n  M: " + METHOD + "\n"


def read(name):
    return yaml.safe_load((ROOT / name).read_text())


def environment(gatewatch, **more):
    path = f"{pathlib.Path(gatewatch).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": os.environ.get("HOME", "/"), **more}


def ran(command, folder, env):
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60)


def action(gatewatch, folder, **given):
    """The steps of the action, with these inputs."""
    definition = read("action.yml")
    inputs = {name: it.get("default", "") for name, it in definition["inputs"].items()}
    assert set(given) <= set(inputs), given
    inputs.update(given)
    output = folder / "output"
    output.write_text("")
    for step in definition["runs"]["steps"]:
        assert "${{" not in step["run"], "an input within a script is a part of it"
        env = {}
        for name, value in step["env"].items():
            asked = re.fullmatch(r"\$\{\{ inputs\.([a-z-]+) \}\}", value)
            env[name] = inputs[asked.group(1)]
        script = folder / "step.sh"
        script.write_text(step["run"])
        # So a runner starts `shell: bash`.
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        result = ran(command, folder / "repository", environment(gatewatch, GITHUB_OUTPUT=str(output), **env))
    outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert outputs.get("status") == str(result.returncode), (outputs, result)
    for name, it in definition["outputs"].items():
        assert re.fullmatch(r"\$\{\{ (steps\.check\.outputs\.status|inputs\.sarif) \}\}", it["value"]), name
    return result


def repository(folder, authorization):
    repository = folder / "repository"
    repository.mkdir(exist_ok=True)
    # A name that a shell would take apart, and run.
    for name in ("template.yaml", "a b; touch hacked #.yaml"):
        (repository / name).write_text(TEMPLATE % authorization)
    return repository


def check_action(gatewatch, folder):
    place = repository(folder, "NONE")
    result = action(gatewatch, folder)
    assert result.returncode == 1, result
    assert "::error file=template.yaml,line=3" in result.stdout, result.stdout
    sarif = json.loads((place / "gatewatch.sarif").read_text())
    assert len(sarif["runs"][0]["results"]) == 2
    baseline = ran([gatewatch, "check", ".", "--format", "json"], place, environment(gatewatch)).stdout
    (folder / "base.json").write_text(baseline)
    result = action(gatewatch, folder, baseline="../base.json", region="us-east-1")
    assert result.returncode == 0, result
    assert action(gatewatch, folder, **{"fail-on": "critical"}).returncode == 0
    assert action(gatewatch, folder, paths="a b; touch hacked #.yaml\ntemplate.yaml\n").returncode == 1
    assert action(gatewatch, folder, paths="$(touch hacked)").returncode == 2
    assert action(gatewatch, folder, paths="--version").returncode == 2
    assert not (place / "hacked").exists()
    repository(folder, "AWS_IAM")
    assert action(gatewatch, folder).returncode == 0


def check_hook(gatewatch, folder):
    [hook] = read(".pre-commit-hooks.yaml")
    assert {"id", "name", "entry", "language", "files"} <= set(hook), hook
    assert hook["language"] == "system" and hook["pass_filenames"] is False, hook
    for name, meant in {"a.yaml": True, "in/b.json": True, "c.template": True, "d.py": False}.items():
        assert bool(re.search(hook["files"], name)) is meant, name
    for authorization, status in (("NONE", 1), ("AWS_IAM", 0)):
        place = repository(folder, authorization)
        if not (place / ".git").exists():
            ran(["git", "init", "--quiet"], place, environment(gatewatch))
        command = [*shlex.split(hook["entry"]), *hook["args"]]
        result = ran(command, place, environment(gatewatch))
        assert result.returncode == status, result


def check_gitlab(gatewatch, folder):
    jobs = read("examples/gitlab-ci.yml")
    [job] = jobs.values()
    for authorization, status in (("NONE", 1), ("AWS_IAM", 0)):
        place = repository(folder, authorization)
        env = environment(gatewatch, **job["variables"])
        result = ran(["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])], place, env)
        assert result.returncode == status, result
        reports = job["artifacts"]["reports"]
        issues = json.loads((place / reports["codequality"]).read_text())
        assert len(issues) == 2 * status, issues
        xml.etree.ElementTree.parse(place / reports["junit"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gatewatch", required=True)
    gatewatch = parser.parse_args().gatewatch
    for check in (check_action, check_hook, check_gitlab):
        with tempfile.TemporaryDirectory() as folder:
            check(gatewatch, pathlib.Path(folder))


if __name__ == "__main__":
    main()
