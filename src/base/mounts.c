/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define TABLE "/proc/self/mountinfo"
#define TABLE_MAX ((size_t)16 << 20)

static void point_clear(struct mount_point *p)
{
    free(p->top);
    free(p->dir);
    free(p->type);
    free(p->source);
    free(p->options);
    *p = (struct mount_point){.device = 0};
}

void mounts_clear(struct mounts *m)
{
    for (size_t i = 0; i < m->count; i++)
        point_clear(&m->point[i]);
    free(m->point);
    *m = (struct mounts){.count = 0};
}

static bool is_octal(const char *p)
{
    return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' &&
           p[2] <= '7';
}

void mount_unescape(char *text)
{
    char *to = strchr(text, '\\');

    if (!to)
        return; /* and nothing is written: getmntent gives constants, too */
    for (const char *p = to; *p; to++)
        if (*p == '\\' && is_octal(p + 1)) {
            *to = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
            p += 4;
        } else {
            *to = *p++;
        }
    *to = '\0';
}

static char *field_text(const char *field, size_t n)
{
    char *text = strndup(field, n);

    if (text)
        mount_unescape(text);
    return text;
}

/* The field at *AT, which moves behind it; 0 at the line's end. */
static size_t field_next(const char **at, const char **field)
{
    size_t n;

    *field = *at + strspn(*at, " ");
    n = strcspn(*field, " \n");
    *at = *field + n;
    return n;
}

static dev_t device_number(const char *field)
{
    char *end;
    unsigned long high = strtoul(field, &end, 10);
    unsigned long low = *end == ':' ? strtoul(end + 1, NULL, 10) : 0;

    return makedev((unsigned)high, (unsigned)low);
}

/* "id parent major:minor top dir options [optional...] - type source options" */
static int line_read(const char *line, struct mount_point *p)
{
    enum { ID, DEVICE = 2, TOP, DIR, FIRST_OPTIONAL = 6 };
    const char *at = line, *field;
    char **const last[] = {&p->type, &p->source, &p->options};
    size_t n;

    for (int i = 0; (n = field_next(&at, &field)); i++) {
        if (i == ID)
            p->id = strtol(field, NULL, 10);
        else if (i == DEVICE)
            p->device = device_number(field);
        else if ((i == TOP && !(p->top = field_text(field, n))) ||
                 (i == DIR && !(p->dir = field_text(field, n))))
            return -ENOMEM;
        else if (i >= FIRST_OPTIONAL && n == 1 && *field == '-')
            break;
    }
    for (size_t i = 0; i < ARRAY_LEN(last); i++) {
        n = field_next(&at, &field);
        *last[i] = field_text(field, n);
        if (!*last[i])
            return -ENOMEM;
    }
    return p->top && p->dir && *p->type ? 0 : -EINVAL;
}

int mounts_parse(struct mounts *m, const char *text)
{
    const char *line = text, *next;

    *m = (struct mounts){.count = 0};
    for (; *line; line = next) {
        struct mount_point point = {.device = 0};
        int r = line_read(line, &point);

        next = line + strcspn(line, "\n");
        next += *next == '\n';
        if (!r && array_grow(&m->point, m->count, sizeof(*m->point)) < 0)
            r = -ENOMEM;
        if (!r)
            m->point[m->count++] = point;
        else
            point_clear(&point);
        if (r == -ENOMEM)
            return r;
    }
    return 0;
}

int mounts_read(struct mounts *m)
{
    AUTO_CLOSE int fd = open(TABLE, O_RDONLY | O_CLOEXEC);
    AUTO_BUF text = BUF_INIT;
    ssize_t n;

    *m = (struct mounts){.count = 0};
    if (fd < 0)
        return -errno;
    do {
        char *room = buf_room(&text, 65536);

        if (!room)
            return -ENOMEM;
        n = read(fd, room, 65536);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            buf_grew(&text, (size_t)n);
    } while (n != 0 && text.len <= TABLE_MAX);
    return mounts_parse(m, buf_text(&text));
}

long mount_id(int fd)
{
    char name[64], line[128];
    long id = -1;
    FILE *file;

    snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
    file = fopen(name, "re");
    if (!file)
        return -1;
    while (id < 0 && fgets(line, sizeof(line), file))
        if (sscanf(line, "mnt_id: %ld", &id) != 1)
            id = -1;
    fclose(file);
    return id;
}

const struct mount_point *mounts_by_id(const struct mounts *m, long id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->point[i].id == id)
            return &m->point[i];
    return NULL;
}

const struct mount_point *mounts_at(const struct mounts *m, const char *dir)
{
    for (size_t i = m->count; i-- > 0;)
        if (streq(m->point[i].dir, dir))
            return &m->point[i];
    return NULL;
}

bool mount_option(const struct mount_point *p, const char *name, char *room, size_t size)
{
    size_t length = strlen(name);

    for (const char *at = p->options; *at;) {
        size_t n = strcspn(at, ",");

        if (n > length && at[length] == '=' && strncmp(at, name, length) == 0) {
            n -= length + 1;
            if (n >= size)
                return false;
            memcpy(room, at + length + 1, n);
            room[n] = '\0';
            return true;
        }
        at += n + (at[n] == ',');
    }
    return false;
}
