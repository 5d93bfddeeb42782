# SPDX-License-Identifier: LGPL-2.1-or-later
# Menus nobody wrote, the same ones in each run. RANDOM_MENUS=COUNT makes more of them.

load helpers

setup() {
    find_program
    need python3
}

random_menus() { # PLATFORM SEED
    run -0 "$ORACLE/random-menus" "$IOMMUCTL" "$FIXTURES/platforms/$1" "$2" "${RANDOM_MENUS:-60}"
}

@test "random menus on an Intel machine" { random_menus intel-dmar 1; }
@test "more random menus on an Intel machine" { random_menus intel-dmar 4; }
