/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/machine.h"

#include <errno.h>
#include <stdio.h>

/* A walk that ended with R: a defect makes the table corrupt. */
static int take_walk(struct acpi_table *t, int r, const char *defect)
{
    if (r == -EBADMSG) {
        t->state = ACPI_CORRUPT;
        snprintf(t->defect, sizeof(t->defect), "%s", defect);
        return 0;
    }
    return r;
}

static int read_dmar(const struct platform *p, struct machine *m)
{
    struct acpi_table *t = &m->dmar_table;
    char defect[sizeof(t->defect)];
    int r = acpi_find(p, "DMAR", t);

    if (r == 0 && t->state == ACPI_VALID)
        r = take_walk(t, dmar_parse(t->data.data, t->data.len, &m->dmar, defect), defect);
    if (t->state == ACPI_VALID && !t->warning[0])
        snprintf(t->warning, sizeof(t->warning), "%s", m->dmar.warning);
    return r;
}

static int read_ivrs(const struct platform *p, struct machine *m)
{
    struct acpi_table *t = &m->ivrs_table;
    char defect[sizeof(t->defect)];
    int r = acpi_find(p, "IVRS", t);

    if (r == 0 && t->state == ACPI_VALID)
        r = take_walk(t, ivrs_parse(t->data.data, t->data.len, &m->ivrs, defect), defect);
    return r;
}

/* That there is a VIOT is told by its name, so one that may not be read counts. */
static int find_viot(const struct platform *p, struct machine *m)
{
    struct acpi_table t;
    int r = acpi_find(p, "VIOT", &t);

    if (r < 0)
        return r;
    m->viot = t.state == ACPI_VALID || (t.state == ACPI_UNREADABLE && t.name[0]);
    acpi_clear(&t);
    return 0;
}

/* "0x1002" and a newline, say. 1 if it is that number, 0 if not, or -ENOMEM. */
static int has_number(const struct platform *p, unsigned slot, const char *what,
                      unsigned number)
{
    AUTO_BLOB text = {NULL, 0};
    char path[64];
    int r;

    snprintf(path, sizeof(path), "sys/bus/pci/devices/0000:00:%02x.0/%s", slot, what);
    r = platform_read(p, path, 32, &text);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    return strtoul(text.data, NULL, 16) == number;
}

/* As the kernel looks for it (drivers/iommu/amd/init.c, detect_ivrs): function 0 of any
   slot on the first bus. */
static int find_stoney(const struct platform *p, struct machine *m)
{
    int r = 0;

    for (unsigned slot = 0; r == 0 && slot < 32; slot++) {
        r = has_number(p, slot, "vendor", 0x1002);
        if (r > 0)
            r = has_number(p, slot, "device", 0x98e4);
    }
    m->stoney = r > 0;
    return r < 0 ? r : 0;
}

static int read_tables(const struct platform *p, struct machine *m)
{
    int r = read_dmar(p, m);

    if (r == 0)
        r = read_ivrs(p, m);
    if (r == 0)
        r = find_viot(p, m);
    if (r == 0 && m->ivrs_table.state == ACPI_VALID)
        r = find_stoney(p, m);
    if (r == 0)
        r = live_is_dom0(p);
    m->xen = m->dmar_table.masked || r > 0;
    return r < 0 ? r : 0;
}

int machine_read(const struct platform *p, struct machine *m, struct error *err)
{
    *m = (struct machine){.x86 = platform_is_x86(p)};
    snprintf(m->arch, sizeof(m->arch), "%s", platform_arch(p));
    /* Elsewhere other tables serve, and none of them asks for a flag. */
    if (cpu_read(p, &m->cpu) < 0 || (m->x86 && read_tables(p, m) < 0)) {
        machine_clear(m);
        return error_memory(err);
    }
    if (live_read(p, &m->live, err) < 0 || efi_vars_read(p, &m->efi, err) < 0) {
        machine_clear(m);
        return -ENOMEM;
    }
    if (m->xen)
        live_doubt_dom0(&m->live);
    return 0;
}

void machine_clear(struct machine *m)
{
    dmar_clear(&m->dmar);
    ivrs_clear(&m->ivrs);
    acpi_clear(&m->dmar_table);
    acpi_clear(&m->ivrs_table);
    live_clear(&m->live);
    efi_vars_clear(&m->efi);
    *m = (struct machine){0};
}
