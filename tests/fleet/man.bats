# SPDX-License-Identifier: LGPL-2.1-or-later
# iommuctl.json(5) against the schema, and the pages against man itself.

load helpers

@test "man: iommuctl.json(5) names every key and word that the schema has" {
    python3 - "$SOURCE/src/cli/schema.json" "$SOURCE/man/iommuctl.json.5.scd" <<'END'
import json, re, sys
schema, page = json.load(open(sys.argv[1])), open(sys.argv[2]).read()
told = {w for bold in re.findall(r"\*([^*\n]+)\*", page) for w in re.split(r"[^a-z_A-Z0-9-]+", bold)}
# Long lists of words that the page points to the schema for.
spared = {"rule", "findings", "exit"}
missing = set()
def walk(node, name=None):
    for key, value in node.get("properties", {}).items():
        if key not in told:
            missing.add("key " + key)
        walk(value, key)
    for key, value in node.get("definitions", {}).items():
        walk(value, key)
    for key in ("items",):
        if isinstance(node.get(key), dict):
            walk(node[key], name)
    if name in ("result", "state", "kind", "level", "change", "intel", "driver"):
        for word in node.get("enum", []):
            if isinstance(word, str) and word not in told:
                missing.add("word %s of %s" % (word, name))
walk(schema)
print("\n".join(sorted(missing)))
sys.exit(bool(missing))
END
}

@test "man: the pages are well-formed" {
    need scdoc man
    local page
    for page in "$SOURCE"/man/*.scd; do
        scdoc <"$page" >"$BATS_TEST_TMPDIR/page"
        MANWIDTH=80 man --warnings -E UTF-8 -l "$BATS_TEST_TMPDIR/page" 2>"$BATS_TEST_TMPDIR/said" >/dev/null
        [ ! -s "$BATS_TEST_TMPDIR/said" ]
    done
}
