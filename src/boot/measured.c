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

#define PCRS 24
#define PINS_DEPTH 4 /* of clevis' pins inside each other */

/* systemd's names (man systemd-cryptenroll). */
static const struct {
    const char *name;
    unsigned pcr;
} pcr_names[] = {
    {"platform-code", 0},    {"platform-config", 1},
    {"external-code", 2},    {"external-config", 3},
    {"boot-loader-code", 4}, {"boot-loader-config", 5},
    {"host-platform", 6},    {"secure-boot-policy", 7},
    {"kernel-initrd", 9},    {"ima", 10},
    {"kernel-boot", 11},     {"kernel-config", 12},
    {"sysexts", 13},         {"shim-policy", 14},
    {"system-identity", 15}, {"application-support", 23},
};

/* The one that a command line is measured into; 0: neither is in it. */
static unsigned measuring(unsigned pcrs)
{
    return pcrs & 1u << 8 ? 8 : pcrs & 1u << 12 ? 12 : 0;
}

static unsigned pcr_bit(const char *word, size_t len)
{
    unsigned value = 0;

    for (size_t i = 0; i < ARRAY_LEN(pcr_names); i++)
        if (strlen(pcr_names[i].name) == len && memcmp(pcr_names[i].name, word, len) == 0)
            return 1u << pcr_names[i].pcr;
    if (!len || len > 2)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (word[i] < '0' || word[i] > '9')
            return 0;
        value = value * 10 + (unsigned)(word[i] - '0');
    }
    return value < PCRS ? 1u << value : 0;
}

/* LIST: numbers and names parted by "+" or ",", with ":HASH" and "=VALUE" behind them. */
static unsigned read_list(const char *list)
{
    unsigned pcrs = 0;

    while (*list) {
        size_t n = strcspn(list, "+,"), blanks = strspn(list, " ");

        if (blanks < n)
            pcrs |= pcr_bit(list + blanks, strcspn(list + blanks, "+,:= "));
        list += n + (list[n] != '\0');
    }
    return pcrs;
}

void measured_list(unsigned pcrs, char text[96])
{
    int n = 0;

    text[0] = '\0';
    for (unsigned i = 0; i < PCRS; i++)
        if (pcrs & 1u << i)
            n += snprintf(text + n, 96 - (size_t)n, "%s%u", n ? "+" : "", i);
}

static unsigned read_array(const struct json *list)
{
    unsigned pcrs = 0;

    for (size_t i = 0; i < json_count(list); i++) {
        long long pcr = json_as_int(json_at(list, i), -1);

        if (pcr >= 0 && pcr < PCRS)
            pcrs |= 1u << pcr;
    }
    return pcrs;
}

static void read_systemd(const struct json *token, struct binding *binding)
{
    binding->pcrs = read_array(json_get(token, "tpm2-pcrs"));
    binding->signed_pcrs = read_array(json_get(token, "tpm2_pubkey_pcrs"));
    binding->predicted = json_get_bool(token, "tpm2_pcrlock", false);
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

/* A pin's description in a JWE's head; sss, which shares a secret among others, holds
   theirs. */
static unsigned read_pin(const char *head, unsigned depth)
{
    AUTO_FREE char *text = malloc(PROTECTED_MAX);
    CLEANUP(auto_json_free) struct json *json = NULL;
    const struct json *clevis, *shares;
    const char *list, *share;
    unsigned pcrs;

    if (!text || depth > PINS_DEPTH)
        return 0;
    json = json_read(text, decode(head, text, PROTECTED_MAX), NULL);
    clevis = json ? json_get(json, "clevis") : NULL;
    list = json_get_text(json_get(clevis, "tpm2"), "pcr_ids");
    pcrs = list ? read_list(list) : 0;
    shares = json_get(json_get(clevis, "sss"), "jwe");
    for (size_t i = 0; i < json_count(shares); i++)
        if ((share = json_as_text(json_at(shares, i))))
            pcrs |= read_pin(share, depth + 1);
    return pcrs;
}

static void read_clevis(const struct json *token, struct binding *binding)
{
    const char *head = json_get_text(json_get(token, "jwe"), "protected");

    binding->clevis = true;
    if (head)
        binding->pcrs = read_pin(head, 0);
}

/* Its first key slot: a number in quotes. */
static int slot_of(const struct json *token)
{
    const char *slot = json_as_text(json_at(json_get(token, "keyslots"), 0));

    return slot && slot[0] >= '0' && slot[0] <= '9' && strlen(slot) < 4 ? atoi(slot) : -1;
}

unsigned measured_tokens(const char *data, size_t len, struct binding *binding)
{
    CLEANUP(auto_json_free) struct json *area = json_read(data, len, NULL);
    const struct json *tokens = area ? json_get(area, "tokens") : NULL;
    const char *key;

    for (size_t i = 0; tokens && (key = json_key(tokens, i)); i++) {
        const struct json *token = json_get(tokens, key);
        const char *type = json_get_text(token, "type");

        memset(binding, 0, sizeof(*binding));
        binding->slot = slot_of(token);
        if (type && streq(type, "systemd-tpm2"))
            read_systemd(token, binding);
        if (type && streq(type, "clevis"))
            read_clevis(token, binding);
        if (measuring(binding->pcrs) || binding->predicted)
            return binding->predicted ? 12 : measuring(binding->pcrs);
    }
    return 0;
}

/* The register that the header at PLACE binds to; 0 if none; -1: it cannot be read. */
static int read_header(const struct place *place, struct binding *binding)
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
    return (int)measured_tokens(area.data, strnlen(area.data, area.len), binding);
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
        pcr = read_header(&place, &m->binding);
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
        m->binding = (struct binding){.pcrs = read_list(own), .slot = -1};
        m->pcr = measuring(m->binding.pcrs);
    }
    if (!m->pcr)
        e = look_at_device(root, m, device, option_value(options, "tpm2-device="), err);
    if (m->pcr) {
        AUTO_FREE char *path = device_path(device);

        if (!path)
            return error_memory(err);
        snprintf(m->path, sizeof(m->path), "%s", path);
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
