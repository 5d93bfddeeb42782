/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/choose.h"

#include <dirent.h>

#include "capture.h"

/* What was found of a table, as the rules tell findings apart. */
enum finding { ABSENT, NO_DIRECTORY, UNREADABLE, CORRUPT, VALID, NO_UNIT, FINDINGS };

static void set_table(struct acpi_table *t, enum finding finding, const char *name)
{
    static const enum acpi_state states[FINDINGS] = {
        ACPI_ABSENT,  ACPI_NO_DIRECTORY, ACPI_UNREADABLE,
        ACPI_CORRUPT, ACPI_VALID,        ACPI_CORRUPT,
    };

    t->state = states[finding];
    if (finding >= UNREADABLE)
        snprintf(t->name, sizeof(t->name), "%s", name);
    if (finding == CORRUPT)
        snprintf(t->defect, sizeof(t->defect), "the defect of %s", name);
    if (finding == NO_UNIT)
        snprintf(t->defect, sizeof(t->defect), "it describes no remapping unit");
}

static struct machine make_machine(enum finding dmar, enum finding ivrs, const char *cpu)
{
    struct machine m = {.arch = "x86_64", .x86 = true};

    set_table(&m.dmar_table, dmar, "DMAR");
    set_table(&m.ivrs_table, ivrs, "IVRS");
    m.dmar.header_only = m.dmar.whole = dmar == NO_UNIT;
    m.ivrs.whole = ivrs == NO_UNIT;
    snprintf(m.viot_lacking, sizeof(m.viot_lacking), "the kernels lack it");
    snprintf(m.cpu.id, sizeof(m.cpu.id), "%s", cpu);
    m.cpu.vendor = cpu_vendor(cpu);
    return m;
}

#define INTEL "GenuineIntel"
#define AMD "AuthenticAMD"
#define OTHER "OtherMakers!"

enum {
    GUEST = 1,
    XEN = 2,
    VIOT = 4,
    DRIVEN = 8,
    STONEY = 16,
    OPT_IN = 32,
    KINDS = 64,
    FOREIGN = 64
};

static const struct {
    enum finding dmar, ivrs;
    const char *cpu;
    unsigned also;
    enum vendor forced, vendors;
    enum exit_class exit;
    const char *rule, *reason,
        *warning; /* stand in the texts; NULL warning: there is none */
} rows[] = {
    {VALID, ABSENT, INTEL, 0, 0, VENDOR_INTEL, 0, "dmar", "valid DMAR table", NULL},
    {ABSENT, VALID, AMD, 0, 0, VENDOR_AMD, 0, "ivrs", "valid IVRS table", NULL},
    {VALID, ABSENT, OTHER, 0, 0, VENDOR_INTEL, 0, "dmar", "valid DMAR table", NULL},
    {ABSENT, VALID, "", 0, 0, VENDOR_AMD, 0, "ivrs", "valid IVRS table", NULL},
    {VALID, ABSENT, INTEL, GUEST | VIOT, 0, VENDOR_INTEL, 0, "dmar", "DMAR", NULL},
    {VALID, NO_UNIT, INTEL, 0, 0, VENDOR_INTEL, 0, "dmar", "DMAR", NULL},
    {NO_UNIT, VALID, AMD, 0, 0, VENDOR_AMD, 0, "ivrs", "IVRS", NULL},
    {VALID, ABSENT, AMD, GUEST, 0, VENDOR_INTEL, 0, "dmar-other-cpu", "DMAR",
     "\"AuthenticAMD\", whose machines come with IVRS"},
    {ABSENT, VALID, INTEL, 0, 0, VENDOR_AMD, 0, "ivrs-other-cpu", "IVRS",
     "\"GenuineIntel\", whose machines come with DMAR"},
    {VALID, ABSENT, INTEL, XEN, 0, VENDOR_INTEL, 0, "dmar-xen", "DMAR",
     "hypervisor's line"},
    {ABSENT, VALID, AMD, XEN, 0, VENDOR_AMD, 0, "ivrs-xen", "IVRS", "hypervisor's line"},

    /* What the kernel does by itself, whatever the flag. */
    {ABSENT, VALID, AMD, STONEY, 0, VENDOR_AMD, 0, "ivrs-stoney-ridge", "IVRS",
     "amd_iommu=force_enable overrules"},
    {NO_UNIT, VALID, AMD, STONEY, 0, VENDOR_AMD, 0, "ivrs-stoney-ridge", "IVRS", "off"},
    {VALID, ABSENT, INTEL, STONEY, 0, VENDOR_INTEL, 0, "dmar", "DMAR", NULL},
    {ABSENT, VALID, AMD, STONEY | XEN, 0, VENDOR_AMD, 0, "ivrs-xen", "IVRS",
     "hypervisor's line"},
    {ABSENT, VALID, AMD, STONEY, VENDOR_AMD, VENDOR_AMD, 0, "forced", "valid IVRS",
     "Stoney Ridge"},
    {ABSENT, VALID, AMD, STONEY, VENDOR_BOTH, VENDOR_BOTH, 0, "forced", "valid IVRS",
     "Stoney Ridge"},
    {VALID, ABSENT, INTEL, STONEY, VENDOR_BOTH, VENDOR_BOTH, 0, "forced", "valid DMAR",
     NULL},
    {VALID, ABSENT, INTEL, OPT_IN, 0, VENDOR_INTEL, 0, "dmar-opt-in", "opt-in", NULL},
    {VALID, ABSENT, AMD, OPT_IN, 0, VENDOR_INTEL, 0, "dmar-other-cpu", "DMAR",
     "the kernel follows the table"},
    {VALID, ABSENT, INTEL, OPT_IN | XEN, 0, VENDOR_INTEL, 0, "dmar-xen", "DMAR",
     "hypervisor's line"},
    {ABSENT, VALID, AMD, OPT_IN, 0, VENDOR_AMD, 0, "ivrs", "IVRS", NULL},

    {VALID, VALID, INTEL, 0, 0, 0, 78, "both-tables", "--vendor intel, amd or both",
     NULL},
    {VALID, VALID, AMD, XEN | VIOT, 0, 0, 78, "both-tables", "--vendor", NULL},

    /* One in order, the other broken, closed or empty. */
    {VALID, CORRUPT, INTEL, 0, 0, VENDOR_INTEL, 0, "dmar-despite-ivrs", "DMAR",
     "IVRS table is corrupt"},
    {CORRUPT, VALID, AMD, 0, 0, VENDOR_AMD, 0, "ivrs-despite-dmar", "IVRS",
     "DMAR table is corrupt"},
    {VALID, CORRUPT, AMD, 0, 0, 0, 65, "ivrs-corrupt", "the defect of IVRS", NULL},
    {CORRUPT, VALID, INTEL, 0, 0, 0, 65, "dmar-corrupt", "the defect of DMAR", NULL},
    {VALID, CORRUPT, OTHER, 0, 0, 0, 65, "ivrs-corrupt", "the defect of IVRS", NULL},
    {VALID, UNREADABLE, INTEL, 0, 0, 0, 77, "not-permitted", "IVRS", NULL},
    {UNREADABLE, VALID, AMD, 0, 0, 0, 77, "not-permitted", "DMAR", NULL},

    {ABSENT, ABSENT, INTEL, VIOT | GUEST | DRIVEN, 0, 0, 0, "virtio-iommu", "no flag",
     NULL},
    {NO_UNIT, ABSENT, INTEL, VIOT | DRIVEN, 0, 0, 0, "virtio-iommu", "no flag", NULL},
    {ABSENT, ABSENT, INTEL, GUEST | DRIVEN, 0, 0, 69, "none-guest", "no virtual IOMMU",
     NULL},
    {ABSENT, ABSENT, INTEL, VIOT | GUEST, 0, 0, 69, "virtio-no-driver",
     "and the kernels lack it; boot such a kernel", NULL},
    {ABSENT, NO_UNIT, AMD, VIOT, 0, 0, 69, "virtio-no-driver", "virtio-iommu", NULL},
    {ABSENT, ABSENT, INTEL, VIOT | GUEST, VENDOR_INTEL, VENDOR_INTEL, 0, "forced",
     "--vendor intel", "shows no DMAR table"},
    {UNREADABLE, ABSENT, INTEL, VIOT, 0, 0, 77, "not-permitted", "DMAR", NULL},
    {CORRUPT, ABSENT, INTEL, VIOT, 0, 0, 65, "dmar-corrupt", "DMAR", NULL},
    {UNREADABLE, ABSENT, INTEL, 0, 0, 0, 77, "not-permitted", "as root, or name", NULL},
    {UNREADABLE, UNREADABLE, AMD, 0, 0, 0, 77, "not-permitted", "the IVRS table", NULL},
    {UNREADABLE, CORRUPT, AMD, 0, 0, 0, 77, "not-permitted", "the DMAR table", NULL},
    {CORRUPT, ABSENT, INTEL, 0, 0, 0, 65, "dmar-corrupt",
     "table is corrupt: the defect of DMAR; update the firmware, or overrule with "
     "--vendor "
     "intel",
     NULL},
    {ABSENT, CORRUPT, AMD, 0, 0, 0, 65, "ivrs-corrupt", "--vendor amd", NULL},
    {CORRUPT, CORRUPT, AMD, 0, 0, 0, 65, "ivrs-corrupt", "the defect of IVRS", NULL},
    {CORRUPT, CORRUPT, OTHER, 0, 0, 0, 65, "dmar-corrupt", "the defect of DMAR", NULL},
    {NO_UNIT, CORRUPT, INTEL, 0, 0, 0, 65, "ivrs-corrupt", "IVRS", NULL},
    {NO_UNIT, ABSENT, INTEL, 0, 0, 0, 69, "dmar-no-unit", "switch Intel VT-d on", NULL},
    {ABSENT, NO_UNIT, AMD, GUEST, 0, 0, 69, "ivrs-no-unit", "add an IOMMU to the guest",
     NULL},
    {NO_DIRECTORY, NO_DIRECTORY, INTEL, GUEST, 0, 0, 78, "no-directory",
     "speaks for intel", NULL},
    {NO_DIRECTORY, NO_DIRECTORY, AMD, 0, 0, 0, 78, "no-directory", "speaks for amd",
     NULL},
    {NO_DIRECTORY, NO_DIRECTORY, "", 0, 0, 0, 78, "no-directory", "--vendor", NULL},
    {ABSENT, ABSENT, INTEL, XEN, 0, 0, 78, "none-xen", "--vendor", NULL},
    {ABSENT, ABSENT, INTEL, XEN | GUEST, 0, 0, 78, "none-xen", "--vendor", NULL},
    {ABSENT, ABSENT, INTEL, GUEST, 0, 0, 69, "none-guest", "no virtual IOMMU", NULL},
    {ABSENT, ABSENT, INTEL, 0, 0, 0, 69, "none", "Intel VT-d is switched off", NULL},
    {ABSENT, ABSENT, AMD, 0, 0, 0, 69, "none", "AMD-Vi is switched off", NULL},
    {ABSENT, ABSENT, "", 0, 0, 0, 69, "none", "it is switched off", NULL},

    /* --vendor */
    {VALID, ABSENT, INTEL, 0, VENDOR_INTEL, VENDOR_INTEL, 0, "forced", "valid DMAR",
     NULL},
    {VALID, VALID, AMD, 0, VENDOR_INTEL, VENDOR_INTEL, 0, "forced", "valid DMAR", NULL},
    {VALID, VALID, INTEL, 0, VENDOR_AMD, VENDOR_AMD, 0, "forced", "valid IVRS", NULL},
    {VALID, VALID, INTEL, 0, VENDOR_BOTH, VENDOR_BOTH, 0, "forced", "both", NULL},
    {VALID, ABSENT, INTEL, XEN, VENDOR_INTEL, VENDOR_INTEL, 0, "forced", "DMAR",
     "hypervisor's line"},
    {ABSENT, VALID, INTEL, XEN, VENDOR_BOTH, VENDOR_BOTH, 0, "forced", "IVRS",
     "hypervisor's line"},
    {ABSENT, VALID, INTEL, 0, VENDOR_INTEL, VENDOR_INTEL, 0, "forced", "--vendor intel",
     "a valid IVRS table and no DMAR table for intel_iommu=on"},
    {VALID, ABSENT, INTEL, 0, VENDOR_AMD, VENDOR_AMD, 0, "forced", "--vendor amd",
     "a valid DMAR table and no IVRS table for amd_iommu=on"},
    {CORRUPT, ABSENT, AMD, 0, VENDOR_INTEL, VENDOR_INTEL, 0, "forced", "--vendor intel",
     "the defect of DMAR"},
    {ABSENT, CORRUPT, INTEL, 0, VENDOR_BOTH, VENDOR_BOTH, 0, "forced", "--vendor both",
     "the defect of IVRS"},
    {NO_UNIT, ABSENT, INTEL, 0, VENDOR_INTEL, VENDOR_INTEL, 0, "forced", "--vendor intel",
     "no remapping unit"},
    {ABSENT, ABSENT, INTEL, GUEST, VENDOR_AMD, VENDOR_AMD, 0, "forced", "--vendor amd",
     "shows no IVRS table"},
    {ABSENT, ABSENT, INTEL, 0, VENDOR_BOTH, VENDOR_BOTH, 0, "forced", "--vendor both",
     "no IOMMU in a DMAR or IVRS table"},
    {UNREADABLE, ABSENT, INTEL, 0, VENDOR_INTEL, VENDOR_INTEL, 0, "forced", "confirm",
     NULL},
    {NO_DIRECTORY, NO_DIRECTORY, INTEL, 0, VENDOR_AMD, VENDOR_AMD, 0, "forced", "confirm",
     NULL},
    {NO_DIRECTORY, NO_DIRECTORY, "", 0, VENDOR_BOTH, VENDOR_BOTH, 0, "forced", "confirm",
     NULL},

    /* Not x86, whatever else there is. */
    {ABSENT, ABSENT, "", FOREIGN, 0, 0, 0, "not-x86", "this is ppc64le", NULL},
    {VALID, VALID, INTEL, FOREIGN, VENDOR_INTEL, 0, 0, "not-x86", "this is ppc64le",
     NULL},
    {ABSENT, ABSENT, "", FOREIGN | VIOT, VENDOR_BOTH, 0, 0, "not-x86", "ppc64le", NULL},
};

START_TEST(follows_the_rules)
{
    struct machine m = make_machine(rows[_i].dmar, rows[_i].ivrs, rows[_i].cpu);
    struct choice c;

    m.cpu.guest = rows[_i].also & GUEST;
    m.xen = rows[_i].also & XEN;
    m.viot = rows[_i].also & VIOT;
    m.viot_driven = rows[_i].also & DRIVEN;
    m.stoney = rows[_i].also & STONEY;
    m.dmar.flags = rows[_i].also & OPT_IN ? DMAR_DMA_CTRL_PLATFORM_OPT_IN : 0;
    m.x86 = !(rows[_i].also & FOREIGN);
    if (!m.x86)
        snprintf(m.arch, sizeof(m.arch), "ppc64le");
    choose_vendor(&m, rows[_i].forced, &c);
    ck_assert_str_eq(c.rule, rows[_i].rule);
    ck_assert_int_eq(c.vendors, rows[_i].vendors);
    ck_assert_int_eq(c.exit, rows[_i].exit);
    ck_assert_int_eq(c.applicable,
                     !streq(c.rule, "not-x86") && !streq(c.rule, "virtio-iommu"));
    ck_assert_msg(strstr(c.reason, rows[_i].reason), "%s", c.reason);
    if (rows[_i].warning)
        ck_assert_msg(strstr(c.warning, rows[_i].warning), "%s", c.warning);
    else
        ck_assert_str_eq(c.warning, "");
}
END_TEST

static bool one_line(const char *text)
{
    size_t n = strlen(text);

    for (const char *p = text; *p; p++)
        if (*p < ' ' || *p > '~' || *p == '%')
            return false;
    return !n || (text[n - 1] != '.' && text[n - 1] != ' ');
}

/* What must hold in every situation, read off the table of facts and not off the rules.
 */
static void check_promises(const struct machine *m, const enum finding found[2],
                           enum vendor forced, const struct choice *c)
{
    bool dmar = found[0] == VALID, ivrs = found[1] == VALID;

    ck_assert(one_line(c->reason) && one_line(c->warning));
    ck_assert_str_ne(c->reason, "");
    ck_assert_uint_lt(strlen(c->reason), sizeof(c->reason) - 1);
    ck_assert_uint_lt(strlen(c->warning), sizeof(c->warning) - 1);
    if (c->vendors)
        ck_assert(c->exit == EXIT_CLASS_DONE && c->applicable);
    else
        ck_assert(c->exit != EXIT_CLASS_DONE || !c->applicable);
    if (forced) {
        ck_assert_int_eq(c->vendors, forced);
        return;
    }
    ck_assert_int_ne(c->vendors, VENDOR_BOTH); /* never without being told */
    ck_assert(!(c->vendors & VENDOR_INTEL) || dmar);
    ck_assert(!(c->vendors & VENDOR_AMD) || ivrs);
    ck_assert_int_eq(c->exit == EXIT_CLASS_CONDITION && streq(c->rule, "both-tables"),
                     dmar && ivrs);
    if (found[0] == UNREADABLE || found[1] == UNREADABLE)
        ck_assert_int_eq(c->exit, EXIT_CLASS_NOT_PERMITTED);
    if (c->exit == EXIT_CLASS_NO_IOMMU)
        ck_assert(found[0] != NO_DIRECTORY && found[1] != NO_DIRECTORY);
    if (c->exit == EXIT_CLASS_DATA)
        ck_assert_ptr_nonnull(strstr(c->reason, "the defect of"));
    if (m->cpu.guest && streq(c->rule, "none"))
        ck_abort_msg("a guest was told to look into the firmware set-up");
}

START_TEST(keeps_promises)
{
    static const char *const cpus[] = {INTEL,          AMD,   "HygonGenuine",
                                       "  Shanghai  ", OTHER, ""};
    enum finding found[2];

    for (unsigned n = 0; n < FINDINGS * FINDINGS * KINDS * 4; n++) {
        enum vendor forced = n / (FINDINGS * FINDINGS * KINDS);
        unsigned also = n / (FINDINGS * FINDINGS) % KINDS;
        struct machine m;
        struct choice c;

        found[0] = n % FINDINGS;
        found[1] = n / FINDINGS % FINDINGS;
        if ((found[0] == NO_DIRECTORY) != (found[1] == NO_DIRECTORY))
            continue; /* the directory is one */
        m = make_machine(found[0], found[1], cpus[_i]);
        m.cpu.guest = also & GUEST;
        m.xen = also & XEN;
        m.viot = also & VIOT;
        m.viot_driven = also & DRIVEN;
        m.stoney = also & STONEY;
        m.dmar.flags = also & OPT_IN ? DMAR_DMA_CTRL_PLATFORM_OPT_IN : 0;
        choose_vendor(&m, forced, &c);
        check_promises(&m, found, forced, &c);
    }
}
END_TEST

/* What a captured directory says must not reach the terminal as it stands. */
START_TEST(prints_ascii_only)
{
    struct machine m = make_machine(VALID, ABSENT, AMD);
    struct choice c;

    snprintf(m.cpu.id, sizeof(m.cpu.id), "a\033[2J\n\377%%d");
    choose_vendor(&m, VENDOR_NONE, &c);
    ck_assert_ptr_nonnull(strstr(c.warning, "\"a?[2J??%d\""));
}
END_TEST

/* --- the fixtures, through everything from the files to the choice */

static const char *fixtures(void)
{
    static char path[1024];
    const char *given = getenv("IOMMUCTL_FIXTURES"), *srcdir = getenv("srcdir");

#ifdef SRCDIR
    if (!srcdir)
        srcdir = SRCDIR;
#endif
    snprintf(path, sizeof(path), "%s/fixtures/platforms", srcdir ? srcdir : ".");
    return given ? given : path;
}

static const char *vendor_words[] = {"none", "intel", "amd", "both"};
static const char *live_words[] = {"unknown", "off", "on"};

static void check_line(const char *fixture, const char *line, const struct machine *m,
                       const struct choice *c)
{
    char is[64] = "";

    if (starts_with(line, "exit="))
        snprintf(is, sizeof(is), "exit=%d", c->exit);
    else if (starts_with(line, "vendors="))
        snprintf(is, sizeof(is), "vendors=%s", vendor_words[c->vendors]);
    else if (starts_with(line, "rule="))
        snprintf(is, sizeof(is), "rule=%s", c->rule);
    else if (starts_with(line, "live="))
        snprintf(is, sizeof(is), "live=%s", live_words[m->live.state]);
    else if (starts_with(line, "units="))
        snprintf(is, sizeof(is), "units=%zu", m->live.units);
    else if (starts_with(line, "groups="))
        snprintf(is, sizeof(is), "groups=%zu", m->live.groups);
    ck_assert_msg(streq(line, is), "%s: expected %s, got %s", fixture, line, is);
}

static void check_fixture(const char *name)
{
    char path[2048], line[256];
    struct platform *p;
    struct machine m;
    struct choice c;
    struct error err;
    FILE *expect;
    int lines = 0;

    snprintf(path, sizeof(path), "%s/%s", fixtures(), name);
    ck_assert_int_eq(platform_open(&p, path, &err), 0);
    ck_assert_int_eq(machine_read(p, &m, &err), 0);
    choose_vendor(&m, VENDOR_NONE, &c);
    ck_assert_msg(one_line(c.reason) && one_line(c.warning), "%s: %s", name, c.reason);
    strcat(path, "/expect");
    expect = fopen(path, "r");
    ck_assert_msg(expect != NULL, "%s is missing", path);
    for (; fgets(line, sizeof(line), expect); lines++) {
        line[strcspn(line, "\n")] = '\0';
        check_line(name, line, &m, &c);
    }
    ck_assert_msg(lines >= 4, "%s: expects too little", name);
    fclose(expect);
    machine_clear(&m);
    platform_free(p);
}

START_TEST(chooses_for_fixtures)
{
    DIR *dir = opendir(fixtures());
    const struct dirent *entry;
    size_t n = 0;

    ck_assert_msg(dir != NULL, "%s is missing", fixtures());
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.') {
            check_fixture(entry->d_name);
            n++;
        }
    closedir(dir);
    ck_assert_uint_ge(n, 24);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("choose");
    TCase *t = tcase_create("choose");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, follows_the_rules, 0, ARRAY_LEN(rows));
    tcase_add_loop_test(t, keeps_promises, 0, 6);
    tcase_add_test(t, prints_ascii_only);
    tcase_add_test(t, chooses_for_fixtures);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
