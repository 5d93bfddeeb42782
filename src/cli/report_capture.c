/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What capture says, as text and in the document. */
#include "cli/report_capture.h"

#include "cli/text.h"

void print_capture(const struct told *told)
{
    const struct capture *c = &told->report->capture;

    printf("saved %zu files of this machine to ", c->files);
    text_print(stdout, told->options->request.directory);
    puts("; look through them before you pass them on");
    fflush(stdout);
    for (size_t i = 0; i < c->unreads; i++) {
        fputs("not read: /", stderr);
        text_print(stderr, c->unread[i].path);
        fprintf(stderr, ": %s\n", strerror(c->unread[i].errnum));
    }
}

struct json *capture_value(const struct told *told)
{
    const struct capture *c = &told->report->capture;
    struct json *value = json_new_object(), *unread = json_new_array();

    json_put_text(value, "directory", told->options->request.directory);
    json_put_int(value, "files", (long long)c->files);
    for (size_t i = 0; i < c->unreads; i++) {
        struct json *row = json_new_object();

        json_put_text(row, "path", c->unread[i].path);
        json_put_text(row, "reason", strerror(c->unread[i].errnum));
        json_put(unread, NULL, row);
    }
    json_put(value, "unread", unread);
    return value;
}
