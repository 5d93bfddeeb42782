/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/klog.h>
#include <unistd.h>

#define TEXT_MAX (16 << 20)
#define RECORD_MAX 8192     /* the kernel's own bound on a record */
#define RECORDS_MAX 1000000 /* somebody may write as fast as it is read */

enum meaning { SAYS_ON, SAYS_FORCED, SAYS_AMD_ASKS, SAYS_DEFECT };

/*
 * First row that stands in the line wins. Of the messages that only tell that the option
 * was read ("DMAR: IOMMU enabled") none is here.
 */
static const struct {
    const char *words;
    enum meaning meaning;
    enum vendor vendor;
    const char *comes_to;
} rows[] = {
    {"Intel(R) Virtualization Technology for Directed I/O", SAYS_ON, VENDOR_INTEL, NULL},
    {"AMD-Vi: Enabling IOMMU at", SAYS_ON, VENDOR_AMD, NULL},
    {"Forcing Intel-IOMMU to enabled", SAYS_FORCED, VENDOR_INTEL, NULL},
    {"AMD-Vi disabled by default", SAYS_AMD_ASKS, VENDOR_AMD, NULL},
    {"Your BIOS is broken; DMAR reported at address", SAYS_DEFECT, VENDOR_INTEL,
     "the DMAR table names a remapping unit that is not there: a firmware update is "
     "needed"},
    {"DMAR: parse DMAR table failure", SAYS_DEFECT, VENDOR_INTEL,
     "the kernel cannot read the DMAR table: a firmware update is needed"},
    {"ailed to map dmar", SAYS_DEFECT, VENDOR_INTEL,
     "a remapping unit cannot be reached: a firmware update is needed"},
    {"DMAR: Initialization failed", SAYS_DEFECT, VENDOR_INTEL,
     "the driver gave up; the lines around this one say why"},
    {"Disable IOMMU on Stoney Ridge", SAYS_DEFECT, VENDOR_AMD,
     "the kernel switches these processors' IOMMU off; amd_iommu=force_enable overrules "
     "it, at your own risk"},
    {"IVRS invalid checksum", SAYS_DEFECT, VENDOR_AMD,
     "the IVRS table is broken: a firmware update is needed"},
    {"[Firmware Bug]: AMD-Vi", SAYS_DEFECT, VENDOR_AMD,
     "the IVRS table is wrong: a firmware update is needed"},
    {"AMD-Vi: [Firmware Bug]", SAYS_DEFECT, VENDOR_AMD,
     "the IVRS table is wrong: a firmware update is needed"},
};

/* Behind "<6>", "[    0.123456] ", "Jan  1 00:00:00 name kernel: " and the like. */
static const char *message_of(const char *line)
{
    static const char daemon[] = " kernel: ";
    const char *end = strstr(line, daemon);

    if (end)
        line = end + sizeof(daemon) - 1;
    if (*line == '<' && (end = strchr(line, '>')) != NULL)
        line = end + 1;
    if (*line == '[' && line[1 + strspn(line + 1, " 0123456789.")] == ']')
        line = strchr(line, ']') + 1;
    return line + strspn(line, " ");
}

void kernel_log_line(struct kernel_log *log, const char *line)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!strstr(line, rows[i].words))
            continue;
        if (log->kept)
            buf_format(log->kept, "%s\n", message_of(line));
        if (rows[i].meaning == SAYS_ON)
            log->on |= rows[i].vendor;
        else if (rows[i].meaning == SAYS_FORCED)
            log->forced = true;
        else if (rows[i].meaning == SAYS_AMD_ASKS)
            log->amd_asks = true;
        else if (!log->meaning) {
            snprintf(log->defect, sizeof(log->defect), "%s", message_of(line));
            log->meaning = rows[i].comes_to;
        }
        return;
    }
}

/* TEXT is cut into lines in place. */
static void judge_text(struct kernel_log *log, char *text)
{
    char *line;

    while ((line = strsep(&text, "\n")) != NULL)
        kernel_log_line(log, line);
    log->read = true;
}

/* "PRIORITY,NUMBER,TIME,FLAGS;MESSAGE", then lines of details. What programs wrote has
 * another facility than the kernel's, 0. */
static void judge_record(struct kernel_log *log, char *record)
{
    char *message = strchr(record, ';');

    if (!message || strtoul(record, NULL, 10) >= 8)
        return;
    message[strcspn(message, "\n")] = '\0';
    kernel_log_line(log, message + 1);
}

/* Each read gives one record; EPIPE says that the next one was overwritten meanwhile. */
static bool read_records(struct kernel_log *log)
{
    AUTO_CLOSE int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    char record[RECORD_MAX + 1];

    if (fd < 0)
        return false;
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        ssize_t n = read(fd, record, RECORD_MAX);

        if (n < 0 && (errno == EPIPE || errno == EINTR))
            continue;
        if (n <= 0)
            return log->read || (n < 0 && errno == EAGAIN);
        record[n] = '\0';
        judge_record(log, record);
        log->read = true;
    }
    return true;
}

static int read_buffer(struct kernel_log *log)
{
    enum { READ_ALL = 3, SIZE_BUFFER = 10 }; /* syslog(2) */
    int size = klogctl(SIZE_BUFFER, NULL, 0), n;
    AUTO_FREE char *text = NULL;

    if (size <= 0 || size > TEXT_MAX)
        return 0;
    text = malloc((size_t)size + 1);
    if (!text)
        return -ENOMEM;
    n = klogctl(READ_ALL, text, size);
    if (n < 0)
        return 0;
    text[n] = '\0';
    judge_text(log, text);
    return 0;
}

static int read_log(const struct platform *p, struct kernel_log *log)
{
    AUTO_BLOB text = {NULL, 0};
    int r;

    if (platform_is_live(p))
        return read_records(log) ? 0 : read_buffer(log);
    r = platform_read(p, "var/log/dmesg", TEXT_MAX, &text);
    if (r == 0)
        judge_text(log, text.data);
    return r == -ENOMEM ? r : 0;
}

int kernel_log_read(const struct platform *p, struct kernel_log *log)
{
    *log = (struct kernel_log){.on = VENDOR_NONE};
    return read_log(p, log);
}

int kernel_log_save(const struct platform *p, struct blob *text)
{
    AUTO_BUF kept = BUF_INIT;
    struct kernel_log log = {.kept = &kept};
    int r = read_log(p, &log);

    if (r < 0 || !log.read)
        return r;
    buf_add_text(&kept, "");
    text->len = kept.len;
    text->data = buf_take(&kept);
    return text->data ? 0 : -ENOMEM;
}
