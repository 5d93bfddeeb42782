/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unsafe FILE TEXT [FILE TEXT]...
 *     what sweeps must catch: writes the bytes of TEXT over FILE, as "cat >" does, and
 *     takes no notice of what fails
 * unsafe add FILE WORD
 *     puts WORD behind FILE's text, as an editor without a lock does
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 65536

static size_t get(const char *path, char *text)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = text && fd >= 0 ? read(fd, text, MOST) : 0;

    close(fd);
    return n > 0 ? (size_t)n : 0;
}

static void put(const char *path, const char *text, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    size_t half = n / 2;

    if (text && write(fd, text, half) >= 0 && write(fd, text + half, n - half) >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    char *text = malloc(2 * MOST);

    if (argc == 4 && !strcmp(argv[1], "add")) {
        size_t n = get(argv[2], text);

        usleep(20 * 1000);
        if (text && strlen(argv[3]) < MOST)
            memcpy(text + n, argv[3], strlen(argv[3]));
        put(argv[2], text, n + strlen(argv[3]));
        return 0;
    }
    for (int i = 1; i + 1 < argc; i += 2)
        put(argv[i], text, get(argv[i + 1], text));
    return 0;
}
