/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/pci_tree.h"

#include "capture.h"

#define PORT "pci0000:00/0000:00:1c.0"

static const struct {
    const char *name, *target; /* NULL: a plain file stands there */
} links[] = {
    {"0000:00:1c.0", "../../../devices/" PORT},
    {"0000:03:00.0", "../../../devices/" PORT "/0000:03:00.0"},
    {"0000:03:00.1", "../../../devices/" PORT "/0000:03:00.1"},
    {"0000:04:01.0", "../../../devices/" PORT "/0000:03:00.0/0000:04:01.0"},
    {"0000:00:1d.0", "../../../devices/pci0000:00/0000:00:1d.0"},
    {"10000:e1:00.0", "../../../devices/pci10000:e0/10000:e0:06.0/10000:e1:00.0"},
    {"0000:07:00.0", "0000:07:00.0"},
    {"0000:07:00.1", "/"},
    {"0000:07:00.2", "../0000:07:00.2/../0000:07:00.2"},
    {"a-name-that-is-longer-than-any-address", "../x/y"},
    {"plain", NULL},
};

static void make_tree(struct capture *c)
{
    static const struct capture_file files[] = {{"sys/bus/pci/devices/plain", "x", 0}};
    char path[256];

    capture_begin(c);
    capture_add(c, &files[0]);
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s", c->dir, links[i].name);
        if (links[i].target)
            ck_assert_int_eq(symlink(links[i].target, path), 0);
    }
    capture_open(c);
}

static const struct {
    uint16_t segment;
    uint8_t bus, depth, path[3][2];
    const char *name; /* "": it leads nowhere */
} paths[] = {
    {0, 0, 1, {{0x1c, 0}}, "0000:00:1c.0"},
    {0, 0, 2, {{0x1c, 0}, {0, 0}}, "0000:03:00.0"},
    {0, 0, 2, {{0x1c, 0}, {0, 1}}, "0000:03:00.1"},
    {0, 0, 3, {{0x1c, 0}, {0, 0}, {1, 0}}, "0000:04:01.0"},
    /* The first step is an address whether or not the function is there. */
    {2, 0xff, 1, {{0x1f, 7}}, "0002:ff:1f.7"},
    {0, 0, 1, {{0xff, 0xff}}, "0000:00:ff.ff"},
    {0, 0, 2, {{0x1d, 0}, {0, 0}}, ""},
    {0, 0, 2, {{0x1c, 0}, {0, 2}}, ""},
    {0, 0, 3, {{0x1c, 0}, {9, 0}, {1, 0}}, ""},
    {1, 0, 2, {{0x1c, 0}, {0, 0}}, ""},
    {0, 0, 0, {{0, 0}}, ""},
};

START_TEST(follows_paths)
{
    char name[PCI_NAME_SIZE] = "before";
    struct pci_tree tree;
    struct capture c;

    make_tree(&c);
    ck_assert_int_eq(pci_tree_read(c.platform, &tree), 0);
    ck_assert_int_eq(pci_tree_follow(&tree, paths[_i].segment, paths[_i].bus,
                                     paths[_i].path, paths[_i].depth, name),
                     *paths[_i].name != '\0');
    ck_assert_str_eq(name, paths[_i].name);
    pci_tree_clear(&tree);
    capture_end(&c);
}
END_TEST

/* What is no link, or too long for an address, is left out; nothing is behind nonsense.
 */
START_TEST(reads_links)
{
    struct pci_tree tree;
    struct capture c;
    size_t behind = 0;

    make_tree(&c);
    ck_assert_int_eq(pci_tree_read(c.platform, &tree), 0);
    ck_assert_uint_eq(tree.nodes, ARRAY_LEN(links) - 2);
    for (size_t i = 0; i < tree.nodes; i++)
        behind += tree.node[i].parent[0] != '\0';
    ck_assert_uint_eq(behind, 4);
    pci_tree_clear(&tree);
    capture_end(&c);

    capture_begin(&c);
    capture_open(&c);
    ck_assert_int_eq(pci_tree_read(c.platform, &tree), 0);
    ck_assert_uint_eq(tree.nodes, 0);
    pci_tree_clear(&tree);
    capture_end(&c);
}
END_TEST

START_TEST(names_ids)
{
    static const struct {
        uint16_t segment, id;
        const char *name;
    } ids[] = {
        {0, 0, "0000:00:00.0"},
        {0, 0x00a5, "0000:00:14.5"},
        {1, 0x4002, "0001:40:00.2"},
        {0xffff, 0xffff, "ffff:ff:1f.7"},
    };
    char name[PCI_NAME_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        pci_id_name(ids[i].segment, ids[i].id, name);
        ck_assert_str_eq(name, ids[i].name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pci_tree");
    TCase *t = tcase_create("pci_tree");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, follows_paths, 0, ARRAY_LEN(paths));
    tcase_add_test(t, reads_links);
    tcase_add_test(t, names_ids);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
