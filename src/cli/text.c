/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/text.h"

#include <langinfo.h>
#include <locale.h>

/* Length by the first byte, then what the second may be (Unicode 15, table 3-7). */
size_t text_utf8_length(const char *text)
{
    static const struct {
        unsigned char first, last, low, high, length;
    } rows[] = {
        {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *p = (const unsigned char *)text;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (p[0] < rows[i].first || p[0] > rows[i].last)
            continue;
        for (size_t n = 1; n < rows[i].length; n++)
            if (p[n] < (n == 1 ? rows[i].low : 0x80) ||
                p[n] > (n == 1 ? rows[i].high : 0xbf))
                return 0;
        return rows[i].length;
    }
    return 0;
}

bool text_is_utf8(const char *text)
{
    for (size_t n; *text; text += n) {
        n = text_utf8_length(text);
        if (!n)
            return false;
    }
    return true;
}

/* Asked of a locale of our own: the process stays in "C", where Augeas reads bytes. */
bool text_terminal_is_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    bool utf8 = locale && streq(nl_langinfo_l(CODESET, locale), "UTF-8");

    if (locale)
        freelocale(locale);
    return utf8;
}

/* C1 controls are two bytes in UTF-8, U+0080 to U+009F. */
static bool is_control(const unsigned char *p)
{
    return p[0] < 0x20 || p[0] == 0x7f || (p[0] == 0xc2 && p[1] < 0xa0);
}

void text_print(FILE *out, const char *text)
{
    bool ascii = true;
    bool utf8;

    for (const char *p = text; *p && ascii; p++)
        ascii = (unsigned char)*p < 0x80;
    utf8 = !ascii && text_terminal_is_utf8();
    while (*text) {
        size_t n = text_utf8_length(text);

        if (n && (n == 1 || utf8) && !is_control((const unsigned char *)text)) {
            fwrite(text, 1, n, out);
            text += n;
        } else {
            fprintf(out, "\\x%02x", (unsigned char)*text++);
        }
    }
}

const char *word_result(enum result result)
{
    static const char *const words[] = {
        [RESULT_NONE] = "none",
        [RESULT_UNCHANGED] = "unchanged",
        [RESULT_CHANGED] = "changed",
        [RESULT_NOT_APPLICABLE] = "not-applicable",
        [RESULT_UNSUPPORTED] = "unsupported",
    };

    return words[result];
}

const char *word_store_state(enum store_state state)
{
    static const char *const words[] = {
        [STORE_LIVE] = "live", [STORE_UNKNOWN] = "unknown", [STORE_STALE] = "stale"};

    return words[state];
}

const char *word_entry_kind(enum entry_kind kind)
{
    static const char *const words[] = {
        [ENTRY_LINUX] = "linux",       [ENTRY_XEN] = "xen",
        [ENTRY_TEMPLATE] = "template", [ENTRY_OTHER] = "other",
        [ENTRY_UNKNOWN] = "unknown",
    };

    return words[kind];
}

const char *word_flag_state(enum flag_state state)
{
    static const char *const words[] = {
        [FLAG_UNSET] = "unset", [FLAG_ON] = "on", [FLAG_OFF] = "off"};

    return words[state];
}

const char *word_live_state(enum live_state state)
{
    static const char *const words[] = {
        [LIVE_UNKNOWN] = "unknown", [LIVE_OFF] = "off", [LIVE_ON] = "on"};

    return words[state];
}

const char *word_acpi_state(enum acpi_state state)
{
    static const char *const words[] = {
        [ACPI_ABSENT] = "absent",         [ACPI_NO_DIRECTORY] = "no-directory",
        [ACPI_UNREADABLE] = "unreadable", [ACPI_CORRUPT] = "corrupt",
        [ACPI_VALID] = "valid",
    };

    return words[state];
}

const char *word_driver_state(enum driver_state state)
{
    static const char *const words[] = {
        [DRIVER_UNKNOWN] = "unknown",  [DRIVER_MISSING] = "missing", [DRIVER_OFF] = "off",
        [DRIVER_PARTLY] = "partly-on", [DRIVER_ON] = "on",
    };

    return words[state];
}

const char *word_generation_state(enum generation_state state)
{
    static const char *const words[] = {
        [GENERATION_ARMED] = "interrupted",
        [GENERATION_COMMITTED] = "committed",
        [GENERATION_UNDONE] = "undone",
    };

    return words[state];
}

const char *flag_names(enum vendor vendors)
{
    static const char *const words[] = {
        [VENDOR_NONE] = "",
        [VENDOR_INTEL] = "intel_iommu=on",
        [VENDOR_AMD] = "amd_iommu=on",
        [VENDOR_BOTH] = "intel_iommu=on amd_iommu=on",
    };

    return words[vendors];
}
