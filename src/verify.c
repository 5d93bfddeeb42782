/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verify.h"

#define IS(value) (1u << (value))
#define ON 0
#define OFF 1

/* The facts that are true or false, as bits. */
enum verify_mark {
    INAPPLICABLE = 1 << 0,
    XEN = 1 << 1,
    ON_WORD = 1 << 2,
    DEFECT = 1 << 3,
    OLDER = 1 << 4,
    OPT_IN = 1 << 5,
    FORCED = 1 << 6,
};

#define NOT_ON (IS(LIVE_OFF) | IS(LIVE_UNKNOWN))
#define BY_DEFAULT (IS(DRIVER_ON) | IS(DRIVER_PARTLY))
#define ENABLE "run iommuctl enable, then reboot"

const struct verify_rule verify_rules[] = {
    /* whether anything can be said at all */
    {.cause = "other-root",
     .where = IS(WHERE_OTHER_ROOT),
     .result = VERIFY_UNKNOWN,
     .words = "no kernel that was started from this root runs here",
     .detail = DETAIL_WHERE,
     .advice = "ask again on the machine itself, after its reboot"},
    {.cause = "chroot",
     .where = IS(WHERE_CHROOT),
     .result = VERIFY_UNKNOWN,
     .words = "in a chroot; the kernel that runs was started from another root",
     .advice = "ask again on the machine itself, after its reboot"},
    {.cause = "container",
     .where = IS(WHERE_CONTAINER),
     .live = NOT_ON,
     .result = VERIFY_UNKNOWN,
     .words = "in a container, which need not be shown the machine's IOMMU",
     .detail = DETAIL_WHERE,
     .advice = "ask on the host"},
    {.cause = "container-off",
     .want = IS(OFF),
     .where = IS(WHERE_CONTAINER),
     .result = VERIFY_NOT,
     .words = "the IOMMU is on",
     .detail = DETAIL_EVIDENCE,
     .advice = "it is switched off on the host"},

    /* as wanted */
    {.cause = "on",
     .want = IS(ON),
     .live = IS(LIVE_ON),
     .result = VERIFY_AS_WANTED,
     .words = "the IOMMU is on",
     .detail = DETAIL_EVIDENCE},
    {.cause = "off",
     .want = IS(OFF),
     .live = IS(LIVE_OFF),
     .result = VERIFY_AS_WANTED,
     .words = "the IOMMU is off",
     .detail = DETAIL_EVIDENCE},
    {.cause = "not-applicable",
     .want = IS(ON),
     .with = INAPPLICABLE,
     .result = VERIFY_AS_WANTED,
     .words = "not applicable",
     .detail = DETAIL_FIRMWARE},
    {.cause = "xen",
     .live = NOT_ON,
     .with = XEN,
     .result = VERIFY_UNKNOWN,
     .words = "Xen has the IOMMU and does not show it to this kernel",
     .advice =
         "\"xl dmesg\" or \"xm dmesg\" tells whether I/O virtualisation is enabled"},

    /* off is wanted, and it is on */
    {.cause = "off-unknown",
     .want = IS(OFF),
     .live = IS(LIVE_UNKNOWN),
     .result = VERIFY_UNKNOWN,
     .words = "this kernel does not show whether its IOMMU is on",
     .detail = DETAIL_EVIDENCE},
    {.cause = "off-tboot",
     .want = IS(OFF),
     .with = FORCED,
     .result = VERIFY_NOT,
     .words = "tboot started this machine, and for it the kernel switches the IOMMU on, "
              "whatever the command line says",
     .advice = "start it without tboot, or add intel_iommu=tboot_noforce"},
    {.cause = "off-opt-in",
     .want = IS(OFF),
     .flag = IS(FLAG_UNSET) | IS(FLAG_OFF),
     .with = OPT_IN,
     .result = VERIFY_NOT,
     .words = "the firmware's table asks for the IOMMU (DMA control opt-in), and the "
              "kernel obeys",
     .advice = "iommuctl disable --force-off and a reboot overrule it, or switch kernel "
               "DMA protection off in firmware set-up"},
    {.cause = "off-pending",
     .want = IS(OFF),
     .next = IS(NEXT_OFF),
     .without = OLDER,
     .result = VERIFY_PENDING,
     .words = "the next start will have it off",
     .detail = DETAIL_STORE,
     .advice = "reboot"},
    {.cause = "off-still-set",
     .want = IS(OFF),
     .flag = IS(FLAG_ON),
     .next = IS(NEXT_ON),
     .result = VERIFY_NOT,
     .words = "the flag is on the running command line, and the next start has it too",
     .detail = DETAIL_STORE,
     .advice = "run iommuctl disable, then reboot"},
    {.cause = "off-flag",
     .want = IS(OFF),
     .flag = IS(FLAG_ON),
     .result = VERIFY_NOT,
     .words = "the flag is on the running command line",
     .advice = "run iommuctl disable, then reboot"},
    {.cause = "off-default",
     .want = IS(OFF),
     .flag = IS(FLAG_UNSET),
     .driver = BY_DEFAULT,
     .result = VERIFY_NOT,
     .words = "this kernel has it on by default",
     .detail = DETAIL_KERNEL,
     .advice = "run iommuctl disable --force-off, then reboot"},
    {.cause = "off-despite",
     .want = IS(OFF),
     .result = VERIFY_NOT,
     .words = "the IOMMU is on though nothing on the running command line asks for it",
     .detail = DETAIL_EVIDENCE,
     .advice = "run iommuctl disable --force-off, then reboot"},

    /* on is wanted, and it is not: what no command line could mend */
    {.cause = "no-driver",
     .driver = IS(DRIVER_MISSING),
     .result = VERIFY_NOT,
     .words = "the kernel that runs was built without the IOMMU's driver",
     .detail = DETAIL_KERNEL,
     .advice = "boot another kernel"},
    {.cause = "firmware-off",
     .firmware = IS(FIRMWARE_NONE),
     .flag = IS(FLAG_ON),
     .result = VERIFY_NOT,
     .words = "the flag is on the running command line and finds no IOMMU",
     .detail = DETAIL_FIRMWARE},
    {.cause = "firmware-none",
     .firmware = IS(FIRMWARE_NONE),
     .result = VERIFY_NOT,
     .words = "there is nothing to switch on",
     .detail = DETAIL_FIRMWARE},
    {.cause = "firmware-broken",
     .firmware = IS(FIRMWARE_BROKEN),
     .result = VERIFY_NOT,
     .words = "the kernel cannot use the IOMMU",
     .detail = DETAIL_FIRMWARE},
    {.cause = "defect",
     .flag = IS(FLAG_ON),
     .with = DEFECT,
     .result = VERIFY_NOT,
     .words = "the flag is on the running command line, but the kernel says",
     .detail = DETAIL_LOG},
    {.cause = "defect-default",
     .flag = IS(FLAG_UNSET),
     .driver = BY_DEFAULT,
     .with = DEFECT,
     .result = VERIFY_NOT,
     .words = "this kernel would have it on by default, but says",
     .detail = DETAIL_LOG},

    /* what is on the running command line */
    {.cause = "off-overruled-pending",
     .flag = IS(FLAG_OFF),
     .next = IS(NEXT_ON),
     .without = OLDER,
     .result = VERIFY_PENDING,
     .words = "it is switched off on the running command line, and the next start will "
              "have it on",
     .detail = DETAIL_STORE,
     .advice = "reboot"},
    {.cause = "later-off",
     .flag = IS(FLAG_OFF),
     .with = ON_WORD,
     .result = VERIFY_NOT,
     .words = "the running command line has the flag and also an \"off\" that undoes it",
     .detail = DETAIL_STORE,
     .advice = ENABLE},
    {.cause = "off-word",
     .flag = IS(FLAG_OFF),
     .result = VERIFY_NOT,
     .words = "it is switched off on the running command line",
     .detail = DETAIL_STORE,
     .advice = ENABLE},
    {.cause = "unexplained-default",
     .live = IS(LIVE_OFF),
     .flag = IS(FLAG_UNSET),
     .driver = BY_DEFAULT,
     .result = VERIFY_NOT,
     .words = "this kernel has it on by default, and still it is off",
     .detail = DETAIL_KERNEL,
     .advice = "the kernel's log (dmesg) names DMAR or AMD-Vi where it went wrong"},
    {.cause = "started-otherwise",
     .flag = IS(FLAG_UNSET),
     .driver = IS(DRIVER_OFF) | IS(DRIVER_UNKNOWN),
     .next = IS(NEXT_ON),
     .with = OLDER,
     .result = VERIFY_NOT,
     .words = "the flag is not on the running command line though the default entry had "
              "it before this start: another entry, or another loader's file, was used",
     .detail = DETAIL_STORE,
     .advice = "choose the default entry at the boot menu, or find what boots this "
               "machine with iommuctl status --verbose"},
    {.cause = "pending",
     .flag = IS(FLAG_UNSET),
     .driver = IS(DRIVER_OFF) | IS(DRIVER_UNKNOWN),
     .next = IS(NEXT_ON),
     .result = VERIFY_PENDING,
     .words = "the flag is not on the running command line; the next start will have it",
     .detail = DETAIL_STORE,
     .advice = "reboot"},
    {.cause = "not-set",
     .live = IS(LIVE_OFF),
     .flag = IS(FLAG_UNSET),
     .next = IS(NEXT_OFF),
     .result = VERIFY_NOT,
     .words = "the flag is not on the running command line",
     .detail = DETAIL_STORE,
     .advice = ENABLE},
    {.cause = "not-set-by-default",
     .flag = IS(FLAG_UNSET),
     .driver = IS(DRIVER_OFF),
     .result = VERIFY_NOT,
     .words =
         "the flag is not on the running command line, and this kernel has it off by "
         "default",
     .detail = DETAIL_STORE,
     .advice = ENABLE},
    {.cause = "not-on-command-line",
     .live = IS(LIVE_OFF),
     .flag = IS(FLAG_UNSET),
     .result = VERIFY_NOT,
     .words = "the flag is not on the running command line",
     .detail = DETAIL_STORE,
     .advice = ENABLE},

    /* the flag is there, and nothing speaks against it */
    {.cause = "unknown",
     .live = IS(LIVE_UNKNOWN),
     .result = VERIFY_UNKNOWN,
     .words = "this kernel does not show whether its IOMMU is on",
     .detail = DETAIL_EVIDENCE},
    {.cause = "unread",
     .firmware = IS(FIRMWARE_UNREAD),
     .result = VERIFY_NOT,
     .words = "the flag is on the running command line, and still it is off; the "
              "firmware's tables could not be read",
     .detail = DETAIL_FIRMWARE,
     .advice = "run it as root"},
    {.cause = "unexplained",
     .result = VERIFY_NOT,
     .words = "the flag is on the running command line and the firmware's table is in "
              "order, and still it is off",
     .detail = DETAIL_EVIDENCE,
     .advice = "the kernel's log (dmesg) names DMAR or AMD-Vi where it went wrong"},
};
const size_t verify_rules_count = ARRAY_LEN(verify_rules);

static unsigned marks_of(const struct verify_facts *facts)
{
    return (facts->inapplicable ? INAPPLICABLE : 0u) | (facts->xen ? XEN : 0u) |
           (facts->on_word ? ON_WORD : 0u) | (facts->defect ? DEFECT : 0u) |
           (facts->older ? OLDER : 0u) | (facts->opt_in ? OPT_IN : 0u) |
           (facts->forced ? FORCED : 0u);
}

static bool allows(unsigned bits, unsigned value)
{
    return !bits || bits & IS(value);
}

static bool fits(const struct verify_rule *rule, const struct verify_facts *facts)
{
    unsigned marks = marks_of(facts);

    return allows(rule->want, facts->want_off ? OFF : ON) &&
           allows(rule->where, facts->where) && allows(rule->live, facts->live) &&
           allows(rule->firmware, facts->firmware) && allows(rule->flag, facts->flag) &&
           allows(rule->driver, facts->driver) && allows(rule->next, facts->next) &&
           (marks & rule->with) == rule->with && !(marks & rule->without);
}

const struct verify_rule *verify_decide(const struct verify_facts *facts)
{
    size_t i = 0;

    while (i + 1 < verify_rules_count && !fits(&verify_rules[i], facts))
        i++; /* the last row fits all */
    return &verify_rules[i];
}
