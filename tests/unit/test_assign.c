/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/assign.h"

#include "sysfs.h"

#define CPU(flags)                                                                       \
    "file proc/cpuinfo vendor_id\t: GenuineIntel~flags\t\t: fpu " flags "\n"
#define LISTS "lib/modules/6.1.0/modules."
#define NEXT "lib/modules/6.12.0/modules."
#define KVM_MODULES "kernel/arch/x86/kvm/kvm-intel.ko.xz: kernel/arch/x86/kvm/kvm.ko.xz~"
#define SELINUX "file sys/fs/selinux/"
#define OLD "file selinux/"

static const struct {
    const char *what, *rows;
    const char *said; /* KVM, vfio-pci, pci-stub, SELinux, its boolean */
} cases[] = {
    {"nothing is known", "", "unknown ? ? none"},

    /* --- KVM */
    {"KVM", "file dev/kvm x\n", "usable ? ? none"},
    {"KVM for others", "file dev/kvm x\nfile unreadable dev/kvm\n", "denied ? ? none"},
    {"a processor of Intel's without its module", CPU("vmx ssse3"),
     "not-loaded ? ? none"},
    {"a processor of AMD's, the flag as the last word", CPU("ssse3 svm"),
     "not-loaded ? ? none"},
    {"a kernel that has the modules",
     CPU("vmx x") "file " LISTS "dep " KVM_MODULES "\nfile " LISTS "builtin\n",
     "not-loaded no no none"},
    {"a kernel that was built without KVM",
     CPU("vmx x") "file " LISTS "dep kernel/fs/ext4/ext4.ko:\nfile " LISTS "builtin\n",
     "not-built no no none"},
    {"no VT-x", CPU("ssse3"), "unsupported ? ? none"},
    {"a flag with such a beginning is another one", CPU("svm_lock vmx_x"),
     "unsupported ? ? none"},
    {"Intel's second line of flags is another one",
     "file proc/cpuinfo flags\t: fpu~vmx flags\t: vnmi~\n", "unsupported ? ? none"},
    {"a guest whose hypervisor gives nothing on", CPU("ssse3 hypervisor"),
     "not-nested ? ? none"},
    {"a guest in a guest", CPU("vmx hypervisor"), "not-loaded ? ? none"},
    {"no processor to see", "file proc/cpuinfo x\nfile unreadable proc/cpuinfo\n",
     "unknown ? ? none"},
    {"another architecture", "file proc/sys/kernel/arch aarch64\n" CPU("x"),
     "unknown ? ? none"},

    /* --- who holds the device */
    {"loaded, or built in and there",
     "dir sys/bus/pci/drivers/vfio-pci\ndir sys/bus/pci/drivers/pci-stub\n",
     "unknown loaded loaded none"},
    {"modules of this kernel",
     "file " LISTS "dep kernel/drivers/vfio/pci/vfio-pci.ko.xz: "
     "kernel/drivers/vfio/pci/vfio-pci-core.ko.xz~kernel/drivers/pci/pci-stub.ko:\n",
     "unknown module module none"},
    {"with a path from the root, as RHEL 5 has it",
     "file " LISTS "dep /lib/modules/6.1.0/kernel/drivers/pci/pci-stub.ko:\n",
     "unknown no module none"},
    {"built in, and no other driver has a directory yet",
     "file " LISTS "dep\nfile " LISTS "builtin kernel/drivers/vfio/pci/vfio-pci.ko~"
     "kernel/drivers/pci/pci-stub.ko\n",
     "unknown builtin builtin none"},
    {"built in, the drivers' list without it is right: it is not there",
     "dir sys/bus/pci/drivers/ahci\nfile " LISTS "dep x\n", "unknown no no none"},
    {"another module's name",
     "file " LISTS "dep kernel/x/my-vfio-pci.ko:~x/vfio-pci-core.ko:\n",
     "unknown no no none"},
    {"another kernel's modules",
     "file lib/modules/5.0/modules.dep kernel/x/vfio-pci.ko:\n", "unknown ? ? none"},
    {"lists that may not be read",
     "file " LISTS "dep x/vfio-pci.ko:\nfile unreadable lib\n", "unknown ? ? none"},
    {"the kernel that starts next has it",
     "file " LISTS "dep x\nfile " NEXT "dep kernel/drivers/vfio/pci/vfio-pci.ko:\n",
     "unknown no no none next:module,no"},
    {"the kernel that starts next has it built in",
     "dir sys/bus/pci/drivers/vfio-pci\nfile " NEXT
     "builtin kernel/drivers/vfio/pci/vfio-pci.ko\n",
     "unknown loaded ? none next:builtin,no"},
    {"the kernel that starts next has none",
     "dir sys/bus/pci/drivers/vfio-pci\nfile " NEXT "dep x\n",
     "unknown loaded ? none next:no,no"},

    /* --- SELinux */
    {"enforcing, no boolean", SELINUX "enforce 1\n", "unknown ? ? enforcing"},
    {"permissive, no boolean", SELINUX "enforce 0\n", "unknown ? ? permissive"},
    {"enforcing, the boolean is off",
     SELINUX "enforce 1\n" SELINUX "booleans/virt_use_sysfs 0 0\n",
     "unknown ? ? enforcing virt_use_sysfs=0"},
    {"enforcing, the boolean is on",
     SELINUX "enforce 1\n" SELINUX "booleans/virt_use_sysfs 1 1\n",
     "unknown ? ? enforcing virt_use_sysfs=1"},
    {"of two the newer one",
     SELINUX "enforce 0\n" SELINUX "booleans/virt_manage_sysfs 1 1\n" SELINUX
             "booleans/virt_use_sysfs 0 0\n",
     "unknown ? ? permissive virt_use_sysfs=0"},
    {"RHEL 6's place", OLD "enforce 1\n" OLD "booleans/virt_use_sysfs 1 1\n",
     "unknown ? ? enforcing virt_use_sysfs=1"},
    {"the guide's own boolean", OLD "enforce 1\n" OLD "booleans/virt_manage_sysfs 0 0\n",
     "unknown ? ? enforcing virt_manage_sysfs=0"},
    {"the boolean cannot be read",
     SELINUX "enforce 1\n" SELINUX "booleans/virt_use_sysfs 0 0\n"
             "file unreadable sys/fs/selinux/booleans/virt_use_sysfs\n",
     "unknown ? ? enforcing virt_use_sysfs=?"},
    {"the boolean is neither",
     SELINUX "enforce 1\n" SELINUX "booleans/virt_use_sysfs x\n",
     "unknown ? ? enforcing virt_use_sysfs=?"},
    {"the state cannot be read", SELINUX "enforce 1\nfile unreadable sys/fs/selinux\n",
     "unknown ? ? unknown"},
    {"the state is neither", SELINUX "enforce x\n", "unknown ? ? unknown"},
    {"switched off: the file system is there and empty", "dir sys/fs/selinux\n",
     "unknown ? ? none"},
};

static const char *const kvm_words[] = {
    [KVM_USABLE] = "usable",           [KVM_DENIED] = "denied",
    [KVM_NOT_LOADED] = "not-loaded",   [KVM_NOT_BUILT] = "not-built",
    [KVM_UNSUPPORTED] = "unsupported", [KVM_NOT_NESTED] = "not-nested",
    [KVM_UNKNOWN] = "unknown",
};
static const char *const presences[] = {
    [PRESENCE_UNKNOWN] = "?",     [PRESENCE_NONE] = "no",
    [PRESENCE_MODULE] = "module", [PRESENCE_BUILTIN] = "builtin",
    [PRESENCE_LOADED] = "loaded",
};
static const char *const selinux_words[] = {
    [SELINUX_NONE] = "none",
    [SELINUX_PERMISSIVE] = "permissive",
    [SELINUX_ENFORCING] = "enforcing",
    [SELINUX_UNKNOWN] = "unknown",
};

START_TEST(tells_wants)
{
    bool other = strstr(cases[_i].rows, NEXT) != NULL;
    struct assign a;
    struct capture c;
    char said[256];
    int n;

    capture_begin(&c);
    sysfs_make(&c, cases[_i].rows);
    capture_open(&c);
    ck_assert_int_eq(assign_read(c.platform, "6.1.0", other ? "6.12.0" : NULL, &a), 0);
    n = snprintf(said, sizeof(said), "%s %s %s %s", kvm_words[a.kvm], presences[a.vfio],
                 presences[a.stub], selinux_words[a.selinux]);
    if (a.boolean)
        n += snprintf(said + n, sizeof(said) - (size_t)n, " %s=%s", a.boolean,
                      a.boolean_on < 0    ? "?"
                      : a.boolean_on == 0 ? "0"
                                          : "1");
    if (a.next)
        snprintf(said + n, sizeof(said) - (size_t)n, " next:%s,%s",
                 presences[a.next_vfio], presences[a.next_stub]);
    ck_assert_msg(streq(said, cases[_i].said), "%s:\n  %s, not\n  %s", cases[_i].what,
                  said, cases[_i].said);
    capture_end(&c);
}
END_TEST

/* A release leads to no other directory. */
START_TEST(minds_release)
{
    static const char *const releases[] = {"", "../6.1.0", "..", ".", NULL, "6.1.0/x"};
    struct assign a;
    struct capture c;

    capture_begin(&c);
    sysfs_make(&c, "file lib/modules/6.1.0/modules.dep x/vfio-pci.ko:\n"
                   "file lib/modules/modules.dep x/vfio-pci.ko:\n"
                   "file lib/modules.dep x/vfio-pci.ko:\n");
    capture_open(&c);
    ck_assert_int_eq(assign_read(c.platform, releases[_i], releases[_i], &a), 0);
    ck_assert_int_eq(a.vfio, PRESENCE_UNKNOWN);
    ck_assert_int_eq(a.next_vfio, PRESENCE_UNKNOWN);
    capture_end(&c);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("assign");
    Suite *suite = suite_create("assign");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, tells_wants, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tc, minds_release, 0, 6);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
