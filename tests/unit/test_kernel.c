/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/kernel.h"

#include "scratch.h"

#define LINUX KERNEL_LINUX
#define XEN KERNEL_XEN
#define OTHER KERNEL_OTHER
#define UNKNOWN KERNEL_UNKNOWN

/* By name and arguments alone. */
static const struct guess {
    const char *image, *args;
    enum kernel_guess guess;
} guesses[] = {
    {"/vmlinuz", "", LINUX},
    {"/boot/vmlinuz-2.6.32-754.el6.x86_64", "ro", LINUX},
    {"(hd0,0)/vmlinuz-2.6.18-8.el5xen", "", LINUX},
    {"(nd)/vmlinux", "", LINUX},
    {"/boot/bzImage-3.2", "", LINUX},
    {"/boot/kernel-genkernel-x86_64-2.6.30", "", LINUX},
    {"/kernel-3.4", "", LINUX},
    {"/linux-2.6", "", LINUX},
    {"/boot/xen.gz", "dom0_mem=512M", XEN},
    {"/xen-4.0-amd64.gz", "", XEN},
    {"(hd0,0)/xen.gz-2.6.18-8.el5", "", XEN},
    {"/boot/memtest86+.bin", "", OTHER},
    {"/memtest86", "root=/dev/sda1", OTHER},
    {"/boot/memdisk", "", OTHER},
    {"/ipxe.lkrn", "", OTHER},
    {"/boot/kernel.bsd", "", OTHER},
    {"/boot/loader", "", OTHER},
    {"/boot/gnumach.gz", "root=device:hd0s1", OTHER},
    {"/boot/grub/core.img", "", OTHER},
    {"/netbsd-GENERIC", "", OTHER},
    {"/kernel", "", UNKNOWN},
    {"/boot/kernel.gz", "", UNKNOWN},
    {"/tboot.gz", "logging=serial", UNKNOWN},
    {"/mine", "", UNKNOWN},
    {"+1", "", UNKNOWN},
    {"(hd0,0)", "", UNKNOWN},
    {"(hd0,0", "", UNKNOWN},

    /* arguments that only Linux is given, at the start of an argument */
    {"/mine", "root=/dev/sda1 ro", LINUX},
    {"/mine", "ro\troot=UUID=1-2", LINUX},
    {"/mine", "quiet root=LABEL=/", LINUX},
    {"/mine", "real_root=/dev/sda3", LINUX},
    {"/mine", "x=root=/dev/sda1", UNKNOWN},
    {"/mine", "root=(hd0,1) ro", UNKNOWN},

    /* by the boot header, from here or from below /boot; the name goes first */
    {"/image", "", LINUX},
    {"(hd0,0)/image", "", LINUX},
    {"/boot/image", "", LINUX},
    {"/link", "", LINUX},
    {"/memtest.image", "", OTHER},
    {"/short", "", UNKNOWN},
    {"/directory", "", UNKNOWN},
    {"image", "", UNKNOWN},
};

/* A real-mode kernel header with nothing around it. */
static void put_header(const char *path, unsigned protocol, unsigned cmdline_size)
{
    unsigned char bytes[0x240] = {0};
    FILE *out;

    put(path, "");
    memcpy(bytes + 0x202, "HdrS", 4);
    bytes[0x206] = (unsigned char)protocol;
    bytes[0x207] = (unsigned char)(protocol >> 8);
    for (unsigned i = 0; i < 4; i++)
        bytes[0x238 + i] = (unsigned char)(cmdline_size >> 8 * i);
    out = fopen(at(path), "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, sizeof(bytes), out), sizeof(bytes));
    fclose(out);
}

static void lay(void)
{
    scratch_setup();
    put_header("/boot/image", 0x020a, 2047);
    put_header("/boot/memtest.image", 0x020a, 2047);
    put("/boot/short", "HdrS");
    put("/boot/directory/x", "");
    if (symlink("image", at("/boot/link")) < 0)
        abort();
}

START_TEST(guesses_what_it_is)
{
    const struct guess *t = &guesses[_i];

    ck_assert_int_eq(kernel_guess(root, t->image, t->args), t->guess);
}
END_TEST

/* How the image is named, what lies there, and what is told of it. */
static const struct looking {
    const char *image;
    const char *file;
    unsigned protocol, cmdline_size; /* as they stand in the file */
    const char *version, *path;
    bool old;
    unsigned size; /* as it is to be told */
} lookings[] = {
    {"/vmlinuz-2.6.32-5-amd64", "/boot/vmlinuz-2.6.32-5-amd64", 0x020a, 2047,
     "2.6.32-5-amd64", "/boot/vmlinuz-2.6.32-5-amd64", true, 2047},
    {"(hd0,0)/vmlinuz-2.6.18-8.el5", "/boot/vmlinuz-2.6.18-8.el5", 0x0204, 2047,
     "2.6.18-8.el5", "/boot/vmlinuz-2.6.18-8.el5", true, 0},
    {"/boot/vmlinuz-3.2.0", "/boot/vmlinuz-3.2.0", 0x0206, 255, "3.2.0",
     "/boot/vmlinuz-3.2.0", false, 255},
    {"/boot/vmlinuz-3.2.0", "/elsewhere", 0x0206, 255, "3.2.0", "", false, 0},
    {"/vmlinuz-12-rc1", "/vmlinuz-12-rc1", 0x020f, 4096, "12-rc1", "/vmlinuz-12-rc1",
     false, 4096},
    {"/kernel-genkernel-x86_64-2.6.30-r1", NULL, 0, 0, "2.6.30-r1", "", true, 0},
    {"/vmlinuz-xen-2.6.18-4", NULL, 0, 0, "2.6.18-4", "", true, 0},
    {"/vmlinuz", NULL, 0, 0, "", "", false, 0},
    {"/vmlinuz-", NULL, 0, 0, "", "", false, 0},
    {"/vmlinuz-old", NULL, 0, 0, "", "", false, 0},
    {"/dir-2.6/vmlinuz", NULL, 0, 0, "", "", false, 0},
};

START_TEST(looks)
{
    const struct looking *t = &lookings[_i];
    struct kernel k;

    if (t->file)
        put_header(t->file, t->protocol, t->cmdline_size);
    kernel_look(root, t->image, &k);
    ck_assert_str_eq(k.version, t->version);
    ck_assert_str_eq(k.path, t->path);
    ck_assert_int_eq(k.old, t->old);
    ck_assert_uint_eq(k.protocol, *t->path ? t->protocol : 0);
    ck_assert_uint_eq(k.cmdline_size, t->size);
    ck_assert_int_eq(kernel_file_exists(root, t->image), *t->path != '\0');
}
END_TEST

START_TEST(takes_the_version_of_what_a_link_leads_to)
{
    struct kernel k;

    put_header("/boot/vmlinuz-3.16.0-4-amd64", 0x020c, 2047);
    ck_assert_int_eq(symlink("vmlinuz-3.16.0-4-amd64", at("/boot/vmlinuz")), 0);
    put("/boot/config-3.16.0-4-amd64", "# x\nCONFIG_INTEL_IOMMU=y\n");
    kernel_look(root, "/boot/vmlinuz", &k);
    ck_assert_str_eq(k.version, "3.16.0-4-amd64");
    ck_assert_int_eq(k.intel, DRIVER_OFF);
}
END_TEST

/* What the kernel's configuration says of the two drivers. */
static const struct configuring {
    const char *version, *config;
    enum driver_state intel, amd;
} configs[] = {
    {"6.1.0", NULL, DRIVER_UNKNOWN, DRIVER_UNKNOWN},
    {"6.1.0", "", DRIVER_MISSING, DRIVER_MISSING},
    {"6.1.0", "# CONFIG_INTEL_IOMMU is not set\n# CONFIG_AMD_IOMMU is not set\n",
     DRIVER_MISSING, DRIVER_MISSING},
    {"5.14.0-1.el9",
     "#\nCONFIG_AMD_IOMMU=y\nCONFIG_INTEL_IOMMU=y\n"
     "# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\n",
     DRIVER_OFF, DRIVER_ON},
    {"6.8.0", "#\nCONFIG_INTEL_IOMMU=y\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\n", DRIVER_ON,
     DRIVER_MISSING},
    {"6.1.0-18-amd64",
     "#\nCONFIG_INTEL_IOMMU=y\nCONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y\n"
     "# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\n",
     DRIVER_PARTLY, DRIVER_MISSING},
    {"2.6.32-754.el6.x86_64",
     "#\nCONFIG_AMD_IOMMU=y\nCONFIG_DMAR=y\n# CONFIG_DMAR_DEFAULT_ON is not set\n",
     DRIVER_OFF, DRIVER_OFF},
    {"2.6.32-5-amd64", "#\nCONFIG_AMD_IOMMU=y\nCONFIG_DMAR=y\nCONFIG_DMAR_DEFAULT_ON=y\n",
     DRIVER_ON, DRIVER_ON},
    {"2.6.18-8.el5", "#\nCONFIG_DMAR=y\n", DRIVER_OFF, DRIVER_MISSING},
    {"3.0", "#\nXCONFIG_AMD_IOMMU=y\nCONFIG_AMD_IOMMU=m\nCONFIG_INTEL_IOMMU_SVM=y\n",
     DRIVER_MISSING, DRIVER_MISSING},
};

START_TEST(reads_its_configuration)
{
    const struct configuring *t = &configs[_i];
    AUTO_FREE char *image = text_format("/vmlinuz-%s", t->version);
    AUTO_FREE char *config = text_format("/boot/config-%s", t->version);
    struct kernel k;

    if (t->config)
        put(config, t->config);
    kernel_look(root, image, &k);
    ck_assert_int_eq(k.intel, t->intel);
    ck_assert_int_eq(k.amd, t->amd);
    ck_assert_int_eq(kernel_driver(&k, VENDOR_INTEL), t->intel);
    ck_assert_int_eq(kernel_driver(&k, VENDOR_AMD), t->amd);
}
END_TEST

START_TEST(asks_all_kernels)
{
    char version[32];

    ck_assert_int_eq(kernels_have(root, "CONFIG_X", version, sizeof(version)), 0);
    ck_assert_str_eq(version, "");
    put("/boot/config-5.1", "CONFIG_X=y\n");
    put("/usr/lib/modules/6.1/config", "# none\nCONFIG_X=m\n");
    ck_assert_int_eq(mkdir(at("/usr/lib/modules/6.2"), 0700), 0);
    ck_assert_int_eq(kernels_have(root, "CONFIG_X", version, sizeof(version)), 1);
    put("/usr/lib/modules/6.0/config", "CONFIG_XX=y\nACONFIG_X=y\n# CONFIG_X=y\n");
    ck_assert_int_eq(kernels_have(root, "CONFIG_X", version, sizeof(version)), 0);
    ck_assert_str_eq(version, "6.0");
    put("/boot/config-5.0-of-a-name-that-is-longer-than-that", "");
    ck_assert_int_eq(kernels_have(root, "CONFIG_X", version, sizeof(version)), 0);
    ck_assert_str_eq(version, "5.0-of-a-name-that-is-longer-th");
    ck_assert_int_eq(mkfifo(at("/boot/config-1.0"), 0600), 0);
    alarm(5);
    ck_assert_int_eq(kernels_have(root, "CONFIG_X", version, sizeof(version)), 0);
}
END_TEST

/* Never waits, never fails: an image of any kind. */
START_TEST(minds_no_odd_file)
{
    struct kernel k;

    ck_assert_int_eq(mkfifo(at("/boot/vmlinuz-1.0"), 0600), 0);
    ck_assert_int_eq(mkfifo(at("/boot/config-1.0"), 0600), 0);
    alarm(5);
    kernel_look(root, "/vmlinuz-1.0", &k);
    ck_assert_str_eq(k.path, "");
    ck_assert_str_eq(k.version, "1.0");
    ck_assert_int_eq(k.intel, DRIVER_UNKNOWN);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("kernel");

    tcase_add_checked_fixture(t, lay, scratch_teardown);
    tcase_add_loop_test(t, guesses_what_it_is, 0, ARRAY_LEN(guesses));
    tcase_add_loop_test(t, looks, 0, ARRAY_LEN(lookings));
    tcase_add_test(t, takes_the_version_of_what_a_link_leads_to);
    tcase_add_loop_test(t, reads_its_configuration, 0, ARRAY_LEN(configs));
    tcase_add_test(t, asks_all_kernels);
    tcase_add_test(t, minds_no_odd_file);
    return run_suite("kernel", (TCase *const[]){t, NULL});
}
