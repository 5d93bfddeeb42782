/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The document of --json. Its shape is told by src/cli/schema.json; change both together.
 */
#include "base/json.h"
#include "cli/report.h"
#include "cli/report_capture.h"
#include "cli/report_devices.h"
#include "cli/report_tables.h"
#include "cli/report_verify.h"
#include "cli/text.h"

#define JSON_VERSION 1

static void put_state(struct json *object, const char *key,
                      const enum flag_state state[2])
{
    struct json *value = json_new_object();

    json_put_text(value, "intel", word_flag_state(state[0]));
    json_put_text(value, "amd", word_flag_state(state[1]));
    json_put(object, key, value);
}

static struct json *error_value(const struct error *err)
{
    struct json *value = json_new_object();

    json_put_int(value, "exit", err->exit);
    json_put_text(value, "file", err->file[0] ? err->file : NULL);
    if (err->line)
        json_put_int(value, "line", err->line);
    else
        json_put_null(value, "line");
    json_put_text(value, "message", err->text);
    json_put_text(value, "command", err->command[0] ? err->command : NULL);
    return value;
}

/* Takes CONTENT, which may be NULL. */
static struct json *table_value(const struct acpi_table *table, struct json *content)
{
    struct json *value = json_new_object();

    json_put_text(value, "state", word_acpi_state(table->state));
    json_put_text(value, "file", table->name[0] ? table->name : NULL);
    json_put_text(value, "defect", table->defect[0] ? table->defect : NULL);
    json_put_text(value, "warning",
                  table->state == ACPI_VALID && table->warning[0] ? table->warning
                                                                  : NULL);
    if (content)
        json_put(value, "content", content);
    else
        json_put_null(value, "content");
    return value;
}

static struct json *live_value(const struct live *live)
{
    struct json *value = json_new_object();

    json_put_text(value, "state", word_live_state(live->state));
    json_put_text(value, "evidence", live->evidence);
    json_put_int(value, "units", (long long)live->units);
    json_put_int(value, "groups", (long long)live->groups);
    json_put_bool(value, "interrupts_remapped", live->interrupts_remapped);
    json_put_text(value, "kernel", live->release);
    json_put_text(value, "command_line", live->cmdline);
    return value;
}

/* What they hold is told by status alone. */
static struct json *tables_value(const struct told *told)
{
    const struct report *report = told->report;
    const struct machine *machine = &report->machine;
    bool whole = told->command && told->command->action == ACTION_STATUS;
    struct json *value = json_new_object();

    json_put(
        value, "DMAR",
        table_value(&machine->dmar_table, whole && machine->dmar.length
                                              ? dmar_value(&machine->dmar, &report->tree)
                                              : NULL));
    json_put(value, "IVRS",
             table_value(&machine->ivrs_table, whole && machine->ivrs.length
                                                   ? ivrs_value(&machine->ivrs)
                                                   : NULL));
    return value;
}

static struct json *machine_value(const struct told *told)
{
    const struct report *report = told->report;
    const struct machine *machine = &report->machine;
    struct json *value = json_new_object();

    json_put_text(value, "architecture", machine->arch);
    json_put_text(value, "cpu", machine->cpu.id);
    json_put_bool(value, "guest", machine->cpu.guest);
    json_put_bool(value, "xen", machine->xen);
    json_put(value, "tables", tables_value(told));
    json_put_int(
        value, "remapping_units",
        (long long)(machine->dmar.remapping_units + machine->ivrs.remapping_units));
    if (root_is_running(report->root))
        json_put(value, "running", live_value(&machine->live));
    else
        json_put_null(value, "running");
    return value;
}

static struct json *choice_value(const struct told *told)
{
    const struct choice *choice = &told->report->choice;
    struct json *value = json_new_object(), *flags = json_new_array();

    if (choice->vendors & VENDOR_INTEL)
        json_put_text(flags, NULL, flag_names(VENDOR_INTEL));
    if (choice->vendors & VENDOR_AMD)
        json_put_text(flags, NULL, flag_names(VENDOR_AMD));
    json_put(value, "flags", flags);
    json_put_text(value, "rule", choice->rule);
    json_put_bool(value, "applicable", choice->applicable);
    json_put_text(value, "reason", choice->reason);
    json_put_text(value, "warning", choice->warning[0] ? choice->warning : NULL);
    json_put_text(value, "chosen_from",
                  told->options->request.vendor != VENDOR_NONE ? "--vendor"
                  : platform_is_live(told->report->platform)
                      ? "this machine"
                      : platform_dir(told->report->platform));
    return value;
}

static struct json *store_value(const struct store *store)
{
    struct json *value = json_new_object(), *names = json_new_array();

    json_put_text(value, "path", store->path);
    json_put_text(value, "type", store->type->name);
    json_put_text(value, "state", word_store_state(store->state));
    json_put_text(value, "evidence", store->evidence);
    for (size_t i = 0; store->names && store->names[i]; i++)
        json_put_text(names, NULL, store->names[i]);
    json_put(value, "other_names", names);
    return value;
}

static void put_kernel(struct json *object, const struct kernel *kernel)
{
    struct json *value = json_new_object();

    json_put_text(value, "version", kernel->version[0] ? kernel->version : NULL);
    json_put_text(value, "path", kernel->path[0] ? kernel->path : NULL);
    json_put_text(value, "intel_driver", word_driver_state(kernel->intel));
    json_put_text(value, "amd_driver", word_driver_state(kernel->amd));
    json_put(object, "image", value);
}

static struct json *entry_value(const struct outcome *o)
{
    const struct entry *entry = o->entry;
    struct json *value = json_new_object(), *found = json_new_array();

    json_put_text(value, "store", entry->store->path);
    json_put_int(value, "line", entry->line);
    json_put_text(value, "kind", word_entry_kind(entry->kind));
    json_put_text(value, "title", entry->title);
    json_put_text(value, "kernel", entry->kernel[0] ? entry->kernel : NULL);
    put_kernel(value, &entry->image);
    json_put_bool(value, "default", entry->is_default);
    json_put_bool(value, "recovery", entry->recovery);
    json_put_bool(value, "generated", entry->generated);
    json_put_text(value, "left", o->left);
    put_state(value, "before", o->state_before);
    put_state(value, "after", o->state_after);
    json_put_text(value, "arguments_before", entry->slots ? o->before : NULL);
    json_put_text(value, "arguments_after", entry->slots ? o->after : NULL);
    for (unsigned f = 0; finding_name(f); f++)
        if (o->findings & 1u << f)
            json_put_text(found, NULL, finding_name(f));
    json_put(value, "findings", found);
    return value;
}

static struct json *remarks_value(const struct plan *plan)
{
    struct json *value = json_new_array();

    for (size_t i = 0; i < plan->remarks; i++) {
        struct json *remark = json_new_object();

        json_put_text(remark, "level", plan->remark[i].warning ? "warning" : "note");
        json_put_text(remark, "text", plan->remark[i].text);
        json_put(value, NULL, remark);
    }
    return value;
}

/* What was changed, or with --check would be; a run that failed changed nothing. */
static struct json *files_value(const struct told *told)
{
    const struct report *report = told->report;
    struct json *value = json_new_array();

    if (told->err->exit != EXIT_CLASS_DONE)
        return value;
    for (size_t i = 0; i < report->changes.count; i++) {
        const struct change *change = &report->changes.change[i];
        struct json *file = json_new_object();

        json_put_text(file, "path", change->path);
        json_put_text(file, "change",
                      blob_absent(&change->before)  ? "create"
                      : blob_absent(&change->after) ? "delete"
                                                    : "modify");
        json_put(value, NULL, file);
    }
    return value;
}

static struct json *generations_value(const struct report *report)
{
    struct json *value = json_new_array();

    for (size_t i = 0; report->journal && i < journal_count(report->journal); i++) {
        const struct generation *g = journal_at(report->journal, i);
        struct json *object = json_new_object(), *files = json_new_array();

        json_put_int(object, "number", g->number);
        json_put_text(object, "time", g->time);
        json_put_text(object, "command", g->command);
        json_put_text(object, "state", word_generation_state(g->state));
        for (size_t f = 0; f < g->files; f++)
            json_put_text(files, NULL, g->file[f].path);
        json_put(object, "files", files);
        json_put(value, NULL, object);
    }
    return value;
}

static void put_host(struct json *document, const struct report *report)
{
    struct json *stores = json_new_array(), *entries = json_new_array();

    for (size_t i = 0; i < report->host.stores; i++)
        json_put(stores, NULL, store_value(report->host.store[i]));
    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++)
        json_put(entries, NULL, entry_value(&report->plan.outcome[i]));
    json_put(document, "stores", stores);
    json_put(document, "entries", entries);
}

static void put_number(struct json *document, const char *key, unsigned number)
{
    if (number)
        json_put_int(document, key, number);
    else
        json_put_null(document, key);
}

static void put_tristate(struct json *document, const char *key, enum tristate value)
{
    if (value == UNKNOWN)
        json_put_null(document, key);
    else
        json_put_bool(document, key, value == YES);
}

static void put_outcome(struct json *document, const struct told *told)
{
    const struct report *report = told->report;
    const struct generation *interrupted =
        report->journal ? journal_interrupted(report->journal) : NULL;
    bool failed = told->err->exit != EXIT_CLASS_DONE;

    json_put_text(document, "command", told->command ? told->command->name : NULL);
    json_put_bool(document, "check", told->options->request.check);
    json_put_text(document, "result", failed ? "failed" : word_result(report->result));
    json_put_bool(document, "changed", !failed && report->result == RESULT_CHANGED);
    json_put_int(document, "exit", told->exit);
    if (failed)
        json_put(document, "error", error_value(told->err));
    else if (report->later.exit != EXIT_CLASS_DONE)
        json_put(document, "error", error_value(&report->later));
    else if (report->unread.exit != EXIT_CLASS_DONE)
        json_put(document, "error", error_value(&report->unread));
    else
        json_put_null(document, "error");
    put_tristate(document, "reboot_required", report->reboot_required);
    put_number(document, "generation", report->generation);
    put_number(document, "recovered", report->recovered);
    put_number(document, "interrupted", interrupted ? interrupted->number : 0);
}

int report_json(const struct told *told, struct error *err)
{
    const struct report *report = told->report;
    CLEANUP(auto_json_free) struct json *document = json_new_object();
    AUTO_BUF text = BUF_INIT;
    char verdict[512];

    json_put_int(document, "version", JSON_VERSION);
    put_outcome(document, told);
    if (report->platform && !report->capture.files) {
        json_put(document, "machine", machine_value(told));
        if (report->choice.rule)
            json_put(document, "flag", choice_value(told));
    }
    if (told->command && told->command->action == ACTION_STATUS && report->choice.rule) {
        report_verdict(report, verdict);
        json_put_text(document, "verdict", verdict);
        put_tristate(document, "enabled", report_enabled(report));
        put_tristate(document, "active", report_active(report));
    }
    if (report->verify.rule)
        json_put(document, "verify", verify_value(&report->verify));
    if (report->capture.files)
        json_put(document, "capture", capture_value(told));
    if (report->assigned)
        json_put(document, "assign", assign_value(&report->assign));
    if (told->options->request.action == ACTION_DEVICES && report->assigned)
        put_devices(document, told);
    put_host(document, report);
    json_put(document, "remarks", remarks_value(&report->plan));
    json_put(document, "files", files_value(told));
    if (told->diff)
        json_put_text(document, "diff", told->diff);
    if (told->options->request.list)
        json_put(document, "generations", generations_value(report));
    if (json_write(document, &text) < 0)
        return error_memory(err);
    fputs(buf_text(&text), stdout);
    return 0;
}
