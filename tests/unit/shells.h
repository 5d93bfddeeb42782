/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Real shells as the judges of what is read from a text and of what is written into it:
 * dash and, as sh, bash source it before and after.
 */
#ifndef TESTS_SHELLS_H
#define TESTS_SHELLS_H

#include "boot/kargs.h"
#include "boot/shell_words.h"
#include "scratch.h"

static const char *const names[] = {"X", NULL};

/* --- the judge */

static const struct shell {
    const char *path;
    bool bash;
} shells[] = {{"/bin/dash", false}, {"/bin/bash", true}};

/* What a shell holds when it has sourced a text: X, and everything else as it prints it.
 */
struct seen {
    char *x; /* "(unset)" */
    char *rest;
    bool whole; /* the text was read to its end without an error of syntax */
};

static void seen_clear(struct seen *seen)
{
    free(seen->x);
    free(seen->rest);
}

#define AUTO_SEEN CLEANUP(seen_clear) struct seen

/* Run "sh [OPTION] ARGUMENT sh FILE", the file being the text. */
static int run_shell(const struct shell *shell, char *option, char *argument,
                     struct buf *output)
{
    static char locale[] = "LC_ALL=C", name[] = "sh";
    char path[128], self[32], *argv[] = {name, option, argument, self, path, NULL};
    char *envp[] = {locale, NULL};
    int pipes[2], status;
    ssize_t n;
    pid_t child;

    snprintf(path, sizeof(path), "%s", at("/text"));
    snprintf(self, sizeof(self), "%s", shell->path);
    ck_assert_int_eq(pipe(pipes), 0);
    child = vfork();
    if (child == 0) {
        dup2(pipes[1], 1);
        close(pipes[0]);
        close(pipes[1]);
        execve(shell->path, argv, envp);
        _exit(127);
    }
    ck_assert_int_gt(child, 0);
    close(pipes[1]);
    do {
        char *room = buf_room(output, 4096);

        ck_assert_ptr_nonnull(room);
        n = read(pipes[0], room, 4096);
        output->len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    close(pipes[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static struct seen sees(const struct shell *shell, const char *text)
{
    static char script[] = ". \"$1\" >/dev/null 2>&1; printf '%s\\0' \"${X-(unset)}\"; "
                           "(unset X && set) 2>/dev/null; printf '\\0whole'";
    static char dash_c[] = "-c";
    AUTO_BUF output = BUF_INIT;
    struct seen seen = {.whole = false};
    const char *rest, *end;

    put("/text", text);
    run_shell(shell, dash_c, script, &output);
    buf_add(&output, "", 1);
    seen.x = strdup(output.data);
    rest = output.data + strlen(output.data) + 1;
    end = output.data + output.len - 1;
    seen.whole = rest < end && end - output.data > 6 && streq(end - 5, "whole");
    seen.rest = strdup(seen.whole ? rest : "");
    ck_assert(seen.x && seen.rest);
    return seen;
}

/* Does the shell take TEXT as far as its syntax goes? */
UNUSED static bool takes(const struct shell *shell, const char *text)
{
    static char script[] = "exec 2>/dev/null; exec \"$0\" -n \"$1\"", dash_c[] = "-c";
    AUTO_BUF output = BUF_INIT;

    put("/text", text);
    return run_shell(shell, dash_c, script, &output) == 0;
}

static bool is_there(const struct shell *shell)
{
    return access(shell->path, X_OK) == 0;
}

/* --- what the code says */

static void read_text(struct shell_file *file, const char *text)
{
    struct error err;
    int status = shell_read(file, "/file", text, strlen(text), names, &err);

    ck_assert_msg(status == 0, "line %u: %s, in:\n%s", err.line, err.text, text);
}

static bool replaces(const struct shell_assignment *a)
{
    return !a->prefix && !a->append && a->runs == 1;
}

/* The value of X that the assignments amount to; NULL: none can be told. */
static char *amounts_to(const struct shell_file *file)
{
    char *value = NULL;

    for (size_t i = 0; i < file->assignments; i++) {
        const struct shell_assignment *a = &file->assignment[i];
        AUTO_BUF text = BUF_INIT;

        if (a->prefix)
            continue;
        if (a->append)
            buf_add_text(&text, value ? value : "");
        for (size_t j = 0; j < a->runs; j++) {
            if (a->conditional || a->run[j].opaque) {
                free(value);
                return NULL;
            }
            buf_add_text(&text, j && value ? value : "");
            buf_add_text(&text, a->run[j].text);
        }
        free(value);
        value = buf_take(&text);
    }
    return value ? value : strdup("(unset)");
}

/* The assignment to edit: the last one that is surely carried out; NULL where a later one
   might undo the edit or double it. */
static const struct shell_assignment *in_force(const struct shell_file *file)
{
    const struct shell_assignment *found = NULL;

    for (size_t i = 0; i < file->assignments; i++) {
        const struct shell_assignment *a = &file->assignment[i];

        if (a->prefix)
            continue;
        if (!a->conditional)
            found = a;
        else if (replaces(a) || a->indirect || a->runs > 2)
            found = NULL;
    }
    return found;
}

enum edit { EDIT_INSERT, EDIT_INSERT_OFF, EDIT_REMOVE, EDIT_SWITCH_ON };

static void edit_kargs(struct kargs *k, enum edit edit)
{
    size_t i = 0;

    if (edit == EDIT_INSERT || edit == EDIT_INSERT_OFF) {
        ck_assert_int_eq(
            kargs_insert(k, kargs_place(k), edit == EDIT_INSERT ? "new=on" : "new=off"),
            0);
        return;
    }
    while (i < k->count && !karg_is(&k->arg[i], "new"))
        i++;
    ck_assert_uint_lt(i, k->count);
    if (edit == EDIT_REMOVE)
        kargs_remove(k, i);
    else
        ck_assert_int_eq(kargs_replace(k, i, "new=on"), 0);
}

/* TEXT with the last run of its assignment in force edited; NULL: there is none, or it
   cannot be edited. */
static char *edited(const char *text, enum edit edit)
{
    struct splices list = {.count = 0};
    const struct shell_assignment *a;
    AUTO_BUF after = BUF_INIT;
    struct shell_file file;
    AUTO_FREE char *new_text = NULL;
    const struct shell_run *run;
    int status = -EINVAL;
    struct kargs k;

    read_text(&file, text);
    a = in_force(&file);
    if (a) {
        run = &a->run[a->runs - 1];
        ck_assert_int_eq(
            kargs_parse(&k, run->text, KARGS_PLAIN, a->append || a->runs > 1), 0);
        if (!strchr(k.head, '"')) { /* else the kernel may see no argument there */
            edit_kargs(&k, edit);
            new_text = kargs_text(&k);
            status = shell_rewrite(run, new_text, &list);
        }
        kargs_clear(&k);
    }
    if (status == 0)
        ck_assert_int_eq(splices_apply(&list, text, strlen(text), &after), 0);
    splices_clear(&list);
    shell_clear(&file);
    return status == 0 ? buf_take(&after) : NULL;
}

/* AFTER is BEFORE with WORD and at most one blank put in at one place. */
static bool is_with(const char *after, const char *before, const char *word)
{
    const char *old = streq(before, "(unset)") ? "" : before;
    size_t put = strlen(after) - strlen(old), n = strlen(word);

    if (strlen(after) < strlen(old) || put < n || put > n + 1)
        return false;
    for (size_t i = 0; i <= strlen(old); i++) {
        const char *piece = after + i + (put > n && after[i] == ' ');

        if (strncmp(after, old, i) == 0 && streq(after + i + put, old + i) &&
            strncmp(piece, word, n) == 0 &&
            (put == n || piece > after + i || piece[n] == ' '))
            return true;
    }
    return false;
}

static void must_change_x_only(const char *before, const char *after, const char *word,
                               bool bash_only)
{
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (!is_there(&shells[i]) || (bash_only && !shells[i].bash))
            continue;
        AUTO_SEEN old = sees(&shells[i], before);
        AUTO_SEEN new = sees(&shells[i], after);

        ck_assert_msg(old.whole && new.whole, "%s stops in:\n%s", shells[i].path, after);
        ck_assert_str_eq(new.rest, old.rest);
        ck_assert_msg(is_with(new.x, old.x, word), "%s reads [%s], then [%s]:\n%s",
                      shells[i].path, old.x, new.x, after);
    }
}

/* Every edit of TEXT, judged by the shells; false: there is nothing to edit. */
UNUSED static bool try_edits(const char *text, bool bash_only)
{
    AUTO_FREE char *on = edited(text, EDIT_INSERT);
    AUTO_FREE char *off = edited(text, EDIT_INSERT_OFF);
    AUTO_FREE char *none = NULL;
    AUTO_FREE char *switched = NULL;

    ck_assert((on == NULL) == (off == NULL));
    if (!on)
        return false;
    must_change_x_only(text, on, "new=on", bash_only);
    must_change_x_only(text, off, "new=off", bash_only);
    none = edited(on, EDIT_REMOVE);
    ck_assert_str_eq(none, text);
    switched = edited(off, EDIT_SWITCH_ON);
    ck_assert_str_eq(switched, on);
    return true;
}

UNUSED static void must_read_as_shells(const char *text, bool bash_only)
{
    struct shell_file file;
    AUTO_FREE char *value = NULL;

    read_text(&file, text);
    value = amounts_to(&file);
    shell_clear(&file);
    for (size_t i = 0; value && i < ARRAY_LEN(shells); i++) {
        if (!is_there(&shells[i]) || (bash_only && !shells[i].bash))
            continue;
        AUTO_SEEN seen = sees(&shells[i], text);

        ck_assert_msg(streq(seen.x, value), "%s reads [%s], we [%s]:\n%s", shells[i].path,
                      seen.x, value, text);
    }
}

#endif
