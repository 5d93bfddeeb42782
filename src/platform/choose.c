/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/choose.h"

#include <stdio.h>

/* What was found of a table, as a set, so that a rule can name several. */
enum finding {
    ABSENT = 1 << ACPI_ABSENT,
    NO_DIRECTORY = 1 << ACPI_NO_DIRECTORY,
    UNREADABLE = 1 << ACPI_UNREADABLE,
    CORRUPT = 1 << ACPI_CORRUPT,
    VALID = 1 << ACPI_VALID,
    NO_UNIT = 1 << (ACPI_VALID + 1), /* in order, but describes nothing to drive */
    NOTHING = ABSENT | NO_DIRECTORY | NO_UNIT,
};

enum answer { ANY, NO, YES };
enum whose { ANYBODY, OWN, OTHER };
enum forced { AUTO, FORCED_OWN, FORCED_BOTH, AUTO_OR_FORCED };
enum give { NO_FLAG, OWN_FLAG, BOTH_FLAGS };

/*
 * Each rule is tried from the side of the processor's vendor and then from the other
 * one's (Intel's first if the processor is of neither). The side's own table is DMAR or
 * IVRS; the other vendor's table is OTHER. An empty field asks for nothing, .forced empty
 * asks for automatic choice.
 *
 * In the texts: %t own table, %T other table, %f own flag, %v own --vendor, %w own name
 * for an IOMMU, %d own table's defect, %c the processor's vendor id, %a architecture,
 * %o what Linux warns of in the own table, %k what the kernels lack for a virtio-iommu.
 */
struct rule {
    const char *name[2]; /* seen from Intel's side, from AMD's; one if they are equal */
    enum answer x86, xen, guest, viot, driven;
    enum answer
        stoney; /* AMD's side alone: graphics for which the kernel leaves it off */
    enum answer opt_in; /* Intel's side alone: the table itself asks for it to be on */
    enum forced forced;
    unsigned own, other; /* sets of enum finding */
    enum whose cpu;
    enum give give;
    enum exit_class exit;
    bool not_applicable;
    const char *reason, *warning;
};

#define XEN_WARNING                                                                      \
    "this is Xen's dom0: Xen drives the IOMMU, so the flag that counts is iommu=1 on "   \
    "the hypervisor's line; Linux's own does nothing here"
#define STONEY_WARNING                                                                   \
    "recent kernels leave the IOMMU of this processor (Stoney Ridge) off, whatever %f "  \
    "says, since its graphics fail with it; amd_iommu=force_enable overrules that, at "  \
    "your own risk"
#define NAME_IT "name the vendor with --vendor intel, amd or both"

/* clang-format off */
static const struct rule rules[] = {
    {
        .name = {"not-x86"}, .x86 = NO, .forced = AUTO_OR_FORCED,
        .not_applicable = true,
        .reason = "this is %a: only x86 needs a flag, elsewhere the IOMMU is used "
                  "without one",
    },

    /* --vendor: obeyed, with a word when the tables speak against it. */
    {
        .name = {"forced"}, .forced = FORCED_OWN, .own = VALID, .xen = YES,
        .give = OWN_FLAG,
        .reason = "--vendor %v, and the firmware has a valid %t table",
        .warning = XEN_WARNING,
    },
    {
        .name = {"forced"}, .forced = FORCED_OWN, .own = VALID, .stoney = YES,
        .give = OWN_FLAG,
        .reason = "--vendor %v, and the firmware has a valid %t table",
        .warning = STONEY_WARNING,
    },
    {
        .name = {"forced"}, .forced = FORCED_OWN, .own = VALID,
        .give = OWN_FLAG,
        .reason = "--vendor %v, and the firmware has a valid %t table",
    },
    {
        .name = {"forced"}, .forced = FORCED_OWN, .own = CORRUPT,
        .give = OWN_FLAG,
        .reason = "--vendor %v, whatever the tables say",
        .warning = "the firmware's %t table is corrupt, and the kernel may refuse it: %d",
    },
    {
        .name = {"forced"}, .forced = FORCED_OWN, .own = UNREADABLE | NO_DIRECTORY,
        .give = OWN_FLAG,
        .reason = "--vendor %v; no %t table could be read to confirm it",
    },
    {
        .name = {"forced"}, .forced = FORCED_OWN, .own = NOTHING, .other = VALID,
        .give = OWN_FLAG,
        .reason = "--vendor %v, whatever the tables say",
        .warning = "the firmware has a valid %T table and no %t table for %f to act on: "
                   "the other vendor's flag is the one that would work here",
    },
    {
        .name = {"forced"}, .forced = FORCED_OWN, .own = NO_UNIT,
        .give = OWN_FLAG,
        .reason = "--vendor %v, whatever the tables say",
        .warning = "the firmware's %t table describes no remapping unit: %f will do "
                   "nothing until %w is switched on in the firmware set-up",
    },
    {
        .name = {"forced"}, .forced = FORCED_OWN,
        .give = OWN_FLAG,
        .reason = "--vendor %v, whatever the tables say",
        .warning = "the firmware shows no %t table: %f will do nothing until there is "
                   "one",
    },
    {
        .name = {"forced"}, .forced = FORCED_BOTH, .own = VALID, .xen = YES,
        .give = BOTH_FLAGS,
        .reason = "--vendor both, and the firmware has a valid %t table",
        .warning = XEN_WARNING,
    },
    {
        .name = {"forced"}, .forced = FORCED_BOTH, .own = VALID, .stoney = YES,
        .give = BOTH_FLAGS,
        .reason = "--vendor both, and the firmware has a valid %t table",
        .warning = STONEY_WARNING,
    },
    {
        .name = {"forced"}, .forced = FORCED_BOTH, .own = VALID,
        .give = BOTH_FLAGS,
        .reason = "--vendor both, and the firmware has a valid %t table",
    },
    {
        .name = {"forced"}, .forced = FORCED_BOTH, .own = CORRUPT,
        .give = BOTH_FLAGS,
        .reason = "--vendor both, whatever the tables say",
        .warning = "the firmware's %t table is corrupt, and the kernel may refuse it: %d",
    },
    {
        .name = {"forced"}, .forced = FORCED_BOTH, .own = UNREADABLE | NO_DIRECTORY,
        .give = BOTH_FLAGS,
        .reason = "--vendor both; no table could be read to confirm it",
    },
    {
        .name = {"forced"}, .forced = FORCED_BOTH,
        .give = BOTH_FLAGS,
        .reason = "--vendor both, whatever the tables say",
        .warning = "the firmware shows no IOMMU in a %t or %T table: the flags will do "
                   "nothing until there is one",
    },

    /* Tables that are in order: they decide, the processor only speaks for or against. */
    {
        .name = {"both-tables"}, .own = VALID, .other = VALID,
        .exit = EXIT_CLASS_CONDITION,
        .reason = "the firmware has a DMAR table (Intel) and an IVRS table (AMD), both "
                  "valid: " NAME_IT,
    },
    {
        .name = {"dmar-xen", "ivrs-xen"}, .own = VALID, .other = NOTHING, .xen = YES,
        .give = OWN_FLAG,
        .reason = "the firmware has a valid %t table (%w)",
        .warning = XEN_WARNING,
    },
    {
        .name = {"ivrs-stoney-ridge"}, .own = VALID, .other = NOTHING, .stoney = YES,
        .give = OWN_FLAG,
        .reason = "the firmware has a valid %t table (%w)",
        .warning = STONEY_WARNING,
    },
    {
        .name = {"dmar-other-cpu", "ivrs-other-cpu"},
        .own = VALID, .other = NOTHING, .cpu = OTHER,
        .give = OWN_FLAG,
        .reason = "the firmware has a valid %t table (%w)",
        .warning = "the processor is \"%c\", whose machines come with %T, but the table "
                   "is %t (a virtual IOMMU?): the kernel follows the table, and so does "
                   "%f",
    },
    {
        .name = {"dmar-opt-in"}, .own = VALID, .other = NOTHING, .opt_in = YES,
        .give = OWN_FLAG,
        .reason = "the firmware has a valid %t table (%w), which asks for DMA to be "
                  "remapped (opt-in): recent kernels may do that without the flag",
    },
    {
        .name = {"dmar", "ivrs"}, .own = VALID, .other = NOTHING,
        .give = OWN_FLAG,
        .reason = "the firmware has a valid %t table (%w)",
    },
    /*
     * One in order, the other broken. Where the processor agrees with the good one, the
     * broken one is a leftover that its own driver refuses. Where it does not, the broken
     * one may be the machine's true table: falls to "corrupt" below. One that may not be
     * read might be in order too, and then there would be two: falls to "not-permitted".
     */
    {
        .name = {"dmar-despite-ivrs", "ivrs-despite-dmar"},
        .own = VALID, .other = CORRUPT, .cpu = OWN,
        .give = OWN_FLAG,
        .reason = "the firmware has a valid %t table (%w), as the processor has it",
        .warning = "the firmware's %T table is corrupt and was left out of account",
    },

    /* None in order. */
    {
        .name = {"virtio-iommu"}, .own = NOTHING, .other = NOTHING, .viot = YES,
        .driven = YES, .not_applicable = true,
        .reason = "the IOMMU here is a virtio-iommu (VIOT table), which needs no flag, "
                  "and the kernels have its driver",
    },
    {
        .name = {"virtio-no-driver"}, .own = ABSENT | NO_UNIT, .other = ABSENT | NO_UNIT,
        .viot = YES, .exit = EXIT_CLASS_NO_IOMMU,
        .reason = "the hypervisor gives this guest only a virtio-iommu (VIOT table): no "
                  "flag turns it on, a kernel built with CONFIG_VIRTIO_IOMMU does, and "
                  "%k; boot such a kernel, or give the guest an Intel or AMD IOMMU",
    },
    {
        .name = {"not-permitted"}, .own = UNREADABLE,
        .exit = EXIT_CLASS_NOT_PERMITTED,
        .reason = "the %t table in /sys/firmware/acpi/tables may not be read: run (or "
                  "capture) as root, or " NAME_IT,
    },
    {
        .name = {"dmar-corrupt", "ivrs-corrupt"}, .own = CORRUPT,
        .exit = EXIT_CLASS_DATA,
        .reason = "the firmware's %t table is corrupt: %d; update the firmware, or "
                  "overrule with --vendor %v",
    },
    {
        .name = {"dmar-no-unit", "ivrs-no-unit"}, .own = NO_UNIT, .guest = YES,
        .exit = EXIT_CLASS_NO_IOMMU,
        .reason = "this guest's %t table describes no remapping unit: add an IOMMU to "
                  "the guest's definition, or overrule with --vendor %v",
    },
    {
        .name = {"dmar-no-unit", "ivrs-no-unit"}, .own = NO_UNIT,
        .exit = EXIT_CLASS_NO_IOMMU,
        .reason = "the firmware's %t table describes no remapping unit: switch %w on in "
                  "the firmware set-up, or overrule with --vendor %v",
    },
    {
        .name = {"no-directory"}, .own = NO_DIRECTORY, .cpu = OWN,
        .exit = EXIT_CLASS_CONDITION,
        .reason = "there is no /sys/firmware/acpi/tables to read (an old kernel, a "
                  "container?): " NAME_IT "; the processor, \"%c\", speaks for %v",
    },
    {
        .name = {"no-directory"}, .own = NO_DIRECTORY,
        .exit = EXIT_CLASS_CONDITION,
        .reason = "there is no /sys/firmware/acpi/tables to read (an old kernel, a "
                  "container?): " NAME_IT,
    },
    /* Xen before 4.1 leaves a signature that begins with NUL, and Linux then gives no
       bytes: in a dom0 no table is no proof. */
    {
        .name = {"none-xen"}, .xen = YES,
        .exit = EXIT_CLASS_CONDITION,
        .reason = "no DMAR or IVRS table is to be seen, but this is Xen's dom0, and Xen "
                  "may hide it: " NAME_IT,
    },
    {
        .name = {"none-guest"}, .guest = YES,
        .exit = EXIT_CLASS_NO_IOMMU,
        .reason = "the hypervisor gives this guest no virtual IOMMU (no DMAR or IVRS "
                  "table): add one to the guest's definition",
    },
    {
        .name = {"none"}, .cpu = OWN,
        .exit = EXIT_CLASS_NO_IOMMU,
        .reason = "the firmware shows no IOMMU (no DMAR or IVRS table): %w is switched "
                  "off in the firmware set-up, or not supported",
    },
    {
        .name = {"none"},
        .exit = EXIT_CLASS_NO_IOMMU,
        .reason = "the firmware shows no IOMMU (no DMAR or IVRS table): it is switched "
                  "off in the firmware set-up, or not supported",
    },
};
/* clang-format on */

static const struct side {
    enum vendor vendor;
    const char *signature, *flag, *word, *iommu;
} sides[2] = {
    {VENDOR_INTEL, "DMAR", "intel_iommu=on", "intel", "Intel VT-d"},
    {VENDOR_AMD, "IVRS", "amd_iommu=on", "amd", "AMD-Vi"},
};

/* A machine as the rules see it from one side. */
struct view {
    const struct machine *machine;
    const struct side *own, *other;
    const struct acpi_table *own_table, *other_table;
    unsigned own_finding, other_finding;
    enum whose cpu;
    enum forced forced;
};

static unsigned finding_of(const struct acpi_table *t, bool no_unit)
{
    return t->state == ACPI_CORRUPT && no_unit ? NO_UNIT : 1u << t->state;
}

/* FORCED_OWN is what --vendor amd is from AMD's side; from Intel's no rule can fit. */
static struct view view_from(const struct machine *m, int side, enum vendor forced)
{
    const struct dmar *d = &m->dmar;
    const struct ivrs *v = &m->ivrs;
    const struct acpi_table *table[2] = {&m->dmar_table, &m->ivrs_table};
    unsigned finding[2] = {
        finding_of(table[0], d->header_only || (d->whole && !d->remapping_units)),
        finding_of(table[1], v->header_only || (v->whole && !v->remapping_units)),
    };
    enum vendor own = sides[side].vendor;

    return (struct view){
        .machine = m,
        .own = &sides[side],
        .other = &sides[!side],
        .own_table = table[side],
        .other_table = table[!side],
        .own_finding = finding[side],
        .other_finding = finding[!side],
        .cpu = m->cpu.vendor == VENDOR_NONE ? ANYBODY
               : m->cpu.vendor == own       ? OWN
                                            : OTHER,
        .forced = forced == VENDOR_NONE   ? AUTO
                  : forced == VENDOR_BOTH ? FORCED_BOTH
                  : forced == own         ? FORCED_OWN
                                          : AUTO_OR_FORCED,
    };
}

static bool answers(enum answer wanted, bool is)
{
    return wanted == ANY || (wanted == YES) == is;
}

static bool fits(const struct rule *r, const struct view *v)
{
    const struct machine *m = v->machine;

    return answers(r->x86, m->x86) && answers(r->xen, m->xen) &&
           answers(r->guest, m->cpu.guest) && answers(r->viot, m->viot) &&
           answers(r->driven, m->viot_driven) &&
           answers(r->stoney, m->stoney && v->own->vendor == VENDOR_AMD) &&
           answers(r->opt_in, m->dmar.flags & DMAR_DMA_CTRL_PLATFORM_OPT_IN &&
                                  v->own->vendor == VENDOR_INTEL) &&
           (r->forced == AUTO_OR_FORCED || r->forced == v->forced) &&
           (!r->own || (r->own & v->own_finding)) &&
           (!r->other || (r->other & v->other_finding)) &&
           (r->cpu == ANYBODY || r->cpu == v->cpu);
}

static const char *table_name(const struct acpi_table *t, const struct side *side)
{
    return *t->name && !t->masked ? t->name : side->signature;
}

static const char *meaning(char letter, const struct view *v)
{
    switch (letter) {
    case 't':
        return table_name(v->own_table, v->own);
    case 'T':
        return table_name(v->other_table, v->other);
    case 'f':
        return v->own->flag;
    case 'v':
        return v->own->word;
    case 'w':
        return v->own->iommu;
    case 'd':
        return v->own_table->defect;
    case 'o':
        return v->own_table->warning;
    case 'c':
        return v->machine->cpu.id;
    case 'a':
        return v->machine->arch;
    case 'k':
        return v->machine->viot_lacking;
    }
    return "%";
}

static void add(char *to, size_t size, const char *text, size_t n)
{
    size_t len = strlen(to);

    for (; n && len + 1 < size; n--, text++)
        to[len++] = *text >= ' ' && *text <= '~' ? *text : '?';
    to[len] = '\0';
}

/* What comes from a captured directory is printed as ASCII only. */
static void expand(char *to, size_t size, const char *text, const struct view *v)
{
    to[0] = '\0';
    while (text && *text) {
        size_t n = strcspn(text, "%");

        add(to, size, text, n);
        text += n;
        if (text[0] == '%' && text[1]) {
            const char *word = meaning(text[1], v);

            add(to, size, word, strlen(word));
            text += 2;
        }
    }
}

static void take(const struct rule *r, const struct view *v, struct choice *c)
{
    bool amd = v->own->vendor == VENDOR_AMD;

    *c = (struct choice){
        .rule = r->name[amd && r->name[1]],
        .vendors = r->give == OWN_FLAG     ? v->own->vendor
                   : r->give == BOTH_FLAGS ? VENDOR_BOTH
                                           : VENDOR_NONE,
        .exit = r->exit,
        .applicable = !r->not_applicable,
    };
    expand(c->reason, sizeof(c->reason), r->reason, v);
    expand(c->warning, sizeof(c->warning), r->warning, v);
    if (v->own_table->state == ACPI_VALID && v->own_table->warning[0] && r->give &&
        !r->warning)
        expand(c->warning, sizeof(c->warning),
               "the firmware's %t table has a fault that the kernel warns of and lives "
               "with: %o; update the firmware",
               v);
}

void choose_vendor(const struct machine *m, enum vendor forced, struct choice *c)
{
    int first = m->cpu.vendor == VENDOR_AMD;
    struct view views[2] = {view_from(m, first, forced), view_from(m, !first, forced)};

    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        for (int j = 0; j < 2; j++)
            if (fits(&rules[i], &views[j])) {
                take(&rules[i], &views[j], c);
                return;
            }
    /* Not reached: the last forced rules and "none" ask for nothing. */
    *c = (struct choice){.rule = "none", .exit = EXIT_CLASS_NO_IOMMU, .applicable = true};
}
