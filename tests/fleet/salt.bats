# SPDX-License-Identifier: LGPL-2.1-or-later
# Salt's modules. There is no Salt here: the functions are called as Salt would call them, with
# stand-ins for what it puts into a module, and the real program below.

load helpers

setup() {
    HOST=$BATS_TEST_TMPDIR/host
    lay_host "$HOST"
}

call() { # PYTHON: with "state" and "module", and "test" to be set
    PYTHONDONTWRITEBYTECODE=1 python3 - "$CONTRIB/salt" "$IOMMUCTL" "$HOST" "$PLATFORM" "$1" <<'END'
import importlib.util, subprocess, sys
place, program, host, platform, text = sys.argv[1:]
def load(name):
    spec = importlib.util.spec_from_file_location(name, "%s/%s/iommuctl.py" % (place, name))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
module, state = load("_modules"), load("_states")
def run_all(argv, python_shell, ignore_retcode):
    done = subprocess.run([program, "--platform", platform, "--boot-in-root"] + argv[1:],
                          capture_output=True, text=True)
    return {"retcode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
module.__salt__ = {"cmd.run_all": run_all}
state.__salt__ = {"iommuctl.run": module.run}
state.__opts__ = {"test": False}
exec(text)
END
}

@test "salt: the state, with stand-ins for Salt: test, changed, unchanged, disabled" {
    call 'state.__opts__["test"] = True
a = state.enabled("x", root=host)
assert a["result"] is None and "+" in a["changes"]["diff"], a'
    is_original "$HOST"
    call 'a = state.enabled("x", root=host)
assert a["result"] is True and a["changes"]["files"], a'
    is_enabled "$HOST"
    call 'a = state.enabled("x", root=host)
assert a["result"] is True and not a["changes"], a'
    call 'a = state.disabled("x", root=host)
assert a["result"] is True and a["changes"], a'
    is_original "$HOST"
}

@test "salt: a failure is the program's own sentence" {
    PLATFORM=$FIXTURES/platforms/bare-no-table
    call 'a = state.enabled("x", root=host)
assert a["result"] is False and "firmware" in a["comment"], a
a = state.enabled("x", root=host, unsupported="ignore")
assert a["result"] is True and not a["changes"], a'
    is_original "$HOST"
}

@test "salt: no syntax that Python 2.7 and 3.6 lack" {
    "$FLEET/old-python" "$CONTRIB"/salt/*/*.py
}
