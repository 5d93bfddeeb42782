/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/measured.h"

#include <errno.h>
#include <stdio.h>

#include "base/json.h"

#define CRYPTTAB "/etc/crypttab"
#define CRYPTTAB_MAX (1u << 20)
#define HEADER_SIZE 4096u   /* the binary header, before the JSON area */
#define AREA_MAX (4u << 20) /* the specification's largest JSON area */
#define PROTECTED_MAX (64u << 10)

/* 8 or 12 if LIST, numbers parted by "+" or "," with ":HASH" behind them, holds one. */
static unsigned find_register(const char *list)
{
    while (*list) {
        size_t n = strcspn(list, "+,");
        size_t word = strcspn(list, "+,:=");

        if (word == 1 && list[0] == '8')
            return 8;
        if ((word == 2 && strncmp(list, "12", 2) == 0) ||
            (word == 13 && strncmp(list, "kernel-config", 13) == 0))
            return 12;
        list += n + (list[n] != '\0');
    }
    return 0;
}

static unsigned systemd_register(const struct json *token)
{
    const struct json *list = json_get(token, "tpm2-pcrs");

    for (size_t i = 0; i < json_count(list); i++) {
        long long pcr = json_as_int(json_at(list, i), -1);

        if (pcr == 8 || pcr == 12)
            return (unsigned)pcr;
    }
    return 0;
}

/* The URL's base64 (RFC 4648, 5), up to its end or the first other character. */
static size_t decode(const char *text, char *out, size_t room)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0, have = 0;
    size_t n = 0;

    for (const char *at; *text && (at = strchr(letters, *text)) && n < room; text++) {
        bits = (bits << 6 | (unsigned)(at - letters)) & 0xffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have & 0xff);
        }
    }
    return n;
}

static unsigned clevis_register(const struct json *token)
{
    const char *protected = json_get_text(json_get(token, "jwe"), "protected");
    AUTO_FREE char *text = malloc(PROTECTED_MAX);
    CLEANUP(auto_json_free) struct json *head = NULL;
    const char *list;

    if (!protected || !text)
        return 0;
    head = json_read(text, decode(protected, text, PROTECTED_MAX), NULL);
    list = head ? json_get_text(json_get(json_get(head, "clevis"), "tpm2"), "pcr_ids")
                : NULL;
    return list ? find_register(list) : 0;
}

unsigned measured_tokens(const char *data, size_t len, bool *clevis)
{
    CLEANUP(auto_json_free) struct json *area = json_read(data, len, NULL);
    const struct json *tokens = area ? json_get(area, "tokens") : NULL;
    const char *key;

    for (size_t i = 0; tokens && (key = json_key(tokens, i)); i++) {
        const struct json *token = json_get(tokens, key);
        const char *type = json_get_text(token, "type");
        unsigned pcr = 0;

        if (type && streq(type, "systemd-tpm2"))
            pcr = systemd_register(token);
        *clevis = type && streq(type, "clevis");
        if (*clevis)
            pcr = clevis_register(token);
        if (pcr)
            return pcr;
    }
    return 0;
}

/* The register that the header at PLACE binds to; 0 if none; -1: it cannot be read. */
static int read_header(const struct place *place, bool *clevis)
{
    AUTO_BLOB head = {NULL, 0}, area = {NULL, 0};
    struct error ignored;
    uint64_t size = 0;

    if (place_read_part(place, 0, HEADER_SIZE, &head, &ignored) < 0 ||
        head.len < HEADER_SIZE)
        return -1;
    if (memcmp(head.data, "LUKS\xba\xbe", 6) != 0)
        return 0; /* swap with a random key, or another kind */
    if (head.data[6] != 0 || head.data[7] != 2)
        return 0; /* LUKS1 has no tokens of its own */
    for (size_t i = 8; i < 16; i++)
        size = size << 8 | (uint8_t)head.data[i];
    if (size <= HEADER_SIZE || size > AREA_MAX + HEADER_SIZE ||
        place_read_part(place, HEADER_SIZE, (size_t)size - HEADER_SIZE, &area, &ignored) <
            0)
        return -1;
    return (int)measured_tokens(area.data, strnlen(area.data, area.len), clevis);
}

static char *device_path(const char *device)
{
    static const struct {
        const char *tag, *directory;
    } tags[] = {
        {"UUID=", "uuid"},
        {"PARTUUID=", "partuuid"},
        {"LABEL=", "label"},
        {"PARTLABEL=", "partlabel"},
    };

    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (starts_with(device, tags[i].tag))
            return text_format("/dev/disk/by-%s/%s", tags[i].directory,
                               device + strlen(tags[i].tag));
    return strdup(device);
}

static const char *option_value(const char *options, const char *name)
{
    size_t n = strlen(name);

    for (; *options; options += strcspn(options, ",") + (strchr(options, ',') != NULL))
        if (strncmp(options, name, n) == 0)
            return options + n;
    return NULL;
}

/* What the header says; where it cannot be read and a TPM opens it, that is told. */
static int look_at_device(struct root *root, struct measured *m, const char *device,
                          bool tpm, struct error *err)
{
    AUTO_FREE char *path = device_path(device);
    AUTO_PLACE place = PLACE_INIT;
    struct error ignored;
    int pcr = -1;

    if (!path)
        return error_memory(err);
    if (path[0] == '/' && root_find(root, path, &place, &ignored) == 0)
        pcr = read_header(&place, &m->clevis);
    if (pcr > 0)
        m->pcr = (unsigned)pcr;
    else if (pcr < 0 && tpm && !m->unread[0])
        snprintf(m->unread, sizeof(m->unread), "%.190s", device);
    return 0;
}

static int look_at_line(struct root *root, struct measured *m, char *line,
                        unsigned number, struct error *err)
{
    char *rest = NULL, *name = strtok_r(line, " \t\r", &rest);
    const char *device = strtok_r(NULL, " \t\r", &rest), *list;
    const char *key = strtok_r(NULL, " \t\r", &rest);
    const char *options = strtok_r(NULL, " \t\r", &rest);
    int e = 0;

    if (!name || name[0] == '#' || !device)
        return 0;
    options = key && options ? options : "";
    list = option_value(options, "tpm2-pcrs=");
    if (list) {
        AUTO_FREE char *own = strndup(list, strcspn(list, ","));

        if (!own)
            return error_memory(err);
        m->pcr = find_register(own);
    }
    if (!m->pcr)
        e = look_at_device(root, m, device, option_value(options, "tpm2-device="), err);
    if (m->pcr) {
        m->line = number;
        snprintf(m->device, sizeof(m->device), "%s", device);
    }
    return e;
}

int measured_look(struct root *root, struct measured *m, struct error *err)
{
    AUTO_BLOB text = {NULL, 0};
    struct error ignored;
    unsigned number = 0;
    int e = root_read(root, CRYPTTAB, CRYPTTAB_MAX, &text, &ignored);

    memset(m, 0, sizeof(*m));
    if (e == -ENOMEM)
        return error_memory(err);
    if (e < 0 && e != -ENOENT)
        snprintf(m->unread, sizeof(m->unread), "%s", CRYPTTAB);
    if (e < 0)
        return 0;
    for (char *at = text.data, *next; !e && !m->pcr && at; at = next) {
        next = strchr(at, '\n');
        if (next)
            *next++ = '\0';
        e = look_at_line(root, m, at, ++number, err);
    }
    return e;
}
