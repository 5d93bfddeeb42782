/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <unistd.h>

#define CONFIG_MAX (4 << 20)

/* Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header" */
#define HEADER_MAGIC 0x202
#define HEADER_VERSION 0x206
#define HEADER_CMDLINE_SIZE 0x238
#define HEADER_END 0x23c

/* By name alone, first match wins: some of these carry a Linux boot header and are not
 * Linux. */
static const struct {
    const char *pattern;
    enum kernel_guess guess;
} names[] = {
    {"vmlinu[xz]*", KERNEL_LINUX}, {"memtest*", KERNEL_OTHER},
    {"memdisk*", KERNEL_OTHER},    {"*.lkrn", KERNEL_OTHER},
    {"*.krn", KERNEL_OTHER},       {"gnumach*", KERNEL_OTHER},
    {"mach*", KERNEL_OTHER},       {"*bsd*", KERNEL_OTHER},
    {"loader*", KERNEL_OTHER},     {"zloader*", KERNEL_OTHER},
    {"core.img", KERNEL_OTHER},    {"grub*", KERNEL_OTHER},
    {"multiboot*", KERNEL_OTHER},  {"mboot.c32", KERNEL_OTHER},
    {"unix", KERNEL_OTHER},        {"xen*", KERNEL_XEN},
    {"bzImage*", KERNEL_LINUX},    {"zImage*", KERNEL_LINUX},
    {"linux*", KERNEL_LINUX},      {"kernel[-0-9]*", KERNEL_LINUX},
};

/* Arguments that only a Linux kernel is given. */
static const char *const linux_words[] = {
    "root=/dev/", "root=UUID=", "root=LABEL=", "root=PARTUUID=", "real_root="};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* "(hd0,0)/vmlinuz" is "/vmlinuz" of some disk; which one, nobody here can tell. */
static const char *without_device(const char *image)
{
    const char *end = image[0] == '(' ? strchr(image, ')') : NULL;

    return end ? end + 1 : image;
}

/* Find the image as it is named, below /boot, and, since a loader may see a subvolume or
   another mount, in /boot by its name alone. */
static int find_image(struct root *root, const char *image, struct place *place)
{
    const char *path = without_device(image);
    const char *const tries[][2] = {{"", path},
                                    {"/boot", path},
                                    {"/efi", path},
                                    {"/boot/efi", path},
                                    {"/boot/", base_name(path)}};
    struct error ignored;
    struct stat st;

    for (size_t i = 0; path[0] == '/' && i < ARRAY_LEN(tries); i++) {
        AUTO_FREE char *full = text_format("%s%s", tries[i][0], tries[i][1]);

        if (!full)
            return -ENOMEM;
        if (root_find(root, full, place, &ignored) < 0)
            continue;
        if (place_stat(place, &st) == 0 && S_ISREG(st.st_mode))
            return 0;
        place_clear(place);
    }
    return -ENOENT;
}

static bool read_header(const struct place *place, unsigned char header[HEADER_END])
{
    AUTO_CLOSE int fd =
        openat(place->dir, place->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    return fd >= 0 && pread(fd, header, HEADER_END, 0) == HEADER_END &&
           memcmp(header + HEADER_MAGIC, "HdrS", 4) == 0;
}

static uint32_t little_endian(const unsigned char *p, size_t n)
{
    uint32_t value = 0;

    while (n--)
        value = value << 8 | p[n];
    return value;
}

enum kernel_guess kernel_guess(struct root *root, const char *image, const char *args)
{
    unsigned char header[HEADER_END];
    AUTO_PLACE place = PLACE_INIT;
    const char *name = base_name(without_device(image));

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (fnmatch(names[i].pattern, name, 0) == 0)
            return names[i].guess;
    if (find_image(root, image, &place) == 0 && read_header(&place, header))
        return KERNEL_LINUX;
    for (size_t i = 0; i < ARRAY_LEN(linux_words); i++) {
        const char *at = strstr(args, linux_words[i]);

        if (at && (at == args || at[-1] == ' ' || at[-1] == '\t'))
            return KERNEL_LINUX;
    }
    return KERNEL_UNKNOWN;
}

/* The version is what stands behind the first "-" that a digit follows. */
static void copy_version(const char *name, char *version, size_t size)
{
    const char *dash = name;

    while ((dash = strchr(dash, '-')) != NULL) {
        dash++;
        if (*dash >= '0' && *dash <= '9') {
            snprintf(version, size, "%s", dash);
            return;
        }
    }
}

static bool config_says(const struct blob *config, const char *option, char answer)
{
    char line[96];
    int n = snprintf(line, sizeof(line), "\n%s=%c\n", option, answer);

    return starts_with(config->data, line + 1) ||
           memmem(config->data, config->len, line, (size_t)n) != NULL;
}

static bool config_has(const struct blob *config, const char *option)
{
    return config_says(config, option, 'y');
}

/* CONFIG_DMAR was CONFIG_INTEL_IOMMU's name before 3.1. */
static enum driver_state intel_state(const struct blob *config)
{
    if (!config_has(config, "CONFIG_INTEL_IOMMU") && !config_has(config, "CONFIG_DMAR"))
        return DRIVER_MISSING;
    if (config_has(config, "CONFIG_INTEL_IOMMU_DEFAULT_ON") ||
        config_has(config, "CONFIG_DMAR_DEFAULT_ON"))
        return DRIVER_ON;
    if (config_has(config, "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF"))
        return DRIVER_PARTLY;
    return DRIVER_OFF;
}

/* AMD's driver is on wherever it is built, but for RHEL 6, which wants amd_iommu=on. */
static enum driver_state amd_state(const struct blob *config, const char *version)
{
    if (!config_has(config, "CONFIG_AMD_IOMMU"))
        return DRIVER_MISSING;
    return strstr(version, ".el6") ? DRIVER_OFF : DRIVER_ON;
}

static void look_at_config(struct root *root, struct kernel *kernel)
{
    AUTO_FREE char *path = text_format("/boot/config-%s", kernel->version);
    AUTO_FREE char *other = text_format("/usr/lib/modules/%s/config", kernel->version);
    AUTO_BLOB config = {NULL, 0};
    struct error ignored;

    if (!path || !other || !kernel->version[0] ||
        (root_read(root, path, CONFIG_MAX, &config, &ignored) < 0 &&
         root_read(root, other, CONFIG_MAX, &config, &ignored) < 0))
        return;
    kernel->intel = intel_state(&config);
    kernel->amd = amd_state(&config, kernel->version);
}

void kernel_look(struct root *root, const char *image, struct kernel *kernel)
{
    kernel_look_version(root, image, NULL, kernel);
}

void kernel_look_version(struct root *root, const char *image, const char *version,
                         struct kernel *kernel)
{
    unsigned char header[HEADER_END];
    AUTO_PLACE place = PLACE_INIT;

    memset(kernel, 0, sizeof(*kernel));
    if (version && !strchr(version, '/'))
        snprintf(kernel->version, sizeof(kernel->version), "%s", version);
    else
        copy_version(base_name(image), kernel->version, sizeof(kernel->version));
    if (find_image(root, image, &place) == 0) {
        snprintf(kernel->path, sizeof(kernel->path), "%s", place.path);
        if (!kernel->version[0]) /* /boot/vmlinuz is often a link to the versioned name */
            copy_version(place.name, kernel->version, sizeof(kernel->version));
        if (read_header(&place, header)) {
            kernel->protocol = (uint16_t)little_endian(header + HEADER_VERSION, 2);
            if (kernel->protocol >= 0x0206)
                kernel->cmdline_size = little_endian(header + HEADER_CMDLINE_SIZE, 4);
        }
    }
    kernel->old = starts_with(kernel->version, "2.6.");
    look_at_config(root, kernel);
}

bool kernel_file_exists(struct root *root, const char *image)
{
    AUTO_PLACE place = PLACE_INIT;

    return find_image(root, image, &place) == 0;
}

enum driver_state kernel_driver(const struct kernel *kernel, enum vendor vendor)
{
    return vendor == VENDOR_INTEL ? kernel->intel : kernel->amd;
}

/* One configuration: how many said yes grows; -ENOENT if it has not the option. */
static int ask_config(struct root *root, const char *path, const char *option,
                      size_t *yes)
{
    AUTO_BLOB config = {NULL, 0};
    struct error ignored;

    if (!path)
        return -ENOMEM;
    if (root_read(root, path, CONFIG_MAX, &config, &ignored) < 0)
        return 0;
    if (!config_says(&config, option, 'y') && !config_says(&config, option, 'm'))
        return -ENOENT;
    ++*yes;
    return 0;
}

int kernels_have(struct root *root, const char *option, char *version, size_t size)
{
    static const struct {
        const char *dir, *before, *after;
    } where[] = {{"/boot", "config-", ""}, {"/usr/lib/modules", "", "/config"}};
    struct error ignored;
    size_t yes = 0;
    int r = 0;

    version[0] = '\0';
    for (size_t i = 0; !r && i < ARRAY_LEN(where); i++) {
        CLEANUP(auto_names_free) char **found = NULL;
        size_t skip = strlen(where[i].before);

        if (root_list(root, where[i].dir, &found, &ignored) == -ENOMEM)
            return -ENOMEM;
        for (char **name = found; !r && name && *name; name++) {
            AUTO_FREE char *path =
                text_format("%s/%s%s", where[i].dir, *name, where[i].after);

            if (starts_with(*name, where[i].before))
                r = ask_config(root, path, option, &yes);
            if (r == -ENOENT)
                snprintf(version, size, "%s", *name + skip);
        }
    }
    return r == -ENOENT ? 0 : r < 0 ? r : yes > 0;
}
