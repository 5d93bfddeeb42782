/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/journal.h"

#include <dirent.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <time.h>

#include "commit/generation.h"
#include "commits.h"

/* --- the state directory ------------------------------------------------------------ */

START_TEST(test_reader_makes_nothing)
{
    struct journal *j = opened();

    ck_assert_uint_eq(journal_count(j), 0);
    ck_assert_ptr_null(journal_at(j, 0));
    ck_assert_ptr_null(journal_interrupted(j));
    journal_free(j);
    ck_assert_int_ne(access(at("/var"), F_OK), 0);
    mkdir(at("/var"), 0755);
    mkdir(at("/var/lib"), 0755);
    mkdir(at(STATE), 0700);
    journal_free(opened());
    ck_assert_int_ne(access(at(STATE "/lock"), F_OK), 0);
}
END_TEST

static void state_link(void)
{
    mkdir(at("/elsewhere"), 0700);
    ck_assert_int_eq(symlink("/elsewhere", at(STATE)), 0);
}

static void state_group(void)
{
    mkdir(at(STATE), 0700);
    chmod(at(STATE), 0770);
}

static void state_others(void)
{
    mkdir(at(STATE), 0700);
    chmod(at(STATE), 0702);
}

static void state_foreign(void)
{
    mkdir(at(STATE), 0700);
    if (chown(at(STATE), 1234, 1234) < 0) {
        printf("SKIP test_bad_state, a foreign owner: only root can give it away\n");
        chmod(at(STATE), 0702);
    }
}

static void state_file(void)
{
    put(STATE, "");
}

static void (*const bad_states[])(void) = {state_link, state_group, state_others,
                                           state_foreign, state_file};

START_TEST(test_bad_state)
{
    struct journal *j = NULL;

    put("/var/lib/x", "");
    bad_states[_i]();
    ck_assert_int_lt(journal_open(&j, root, NULL, &err), 0);
    ck_assert_msg(err.exit == EXIT_CLASS_CONDITION, "%d %s", (int)err.exit, err.text);
    ck_assert_str_eq(err.file, STATE);
}
END_TEST

START_TEST(test_unreadable)
{
    struct journal *j = NULL;
    int r;

    put("/var/lib/x", "");
    mkdir(at(STATE), 0700);
    if (geteuid() == 0) {
        chmod(scratch, 0755);
        ck_assert_int_eq(seteuid(65534), 0); /* root's 0700 directory, seen by another */
    } else {
        chmod(at(STATE), 0);
    }
    r = journal_open(&j, root, NULL, &err);
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert_int_lt(r, 0);
    ck_assert_msg(err.exit == EXIT_CLASS_NOT_PERMITTED, "%d %s", (int)err.exit, err.text);
}
END_TEST

/* --state: a path of the running system, relative to where the caller stands. */
START_TEST(test_elsewhere)
{
    const char *names[] = {at("/s/t"), "s/t", "./x/../s/t"};
    struct journal *j = NULL;

    put("/file", "old");
    mkdir(at("/x"), 0755);
    ck_assert_int_eq(chdir(scratch), 0);
    ck_assert_int_eq(journal_open(&j, root, names[_i], &err), 0);
    ck_assert_int_eq(journal_lock(j, 5, &err), 0);
    ck_assert_int_eq(commit_in(j, &(struct row){"/file", "old", "new", 0}, 1), 0);
    journal_free(j);
    ck_assert_str_eq(text_at("/s/t/000001/files/file"), "old");
    ck_assert_uint_eq(stat_at("/s/t").st_mode & 0777, 0700);
    ck_assert_int_ne(access(at("/var"), F_OK), 0);
}
END_TEST

START_TEST(test_busy)
{
    struct journal *holder = locked(), *other = opened();
    time_t start = time(NULL);

    ck_assert_int_lt(journal_lock(other, (unsigned)_i, &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_BUSY);
    ck_assert_int_ge(time(NULL) - start, _i > 0 ? _i - 1 : 0);
    journal_free(holder);
    ck_assert_int_eq(journal_lock(other, 0, &err), 0);
    journal_free(other);
}
END_TEST

START_TEST(test_waits)
{
    struct journal *j = locked();
    pid_t child;
    int status;

    put("/file", "old");
    fflush(NULL);
    child = fork(); /* shares the lock, so both must let go of it */
    if (child == 0) {
        usleep(300000);
        _exit(0);
    }
    journal_free(j);
    ck_assert_int_eq(commit_one("/file", "old", "new"), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
}
END_TEST

/* What another run did while this one waited is seen once the lock is held. */
START_TEST(test_reads_anew)
{
    struct journal *j = opened();

    put("/file", "old");
    ck_assert_int_eq(commit_one("/file", "old", "new"), 0);
    ck_assert_uint_eq(journal_count(j), 0);
    ck_assert_int_eq(journal_lock(j, 0, &err), 0);
    ck_assert_uint_eq(journal_count(j), 1);
    journal_free(j);
}
END_TEST

/* --- manifests ---------------------------------------------------------------------- */

#define HASH "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""
#define HEAD "{\"format\": 1, \"state\": \"committed\", \"files\": ["
#define ROW(path, before, after)                                                         \
    HEAD "{\"path\": \"" path                                                            \
         "\", \"how\": \"replace\", \"rank\": 0, \"before\": " before                    \
         ", \"after\": " after "}]}"
#define SIDE                                                                             \
    "{\"sha256\": " HASH ", \"size\": 3, \"mode\": \"0644\", \"uid\": 0, \"gid\": 0}"

static const struct {
    const char *text, *said; /* NULL: it is read */
} manifests[] = {
    {ROW("/a", SIDE, SIDE), NULL},
    {ROW("/a", "null", SIDE), NULL},
    {ROW("/a", SIDE, "null"), NULL},
    {"", "line "},
    {"{\"format\": 1, \"state\": \"comm", "line "},
    {"[]", "format"},
    {"{\"format\": 2, \"state\": {\"other\": true}}", "newer iommuctl"},
    {"{\"format\": 1, \"state\": \"trial\"}", "state"},
    {"{\"format\": 1, \"state\": \"committed\"}", "no files"},
    {"{\"format\": 1, \"state\": \"committed\", \"undoes\": [0]}", "undoes"},
    {HEAD "]}", "no files"},
    {HEAD "{}]}", "number 1"},
    {ROW("a", SIDE, SIDE), "number 1"},
    {ROW("/../a", SIDE, SIDE), "number 1"},
    {ROW("/a/./b", SIDE, SIDE), "number 1"},
    {ROW("/a//b", SIDE, SIDE), "number 1"},
    {ROW("/a/", SIDE, SIDE), "number 1"},
    {ROW("hex:2f00", SIDE, SIDE), "number 1"},
    {ROW("/a", "{}", SIDE), "number 1"}, /* never to be taken for "there was none" */
    {ROW("/a", SIDE, "7"), "number 1"},
    {ROW("/a", "{\"sha256\": \"zz\", \"size\": 1}", SIDE), "number 1"},
    {ROW("/a", "{\"sha256\": " HASH ", \"size\": 3}", SIDE), "number 1"},
};

START_TEST(test_manifest)
{
    struct journal *j = NULL;

    put(STATE "/000007/manifest.json", manifests[_i].text);
    if (!manifests[_i].said) {
        ck_assert_str_eq(generations(), "7c");
        return;
    }
    ck_assert_int_lt(journal_open(&j, root, NULL, &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
    ck_assert_str_eq(err.file, STATE "/000007/manifest.json");
    ck_assert_msg(strstr(err.text, manifests[_i].said) != NULL, "%s", err.text);
}
END_TEST

static const struct {
    const char *name;
    unsigned number;
} numbers[] = {
    {"000001", 1},
    {"000042", 42},
    {"999999", 999999},
    {"1000000", 1000000},
    {"000000", 0},
    {"1", 0},
    {"0000001", 0},
    {"00001a", 0},
    {"lock", 0},
    {"", 0},
    {"99999999999999", 0},
    {"4294967295", 0},
    {"4294967294", 4294967294u},
    {"-00001", 0},
};

START_TEST(test_number)
{
    ck_assert_uint_eq(generation_number(numbers[_i].name), numbers[_i].number);
}
END_TEST

START_TEST(test_litter)
{
    struct journal *j;

    put("/file", "old");
    put(STATE "/000004/files/deep/er/file", "half");
    put(STATE "/000004/manifest.json.new", "{\"format\": 1, \"state\": \"committed\"");
    put(STATE "/000009/manifest.json.new", "");
    put(STATE "/notes", "of the administrator");
    ck_assert_str_eq(generations(), "");
    ck_assert_int_eq(commit_one("/file", "old", "new"), 0); /* above all that is there */
    ck_assert_str_eq(generations(), "10c");
    j = locked();
    ck_assert_int_eq(journal_recover(j, NULL, &err), 0);
    journal_free(j);
    ck_assert_int_ne(access(at(STATE "/000004"), F_OK), 0);
    ck_assert_int_ne(access(at(STATE "/000009"), F_OK), 0);
    ck_assert_str_eq(text_at(STATE "/notes"), "of the administrator");
    ck_assert_str_eq(generations(), "10c");
}
END_TEST

/* --- recovery ----------------------------------------------------------------------- */

/* What an interrupted commit of one file may leave, and what becomes of it. */
static const struct {
    const char *before, *after; /* of the commit */
    const char *found, *left;   /* before and after recovery; NULL: none */
    int exit;
} interrupted[] = {
    {"old", "new", "new", "old", 0},
    {"old", "new", "old", "old", 0},
    {"old", "new", "other", "other", EXIT_CLASS_CONDITION},
    {"old", "new", NULL, NULL, EXIT_CLASS_CONDITION},
    {NULL, "new", "new", NULL, 0},
    {NULL, "new", NULL, NULL, 0},
    {NULL, "new", "other", "other", EXIT_CLASS_CONDITION},
    {"old", NULL, NULL, "old", 0},
    {"old", NULL, "old", "old", 0},
    {"old", NULL, "other", "other", EXIT_CLASS_CONDITION},
};

#define INTERRUPTED ((int)ARRAY_LEN(interrupted))

/* The disk as a run that died between arming and committing leaves it. */
static void interrupt(const struct row *rows, size_t n)
{
    struct manifest m = {.files = 0};
    struct changeset set;
    int state, fd;

    put(STATE "/x", "");
    state = open(at(STATE), O_RDONLY | O_DIRECTORY);
    changes_from(&set, rows, n);
    ck_assert_int_eq(manifest_make(&m, &set, NULL), 0);
    for (size_t i = 0; i < n; i++)
        m.file[i].meta = (struct file_meta){0604, geteuid(), getegid(), NULL, 0};
    fd = generation_stage(state, 3, &set, &err);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(generation_write(fd, &m, &err), 0);
    ck_assert_int_eq(generation_publish(fd, NULL, &err), 0);
    m.state = GENERATION_COMMITTED;
    ck_assert_int_eq(generation_write(fd, &m, &err), 0);
    close(fd);
    close(state);
    manifest_clear(&m);
    changeset_clear(&set);
}

static const char *found_text(const char *text)
{
    return text ? text : "(none)";
}

/* Each pair of cases, so that one file's trouble does not keep the other from its due. */
START_TEST(test_recover)
{
    int a = _i / INTERRUPTED, b = _i % INTERRUPTED, r;
    const struct row rows[] = {{"/a", interrupted[a].before, interrupted[a].after, 1},
                               {"/d/b", interrupted[b].before, interrupted[b].after, 2}};
    unsigned recovered = 0;
    struct journal *j;

    put("/d/x", "");
    interrupt(rows, 2);
    if (interrupted[a].found)
        put("/a", interrupted[a].found);
    if (interrupted[b].found)
        put("/d/b", interrupted[b].found);
    put("/.a.iommuctl", "half");
    put("/d/.b.iommuctl", "half");
    ck_assert_str_eq(generations(), "3a");
    j = locked();
    r = journal_recover(j, &recovered, &err);
    ck_assert_int_eq(r ? (int)err.exit : 0, interrupted[a].exit | interrupted[b].exit);
    if (r)
        ck_assert_str_eq(err.file, interrupted[b].exit ? "/d/b" : "/a");
    ck_assert_uint_eq(recovered, 3);
    ck_assert_ptr_null(journal_interrupted(j));
    ck_assert_int_eq(journal_recover(j, &recovered, &err), 0); /* and that was that */
    ck_assert_uint_eq(recovered, 0);
    journal_free(j);
    ck_assert_str_eq(text_at("/a"), found_text(interrupted[a].left));
    ck_assert_str_eq(text_at("/d/b"), found_text(interrupted[b].left));
    ck_assert_str_eq(generations(), "3u");
    ck_assert_uint_eq(litter(), 0);
}
END_TEST

/* Armed by a version that did not look: there can be no temporary file. */
START_TEST(test_recover_long_name)
{
    char path[256];
    const struct row row = {path, "old", "new", 0};
    struct journal *j;

    snprintf(path, sizeof(path), "/%0250d", 1);
    put(path, "old");
    interrupt(&row, 1);
    j = locked();
    ck_assert_msg(journal_recover(j, NULL, &err) == 0, "%s", err.text);
    journal_free(j);
    ck_assert_str_eq(text_at(path), "old");
    ck_assert_str_eq(generations(), "3u");
}
END_TEST

START_TEST(test_recover_meta)
{
    struct journal *j;

    interrupt(&(struct row){"/a", "old", "new", 0}, 1);
    put_mode("/a", "new", 0600);
    j = locked();
    ck_assert_int_eq(journal_recover(j, NULL, &err), 0);
    journal_free(j);
    ck_assert_str_eq(text_at("/a"), "old");
    ck_assert_uint_eq(stat_at("/a").st_mode & 07777, 0604);
}
END_TEST

/* A damaged copy is never put in place; the generation stays, and says so each time. */
START_TEST(test_recover_damaged)
{
    struct journal *j;

    interrupt(&(struct row){"/a", "old", "new", 0}, 1);
    put("/a", "new");
    put(STATE "/000003/files/a", "olt");
    for (int n = 0; n < 2; n++) {
        j = locked();
        ck_assert_int_lt(journal_recover(j, NULL, &err), 0);
        ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
        ck_assert_int_eq(commit_in(j, &(struct row){"/a", "new", "newer", 0}, 1),
                         EXIT_CLASS_INTERNAL);
        journal_free(j);
        ck_assert_str_eq(text_at("/a"), "new");
        ck_assert_str_eq(generations(), "3a");
    }
}
END_TEST

/* A link that stands where the file stood is somebody else's doing. */
START_TEST(test_recover_link)
{
    struct journal *j;

    interrupt(&(struct row){"/a", "old", "new", 0}, 1);
    put("/b", "new");
    ck_assert_int_eq(symlink("b", at("/a")), 0);
    j = locked();
    ck_assert_int_lt(journal_recover(j, NULL, &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_CONDITION);
    journal_free(j);
    ck_assert_str_eq(text_at("/b"), "new");
}
END_TEST

START_TEST(test_read_through)
{
    struct row row = {"/a", interrupted[_i].before, interrupted[_i].after, 0};
    struct blob text = {NULL, 0};
    struct journal *j;
    int r;

    interrupt(&row, 1);
    if (interrupted[_i].found)
        put("/a", interrupted[_i].found);
    j = opened();
    ck_assert_int_eq(journal_read_through(j, "/b", &text, &err), -ENOENT);
    r = journal_read_through(j, "/a", &text, &err);
    ck_assert_int_eq(r, interrupted[_i].exit ? -ENOENT : 0);
    if (!r)
        ck_assert_str_eq(found_text(text.data), found_text(interrupted[_i].left));
    blob_clear(&text);
    journal_free(j);
    ck_assert_str_eq(text_at("/a"), found_text(interrupted[_i].found));
}
END_TEST

/* --- rollback ----------------------------------------------------------------------- */

/*
 * A history of one file, step by step. A text: commit it; "-": delete the file; "<": roll
 * back; "<2": to before generation 2; "!": the same with force; "=text": someone else
 * writes that. Then what stands there, the exit class of the last step, the generations.
 */
static const struct {
    const char *steps[8];
    const char *text;
    int exit;
    const char *generations;
} histories[] = {
    {{"<"}, "0", 0, ""},
    {{"1", "<"}, "0", 0, "2c 1u"},
    {{"1", "<", "<"}, "0", 0, "2c 1u"},
    {{"1", "2", "<"}, "1", 0, "3c 2u 1c"},
    {{"1", "2", "<", "<"}, "0", 0, "4c 3c 2u 1u"},
    {{"1", "2", "3", "<2"}, "1", 0, "4c 3u 2u 1c"},
    {{"1", "2", "3", "<1"}, "0", 0, "4c 3u 2u 1u"},
    {{"1", "2", "3", "<2", "<"}, "0", 0, "5c 4c 3u 2u 1u"},
    {{"1", "<", "<2"}, "1", 0, "3c 2u 1c"}, /* undoing the undoing revives */
    {{"1", "<", "<2", "<"}, "0", 0, "4c 3c 2u 1u"},
    {{"1", "2", "<", "<1"}, "0", 0, "4c 3u 2u 1u"},
    {{"1", "<9"}, "1", EXIT_CLASS_CONDITION, "1c"},
    {{"1", "=x", "<"}, "x", EXIT_CLASS_CONDITION, "1c"},
    {{"1", "=x", "!"}, "0", 0, "2c 1u"},
    {{"1", "=x", "!", "!2"}, "x", 0, "3c 2u 1c"}, /* even what force wrote over is kept */
    {{"1", "=0", "<"}, "0", 0, "1c"},             /* is so already: nothing is made */
    {{"1", "<", "=x", "2", "<"}, "x", 0, "4c 3u 2c 1u"},
    {{"-", "<"}, "0", 0, "2c 1u"},
    {{"-", "1", "<"}, "(none)", 0, "3c 2u 1c"},
    {{"-", "=x", "<"}, "x", EXIT_CLASS_CONDITION, "1c"},
    {{"-", "1", "<", "<"}, "0", 0, "4c 3c 2u 1u"},
};

static int history_step(const char *step)
{
    char before[64];

    snprintf(before, sizeof(before), "%s", text_at("/f"));
    if (*step == '<' || *step == '!')
        return roll_back((unsigned)atoi(step + 1), *step == '!', NULL);
    if (*step == '=') {
        put("/f", step + 1);
        return 0;
    }
    return commit_one("/f", *before == '(' ? NULL : before, *step == '-' ? NULL : step);
}

START_TEST(test_history)
{
    int exit = 0;

    put("/f", "0");
    for (size_t i = 0; i < 8 && histories[_i].steps[i]; i++)
        exit = history_step(histories[_i].steps[i]);
    ck_assert_msg(exit == histories[_i].exit, "%d %s", exit, err.text);
    ck_assert_str_eq(text_at("/f"), histories[_i].text);
    ck_assert_str_eq(generations(), histories[_i].generations);
}
END_TEST

START_TEST(test_rollback_meta)
{
    char value[8];
    bool labelled;

    put_mode("/f", "0", 0640);
    labelled = setxattr(at("/f"), "user.k", "v", 1, 0) == 0;
    if (geteuid() == 0)
        ck_assert_int_eq(chown(at("/f"), 12, 34), 0);
    ck_assert_int_eq(commit_one("/f", "0", _i ? NULL : "1"), 0);
    if (!_i) {
        removexattr(at("/f"), "user.k");
        chmod(at("/f"), 0666);
    }
    ck_assert_int_eq(roll_back(0, false, NULL), 0);
    ck_assert_str_eq(text_at("/f"), "0");
    ck_assert_uint_eq(stat_at("/f").st_mode & 07777, 0640);
    if (geteuid() == 0)
        ck_assert_uint_eq(stat_at("/f").st_uid, 12);
    if (labelled)
        ck_assert_int_eq(getxattr(at("/f"), "user.k", value, 8), 1);
}
END_TEST

/* Several files, one created; one of them back already by the administrator's hand. */
START_TEST(test_rollback_several)
{
    static const struct row rows[] = {
        {"/a", "a0", "a1", 2}, {"/b", "b0", "b1", 1}, {"/c", NULL, "c1", 0}};
    struct journal *j;
    size_t changes;

    put("/a", "a0");
    put("/b", "b0");
    j = locked();
    ck_assert_int_eq(commit_in(j, rows, 3), 0);
    journal_free(j);
    put("/b", "b0");
    ck_assert_int_eq(roll_back(0, false, &changes), 0);
    ck_assert_uint_eq(changes, 2);
    ck_assert_str_eq(text_at("/a"), "a0");
    ck_assert_str_eq(text_at("/c"), "(none)");
    ck_assert_str_eq(text_at(STATE "/000002/files/a"), "a1");
}
END_TEST

START_TEST(test_drift_is_all_or_nothing)
{
    static const struct row rows[] = {{"/a", "a0", "a1", 2}, {"/b", "b0", "b1", 1}};
    struct journal *j;

    put("/a", "a0");
    put("/b", "b0");
    j = locked();
    ck_assert_int_eq(commit_in(j, rows, 2), 0);
    journal_free(j);
    put("/b", "mine");
    ck_assert_int_eq(roll_back(0, false, NULL), EXIT_CLASS_CONDITION);
    ck_assert_str_eq(err.file, "/b");
    ck_assert_ptr_nonnull(strstr(err.text, "disable"));
    ck_assert_str_eq(text_at("/a"), "a1");
    ck_assert_str_eq(text_at("/b"), "mine");
}
END_TEST

START_TEST(test_strange_names)
{
    static const char *const names[] = {"/gr\xfc\xdf", "/gr\xc3\xbc", "/a b\\x41\n\"'",
                                        "/hex:2f61"};

    put(names[_i], "0");
    setxattr(at(names[_i]), "user.\xfc", "\0\xff", 2, 0);
    ck_assert_int_eq(commit_one(names[_i], "0", "1"), 0);
    ck_assert_int_eq(roll_back(0, false, NULL), 0);
    ck_assert_str_eq(text_at(names[_i]), "0");
}
END_TEST

START_TEST(test_rollback_waits_for_recovery)
{
    struct changeset set = {.count = 0};
    struct journal *j;

    interrupt(&(struct row){"/a", "old", "new", 0}, 1);
    j = opened();
    ck_assert_int_lt(journal_rollback(j, 0, false, &set, &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_CONDITION);
    changeset_clear(&set);
    journal_free(j);
}
END_TEST

/* --- pruning ------------------------------------------------------------------------ */

static void count_to(const char *path, int from, int to)
{
    char before[16], after[16];

    for (int i = from; i < to; i++) {
        snprintf(before, sizeof(before), "%d", i);
        snprintf(after, sizeof(after), "%d", i + 1);
        ck_assert_int_eq(commit_one(path, before, after), 0);
    }
}

START_TEST(test_prune)
{
    put("/a", "0");
    put("/b", "0");
    count_to("/a", 0, 4);
    count_to("/b", 0, 1);
    count_to("/a", 4, 24);
    ck_assert_str_eq(generations(), "25c 24c 23c 22c 21c 20c 19c 18c 17c 16c 5c 1c");
    ck_assert_str_eq(text_at(STATE "/000001/files/a"), "0");
    ck_assert_str_eq(text_at(STATE "/000005/files/b"), "0");
    for (int i = 2; i < 16; i++) { /* gone, and not merely out of sight */
        char path[64];

        snprintf(path, sizeof(path), STATE "/%06d", i);
        ck_assert_int_eq(access(at(path), F_OK) == 0, i == 5);
    }
    ck_assert_int_eq(roll_back(5, false, NULL), EXIT_CLASS_CONDITION); /* a's is gone */
    ck_assert_int_eq(roll_back(16, false, NULL), 0);
    ck_assert_str_eq(text_at("/a"), "14");
    ck_assert_int_eq(roll_back(1, false, NULL), 0);
    ck_assert_str_eq(text_at("/a"), "0");
    ck_assert_str_eq(text_at("/b"), "0");
}
END_TEST

/* When the rollback that undid it is forgotten, what it undid stays undone. */
START_TEST(test_prune_rollback)
{
    put("/a", "0");
    count_to("/a", 0, 1);
    ck_assert_int_eq(roll_back(0, false, NULL), 0);
    count_to("/a", 0, 11);
    ck_assert_str_eq(generations(), "13c 12c 11c 10c 9c 8c 7c 6c 5c 4c 1u");
}
END_TEST

int main(void)
{
    TCase *state = tcase_create("state"), *recovery = tcase_create("recovery"),
          *rollback = tcase_create("rollback");
    TCase *const all[] = {state, recovery, rollback, NULL};

    for (size_t i = 0; all[i]; i++) {
        tcase_add_checked_fixture(all[i], scratch_setup, scratch_teardown);
        tcase_set_timeout(all[i], 60);
    }
    tcase_add_test(state, test_reader_makes_nothing);
    tcase_add_loop_test(state, test_bad_state, 0, (int)ARRAY_LEN(bad_states));
    tcase_add_test(state, test_unreadable);
    tcase_add_loop_test(state, test_elsewhere, 0, 3);
    tcase_add_loop_test(state, test_busy, 0, 2);
    tcase_add_test(state, test_waits);
    tcase_add_test(state, test_reads_anew);
    tcase_add_loop_test(state, test_manifest, 0, (int)ARRAY_LEN(manifests));
    tcase_add_loop_test(state, test_number, 0, (int)ARRAY_LEN(numbers));
    tcase_add_test(state, test_litter);
    tcase_add_loop_test(recovery, test_recover, 0, INTERRUPTED * INTERRUPTED);
    tcase_add_test(recovery, test_recover_meta);
    tcase_add_test(recovery, test_recover_long_name);
    tcase_add_test(recovery, test_recover_damaged);
    tcase_add_test(recovery, test_recover_link);
    tcase_add_loop_test(recovery, test_read_through, 0, INTERRUPTED);
    tcase_add_loop_test(rollback, test_history, 0, (int)ARRAY_LEN(histories));
    tcase_add_loop_test(rollback, test_rollback_meta, 0, 2);
    tcase_add_test(rollback, test_rollback_several);
    tcase_add_test(rollback, test_drift_is_all_or_nothing);
    tcase_add_loop_test(rollback, test_strange_names, 0, 4);
    tcase_add_test(rollback, test_rollback_waits_for_recovery);
    tcase_add_test(rollback, test_prune);
    tcase_add_test(rollback, test_prune_rollback);
    return run_suite("journal", all);
}
