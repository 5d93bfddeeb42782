/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/esp.h"

#include <errno.h>
#include <strings.h>

#define STUB_MAX (64u << 10)
#define MENU "grub.cfg"

static const char *const partitions[] = {"/boot/efi/EFI", "/efi/EFI", "/boot/EFI"};

/* GRUB 2's: "grubx64.efi". Its "grub.efi" is GRUB legacy's name as well, which has
   grub.conf beside it. */
static bool is_grub(char *const *names, const char *name)
{
    size_t n = strlen(name);

    if (n < strlen("grub.efi") || strncasecmp(name, "grub", 4) != 0 ||
        strcasecmp(name + n - 4, ".efi") != 0)
        return false;
    if (n > strlen("grub.efi"))
        return true;
    for (; *names; names++)
        if (strcasecmp(*names, "grub.conf") == 0)
            return false;
    return true;
}

/* A word of the stub less quotes, and less the device before its path: "($root)'/grub'".
 */
static char *plain_word(const char *word)
{
    size_t n = strcspn(word, " \t\r\n;");
    char *text = strndup(word, n), *to = text, *close = text ? strchr(text, ')') : NULL;

    if (!text)
        return NULL;
    for (const char *p = *text == '(' && close ? close + 1 : text; *p; p++)
        if (!strchr("\"'", *p))
            *to++ = *p;
    *to = '\0';
    return text;
}

/* Behind WORD and blanks, where LINE begins so; else NULL. */
static const char *behind(const char *line, const char *word)
{
    size_t n = strlen(word);

    if (!starts_with(line, word) || !strchr(" \t", line[n]) || !line[n])
        return NULL;
    return line + n + strspn(line + n, " \t");
}

/* FILE with what $prefix stands for; a relative one is below that. */
static char *below_prefix(const char *file, const char *prefix)
{
    static const char *const forms[] = {"$prefix", "${prefix}"};

    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (starts_with(file, forms[i]))
            return text_format("%s%s", prefix, file + strlen(forms[i]));
    return *file == '/' ? strdup(file) : text_format("%s/%s", prefix, file);
}

char *esp_stub_menu(const char *text)
{
    AUTO_FREE char *prefix = NULL;
    AUTO_FREE char *file = NULL;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        const char *word, *path;
        char **to;

        line += strspn(line, " \t\r\n");
        word = behind(line, "set");
        word = word && starts_with(word, "prefix=") ? word + strlen("prefix=") : NULL;
        to = word ? &prefix : &file;
        path = word ? word : behind(line, "configfile");
        path = path ? path : behind(line, "source");
        if (!path)
            continue;
        if (path[0] == '"' && path[1] == '(')
            path++;
        free(*to);
        *to = plain_word(path);
        if (!*to)
            return NULL;
    }
    return prefix || file ? below_prefix(file ? file : MENU, prefix ? prefix : "") : NULL;
}

bool esp_names(const char *menu, const char *path)
{
    return *menu == '/' && (ends_with(path, menu) || ends_with(menu, path));
}

static int add_image(struct root *root, struct esp *esp, const char *directory,
                     const char *name)
{
    AUTO_BLOB text = {NULL, 0};
    struct esp_image *image;
    struct error ignored;
    int r;

    if (array_grow(&esp->image, esp->images, sizeof(*esp->image)) < 0)
        return -ENOMEM;
    image = &esp->image[esp->images++];
    *image = (struct esp_image){text_format("%s/%s", directory, name), NULL, NULL};
    image->stub = text_format("%s/" MENU, directory);
    if (!image->path || !image->stub)
        return -ENOMEM;
    r = root_read(root, image->stub, STUB_MAX, &text, &ignored);
    if (r == -ENOMEM)
        return r;
    if (r == 0 && text.data)
        image->menu = esp_stub_menu(text.data);
    return 0;
}

static int look_at_vendor(struct root *root, const char *directory, struct esp *esp)
{
    CLEANUP(auto_names_free) char **names = NULL;
    struct error ignored;
    int r = root_list(root, directory, &names, &ignored);

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    for (size_t i = 0; !r && names[i]; i++)
        if (is_grub(names, names[i]))
            r = add_image(root, esp, directory, names[i]);
    return r;
}

int esp_look(struct root *root, struct esp *esp)
{
    int r = 0;

    *esp = (struct esp){NULL, 0};
    for (size_t i = 0; !r && i < ARRAY_LEN(partitions); i++) {
        CLEANUP(auto_names_free) char **names = NULL;
        struct error ignored;

        if (root_list(root, partitions[i], &names, &ignored) == -ENOMEM)
            r = -ENOMEM;
        for (size_t k = 0; !r && names && names[k]; k++) {
            AUTO_FREE char *directory = text_format("%s/%s", partitions[i], names[k]);

            r = directory ? look_at_vendor(root, directory, esp) : -ENOMEM;
        }
    }
    if (r < 0)
        esp_clear(esp);
    return r;
}

void esp_clear(struct esp *esp)
{
    for (size_t i = 0; i < esp->images; i++) {
        free(esp->image[i].path);
        free(esp->image[i].stub);
        free(esp->image[i].menu);
    }
    free(esp->image);
    *esp = (struct esp){NULL, 0};
}
